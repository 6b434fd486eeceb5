# SPDX-License-Identifier: MIT
"""vkcube presents 300 frames in a window and ends; the cube is on the screen.

Would catch: a swapchain without a window, frames that are lost, a program that
does not end, a picture that is empty.  That pictures are equal to the pixel
is swapchain.c's and graphics.c's matter: vkcube's window is gone after its
last frame.
"""
import time

import gwtest

FRAMES = 300


def colours_seen(test, argv):
    """The most colours of a screenshot while a long run draws."""
    process = test.start(argv)
    best, end = 0, time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None and best < 200:
        best = max(best, test.server.screenshot().colours())
        time.sleep(0.1)
    test.finish(process, 0)
    return best


def check_counted(test, cube):
    argv = [cube, '--suppress_popups', '--c', str(FRAMES)]
    native = test.native(argv)
    test.check(native.status == 0, 'natively it ' + native.ending(),
               native.tail())
    guest = test.guest(argv, options=test.stats_options(), timeout=120)
    test.compare(native, guest, 'vkcube')
    stats = test.stats()
    if test.check(stats, 'no --stats', guest.tail()):
        test.check(stats['frames'] == FRAMES, '%d frames were presented' %
                   stats['frames'])
        test.check(not stats['missing'], 'functions are missing',
                   *stats['missing'])


def check_trace(test, cube):
    guest = test.guest([cube, '--suppress_popups', '--c', '5'],
                       options=['--trace=vkQueuePresentKHR'])
    lines = [line for line in guest.err.splitlines()
             if line.startswith('gangway: vkQueuePresentKHR(queue=0x') and
             line.endswith('= VK_SUCCESS')]
    test.check(len(lines) == 5, '%d calls were traced, not 5' % len(lines),
               guest.tail())


def main():
    with gwtest.Test(__doc__) as test:
        cube = test.need('vkcube', 'vulkan-tools')
        check_counted(test, cube)
        check_trace(test, cube)
        argv = [cube, '--suppress_popups', '--c', '1000000']
        native, guest = (colours_seen(test, a)
                         for a in (argv, test.command(argv)))
        test.check(native >= 200, 'natively there are %d colours' % native)
        test.check(guest >= 200, 'under Gangway there are %d colours, '
                   'natively %d' % (guest, native))


main()
