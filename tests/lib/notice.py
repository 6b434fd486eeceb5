# SPDX-License-Identifier: MIT
"""The tests of parity pass what is the same and notice what is not.

Would catch: a test that cannot fail.  Each kind of test runs with launchers
that only pretend: one that runs the program natively (the test must pass),
and ones that run it with another driver, draw something on its pictures, end it
with another status, kill it or print a line more (the test must fail).
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
LAUNCHER = '''#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
%s
'''
# What a launcher does after its options.
HONEST = 'exec "$@"'
OTHER_DRIVER = 'GALLIUM_DRIVER=softpipe exec "$@"'
MARKED = 'GALLIUM_HUD=cpu exec "$@"'
OTHER_STATUS = '"$@"; exit 3'
KILLED = '"$@"; kill -SEGV $$'
TALKING = 'echo one line more >&2; exec "$@"'
# A test, its arguments, and the launchers that it must notice.
CASES = [
    (['programs/inspect.py', '--package=mesa-utils', '--', 'glxinfo', '-B'],
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
    (['guest/parity.py', '--frames', '@frames-gl33'],
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
    (['guest/procaddr.py', '@procaddr'], [OTHER_STATUS, KILLED]),
    (['pixels/replay.py', 'es2gears'], [OTHER_DRIVER, OTHER_STATUS]),
    (['pixels/screen.py', 'glsl-bump', '--patience=5'], [MARKED]),
    (['piglit/piglit.py', '--only=glx-query'],
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
]
# libglvnd answers for unknown names; no native run passes this test.
NEVER_NATIVE = 'guest/procaddr.py'


def run(arguments, launcher, folder):
    """Exit status of a test with a launcher that does this."""
    path = os.path.join(folder, 'gangway')
    with open(path, 'w') as out:
        out.write(LAUNCHER % launcher)
    os.chmod(path, 0o755)
    script = os.path.join(TESTS, arguments[0])
    return subprocess.run([sys.executable, script, *arguments[1:]],
                          env=dict(os.environ, GANGWAY=path),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def wrong(arguments, launcher, folder):
    """What is wrong with the test's verdict, or None."""
    done = run(arguments, launcher, folder)
    good = launcher == HONEST and arguments[0] != NEVER_NATIVE
    # A traceback also ends with 1, and is no verdict.
    if done.returncode == (0 if good else 1) and \
       'Traceback' not in done.stdout:
        return None
    return 'status %d\n%s' % (done.returncode, done.stdout[-3000:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('programs', nargs='+', help='guest programs')
    programs = {os.path.basename(path): os.path.abspath(path)
                for path in parser.parse_args().programs}
    failed = 0
    with tempfile.TemporaryDirectory(prefix='gangway-test-') as folder:
        for arguments, launchers in CASES:
            arguments = [programs[a[1:]] if a[0] == '@' else a
                         for a in arguments]
            for launcher in [HONEST] + launchers:
                error = wrong(arguments, launcher, folder)
                failed += error is not None
                print('%s with [%s]: %s' % (' '.join(arguments), launcher,
                                            error or 'as it should be'))
    return 1 if failed else 0


sys.exit(main())
