# SPDX-License-Identifier: MIT
"""Programs of several toolkits show the same picture as natively.

Would catch: text, shapes, images and colours drawn otherwise, and pictures
that do not follow the pointer: by Xlib, Xt and Xaw (xlogo, xeyes, xcalc,
xfontsel, ico), Xft and Render (xclock), GTK 3, Qt 5 with xcb.  Compares the
whole screen, pixel for pixel.
"""
import os
import time

import gwtest

QT = '/usr/lib/%s-linux-gnu/qt5/examples/widgets/widgets/' % os.uname().machine
REST = (700, 500)
# (package, command, where the pointer goes while it runs)
PICTURES = [
    ('x11-apps', ['xlogo', '-geometry', '200x200+5+5'], []),
    ('x11-apps', ['xlogo', '-render', '-geometry', '200x200+5+5'], []),
    ('x11-apps', ['xeyes', '-geometry', '180x120+40+30'],
     [(10, 500), (90, 40)]),
    ('x11-apps', ['xcalc', '-geometry', '+0+0'], [(30, 130)]),
    ('x11-utils', ['xfontsel', '-geometry', '+0+0'], [(30, 12)]),
    ('x11-utils', ['xmessage', '-geometry', '+20+20', '-buttons', 'yes,no',
                   'A message'], []),
    ('gtk-3-examples', ['gtk3-icon-browser'], [(300, 140)]),
    ('qtbase5-examples', [QT + 'calculator/calculator'], [(30, 140)]),
]
PATIENCE = 60
# libgdk-3 puts handlers of its own into Xlib's Display, so with the host's
# libX11 it gets the guest's; Gangway says so.
FALLS_BACK = {'gtk3-icon-browser'}


def arguments(parser):
    parser.add_argument('--only', help='part of the command line')


def point(test, place):
    with test.server.client() as client:
        client.point(*place)


def look(test, process, places, goods):
    """A picture of each place of the pointer; goods is what each is to look
    like, None: whatever stays for a second."""
    pictures = []
    for place, good in zip([REST, *places], goods):
        point(test, place)
        pictures.append(test.picture(
            process, (lambda image, good=good: image.rgb == good.rgb)
            if good else gwtest.settled(), PATIENCE))
    return pictures


def empty(test):
    """Waits until the last program's windows are gone."""
    end = time.monotonic() + 20
    while test.server.screenshot().colours() > 1 and \
            time.monotonic() < end:
        time.sleep(0.1)


def run(test, argv, places, goods):
    process = test.start(argv, env=dict(test.home('pictures'),
                                        GTK_A11Y='none', NO_AT_BRIDGE='1'))
    pictures = look(test, process, places, goods)
    ended = process.poll() is not None
    result = test.finish(process, 0)
    empty(test)
    return pictures, ended, result


def compare(test, argv, places):
    name = os.path.basename(argv[0])
    natives, ended, result = run(test, argv, places, [None] * 9)
    if not test.check(not ended and natives[0].colours() > 1,
                      'natively %s draws nothing' % name, result.tail()):
        return
    pictures, ended, result = run(test, test.command(argv), places, natives)
    test.check(not ended, '%s ended by itself' % name, result.tail())
    if test.args.x11 == 'thunk':
        test.check(('--x11=guest is used' in result.err) ==
                   (name in FALLS_BACK), '%s uses another libX11 than it '
                   'should' % name, result.tail())
    for number, (native, guest) in enumerate(zip(natives, pictures)):
        count, box = native.differences(guest)
        if not test.check(count == 0, '%s, picture %d: %d pixels differ, '
                          'within %s' % (name, number, count, box),
                          result.tail()):
            test.keep(native, '%s-%d-native' % (name, number))
            test.keep(guest, '%s-%d-gangway' % (name, number))
    print('%s: %d pictures, %d colours' % (name, len(pictures),
                                           natives[0].colours()))


def clock(test):
    """An analog clock moves each minute: two at once, side by side."""
    xclock = [test.need('xclock', 'x11-apps'), '-analog', '-geometry']
    size, left, right = '200x200', '+0+0', '+200+0'
    processes = [test.start(xclock + [size + left]),
                 test.start(test.command(xclock + [size + right]))]

    def halves(image):
        return [[image.rgb[3 * (y * image.width + x):][:600]
                 for y in range(200)] for x in (0, 200)]

    def same(image):
        one, other = halves(image)
        return one == other and len(set(one)) > 1

    image = test.picture(processes[1], same, PATIENCE)
    if not test.check(same(image), 'two clocks differ'):
        test.keep(image, 'xclock')
    for process in processes:
        test.check(process.poll() is None, 'a clock has ended')
        test.finish(process, 0)
    empty(test)


def body(image):
    """What is drawn, without where: the smallest box around it."""
    rows = [image.rgb[3 * y * image.width:][:600] for y in range(200)]
    ground = rows[0][:3]
    ys = [y for y, row in enumerate(rows) if row != ground * 200]
    xs = [x for x in range(200)
          if any(row[3 * x:3 * x + 3] != ground for row in rows)]
    return [row[3 * xs[0]:3 * xs[-1] + 3] for row in rows[ys[0]:ys[-1] + 1]
            ] if xs else None


def bodies(test, argv, wanted):
    """The first pictures of a moving program, each of which stays."""
    process = test.start(argv)
    found, last = [], None
    end = time.monotonic() + PATIENCE
    while len(found) < wanted and time.monotonic() < end:
        image = test.server.screenshot()
        stays = last is not None and image.rgb == last.rgb
        if stays and image.colours() > 1 and body(image) not in found:
            found.append(body(image))
        last = image
        time.sleep(0.1)
    test.finish(process, 0)
    empty(test)
    return found


def moving(test):
    """ico turns a body, one step a second here; only where it begins is left
    to chance."""
    ico = [test.need('ico', 'x11-apps'), '-faces', '-sleep', '1',
           '-geometry', '200x200+0+0']
    native, guest = bodies(test, ico, 6), bodies(test, test.command(ico), 4)
    test.check(len(native) == 6, 'natively ico shows %d pictures' %
               len(native))
    same = sum(one in native for one in guest)
    # On a busy machine a step may pass unseen.
    test.check(len(guest) == 4 and same >= 2, 'ico: %d of %d pictures are '
               'native ones' % (same, len(guest)))


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        only = test.args.only or ''
        for package, argv, places in PICTURES:
            if only in ' '.join(argv):
                compare(test, [test.need(argv[0], package), *argv[1:]],
                        places)
        if only in 'xclock':
            clock(test)
        if only in 'ico':
            moving(test)


main()
