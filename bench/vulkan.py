# SPDX-License-Identifier: MIT
"""Recording Vulkan commands, a frame of 10,000 draws, and vkcube's frames."""
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


def cube(bench):
    program = bench.need('vkcube', 'vulkan-tools')
    frames = 300 if bench.quick else 5000

    def run(mode):
        result = bench.good(bench.execute(bench.command(
            mode, [program, '--suppress_popups', '--c', str(frames)])), mode)
        return {'frames': frames / result.seconds}

    return bench.paired(run, ('native', 'gangway'))['frames']


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
