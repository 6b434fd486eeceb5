# SPDX-License-Identifier: MIT
"""Command line of thunkgen."""

import argparse
import os
import sys

from . import abi, gtl, htl
from .errors import ThunkgenError
from .load import REGISTRY_DIRS, Loader
from .policy import Policy

PACKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'packs')
STUB_FILES = 4  # compiled in parallel, and small enough to do so quickly


def outputs(loader):
    """file name -> text, for everything that a pack generates."""
    pack, policy = loader.pack, loader.policy
    name, functions = pack.name, pack.functions
    files = {f'{name}-args.h': abi.header(pack),
             f'{name}-layout.h': abi.layout_checks(pack),
             f'{name}-htl.h': htl.header(pack, policy),
             f'{name}-htl.c': htl.thunks(pack, policy, loader.extensions,
                                       loader.enums, loader.c_lines()),
             f'{name}-gtl-tables.c': gtl.tables(pack, policy.apart)}
    share = (len(functions) + STUB_FILES - 1) // STUB_FILES
    for index in range(STUB_FILES):
        part = [] if policy.apart else \
            functions[index * share:(index + 1) * share]
        files[f'{name}-gtl-{index}.c'] = gtl.stubs(pack, part)
    for soname, library in policy.libraries.items():
        files[f'{soname}.map'] = gtl.version_script(library, functions)
        files[f'{soname}.c'] = gtl.soname_source(pack, library,
                                                   policy.apart)
    return files


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)


def write_depfile(path, folder, loader):
    """Tells the build which files the output depends on, for make or ninja.
    ninja wants the first output only."""
    target = os.path.join(folder, f'{loader.pack.name}-args.h')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{target}: {" ".join(sorted(loader.files))}\n')


def _functions_table(loader):
    """One line per function, for people: id, flags, prototype, origin."""
    for f in loader.pack.functions:
        params = ', '.join(f'{p.type.spelling} {p.name}' for p in f.params)
        flags = ','.join(sorted(f.flags)) or '-'
        if f.blocks_if:
            index, limit = f.blocks_if
            flags += f' if {f.params[index].name} > {limit}'
        print(f'{f.id:5} {flags:16} '
              f'{f.result.spelling} {f.name}({params or "void"})  '
              f'[{" ".join(sorted(f.tags))}]')


def parse_args(argv):
    parser = argparse.ArgumentParser(
        prog='python3 -m thunkgen',
        description='Generates the guest and host thunk libraries of a pack.',
        epilog='Policy tables stand in thunkgen/packs; their statements are '
               'described in thunkgen/policy.py, the way to a new library in '
               'docs/adding-a-library.md.')
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument('--pack', help='pack to generate: NAME of '
                       'thunkgen/packs/NAME.policy')
    which.add_argument('--policy', help='policy file to generate from')
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--out', metavar='DIR',
                      help='folder to write the generated files to')
    what.add_argument('--list', action='store_true',
                      help='print every function with its flags and origin')
    what.add_argument('--sonames', action='store_true',
                      help='print the sonames of the pack\'s libraries')
    what.add_argument('--exports', metavar='SONAME',
                      help='print the symbols that this library exports')
    parser.add_argument('--depfile', metavar='FILE',
                        help='with --out: write what was read to FILE')
    parser.add_argument('--registry-dir', action='append', default=[],
                        metavar='DIR', help='look for registries here first')
    parser.add_argument('--include-dir', action='append', default=[],
                        metavar='DIR', help='look for C headers here first')
    return parser.parse_args(argv)


def run(args):
    policy = Policy(args.policy or os.path.join(PACKS, args.pack + '.policy'))
    if not args.list:
        policy.check_libraries()
    if args.sonames:
        print('\n'.join(policy.libraries))
        return
    loader = Loader(policy, [*args.registry_dir, *REGISTRY_DIRS],
                    args.include_dir)
    if args.list:
        _functions_table(loader)
    elif args.exports:
        if args.exports not in policy.libraries:
            raise ThunkgenError(
                f'{policy.path}: no library {args.exports}; there are '
                f'{", ".join(policy.libraries)}')
        library = policy.libraries[args.exports]
        print('\n'.join(library.symbols(loader.pack.functions)))
    else:
        write(args.out, outputs(loader))
        if args.depfile:
            write_depfile(args.depfile, args.out, loader)


def main(argv=None):
    try:
        run(parse_args(argv))
    except ThunkgenError as error:
        print(f'thunkgen: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
