# SPDX-License-Identifier: MIT
"""DDNet draws with Vulkan, as its profile ddnet-vulkan runs it.

Would catch: a game of a real engine whose Vulkan commands do not arrive, or
that falls back to GL, which is no failure to it.  A screenshot of its menu
stays for a human.
"""
import os
import time

import gwtest

PROFILE = 'ddnet-vulkan'
LEAST = 100     # frames
RICH = 1000     # colours: before the menu there are a few hundred
LIMIT = 240     # seconds


def watch(test, process):
    """The screenshot with the most colours, while the program runs."""
    best, most = None, 0
    end = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.5)
        image = test.server.screenshot()
        colours = image.colours()
        if colours >= most:
            best, most = image, colours
    return best, most


def main():
    with gwtest.Test(__doc__, screen=(320, 240)) as test:
        test.need('DDNet', 'ddnet')
        home = os.path.join(gwtest.libdir(), '../../share/gangway/games',
                            PROFILE + '.home')
        if not os.path.isdir(home):
            raise gwtest.Skip('%s has no shaders: install ddnet-data and '
                              'glslang-tools, and run make again' % PROFILE)
        process = test.start(
            [gwtest.gangway(), '--demo', '--crossing=' + test.args.crossing,
             *test.stats_options(), PROFILE], env=test.home('ddnet'))
        image, colours = watch(test, process)
        result = test.finish(process, 0)
        test.check(result.status == 0, 'it ' + result.ending(),
                   result.tail(60))
        test.check('gfx: Created Vulkan' in result.out + result.err,
                   'it does not draw with Vulkan', result.tail(60))
        stats = test.stats()
        if test.check(stats, 'no --stats', result.tail()):
            test.check(stats['frames'] >= LEAST, '%d frames' %
                       stats['frames'], result.tail())
            for line in stats['missing']:
                test.fail(line)
        if test.check(colours >= RICH, 'at most %d colours' % colours):
            test.keep(image, PROFILE)
        print('%.1f s, %s' % (result.seconds, stats))


main()
