# SPDX-License-Identifier: MIT
"""A GTL exports what the real library exports, and loads into any runtime.

    symbols.py PACK ISA FOLDER SUBFOLDER

Would catch: a function that programs link against and that is not there, a
symbol that the real library does not have, a version that old programs ask
for, a GTL that needs the guest's libc or thousands of relocations to load.
Exit status 0 passed, 1 failed, 77 nothing to compare with.
"""

import fnmatch
import os
import re
import subprocess
import sys

from thunkgen.__main__ import PACKS
from thunkgen.policy import Policy

# What the linker puts into some libraries by itself.
LINKER_NOISE = {'_end', '_edata', '__bss_start', '_init', '_fini'}
# What the runtime itself needs; a table of pointers would need thousands.
RELOCATIONS_MAX = 64
# ... but for a table of pointers that the real library exports.
TABLES = {'libjpeg.so.62': 130}

failures = []
skips = []


def fail(text):
    failures.append(text)
    print('FAIL', text)


def tool(*argv):
    return subprocess.run(argv, check=True, capture_output=True,
                          text=True).stdout


def exported(path):
    """Exported names with versions, as "name" or "name@@VERSION"."""
    lines = tool('nm', '-D', '--defined-only', '--with-symbol-versions', path)
    names = {line.split()[-1] for line in lines.splitlines()}
    return {n for n in names if n.split('@')[0] not in LINKER_NOISE}


def installed(soname):
    """The host's library of that name, or None."""
    for line in tool('/sbin/ldconfig', '-p').splitlines():
        match = re.match(rf'\s+{re.escape(soname)} .*=> (\S+)', line)
        if match and '64' in line.split('=>')[0]:
            return match[1]
    return None


def machine():
    """The ISA of this machine's libraries."""
    return os.uname().machine


def compare_exports(library, path):
    if library.soname.startswith('libgw'):
        print(f'{library.soname}: a library of our own')
        return
    real = installed(library.soname)
    if not real:
        skips.append(library.soname)
        package = library.host[0] if library.host else \
            'the package that has it'
        print(f'SKIP {library.soname}: not on this machine; apt-get install '
              f'{package}')
        return
    theirs, ours = exported(real), exported(path)
    foreign = library.elsewhere(ours, machine())
    private = set()
    for pattern in library.unexported:
        names = set(fnmatch.filter(theirs - ours, pattern))
        if not names and not library.elsewhere([pattern], machine()):
            fail(f'{library.soname}: {pattern} stands as unexported in the '
                 f'policy, but {real} has nothing of it that we lack')
        private |= names
    for name in sorted(theirs - private - ours):
        fail(f'{library.soname}: {name} is missing ({real} has it)')
    for name in sorted(ours - theirs - foreign):
        fail(f'{library.soname}: {name} is not in {real}')
    print(f'{library.soname}: {len(ours)} symbols, as {real}')


def check_dynamic(soname, path):
    dynamic = tool('readelf', '-dW', path)
    if '(NEEDED)' in dynamic:
        fail(f'{soname} needs another library: '
             f'{re.findall("Shared library: .*", dynamic)}')
    if f'[{soname}]' not in dynamic:
        fail(f'{soname} has another soname')
    for what in ('NODELETE', '(HASH)', '(GNU_HASH)'):
        if what not in dynamic:
            fail(f'{soname} lacks {what}')
    if 'TEXTREL' in dynamic or 'VERNEED' in dynamic:
        fail(f'{soname} has text relocations or needs symbol versions')


def check_undefined(soname, path):
    for line in tool('nm', '-D', '--undefined-only', path).splitlines():
        kind, name = line.split()
        if kind not in 'wv':
            fail(f'{soname} cannot do without {name}')


def check_relocations(soname, path):
    text = tool('readelf', '-rW', path)
    count = sum(int(n) for n in re.findall(r'contains (\d+) entr', text))
    most = RELOCATIONS_MAX + TABLES.get(soname, 0)
    if count > most:
        fail(f'{soname} has {count} relocations, more than {most}')
    print(f'{soname}: {count} relocations')


def check_stack(soname, path):
    match = re.search(r'GNU_STACK.*', tool('readelf', '-lW', path))
    if not match or 'E' in match[0].split()[-2]:
        fail(f'{soname} makes the stack executable')


def main(argv):
    pack, isa, *folder = argv[1:]
    policy = Policy(os.path.join(PACKS, pack + '.policy'))
    print(f'pack {pack}: guest libraries for {isa}')
    for soname, library in policy.libraries.items():
        path = os.path.join(*folder, soname)
        compare_exports(library, path)
        for check in (check_dynamic, check_undefined, check_relocations,
                      check_stack):
            check(soname, path)
    if failures:
        return 1
    return 77 if len(skips) == len(policy.libraries) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
