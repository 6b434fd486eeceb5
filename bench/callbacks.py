# SPDX-License-Identifier: MIT
"""What a callback costs: within a call that crossed by doorbell or by system
call, and on a thread of the host's own.

The library is the tests' (tests/far).  What the guest needs to call the empty
function itself is measured beside it ("itself") and taken off.
"""
import os

import gwtest
from gwbench import Claim, Row

LIMITS = {'doorbell': 60, 'host-thread': 5000}


def own(by_mode):
    """The callback's share under Gangway, in ns."""
    whole, itself = by_mode.get('gangway'), by_mode.get('itself')
    return None if whole is None or itself is None else whole - itself


def commands(bench):
    build = os.path.dirname(bench.programs)
    far = os.path.join(build, 'tests', 'far')
    gtl = os.path.join(build, 'gtl', 'test-' + os.uname().machine)
    program = bench.program('callbacks')
    qemu, *options = bench.plain_qemu([program])
    plugin = '%s/host/dlcall.so,htl_dir=%s' % (gwtest.libdir(), far)
    return {'native': [program],
            'gangway': [qemu, '-plugin', plugin, '-E',
                        'LD_LIBRARY_PATH=' + gtl, *options]}, far


def measure(bench):
    lines, far = commands(bench)
    env = {'native': {'LD_LIBRARY_PATH': far},
           'gangway': {'FAR_LIBRARY': far + '/libfar.so.1'}}
    repetitions = '3' if bench.quick else '50'

    def run(mode):
        result = bench.good(bench.execute(lines[mode] + [repetitions],
                                          env=env[mode]), mode)
        found = [line.split() for line in result.out.splitlines()]
        return {name: float(ns) for name, ns in found}

    found = bench.paired(run, ('native', 'gangway'))
    itself = found.pop('itself')
    rows = []
    for name, rounds in found.items():
        for number, by_mode in enumerate(rounds):
            by_mode['itself'] = itself[number].get('gangway')
        rows.append(Row('callback, ' + name, 'ns', rounds,
                        [Claim('%.0f ns beyond the function', own,
                               at_most=LIMITS.get(name))]))
    return rows
