# SPDX-License-Identifier: MIT
"""How long programs take to start and to end again.

/bin/true is only started and loads nothing; first-frame also opens a window
and draws one frame.  Plain QEMU runs without launcher and plugin, and runs
the driver, too.
"""
from gwbench import Claim, Row, difference


def milliseconds(bench, argv, rounds, *modes):
    def run(mode):
        command = (bench.plain_qemu(argv) if mode == 'emulation' else
                   bench.command(mode, argv))
        result = bench.good(bench.execute(command), mode)
        return {'start': result.seconds * 1000}

    return bench.paired(run, ('native', 'emulation', 'gangway', *modes),
                        rounds)['start']


def row(what, rounds, *claims):
    return Row('start-up: ' + what, 'ms', rounds,
               [Claim('%+.0f ms over plain QEMU',
                      difference('gangway', 'emulation'), at_most=150), *claims])


def measure(bench):
    # So short that other programs on the machine show; rounds are cheap.
    many = bench.rounds if bench.quick else 4 * bench.rounds
    first_frame = bench.program('first-frame')
    return [row('/bin/true', milliseconds(bench, ['/bin/true'], many)),
            row('first frame', milliseconds(bench, [first_frame],
                                            bench.rounds, 'x11-thunk'),
                Claim("%+.0f ms with the host's X11",
                      difference('x11-thunk', 'emulation')))]
