# SPDX-License-Identifier: MIT
"""xev reports the same events, with all their fields, as natively.

Would catch: events that get lost, come in another order or have other
fields; names and texts of keys.  xdotool (natively) presses keys and buttons,
moves the pointer, resizes the window, takes the focus away.  Only serial
numbers, times and ids of windows may differ.
"""
import re
import time

import gwtest

# (what xdotool does, what xev says then, how often)
STEPS = [
    (['mousemove', '100', '100'], 'MotionNotify|EnterNotify', 1),
    (['windowfocus', 'WINDOW'], 'FocusIn', 1),
    (['mousemove', '50', '60'], 'MotionNotify', 1),
    (['key', 'a'], 'KeyRelease', 1),
    (['key', 'shift+b'], 'KeyRelease', 2),
    (['key', 'ctrl+Return'], 'KeyRelease', 2),
    (['key', 'Left'], 'KeyRelease', 1),
    (['click', '1'], 'ButtonRelease', 1),
    (['click', '4'], 'ButtonRelease', 1),
    (['mousedown', '3'], 'ButtonPress', 1),
    (['mousemove', '70', '20'], 'MotionNotify', 1),
    (['mouseup', '3'], 'ButtonRelease', 1),
    (['windowsize', 'WINDOW', '220', '190'], 'ConfigureNotify', 1),
    (['windowmove', 'WINDOW', '33', '22'], 'ConfigureNotify', 1),
    (['windowunmap', 'WINDOW'], 'UnmapNotify', 1),
    (['windowmap', 'WINDOW'], 'Expose', 1),
    (['set_window', '--name', 'another name', 'WINDOW'], 'PropertyNotify',
     1),
    (['mousemove', '90', '80'], 'EnterNotify', 1),
    (['mousemove', '600', '500'], 'LeaveNotify', 1),
]
WINDOW = re.compile(r'Outer window is (0x[0-9a-f]+)')
# The first byte of a keymap is not in the event; Xlib leaves it as it is.
CHANGING = re.compile(r'serial \d+|time \d+|0x[0-9a-f]{5,}|keys: +\d+ +')


def clean(text):
    return CHANGING.sub('*', text)


def count(process, what):
    """How many of these events xev has reported, and how much it has said."""
    text = gwtest.said(process)
    return len(re.findall(r'^(?:%s) event' % what, text, re.M)), len(text)


def settle(process):
    """Until xev has said nothing more for a quarter of a second."""
    before = -1
    while True:
        size = len(gwtest.said(process))
        if size == before:
            return
        before = size
        time.sleep(0.25)


def wait(process, what, wanted):
    """True when xev has reported so many of these events."""
    end = time.monotonic() + 60
    while count(process, what)[0] < wanted and process.poll() is None and \
            time.monotonic() < end:
        time.sleep(0.02)
    settle(process)
    return count(process, what)[0] >= wanted


def watch(test, command, xdotool):
    process = test.start(command + ['-geometry', '178x178+10+10'])
    wait(process, 'Expose', 1)
    found = WINDOW.search(gwtest.said(process))
    if test.check(found, 'xev shows no window', gwtest.said(process)):
        for step, what, times in STEPS:
            before = count(process, what)[0]
            test.run([xdotool, *[found[1] if word == 'WINDOW' else word
                                 for word in step]])
            test.check(wait(process, what, before + times),
                       '%s: no %s' % (' '.join(step), what))
    test.run([xdotool, 'windowkill', found[1] if found else '0'])
    return test.finish(process, time.monotonic() - process.began + 20)


def main():
    with gwtest.Test(__doc__) as test:
        xev = [test.need('xev', 'x11-utils'), '-event', 'keyboard',
               '-event', 'mouse', '-event', 'structure', '-event', 'focus',
               '-event', 'property', '-event', 'expose']
        xdotool = test.need('xdotool', 'xdotool')
        test.need_sysroot('x11-utils')
        # Keys held for long on a busy machine must not repeat.
        test.run([test.need('xset', 'x11-xserver-utils'), 'r', 'off'])
        # From the same place both times.
        results = []
        for command in (xev, test.command(xev)):
            test.run([xdotool, 'mousemove', '790', '590'])
            with test.server.client() as client:
                client.unfocus()
            results.append(watch(test, command, xdotool))
        test.check(len(results[0].out.splitlines()) > 100,
                   'natively xev reports next to nothing', results[0].tail())
        test.compare(*results, 'xev', clean)


main()
