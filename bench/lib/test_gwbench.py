#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The benches' arithmetic: pairs, medians, targets, and the table.

Would catch: a ratio upside down, a target that counts as met when it is not,
rounds compared with other rounds, and a mode that was not measured counting
as zero.
"""
import os
import time
import types
import unittest

import gwbench
from gwbench import Claim, Row, difference, ratio

# The machine was slower in the second round; the ratio stays.
ROUNDS = [{'native': 100.0, 'gangway': 90.0, 'emulation': 5.0},
          {'native': 50.0, 'gangway': 45.0},
          {'native': 100.0, 'gangway': 80.0}]


class Claims(unittest.TestCase):
    def verdict(self, **target):
        claim = Claim('%.2f of native', ratio('gangway', 'native'), **target)
        return claim.evaluate(ROUNDS)

    def test_median_of_paired_ratios(self):
        text, target, verdict = self.verdict(at_least=0.85)
        self.assertEqual(text, '0.90 of native (0.80 to 0.90)')
        self.assertEqual((target, verdict), ('at least 0.85', 'met'))

    def test_missed_targets(self):
        self.assertEqual(self.verdict(at_least=0.91)[2], 'NOT MET')
        self.assertEqual(self.verdict(at_most=0.89)[2], 'NOT MET')
        self.assertEqual(self.verdict(at_most=0.90)[2], 'met')

    def test_no_target(self):
        self.assertEqual(self.verdict()[1:], ('', ''))

    def test_mode_that_ran_once(self):
        claim = Claim('%.0f times', ratio('gangway', 'emulation'), at_least=10)
        self.assertEqual(claim.evaluate(ROUNDS),
                         ('18 times', 'at least 10', 'met'))

    def test_mode_that_did_not_run(self):
        claim = Claim('%+.1f ns', difference('syscall', 'native'), at_most=1)
        self.assertEqual(claim.evaluate(ROUNDS),
                         ('not measured', 'at most 1', ''))


class Runs(unittest.TestCase):
    def test_paired_runs_alternate(self):
        bench = gwbench.Bench(rounds=2, quick=False, programs='')
        bench.progress = lambda number, mode, values: None
        bench.server = types.SimpleNamespace(process=types.SimpleNamespace(
            pid=os.getpid()))
        order = []

        def run(mode):
            order.append(mode)
            return {'count': len(order)}

        found = bench.paired(run, ('native', 'gangway', 'emulation'),
                             once=('emulation',))
        self.assertEqual(order, ['native', 'gangway', 'emulation',
                                 'native', 'gangway'])
        self.assertEqual(found, {'count': [
            {'native': 1, 'gangway': 2, 'emulation': 3},
            {'native': 4, 'gangway': 5}]})


class OwnWork(unittest.TestCase):
    def test_own_work_is_not_others(self):
        before = gwbench.Clock(os.getppid())
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        after = gwbench.Clock(os.getppid())
        self.assertGreater(after.own - before.own, 0.25)
        self.assertGreater(after.all - before.all, 0.2)
        after.own = before.own  # as if another program had done it
        share = 0.3 / (after.wall - before.wall) / os.cpu_count()
        self.assertGreater(after.others_since(before), share / 2)


class Table(unittest.TestCase):
    def test_lines(self):
        row = Row('speed', 'frames/s', ROUNDS,
                  [Claim('%.2f', ratio('gangway', 'native'), at_least=2)])
        lines = [[cell.strip() for cell in line.strip('|').split('|')]
                 for line in gwbench.table([row]).splitlines()]
        self.assertEqual(lines[0], ['', 'unit', 'native', 'Gangway',
                                    'plain QEMU', 'compared', 'target', ''])
        self.assertEqual(lines[2], ['speed', 'frames/s', '100.0', '80.0',
                                    '5.0', '0.90 (0.80 to 0.90)',
                                    'at least 2', 'NOT MET'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
