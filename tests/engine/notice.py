# SPDX-License-Identifier: MIT
"""The engine's tests pass what is the same and notice what is not.

Would catch: a comparison that cannot fail.  Each test runs with launchers
that only pretend: one that runs the program natively (the test must pass),
and ones that change one hash, leave a line out, swap operands, print a line
more or end with another status (the test must fail).
"""
import os
import sys

import pretend
from pretend import FAILS, KILLED, OTHER_STATUS, PASSES

HERE = os.path.dirname(os.path.abspath(__file__))
ONE_HASH = '"$@" | sed "/ ru+daz vaddsd %xmm2, %xmm1, %xmm0$/s/^./x/;s/^x/0/"'
ONE_FLAG = '"$@" | sed "/ rn vaddsd %xmm2, %xmm1, %xmm0$/s/ [0-9a-f]/ g/' \
    ';s/ g/ 0/"'
LINE_LESS = '"$@" | sed "/ rz vaddsd %xmm0, %xmm1, %xmm0$/d"'
OTHER_OPERANDS = 'exec "$@" --seed=7'
TALKING = '"$@"; echo one line more'
# Holds the output open when the program has ended.
LINGERING = '"$@"; sleep 600 &'
FLOAT = ['float.py', '--only=vadd', '--random=5']
CASES = [
    ([*FLOAT, '@float-ops'], PASSES,
     [ONE_HASH, LINE_LESS, OTHER_OPERANDS, OTHER_STATUS, KILLED]),
    ([*FLOAT, '--flags', '@float-ops'], PASSES,
     [ONE_HASH, ONE_FLAG, LINE_LESS, OTHER_OPERANDS, OTHER_STATUS]),
    (['stress.py', '--', '@faults', 'crossing'], PASSES,
     [OTHER_STATUS, KILLED, TALKING]),
    (['stress.py', '--timeout=5', '--', '@faults', 'crossing'], PASSES,
     [LINGERING]),
    # What is known to differ must differ.
    (['stress.py', '--known', 'no such line', 'no reason', '--', '@faults',
      'save'], FAILS, []),
]

sys.exit(pretend.main(__doc__, HERE, CASES))
