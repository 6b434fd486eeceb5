# SPDX-License-Identifier: MIT
"""Tests of tests: they run with launchers that only pretend.

A case is (arguments, native, launchers): the test's script, relative to
`folder`, with its arguments, of which @NAME stands for a guest program given to
this test; PASSES, or FAILS where no native run passes that test; and what
launchers do in place of emulating that the test must notice, as lines of shell
after the program has become "$@".
"""
import argparse
import os
import subprocess
import sys
import tempfile

LAUNCHER = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\n%s\n'
HONEST = 'exec "$@"'
PASSES, FAILS = True, False
OTHER_STATUS = '"$@"; exit 3'
KILLED = '"$@"; kill -SEGV $$'


def run(arguments, launcher, folder, scratch):
    """The ended test and its output."""
    path = os.path.join(scratch, 'gangway')
    with open(path, 'w') as out:
        out.write(LAUNCHER % launcher)
    os.chmod(path, 0o755)
    env = dict(os.environ, GANGWAY=path)
    env.pop('GANGWAY_PLAIN_QEMU', None)
    return subprocess.run(
        [sys.executable, os.path.join(folder, arguments[0]), *arguments[1:]],
        env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def main(doc, folder, cases):
    """Runs all cases; exit status 0 if each is judged as it should be."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument('programs', nargs='+', help='guest programs')
    programs = {os.path.basename(path): os.path.abspath(path)
                for path in parser.parse_args().programs}
    failed = 0
    with tempfile.TemporaryDirectory(prefix='gangway-test-') as scratch:
        for arguments, native, launchers in cases:
            arguments = [programs[a[1:]] if a[0] == '@' else a
                         for a in arguments]
            for launcher in [HONEST, *launchers]:
                good = launcher == HONEST and native
                done = run(arguments, launcher, folder, scratch)
                # A traceback also ends with 1, and is no verdict.
                right = done.returncode == (0 if good else 1) and \
                    'Traceback' not in done.stdout
                failed += not right
                print('%s with [%s]: %s' % (
                    ' '.join(arguments), launcher,
                    'as it should be' if right else 'status %d\n%s' % (
                        done.returncode, done.stdout[-3000:])))
    return 1 if failed else 0
