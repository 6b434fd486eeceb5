# SPDX-License-Identifier: MIT
"""piglit programs give the same result under Gangway as natively.

Would catch: a GL or GLX function that behaves differently on the other side:
wrong arguments, results, errors, object names, pixels.  Compares the result
line, the results of subtests, the exit status and whatever else is printed.
A difference that list.txt explains does not fail the test, but one that it
explains and that is gone does: the explanation must go too.
"""
import os
import re
import shlex

import gwtest

FOLDER = '/usr/lib/x86_64-linux-gnu/piglit'
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'list.txt')
RESULT = re.compile(r'^PIGLIT: (\{.*\})$', re.M)


def arguments(parser):
    parser.add_argument('--shard', default='1/1', metavar='N/COUNT',
                        help='only the Nth of COUNT parts of the list')
    parser.add_argument('--list', default=LIST, help='another list')
    parser.add_argument('--only', default='', metavar='TEXT',
                        help='only command lines that contain TEXT')


def read_list(path):
    """[(command line, {kind: explanation})] of a list."""
    entries = []
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            text = line.split('#')[0].rstrip()
            if not text:
                continue
            if not text[0].isspace():
                entries.append((text, {}))
                continue
            kind, _, why = text.strip().partition(': ')
            if kind not in ('differs', 'varies') or not why or not entries:
                raise ValueError('%s:%d: cannot read this' % (path, number))
            entries[-1][1][kind] = why
    return entries


def part(entries, shard):
    number, count = (int(x) for x in shard.split('/'))
    return entries[number - 1::count]


def verdict(result):
    """What a program found, comparable."""
    lines = RESULT.findall(result.out)
    return (result.status, lines[-1] if lines else 'no result', lines)


def compare(test, command, notes):
    argv = shlex.split(command)
    argv[0] = os.path.join(FOLDER, 'bin', argv[0])
    if not os.path.exists(argv[0]):
        test.fail('%s: piglit has no such program' % command)
        return
    env = {'PIGLIT_PLATFORM': 'glx', 'PIGLIT_SOURCE_DIR': FOLDER}
    native = test.native(argv, timeout=30, env=env)
    guest = test.guest(argv, timeout=60, env=env)
    same = verdict(native) == verdict(guest)
    if same and 'differs' in notes:
        test.fail('%s: explained (%s), but no longer different' %
                  (command, notes['differs']))
    elif same and 'varies' not in notes:
        test.compare_text(native.out + native.err, guest.out + guest.err,
                          command + ': output')
    elif same:
        return
    elif 'differs' in notes:
        print('explained: %s: %s' % (command, notes['differs']))
    else:
        test.fail('%s: natively %s (%s), under Gangway %s (%s)' % (
            command, verdict(native)[1], native.ending(), verdict(guest)[1],
            guest.ending()), guest.tail())


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        if not os.path.isdir(FOLDER):
            raise gwtest.Skip('piglit is missing: install piglit')
        entries = [e for e in part(read_list(test.args.list), test.args.shard)
                   if test.args.only in e[0]]
        for command, notes in entries:
            compare(test, command, notes)
        print('%d programs, %d different' % (len(entries),
                                             len(test.failures)))


main()
