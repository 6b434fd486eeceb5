# SPDX-License-Identifier: MIT
"""SuperTuxKart drives its fixed race, twice in a row, to the end.

Would catch: what only a whole game shows: threads, sound, fonts, textures
and hundreds of thousands of calls, and a second run that finds something left
by the first.  A screenshot from the middle of the race stays for a human.
"""
import time

import gwtest

RACE = ('--windowed --screensize=320x240 --race-now --track=lighthouse '
        '--numkarts=4 --profile-time=10 --seed=1 --anisotropic=0 '
        '--disable-texture-compression --disable-hd-textures '
        '--disable-dynamic-lights --shadows=0').split()
RICH = 3000     # colours: a loading screen has some hundreds
LIMIT = 300     # seconds for one run


def watch(test, process):
    """Screenshots, one a second, while the program runs."""
    images = []
    end = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < end:
        time.sleep(1)
        images.append(test.server.screenshot())
    return images


def race(test, game, run):
    process = test.start(test.command([game, *RACE], test.stats_options()),
                         env=test.home('race'))
    images = watch(test, process)
    result = test.finish(process, 0)
    test.check(result.status == 0, 'run %d %s' % (run, result.ending()),
               result.tail(60))
    stats = test.stats()
    if test.check(stats, 'run %d: no --stats' % run):
        test.check(stats['frames'] > 100, 'run %d: %d frames' %
                   (run, stats['frames']), result.tail())
        for line in stats['missing']:
            test.fail('run %d: %s' % (run, line))
    rich = [image for image in images if image.colours() > RICH]
    if test.check(len(rich) > 2, 'run %d: no picture of a race, at most %d '
                  'colours' % (run, max([i.colours() for i in images] or
                                        [0]))):
        test.keep(rich[len(rich) // 2], 'supertuxkart-%d' % run)
    print('run %d: %.1f s, %s' % (run, result.seconds, stats))


def arguments(parser):
    parser.add_argument('--runs', type=int, default=2)


def main():
    with gwtest.Test(__doc__, screen=(320, 240),
                     arguments=arguments) as test:
        game = test.need('supertuxkart', 'supertuxkart')
        for run in range(1, test.args.runs + 1):
            race(test, game, run)


main()
