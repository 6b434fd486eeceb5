# SPDX-License-Identifier: MIT
"""Recording Vulkan commands, a frame of 10,000 draws, and vkcube's frames.

vkcube does not wait for the screen (present mode 0: with FIFO, natively, it
and its presenting thread take turns on one connection to the X server, and
which of them is first makes frames twice as fast or not).  Its rate is what
Mesa's overlay layer says of each tenth of a second, without its picture: the
median is not that of a start.
"""
import os
import statistics

from gwbench import Claim, Row, difference, ratio


def record(bench):
    program = bench.program('vulkan-record')
    repetitions = '3' if bench.quick else '50'

    def run(mode):
        result = bench.good(bench.execute(
            bench.command(mode, [program, repetitions])), mode)
        lines = [line.split() for line in result.out.splitlines()
                 if not line.startswith('messages:')]
        return {name: float(value) for name, value in lines}

    return bench.paired(run, ('native', 'gangway', 'syscall'))


def rates(path):
    """Frames per second in each period, from the overlay's file; the first
    ones are those of the start."""
    with open(path) as lines:
        column = next(lines).split(', ').index('fps')
        return [float(line.split(', ')[column]) for line in lines][1:]


def cube(bench):
    program = bench.need('vkcube', 'vulkan-tools')
    frames = 1000 if bench.quick else 4000
    path = os.path.join(bench.scratch, 'overlay')
    env = {'VK_INSTANCE_LAYERS': 'VK_LAYER_MESA_overlay',
           'VK_LAYER_MESA_OVERLAY_CONFIG':
               'fps_sampling_period=100,no_display,output_file=' + path}

    def run(mode):
        if os.path.exists(path):
            os.unlink(path)
        bench.good(bench.execute(bench.command(
            mode, [program, '--suppress_popups', '--present_mode', '0', '--c',
                   str(frames)]), env=env), mode)
        return {'frames': statistics.median(rates(path))}

    # Runs are short and noisy, so there are more of them.
    return bench.paired(run, ('native', 'gangway'),
                        rounds=bench.rounds * (1 if bench.quick else 4)
                        )['frames']


def measure(bench):
    found = record(bench)
    share = '%.3f of native'
    frames = Row('10,000 draws', 'recordings/s', found.pop('frames'),
                 [Claim(share, ratio('gangway', 'native'), at_least=0.5)])
    commands = [Row(name, 'ns', rounds,
                    [Claim('%+.1f ns over native',
                           difference('gangway', 'native'), at_most=25)])
                for name, rounds in found.items()]
    return [*commands, frames,
            Row('vkcube', 'frames/s', cube(bench),
                [Claim(share, ratio('gangway', 'native'), at_least=0.95)])]
