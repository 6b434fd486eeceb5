# SPDX-License-Identifier: MIT
"""A program uses the libX11 that was asked for.

Would catch: the other tests of this folder comparing the wrong thing: with
--x11=thunk a program that has its own libX11 after all, linked with it or
opened by SDL, by Xt, by Qt; with --x11=guest one that has the host's.
"""
import os

import gwtest

# Matches XOpenDisplay and xcb_connect: one of them everybody calls.
CALLS = '[Xx]*[Oo][np]*[Dt]*'
PROGRAMS = [('x11-utils', ['xlsatoms', '-range', '1-2']),
            ('x11-apps', ['xlogo', '-help']),
            ('x11-xserver-utils', ['xset', 'q']),
            ('x11-utils', ['xlsclients'])]


def arguments(parser):
    parser.add_argument('programs', nargs='+', type=os.path.abspath)


def check(test, argv):
    log = os.path.join(test.scratch, 'log')
    if os.path.exists(log):
        os.unlink(log)
    result = test.guest(argv, ['--trace=' + CALLS, '--log=' + log])
    text = ''
    if os.path.exists(log):
        with open(log, errors='replace') as stream:
            text = stream.read()
    hosts = 'XOpenDisplay' in text or 'xcb_connect' in text
    test.check(hosts == (test.args.x11 == 'thunk'), "%s uses %s libX11" %
               (os.path.basename(argv[0]), "the host's" if hosts else
                'its own'), result.tail())


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        for program in test.args.programs:
            check(test, [program])
        for package, argv in PROGRAMS:
            check(test, [test.need(argv[0], package), *argv[1:]])


main()
