# SPDX-License-Identifier: MIT
"""How long programs take to start and to end again.

/bin/true is only started and loads nothing; first-frame also opens a window
and draws one frame.  Plain QEMU runs without launcher and plugin, and runs
the driver, too.
"""
from gwbench import Claim, Row, difference


def milliseconds(bench, argv):
    def run(mode):
        command = (bench.plain_qemu(argv) if mode == 'emulation' else
                   bench.command(mode, argv))
        result = bench.good(bench.execute(command), mode)
        return {'start': result.seconds * 1000}

    # So short that other programs on the machine show; many rounds are cheap.
    return bench.paired(run, ('native', 'emulation', 'gangway'),
                        rounds=1 if bench.quick else 4 * bench.rounds)['start']


def measure(bench):
    rows = []
    for title, program in (('/bin/true', '/bin/true'),
                           ('first frame', bench.program('first-frame'))):
        rows.append(Row(
            'start-up: ' + title, 'ms', milliseconds(bench, [program]),
            [Claim('%+.0f ms over plain QEMU',
                   difference('gangway', 'emulation'), at_most=150)]))
    return rows
