# SPDX-License-Identifier: MIT
"""What programs that draw one still picture show on the screen is the same.

Would catch: pictures that never reach the window, or another window: the
guest creates it on its connection, the host draws to it on another one, so
sizes, visuals, mapping and the order of requests between the two matter.
Compares the whole screen, seen by a third connection.
"""
import os

import gwtest

PIGLIT = '/usr/lib/x86_64-linux-gnu/piglit/bin/'
# name: (package, program and arguments)
PICTURES = {
    'es2tri': ('mesa-utils', ['es2tri']),
    'glxdemo': ('mesa-utils', ['glxdemo']),
    'texwrap': ('piglit', ['texwrap', '2D', 'GL_RGBA8']),
    'fbo-cubemap': ('piglit', ['fbo-cubemap']),
    'line-aa-width': ('piglit', ['line-aa-width']),
    'glsl-bump': ('piglit', ['glsl-orangebook-ch06-bump']),
    'glsl-raytrace': ('piglit', ['glsl-fs-raytrace-bug27060']),
    'glsl-kwin-blur': ('piglit', ['glsl-kwin-blur-1']),
}
NATIVE_PATIENCE = 10
GUEST_PATIENCE = 60


def arguments(parser):
    parser.add_argument('picture', choices=PICTURES)
    parser.add_argument('--patience', type=float, default=GUEST_PATIENCE,
                        help='seconds to wait for the right picture')


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        package, argv = PICTURES[test.args.picture]
        if package == 'piglit':
            argv = [PIGLIT + argv[0]] + argv[1:]
        argv[0] = test.need(argv[0], package)
        env = dict(PIGLIT_PLATFORM='glx',
                   PIGLIT_SOURCE_DIR=os.path.dirname(PIGLIT[:-1]))
        process = test.start(argv, env)
        native = test.picture(process, gwtest.settled(), NATIVE_PATIENCE)
        result = test.finish(process, 0)
        if not test.check(native.colours() > 1, 'natively nothing is drawn',
                          result.tail()):
            return
        empty = test.server.screenshot()
        test.check(empty.colours() == 1, 'the native picture stays')
        process = test.start(test.command(argv), env)
        guest = test.picture(process, lambda image: image.rgb == native.rgb,
                             test.args.patience)
        ended = process.poll()
        result = test.finish(process, 0)
        count, box = native.differences(guest)
        if not test.check(count == 0, '%d pixels differ, within %s' %
                          (count, box), result.tail()):
            test.keep(native, test.args.picture + '-native')
            test.keep(guest, test.args.picture + '-gangway')
        test.check(ended is None, 'the program ended by itself')


main()
