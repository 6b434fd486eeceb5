# SPDX-License-Identifier: MIT
"""Frames per second of SuperTuxKart's fixed race, really drawn, and memory.

The race is that of the profile's unattended run (games/supertuxkart.conf).
The game's own "Average FPS" counts steps of its physics, so Mesa counts the
frames, with the same code in every mode: two samples a second, of which the
last eight seconds are race.
"""
import os
import tempfile

import gwbench
from gwbench import Claim, Row, ratio

SAMPLES = 16
LIMIT = 300     # seconds for a race
EMULATED_LIMIT = 900


def frames(folder):
    """Frames per second from what Mesa has written into a folder."""
    path = os.path.join(folder, 'fps')
    if not os.path.exists(path):
        raise gwbench.Skip('the driver is not Mesa\'s Gallium and counts no '
                           'frames (GALLIUM_HUD_DUMP_DIR)')
    with open(path) as lines:
        samples = [float(line.split()[-1]) for line in lines if line.strip()]
    if len(samples) < SAMPLES:
        raise gwbench.Failed('only %d samples: no race' % len(samples))
    return sum(samples[-SAMPLES:]) / SAMPLES


def measure(bench):
    bench.need('supertuxkart', 'supertuxkart')

    def run(mode):
        folder = tempfile.mkdtemp(dir=bench.scratch)
        hud = {'GALLIUM_HUD': 'fps', 'GALLIUM_HUD_VISIBLE': 'false',
               'GALLIUM_HUD_DUMP_DIR': folder}
        limit = EMULATED_LIMIT if mode == 'emulation' else LIMIT
        result = bench.good(bench.execute(
            bench.command(mode, ['supertuxkart'], ['--demo']),
            timeout=limit, env=hud), mode)
        return {'frames': frames(folder), 'memory': result.peak}

    modes = ['native', 'gangway', 'x11-thunk']
    if not bench.quick:
        modes.append('emulation')
    found = bench.paired(run, modes, once=('emulation',))
    return [Row('SuperTuxKart', 'frames/s', found['frames'],
                [Claim('%.2f of native', ratio('gangway', 'native'),
                       at_least=0.45),
                 Claim("%.2f with the host's X11",
                       ratio('x11-thunk', 'native')),
                 Claim('%.1f times plain QEMU',
                       ratio('gangway', 'emulation'), at_least=10)]),
            gwbench.memory_row('SuperTuxKart', found['memory'])]
