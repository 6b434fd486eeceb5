# SPDX-License-Identifier: MIT
"""Debian's programs that tell what an X server has tell the same.

Would catch: answers of the server that the guest gets otherwise than
natively: extensions, windows, properties, fonts, outputs, devices, keys.
Beside the server there is a window tree of two programs, which run natively
all the time.
"""
import re
import time

import gwtest

# (package, least number of lines, command)
COMMANDS = [
    ('x11-utils', 100, ['xdpyinfo', '-queryExtensions']),
    ('x11-utils', 20, ['xdpyinfo', '-ext', 'all']),
    ('x11-utils', 20, ['xwininfo', '-root', '-tree', '-all']),
    ('x11-utils', 30, ['xwininfo', '-name', 'a calculator', '-tree', '-all']),
    ('x11-utils', 5, ['xprop', '-name', 'a calculator']),
    ('x11-utils', 1, ['xprop', '-root']),
    ('x11-utils', 100, ['xlsfonts']),
    ('x11-utils', 20, ['xlsfonts', '-ll', '-fn', 'fixed']),
    ('x11-utils', 60, ['xlsatoms', '-range', '1-68']),
    ('x11-utils', 2, ['xlsclients', '-l']),
    ('x11-utils', 1, ['xvinfo']),
    ('x11-xserver-utils', 5, ['xrandr', '--verbose']),
    ('x11-xserver-utils', 100, ['xmodmap', '-pke']),
    ('x11-xserver-utils', 5, ['xmodmap', '-pm']),
    ('x11-xserver-utils', 15, ['xset', 'q']),
    ('x11-xserver-utils', 0, ['xgamma']),
    ('x11-xserver-utils', 1, ['xhost']),
    ('xinput', 30, ['xinput', 'list', '--long']),
    ('xinput', 3, ['xinput', 'list-props', '2']),
    ('x11-xkb-utils', 3, ['setxkbmap', '-query', '-verbose', '10']),
    ('x11-xkb-utils', 5, ['setxkbmap', '-print']),
    ('x11-xkb-utils', 1000, ['xkbcomp', 'DISPLAY', '-']),
    ('xdotool', 1, ['xdotool', 'search', '--name', 'a calculator',
                    'getwindowgeometry']),
    ('xdotool', 1, ['xdotool', 'mousemove', '31', '41', 'getmouselocation']),
]


# Some use a library with private parts of Xlib (libXv, libxkbfile).
FALLEN_BACK = re.compile(r'^gangway: --x11=guest is used: .*\n', re.M)


def tree(test):
    """Two programs that stay, with names, hints and windows in windows."""
    programs = [test.start([test.need('xcalc', 'x11-apps'), '-title',
                            'a calculator', '-geometry', '+0+0']),
                test.start([test.need('xlogo', 'x11-apps'), '-title',
                            'a logo', '-geometry', '100x100+300+10'])]
    end = time.monotonic() + 20
    last = None
    # Until nothing has changed for a while.
    while time.monotonic() < end:
        image = test.server.screenshot()
        with test.server.client() as client:
            done = client.windows() >= 2
        if done and last and image.rgb == last.rgb and image.colours() > 1:
            break
        last = image
        time.sleep(0.5)
    return programs


def main():
    with gwtest.Test(__doc__) as test:
        test.need_sysroot(*sorted({package for package, _, _ in COMMANDS}))
        programs = tree(test)
        for package, least, argv in COMMANDS:
            argv = [test.server.name if word == 'DISPLAY' else word
                    for word in argv]
            argv[0] = test.need(argv[0], package)
            native, guest = test.same(
                argv, clean=lambda text: FALLEN_BACK.sub('', text))
            if FALLEN_BACK.search(guest.err):
                print('%s: %s' % (argv[0], guest.err.splitlines()[0]))
            test.check(len(native.out.splitlines()) >= least,
                       'natively %s prints next to nothing' % argv[0],
                       native.tail())
        for program in programs:
            test.check(program.poll() is None, '%s has ended' %
                       program.args[0])
            test.finish(program, 0)


main()
