# SPDX-License-Identifier: MIT
"""The engine's tests pass what is the same and notice what is not.

Would catch: a comparison that cannot fail.  Each test runs with launchers
that only pretend: one that runs the program natively (the test must pass),
and ones that change one hash, leave a line out, swap operands, print a line
more or end with another status (the test must fail).
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\n%s\n'
HONEST = 'exec "$@"'
ONE_HASH = '"$@" | sed "/ ru+daz vaddsd %xmm2, %xmm1, %xmm0$/s/^./x/;s/^x/0/"'
ONE_FLAG = '"$@" | sed "/ rn vaddsd %xmm2, %xmm1, %xmm0$/s/ [0-9a-f]/ g/' \
    ';s/ g/ 0/"'
LINE_LESS = '"$@" | sed "/ rz vaddsd %xmm0, %xmm1, %xmm0$/d"'
OTHER_OPERANDS = 'exec "$@" --seed=7'
OTHER_STATUS = '"$@"; exit 3'
KILLED = '"$@"; kill -SEGV $$'
TALKING = '"$@"; echo one line more'
FLOAT = ['float.py', '--only=vadd', '--random=5']
# A test, its arguments (@: a program), and the launchers it must notice.
CASES = [
    ([*FLOAT, '@float-ops'],
     [ONE_HASH, LINE_LESS, OTHER_OPERANDS, OTHER_STATUS, KILLED]),
    ([*FLOAT, '--flags', '@float-ops'],
     [ONE_HASH, ONE_FLAG, LINE_LESS, OTHER_OPERANDS, OTHER_STATUS]),
    (['stress.py', '--', '@faults', 'crossing'],
     [OTHER_STATUS, KILLED, TALKING]),
    # What is known to differ must differ.
    (['stress.py', '--known', 'no such line', 'no reason', '--', '@faults',
      'save'], [HONEST]),
]


def run(arguments, launcher, folder):
    path = os.path.join(folder, 'gangway')
    with open(path, 'w') as out:
        out.write(LAUNCHER % launcher)
    os.chmod(path, 0o755)
    env = dict(os.environ, GANGWAY=path)
    env.pop('GANGWAY_PLAIN_QEMU', None)
    return subprocess.run(
        [sys.executable, os.path.join(HERE, arguments[0]), *arguments[1:]],
        env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('programs', nargs='+')
    programs = {os.path.basename(path): os.path.abspath(path)
                for path in parser.parse_args().programs}
    failed = 0
    with tempfile.TemporaryDirectory(prefix='gangway-test-') as folder:
        for arguments, launchers in CASES:
            arguments = [programs[a[1:]] if a[0] == '@' else a
                         for a in arguments]
            first = [] if HONEST in launchers else [HONEST]
            for launcher in first + launchers:
                done = run(arguments, launcher, folder)
                good = launcher in first
                # A traceback also ends with 1, and is no verdict.
                right = done.returncode == (0 if good else 1) and \
                    'Traceback' not in done.stdout
                failed += not right
                print('%s with [%s]: %s' % (
                    ' '.join(arguments), launcher,
                    'as it should be' if right else 'status %d\n%s' % (
                        done.returncode, done.stdout[-2000:])))
    return 1 if failed else 0


sys.exit(main())
