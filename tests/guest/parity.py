# SPDX-License-Identifier: MIT
"""A guest program of this folder says and draws the same as natively.

What each program would catch stands at its top.  The program runs natively
and under Gangway, on the same X server; its output, its status and, with
--frames, the frames it writes must be equal byte for byte.
"""
import os
import re
import time

import gwtest


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath,
                        help='the program, for this machine')
    parser.add_argument('--source', type=os.path.abspath,
                        help='its C file, to compile it for --isa')
    parser.add_argument('--compiler', help='for --isa')
    parser.add_argument('--library', action='append', default=[],
                        help='what it is linked with for --isa, by soname '
                        '(default: GL, EGL, GLESv2 and X11)')
    parser.add_argument('--package', action='append', default=[],
                        help='what the sysroot needs (default: mesa-utils)')
    parser.add_argument('--beside', type=os.path.abspath,
                        help='a program that runs natively beside it; it says '
                        '"ready"')
    parser.add_argument('--argument', action='append', default=[],
                        help='one more argument, both ways')
    parser.add_argument('--frames', action='store_true',
                        help='it writes frames to its first argument')
    parser.add_argument('--native-argument', action='append', default=[],
                        help='one more argument, only natively')
    parser.add_argument('--env', action='append', default=[],
                        metavar='NAME=VALUE')
    parser.add_argument('--limit', type=float, default=60,
                        help='seconds that it may take natively (default: '
                        '%(default)s; under Gangway three times that)')
    parser.add_argument('--expect', action='append', default=[],
                        help='a line that both must print')
    parser.add_argument('--says', metavar='REGEX',
                        help='what Gangway must say on stderr')
    parser.add_argument('--status', type=int, default=0,
                        help='with which it ends')
    parser.add_argument('--ignore', default='(?!)', metavar='REGEX',
                        help='lines in which both may differ')


def without(pattern, text):
    return '\n'.join(line for line in text.splitlines()
                     if not re.search(pattern, line))


def cross_compile(test):
    """The program for --isa, linked with the sysroot's libraries; X11's and
    GL's headers do not depend on the ISA and come after that ISA's own."""
    program = os.path.join(test.scratch, 'guest-program')
    folder = os.path.join(test.sysroot, 'usr', 'lib',
                          test.args.isa + '-linux-gnu')
    names = test.args.library or ['libGL.so.1', 'libEGL.so.1',
                                  'libGLESv2.so.2', 'libX11.so.6']
    libraries = [os.path.join(folder, name) for name in names]
    gwtest.compile_guest(
        test.args.compiler, '-ffp-contract=off', '-idirafter', '/usr/include',
        test.args.source, '-o', program, '-Wl,--allow-shlib-undefined',
        *libraries, '-lm', '-lpthread', '-ldl')
    return program


def run(test, argv, timeout, env):
    """The program's result; what is to run beside it is started before and
    ended after it."""
    if not test.args.beside:
        return test.run(argv, timeout=timeout, env=env)
    beside = test.start([test.args.beside])
    end = time.monotonic() + 30
    while 'ready' not in gwtest.said(beside) and time.monotonic() < end:
        time.sleep(0.05)
    result = test.run(argv, timeout=timeout, env=env)
    other = test.finish(beside, time.monotonic() - beside.began + 10)
    test.check(other.status == 0, 'what ran beside it ' + other.ending(),
               other.tail())
    return result


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        args = test.args
        env = dict(item.split('=', 1) for item in args.env)
        guest_program = args.program
        if args.isa:
            test.need_sysroot(*(args.package or ['mesa-utils']))
            guest_program = cross_compile(test)
        files = [os.path.join(test.scratch, side + '.frames')
                 for side in ('native', 'guest')]
        native = run(test, gwtest.on_host(
            [args.program, *args.argument, files[0], *args.native_argument]),
            args.limit, env)
        guest = run(test, test.command([guest_program, *args.argument,
                                        files[1]]), 3 * args.limit, env)
        test.check(native.status == args.status, 'natively it ' +
                   native.ending(), native.tail())
        test.compare(native, guest, os.path.basename(args.program),
                     lambda text: without(args.ignore, text))
        if args.says:
            test.check(re.search(args.says, guest.err), 'Gangway does not '
                       'say "%s"' % args.says, guest.tail())
        for line in args.expect:
            test.check(line in native.out.splitlines(),
                       'natively it does not say "%s"' % line, native.tail())
        if args.frames:
            test.compare_files(*files, 'frames')
        print('natively %.1f s, under Gangway %.1f s' % (native.seconds,
                                                         guest.seconds))


main()
