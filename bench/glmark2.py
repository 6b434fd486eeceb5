# SPDX-License-Identifier: MIT
"""glmark2's score: the mean of the frames per second of its scenes.

Every scene with its default options, one second each, in a small window, so
that not only the software driver's filling of pixels counts.
"""
import re

import gwbench
from gwbench import Claim, Row, ratio

SCENES = ('build', 'texture', 'shading', 'bump', 'effect2d', 'pulsar',
          'desktop', 'buffer', 'ideas', 'jellyfish', 'terrain', 'shadow',
          'refract', 'conditionals', 'function', 'loop')
QUICK = 3       # scenes
SCORE = re.compile(r'glmark2 Score: (\d+)')


def measure(bench):
    glmark2 = bench.need('glmark2', 'glmark2-x11')
    scenes = SCENES[:QUICK] if bench.quick else SCENES
    argv = [glmark2, '-s', '320x240']
    for scene in scenes:
        argv += ['-b', scene + ':duration=1']

    def run(mode):
        result = bench.good(bench.execute(bench.command(mode, argv),
                                          timeout=300), mode)
        score = SCORE.search(result.out)
        if not score:
            raise gwbench.Failed('glmark2, %s: no score\n%s' %
                                 (mode, result.tail()))
        return {'score': float(score.group(1))}

    found = bench.paired(run, ('native', 'gangway'))
    return [Row('glmark2', 'score', found['score'],
                [Claim('%.2f of native', ratio('gangway', 'native'),
                       at_least=0.8)], form='%.0f')]
