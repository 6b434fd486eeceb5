# SPDX-License-Identifier: MIT
"""X11 requests a second by xcb: natively, with the host's libxcb and with the
guest's own one.

There is no target; which of the two ways is better is decided by this.
"""
import os

import gwtest
from gwbench import Claim, Row, ratio


def modes():
    """The host's is there if the build has the pack."""
    pack = os.path.join(gwtest.libdir(), 'host', 'htl-x11.so')
    return ('native', 'x11-guest') + (
        ('x11-thunk',) if os.path.exists(pack) else ())


def measure(bench):
    milliseconds = '100' if bench.quick else '1500'
    program = bench.program('xcb')

    def run(mode):
        result = bench.good(bench.execute(
            bench.command(mode, [program, milliseconds])), mode)
        lines = [line.split() for line in result.out.splitlines()]
        return {name: float(rate) / 1000 for name, rate in lines}

    found = bench.paired(run, modes())
    return [Row('xcb ' + name, '1000/s', rounds,
                [Claim("%.2f of native with the host's",
                       ratio('x11-thunk', 'native')),
                 Claim("%.2f with the guest's", ratio('x11-guest', 'native'))])
            for name, rounds in found.items()]
