# SPDX-License-Identifier: MIT
"""The tests of parity pass what is the same and notice what is not.

Would catch: a test that cannot fail.  Each kind of test runs with launchers
that only pretend: one that runs the program natively (the test must pass),
and ones that run it with another driver, draw something on its pictures, end it
with another status, kill it or print a line more (the test must fail).
"""
import os
import sys

import pretend
from pretend import FAILS, KILLED, OTHER_STATUS, PASSES

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OTHER_DRIVER = 'GALLIUM_DRIVER=softpipe exec "$@"'
MARKED = 'GALLIUM_HUD=cpu exec "$@"'
TALKING = 'echo one line more >&2; exec "$@"'
CASES = [
    (['programs/inspect.py', '--package=mesa-utils', '--', 'glxinfo', '-B'], PASSES,
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
    (['guest/parity.py', '--frames', '@frames-gl33'], PASSES,
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
    # libglvnd answers for unknown names.
    (['guest/procaddr.py', '@procaddr'], FAILS, [OTHER_STATUS, KILLED]),
    (['pixels/replay.py', 'es2gears'], PASSES, [OTHER_DRIVER, OTHER_STATUS]),
    (['pixels/screen.py', 'glsl-bump', '--patience=5'], PASSES, [MARKED]),
    (['piglit/piglit.py', '--only=glx-query'], PASSES,
     [OTHER_DRIVER, OTHER_STATUS, KILLED, TALKING]),
]

sys.exit(pretend.main(__doc__, TESTS, CASES))
