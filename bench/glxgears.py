# SPDX-License-Identifier: MIT
"""Frames per second of glxgears, as it counts them itself, and its memory."""
import re
import time

import gwbench
import gwtest
from gwbench import Claim, Row, ratio

COUNTED = re.compile(r'= ([\d.]+) FPS')
LIMIT = 90      # seconds: emulated, it takes some to begin


def counts(process, wanted):
    """Its counts, one in five seconds, when there are so many or it ended."""
    end = time.monotonic() + LIMIT
    while True:
        found = COUNTED.findall(gwtest.said(process))
        if len(found) >= wanted or process.poll() is not None or \
                time.monotonic() > end:
            return found
        time.sleep(0.1)


def measure(bench):
    gears = bench.need('glxgears', 'mesa-utils')
    # The first five seconds also translate code and compile shaders.
    wanted = 1 if bench.quick else 2

    def run(mode):
        process = bench.start(bench.command(mode, [gears]))
        found = counts(process, wanted)
        process.terminate()
        result = bench.collect(process)
        if len(found) < wanted:
            raise gwbench.Failed('glxgears, %s: counted no frames in %d s\n%s'
                                 % (mode, LIMIT, result.tail()))
        return {'frames': float(found[-1]), 'memory': result.peak}

    found = bench.paired(run, ('native', 'gangway', 'x11-thunk', 'emulation'),
                         once=('emulation',))
    return [Row('glxgears', 'frames/s', found['frames'],
                [Claim('%.3f of native', ratio('gangway', 'native'),
                       at_least=0.95),
                 Claim("%.3f with the host's X11",
                       ratio('x11-thunk', 'native')),
                 Claim('%.1f times plain QEMU',
                       ratio('gangway', 'emulation'))]),
            gwbench.memory_row('glxgears', found['memory'])]
