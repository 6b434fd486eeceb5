# SPDX-License-Identifier: MIT
"""glxgears runs on the host's renderer, draws, counts and ends.

Would catch: the guest's own Mesa drawing instead of the host's driver, frames
that are lost, keys that do not arrive, exit statuses and signals that do not
come through.
"""
import re
import signal
import time

import gwtest

ESCAPE = 9  # X keycode of a PC keyboard
RENDERER = re.compile(r'^GL_RENDERER .*$', re.M)
COUNTED = re.compile(r'^(\d+) frames in', re.M)


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def look(test, command, env=None):
    """Starts it, waits for its first count of frames (5 s), looks at the
    screen, presses Escape."""
    process = test.start(command + ['-info'], env)
    wait_until(lambda: COUNTED.search(gwtest.said(process)) or
               process.poll() is not None, 60 * gwtest.patience())
    image = test.server.screenshot()
    with test.server.client() as client:
        client.press(ESCAPE, 100, 100)
    wait_until(lambda: process.poll() is not None, 20 * gwtest.patience())
    return image, test.finish(process, 0)


def check_stats(test, result, drawn):
    stats = test.stats()
    if not test.check(stats, '--stats says nothing', result.tail()):
        return
    test.check(stats['frames'] >= drawn, 'glxgears counted %d frames, Gangway '
               '%d' % (drawn, stats['frames']))
    doorbells, calls = stats['doorbells'], stats['calls']
    # Swapping blocks: by doorbell only in a QEMU where that may block.
    by_doorbell = test.args.crossing == 'doorbell'
    test.check((doorbells > drawn) == by_doorbell and
               (by_doorbell or calls > drawn),
               'crossings: %d by doorbell, %d by system call' %
               (doorbells, calls))


def check_signal(test, command):
    process = test.start(command)
    wait_until(lambda: test.server.screenshot().colours() > 1,
               60 * gwtest.patience())
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: process.poll() is not None, 20 * gwtest.patience())
    return test.finish(process, 0)


def main():
    with gwtest.Test(__doc__) as test:
        gears = [test.need('glxgears', 'mesa-utils')]
        test.need_sysroot('mesa-utils')
        _, native = look(test, gwtest.on_host(gears))
        image, guest = look(test, test.command(gears, test.stats_options()))
        test.check(native.status == guest.status == 0,
                   'natively it %s, under Gangway %s' %
                   (native.ending(), guest.ending()), guest.tail())
        test.check(RENDERER.findall(native.out) ==
                   RENDERER.findall(guest.out) != [], 'renderer differs',
                   *RENDERER.findall(native.out + guest.out))
        drawn = sum(int(n) for n in COUNTED.findall(guest.out))
        test.check(drawn > (100 if gwtest.patience() == 1 else 1),
                   'only %d frames' % drawn, guest.tail())
        test.check(image.colours() > 50, 'the picture has %d colours' %
                   image.colours())
        check_stats(test, guest, drawn)
        ends = [check_signal(test, command) for command in
                (gwtest.on_host(gears), test.command(gears))]
        test.check(ends[0].status == ends[1].status,
                   'after SIGTERM natively it %s, under Gangway %s' %
                   (ends[0].ending(), ends[1].ending()))
        print('%d frames drawn; natively %s' %
              (drawn, ' '.join(COUNTED.findall(native.out))))


main()
