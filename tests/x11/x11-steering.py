# SPDX-License-Identifier: MIT
"""Keys sent by xdotool steer SuperTuxKart's menus, to the end of the game.

Would catch: a game whose frames arrive and whose keys do not.  A fresh player
is asked some questions; Escape answers each, and in the first menu it leaves
the game.
"""
import time

import gwtest

GAME = ('--windowed --screensize=320x240 --anisotropic=0 '
        '--disable-texture-compression --disable-hd-textures '
        '--disable-dynamic-lights --shadows=0').split()
LIMIT = 300


def steer(test, process, xdotool):
    """Pictures that stay, with a key after each; how many keys."""
    pictures, keys = [], 0
    end = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < end:
        image = test.picture(process, gwtest.settled(100), 20)
        if process.poll() is None:
            pictures.append(image)
            test.run([xdotool, 'key', 'Escape'])
            keys += 1
            time.sleep(1)
    return pictures, keys


def main():
    with gwtest.Test(__doc__, screen=(320, 240)) as test:
        game = test.need('supertuxkart', 'supertuxkart')
        xdotool = test.need('xdotool', 'xdotool')
        process = test.start(test.command([game, *GAME]),
                             env=test.home('steering'))
        pictures, keys = steer(test, process, xdotool)
        result = test.finish(process, 0)
        test.check(result.status == 0, 'it ' + result.ending(),
                   result.tail(40))
        different = len({image.rgb for image in pictures})
        test.check(different > 1, '%d keys, %d different pictures' %
                   (keys, different))
        if pictures:
            test.keep(pictures[-1], 'steering')
        print('%d keys, %d pictures, %.1f s' % (keys, different,
                                                result.seconds))


main()
