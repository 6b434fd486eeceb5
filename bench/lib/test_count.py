#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""plugin/count.c counts: the same loop, twice and three times as long.

Would catch a plugin that misses blocks or counts what depends on time, and one
that leaves out more than the instructions of whoever waits.
"""
import os
import re
import subprocess
import sys

import gwtest

LOOPS = 100000


def counted(command, way, number):
    done = subprocess.run([*command, way, str(number)], capture_output=True,
                          text=True, timeout=100, check=True)
    found = re.search(r'^instructions: (\d+), waiting: (\d+)$', done.stderr,
                      re.M)
    return int(found[1]), int(found[2])


def main():
    program, plugin = sys.argv[1:]
    qemu = gwtest.qemu(os.uname().machine)
    if not os.access(qemu, os.X_OK):
        print(f'skipped: no {qemu}; make builds it')
        return gwtest.SKIP
    command = [qemu, '-plugin', plugin, program]
    counts = [counted(command, 'itself', LOOPS * i) for i in (1, 2, 3)]
    one, two = (b[0] - a[0] for a, b in zip(counts, counts[1:]))
    print(f'{one} and {two} instructions for {LOOPS} more rounds')
    # A call through a pointer and a loop: some, not hundreds.
    passed = 4 * LOOPS < one < 40 * LOOPS and abs(one - two) < LOOPS / 100 \
        and counts[0][1] == 0
    return 0 if passed else 1


if __name__ == '__main__':
    sys.exit(main())
