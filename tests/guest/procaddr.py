# SPDX-License-Identifier: MIT
"""glXGetProcAddress answers what it answers natively, and NULL for the rest.

Names that nobody knows are the one wanted difference: libglvnd makes a
function that does nothing for any name at all, so natively they look found.
"""
import os

import gwtest


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)


def split(result):
    lines = result.out.splitlines()
    return ([line for line in lines if not line.startswith('unknown ')],
            [line for line in lines if line.startswith('unknown ')])


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        native, guest = test.both([test.args.program])
        test.check(native.status == 0 and guest.status == 0,
                   'natively %s, under Gangway %s' %
                   (native.ending(), guest.ending()), guest.tail())
        test.compare_text('\n'.join(split(native)[0]),
                          '\n'.join(split(guest)[0]), 'known names')
        unknown = split(guest)[1]
        test.check(len(unknown) == len(split(native)[1]) > 10,
                   'only %d unknown names tried' % len(unknown))
        for line in unknown:
            test.check(line.endswith(': 0'), 'not NULL: ' + line)


main()
