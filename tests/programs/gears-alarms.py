# SPDX-License-Identifier: MIT
"""glxgears draws every frame right while SIGALRM comes 1,000 times a second.

The signal goes to the process, llvmpipe's threads are alive, and the program
is Debian's.  What it draws and counts under Gangway with alarms must equal
what it draws natively without.

Would catch: a signal that lands on a thread of the driver's, which QEMU takes
for one of its CPUs (it crashes); a frame that is lost, or drawn in parts
because a call was interrupted.
"""
import os
import re

import gwtest

FRAMES = 1020 # as in alarms-preload.c
THREADS = 3
ALARMS = re.compile(r'^alarms: (\d+)$', re.M)


def arguments(parser):
    parser.add_argument('preload', type=os.path.abspath,
                        help='alarms-preload, for this machine')
    parser.add_argument('--source', type=os.path.abspath,
                        help='its C file, to compile it for --isa')
    parser.add_argument('--compiler', help='for --isa')


def cross_compile(test):
    library = os.path.join(test.scratch, 'alarms-preload.so')
    built = test.run([test.args.compiler, '-std=gnu11', '-D_GNU_SOURCE',
                      '-O2', '-shared', '-fPIC', test.args.source, '-o',
                      library, '-ldl'])
    if built.status:
        raise RuntimeError('%s cannot be compiled for %s:\n%s' % (
            test.args.source, test.args.isa, built.tail()))
    return library


def alarms(result):
    found = ALARMS.search(result.err)
    return int(found[1]) if found else None


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        gears = [test.need('glxgears', 'mesa-utils'), '-geometry', '120x120']
        test.need_sysroot('mesa-utils')
        library = (cross_compile(test) if test.args.isa
                   else test.args.preload)
        files = [os.path.join(test.scratch, side + '.frames')
                 for side in ('native', 'guest')]
        env = {'LP_NUM_THREADS': str(THREADS)}
        native = test.run(gears, 60, dict(
            env, LD_PRELOAD=test.args.preload, GEARS_FRAMES=files[0]))
        guest = test.run(test.command(gears, test.stats_options()), 180, dict(
            env, LD_PRELOAD=library, GEARS_FRAMES=files[1], GEARS_ALARMS='1'))
        test.check(native.status == guest.status == 0,
                   'natively it %s, under Gangway %s' %
                   (native.ending(), guest.ending()), guest.tail())
        test.compare_text(native.out, guest.out, 'what glxgears says')
        test.check("frames: %d, the driver's threads: %d" % (FRAMES, THREADS)
                   in native.out.splitlines(), 'natively it drew otherwise',
                   native.tail())
        test.compare_files(*files, 'frames')
        came = alarms(guest)
        test.check(alarms(native) == 0 and came and came >= 200,
                   'alarms: natively %s, under Gangway %s' %
                   (alarms(native), came))
        stats = test.stats()
        test.check(stats and stats['frames'] == FRAMES,
                   'Gangway counted %s frames' % (stats and stats['frames']))
        print('%d frames in %.1f s with %s alarms; natively %.1f s' %
              (FRAMES, guest.seconds, came, native.seconds))


main()
