# SPDX-License-Identifier: MIT
"""Links one guest thunk library per soname, those of a pack from the same
objects.

    link.py OUT_DIR GENERATED_DIR COMPILER [FLAG|OBJECT...] \\
        --pack FOLDER SONAME... : OBJECT... [--pack ...]

GENERATED_DIR holds SONAME.map (what to export) and SONAME.c (its name).
OUT_DIR is made anew, so that nothing of an older build stays in it; each
pack's libraries go to its FOLDER in there.
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


def split(words, mark):
    """The lists between the marks."""
    lists = [[]]
    for word in words:
        if word == mark:
            lists.append([])
        else:
            lists[-1].append(word)
    return lists


def main(argv):
    common, *packs = split(argv[1:], '--pack')
    out, generated, *command = common
    new = out + '.new'
    shutil.rmtree(new, ignore_errors=True)
    for pack in packs:
        (folder, *sonames), objects = split(pack, ':')
        os.makedirs(os.path.join(new, folder), exist_ok=True)
        for soname in sonames:
            link(os.path.join(new, folder), generated, soname,
                 command + objects)
    shutil.rmtree(out, ignore_errors=True)
    os.rename(new, out)


if __name__ == '__main__':
    try:
        main(sys.argv)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
