#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One model of a pack, whatever machine's headers it is generated from.

Guest and host refuse each other when their models' hashes differ, and may have
been built on machines of different ISAs.

Catches a type that is another on another ISA (wchar_t is signed on x86 and
unsigned on Arm), a function that a header has on one ISA only, a name for a
function pointer that depends on the order of headers.

    machines.py POLICY [--include-dir=DIR]              all ISAs' compilers
    machines.py POLICY [--include-dir=DIR] --isa=ISA    headers of that machine,
                                         which scripts/cross-host has fetched
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

from thunkgen.cheader import machine_options
from thunkgen.errors import ThunkgenError
from thunkgen.load import REGISTRY_DIRS, Loader
from thunkgen.model import ISAS
from thunkgen.policy import Policy

DEBIAN = {'x86_64': 'amd64', 'aarch64': 'arm64', 'riscv64': 'riscv64'}
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or
                     pathlib.Path.home() / '.cache') / 'gangway'


class Skip(Exception):
    """These headers cannot be read here; the text says why."""


def model(args, isa, sysroot=''):
    return Loader(Policy(args.policy), REGISTRY_DIRS, args.include_dir,
                  machine_options(isa, sysroot)).pack


def by_name(pack):
    """Name -> line without the number, which shifts with a function more."""
    return {line.split()[2]: re.sub(r'^(\w) \d+ ', r'\1 ', line)
            for line in pack.model_lines()}


def different(one, other, names):
    """What differs, function by function."""
    ours, theirs = by_name(one), by_name(other)
    return [f'    {ours.get(name, "without " + name)}\n'
            f'    {theirs.get(name, "without " + name)}'
            for name in sorted(names) if ours.get(name) != theirs.get(name)]


def same(what, one, other):
    """Whether both are the same model; says what is not."""
    if one.model_hash() == other.model_hash():
        return True
    names = by_name(one).keys() | by_name(other).keys()
    print(f'{what}: {one.model_hash():016x} is not '
          f'{other.model_hash():016x}:')
    print('\n'.join(different(one, other, names)))
    return False


def alike(what, one, other):
    """The same for functions that both have."""
    names = by_name(one).keys() & by_name(other).keys()
    found = different(one, other, names)
    print(f'{what}: {len(names)} in both, '
          f'{len(by_name(one)) - len(names)} and '
          f'{len(by_name(other)) - len(names)} in one only', *found, sep='\n')
    return not found


def need_compiler(isa):
    """The C library's headers of another ISA, the cross compiler's."""
    folder = f'/usr/{isa}-linux-gnu/include'
    if isa != os.uname().machine and not os.path.isdir(folder):
        raise Skip(f'no {folder}: install gcc-{isa.replace("_", "-")}'
                   '-linux-gnu')


def compilers(args):
    """All ISAs, with this machine's headers."""
    for isa in ISAS:
        need_compiler(isa)
    models = {isa: model(args, isa) for isa in ISAS}
    return all([same(f'{ISAS[0]} and {isa}', models[ISAS[0]], models[isa])
                for isa in ISAS[1:]])


def release(text, pattern):
    found = re.search(pattern, text, re.M)
    return found[1] if found else 'unknown'


def fetched(args):
    """A machine's own headers.  Another release's have more functions, which
    says nothing."""
    sysroot = CACHE / f'host-{DEBIAN[args.isa]}'
    sources = sysroot.with_suffix('.apt') / 'sources.list'
    if not (sysroot / 'usr/include').is_dir() or not sources.exists():
        raise Skip(f'no headers of such a machine: make host-{args.isa}')
    try:
        other = model(args, args.isa, sysroot)
    except ThunkgenError as error:
        if 'file not found' in str(error):
            raise Skip(f'{sysroot} lacks them: {error}') from error
        raise
    own = release(pathlib.Path('/etc/os-release').read_text(),
                  r'^VERSION_CODENAME="?([\w-]+)')
    theirs = release(sources.read_text(), r'(\S+) main$')
    compare = same if own == theirs else alike
    return compare(f'{own} and {args.isa} {theirs}',
                   model(args, os.uname().machine), other)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('policy')
    parser.add_argument('--include-dir', action='append', default=[])
    parser.add_argument('--isa', choices=ISAS)
    args = parser.parse_args()
    try:
        passed = fetched(args) if args.isa else compilers(args)
    except Skip as reason:
        print(f'skipped: {reason}')
        return 77
    return 0 if passed else 1


if __name__ == '__main__':
    sys.exit(main())
