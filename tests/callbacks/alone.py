#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""callbacks/ needs nothing of Gangway but include/: copied with it to an empty
folder it builds, and links with a test that defines what call.h says.

Catches an include of htl/ or of a generated header, and a call of a function
that is somewhere else in the library that all of it ends up in.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).parents[2]
TEST = pathlib.Path('tests/callbacks')


def main():
    arch, *compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        alone = pathlib.Path(folder)
        for part in 'include', 'callbacks':
            shutil.copytree(SOURCE / part, alone / part)
        for name in 'calls-test.c', 'test.h':
            shutil.copy(SOURCE / TEST / name, alone)
        sources = [*sorted((alone / 'callbacks').glob('*.c')),
                   alone / f'callbacks/arch/{arch}.S', alone / 'calls-test.c']
        return subprocess.call(
            [*compiler, '-std=gnu11', '-D_GNU_SOURCE', '-fvisibility=hidden',
             '-Wall', '-Wextra', '-Werror', '-O1', '-pthread',
             '-I', alone / 'include', '-I', alone / 'callbacks', *sources,
             '-o', alone / 'test'])


if __name__ == '__main__':
    sys.exit(main())
