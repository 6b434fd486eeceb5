# SPDX-License-Identifier: MIT
"""vkcube presents 300 frames in a window and ends; they equal the native ones.

A layer of the host's (capture.c) saves some of the frames as they are
presented, natively and under Gangway: equal to the byte.  Would catch: a
swapchain without a window, frames that are lost, a program that does not end,
a picture that is empty or another one.  Debian's vkcube uses xcb; --program
takes its place for Xlib.
"""
import os
import time

import gwtest
import layers

FRAMES = 300
SAVED = (1, 2, 77, 150, 299, 300)
COLOURS = 100


def arguments(parser):
    parser.add_argument('--layer', required=True,
                        help='library of the layer that saves frames')
    parser.add_argument('--program', type=os.path.abspath,
                        help='one that takes the same arguments')


def capture(test, name):
    """(environment, folder) for a run whose frames are saved."""
    folder = os.path.join(test.scratch, name)
    os.mkdir(folder)
    env = layers.environment(test, test.args.layer)
    # A newer one, of another host's, asks for Wayland and says if it cannot.
    return dict(env, CAPTURE_FOLDER=folder, XDG_RUNTIME_DIR=folder,
                CAPTURE_FRAMES=' '.join(map(str, SAVED))), folder


def colours_of(path):
    """How many different colours a PPM of the layer's has."""
    with open(path, 'rb') as stream:
        pixels = stream.read().split(b'\n', 3)[3]
    return len({pixels[i:i + 3] for i in range(0, len(pixels), 3)})


def compare_frames(test, native, guest):
    names = ['1-%d.ppm' % number for number in SAVED]
    test.check(sorted(os.listdir(native)) == sorted(names),
               'natively other frames were saved: %s' % os.listdir(native))
    pictures = set()
    for name in names:
        paths = [os.path.join(folder, name) for folder in (native, guest)]
        if test.compare_files(*paths, 'frame ' + name):
            colours = colours_of(paths[0])
            test.check(colours >= COLOURS, 'frame %s has %d colours' %
                       (name, colours))
            with open(paths[0], 'rb') as stream:
                pictures.add(stream.read())
    test.check(len(pictures) == len(SAVED), 'the cube does not turn: %d '
               'pictures in %d frames' % (len(pictures), len(SAVED)))


def check_frames(test, cube):
    argv = [cube, '--suppress_popups', '--c', str(FRAMES)]
    env, native_frames = capture(test, 'native')
    native = test.native(argv, env=env)
    test.check(native.status == 0, 'natively it ' + native.ending(),
               native.tail())
    env, guest_frames = capture(test, 'guest')
    guest = test.guest(argv, options=test.stats_options(), timeout=120,
                       env=env)
    test.compare(native, guest, os.path.basename(cube))
    compare_frames(test, native_frames, guest_frames)
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


def check_window(test, cube):
    """The window shows it, too, while a long run draws."""
    process = test.start(test.command([cube, '--suppress_popups', '--c',
                                       '1000000']))
    best, end = 0, time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None and \
            best < COLOURS:
        best = max(best, test.server.screenshot().colours())
        time.sleep(0.1)
    result = test.finish(process, 0)
    test.check(best >= COLOURS, 'the window has %d colours' % best,
               result.tail())


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        cube = test.args.program or test.need('vkcube', 'vulkan-tools')
        check_frames(test, cube)
        check_trace(test, cube)
        check_window(test, cube)


main()
