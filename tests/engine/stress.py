# SPDX-License-Identifier: MIT
"""A program of this folder says the same natively and emulated.

What each program would catch stands at its top; most also check themselves.
Where the emulator is known to differ, --known names the lines and the reason;
it is printed, and when there is no such difference any more the test fails.

On a host that is no x86 only what a program checks itself is looked at.
"""
import argparse
import difflib
import os
import platform
import re
import subprocess
import sys

import gwtest


def run(argv, timeout):
    """(status or None, lines of stdout, stderr)"""
    try:
        done = gwtest.run_without_display(argv, timeout)
    except subprocess.TimeoutExpired as late:
        return None, [], late.stderr.decode(errors='replace')
    return (done.returncode, done.stdout.decode(errors='replace').splitlines(),
            done.stderr.decode(errors='replace'))


def without(lines, known):
    """The lines but for those that are known to differ."""
    return [line for line in lines if not (known and re.search(known, line))]


def compare(args, native, emulated):
    """What is wrong, as lines."""
    known = args.known and args.known[0]
    wrong = ['natively status %s, emulated %s' % (native[0], emulated[0])
             for _ in range(1) if native[0] != emulated[0] and not args.status]
    if args.status and emulated[0] != args.status:
        wrong.append('emulated status %s' % emulated[0])
    wrong += list(difflib.unified_diff(
        without(native[1], known), without(emulated[1], known), 'native',
        'emulated', lineterm='', n=0))[:60]
    if known and native[1] == emulated[1]:
        wrong.append('known difference is none any more: ' + args.known[1])
    elif known and not wrong:
        print('known: %d lines: %s' % (
            sum(bool(re.search(known, line)) for line in emulated[1]),
            args.known[1]))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--crossing', choices=('doorbell', 'syscall'),
                        default='doorbell')
    parser.add_argument('--qemu', help='run this QEMU, without Gangway')
    parser.add_argument('--known', nargs=2, metavar=('LINES', 'REASON'))
    parser.add_argument('--status', type=int,
                        help='with which it ends, emulated, as is known')
    parser.add_argument('--repeat', type=int, default=1)
    parser.add_argument('--timeout', type=int, default=200)
    parser.add_argument('--needs-native', action='store_true',
                        help='it does not check itself')
    parser.add_argument('program')
    parser.add_argument('argument', nargs='*')
    parser.add_argument('--known-plain', nargs=2,
                        metavar=('LINES', 'REASON'),
                        help='the same for a QEMU without our patches '
                        '(GANGWAY_PLAIN_QEMU=1)')
    args = parser.parse_args()
    if os.environ.get('GANGWAY_PLAIN_QEMU') and args.known_plain:
        args.known = args.known_plain
    argv = [os.path.abspath(args.program), *args.argument]
    emulator = [args.qemu, '-cpu', 'max'] if args.qemu else [
        gwtest.gangway(), '--crossing=' + args.crossing, '--']
    native = None
    if platform.machine() == 'x86_64':
        native = run(argv, args.timeout)
        if native[0] != 0:
            print('natively: status %s' % native[0], *native[1], sep='\n')
            return 1
    elif args.needs_native:
        print('skipped: only a native run says what is right, and this host '
              'is no x86')
        return gwtest.SKIP
    for _ in range(args.repeat):
        emulated = run([*emulator, *argv], args.timeout)
        if native:
            wrong = compare(args, native, emulated)
        else:
            wrong = [] if emulated[0] == (args.status or 0) else emulated[1]
        if wrong:
            print('FAIL: ' + ' '.join(argv), *wrong, emulated[2][-20000:],
                  sep='\n')
            return 1
    return 0


sys.exit(main())
