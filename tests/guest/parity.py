# SPDX-License-Identifier: MIT
"""A guest program of this folder says and draws the same as natively.

What each program would catch stands at its top.  The program runs natively
and under Gangway, on the same X server; its output, its status and, with
--frames, the frames it writes must be equal byte for byte.
"""
import os

import gwtest


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath,
                        help='the program, for this machine')
    parser.add_argument('--guest', type=os.path.abspath,
                        help='the same for another ISA')
    parser.add_argument('--sysroot', help="that ISA's libraries")
    parser.add_argument('--frames', action='store_true',
                        help='it writes frames to its first argument')
    parser.add_argument('--native-argument', action='append', default=[],
                        help='one more argument, only natively')
    parser.add_argument('--env', action='append', default=[],
                        metavar='NAME=VALUE')
    parser.add_argument('--expect', action='append', default=[],
                        help='a line that both must print')


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        args = test.args
        env = dict(item.split('=', 1) for item in args.env)
        options = ['--sysroot=' + args.sysroot] if args.sysroot else []
        files = [os.path.join(test.scratch, side + '.frames')
                 for side in ('native', 'guest')]
        native = test.native([args.program] + files[:1] +
                             args.native_argument, env=env)
        guest = test.guest([args.guest or args.program] + files[1:],
                           options=options, timeout=180, env=env)
        test.check(native.status == 0, 'natively it ' + native.ending(),
                   native.tail())
        test.compare(native, guest, os.path.basename(args.program))
        for line in args.expect:
            test.check(line in native.out.splitlines(),
                       'natively it does not say "%s"' % line, native.tail())
        if args.frames:
            test.compare_files(*files, 'frames')
        print('natively %.1f s, under Gangway %.1f s' % (native.seconds,
                                                         guest.seconds))


main()
