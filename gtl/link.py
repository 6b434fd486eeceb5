# SPDX-License-Identifier: MIT
"""Links one guest thunk library per soname, all from the same objects.

    link.py OUT_DIR GENERATED_DIR SONAME... -- COMPILER [FLAG...] OBJECT...

GENERATED_DIR holds SONAME.map (what to export) and SONAME.c (its name).
OUT_DIR is made anew, so that nothing of an older build stays in it.
"""

import os
import shutil
import subprocess
import sys

# No library: everything that the guest's libc offers is looked up weakly, so
# that any libc will do.  Never unmapped, because QEMU's translations of the
# doorbell stores must stay true.  Both hash tables, for old and new loaders.
LINK_FLAGS = ['-shared', '-nostdlib', '-Wl,-z,nodelete', '-Wl,-z,now',
              '-Wl,-Bsymbolic', '-Wl,--hash-style=both',
              '-Wl,--no-undefined-version', '-Wl,--fatal-warnings']


def link(out, generated, soname, command):
    source = os.path.join(generated, soname)
    subprocess.run(
        [*command, *LINK_FLAGS, f'-Wl,-soname,{soname}',
         f'-Wl,--version-script,{source}.map', '-o',
         os.path.join(out, soname), f'{source}.c', '-lgcc'], check=True)


def main(argv):
    middle = argv.index('--')
    out, generated, *sonames = argv[1:middle]
    new = out + '.new'
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    for soname in sonames:
        link(new, generated, soname, argv[middle + 1:])
    shutil.rmtree(out, ignore_errors=True)
    os.rename(new, out)


if __name__ == '__main__':
    try:
        main(sys.argv)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
