#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench/engine runs, and what it runs computes what natively is computed.

A short run of each program and loop, whose results the bench compares: would
catch floating point, integers, jumps or libc's functions that QEMU gets wrong,
a program that ends early, and a bench that has lost a part. How fast it was
never decides. Arguments are bench/run's.
"""
import json
import os
import subprocess
import sys
import tempfile

RUN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(
    __file__))), 'run')
SKIP = 77
ROWS = {'SuperTuxKart, logic', 'micro loop, 3 million times', 'packed float',
        'virtual call', 'memcpy 1M', 'strlen 8', 'pow', 'povray', 'dsda-doom',
        'minizip', 'bzip2', 'oggenc', 'luajit', 'python3', 'openssl',
        'programs, geometric mean'}
X86_ONLY = {'packed float'}


def wanted():
    return ROWS if os.uname().machine == 'x86_64' else ROWS - X86_ONLY


def complaints(rows):
    """What is wrong with the rows that bench/run --json has written."""
    found = {row['what']: row['rounds'][0] for row in rows}
    for name in sorted(wanted() - set(found)):
        yield 'no row "%s"' % name
    for name, by_mode in found.items():
        for mode in 'native', 'gangway':
            if not by_mode.get(mode, 0) > 0:
                yield '%s: nothing measured (%s)' % (name, mode)


def main():
    with tempfile.NamedTemporaryFile(suffix='.json') as out:
        run = subprocess.run([RUN, '--quick', '--json', out.name,
                              *sys.argv[1:], 'engine'], text=True,
                             stdout=subprocess.PIPE)
        print(run.stdout)
        if 'engine skipped: ' in run.stdout:
            print(run.stdout.partition('engine skipped: ')[2].splitlines()[0])
            sys.exit(SKIP)
        bad = (['bench/run ended with status %d' % run.returncode]
               if run.returncode else
               list(complaints(json.loads(out.read()))))
    print('\n'.join(bad))
    sys.exit(1 if bad else 0)


main()
