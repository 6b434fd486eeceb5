# SPDX-License-Identifier: MIT
"""What a single GL call costs: natively, over the doorbell, by system call.

glFlush may block and so crosses by system call in any mode; it has no target.
"""
from gwbench import Claim, Row, difference

WITHOUT_DOORBELL = {'glFlush'}


def times_cheaper(by_mode):
    """How many times less the doorbell adds to a call than the system call
    does."""
    native, doorbell = by_mode.get('native'), by_mode.get('gangway')
    syscall = by_mode.get('syscall')
    if None in (native, doorbell, syscall) or doorbell <= native:
        return None
    return (syscall - native) / (doorbell - native)


def claims(name):
    over = '%+.1f ns over native'
    if name in WITHOUT_DOORBELL:
        return [Claim(over, difference('gangway', 'native'))]
    return [Claim(over, difference('gangway', 'native'), at_most=25),
            Claim('syscall adds %.1f times that', times_cheaper, at_least=4)]


def measure(bench):
    repetitions = '3' if bench.quick else '50'
    program = bench.program('calls')

    def run(mode):
        result = bench.good(bench.execute(
            bench.command(mode, [program, repetitions])), mode)
        lines = [line.split() for line in result.out.splitlines()]
        return {name: float(ns) for name, ns in lines}

    found = bench.paired(run, ('native', 'gangway', 'syscall'))
    return [Row(name, 'ns', rounds, claims(name))
            for name, rounds in found.items()]
