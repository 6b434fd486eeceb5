#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The bench engine's arithmetic, without running a program.

Would catch: a program whose result differs counting as measured, a slow CPU
model that stays plain QEMU's, a geometric mean of other modes or upside down,
and a rate with the game's start-up in it.
"""
import os
import sys
import types
import unittest

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import engine                                                   # noqa: E402
import gwbench                                                  # noqa: E402


class FakeRunner(engine.Runner):
    """Answers with Results of its own: by (mode, model, last argument)."""

    def __init__(self, answers, rounds=2):
        self.answers, self.asked = answers, []
        self.modes = ['native', 'plain', 'gangway']
        self.bench = gwbench.Bench(rounds, False, '')
        self.bench.paired = self.paired

    def paired(self, run, modes):
        found = {}
        for _ in range(self.bench.rounds):
            by_mode = {mode: run(mode) for mode in modes}
            for name in by_mode['native']:
                found.setdefault(name, []).append(
                    {mode: by_mode[mode][name] for mode in modes})
        return found

    def run(self, mode, argv, model=None):
        self.asked.append((mode, model))
        out, cpu = self.answers(mode, model, argv[-1])
        return types.SimpleNamespace(raw=out.encode(), out=out, cpu=cpu,
                                     tail=lambda: out)


def program():
    made = engine.Program('test', ['test'])
    made.models = (None, 'old')
    return made


class Programs(unittest.TestCase):
    def test_the_best_model_is_found_once_and_kept(self):
        runner = FakeRunner(lambda mode, model, _: (
            'x', {'native': 1, 'gangway': 2}.get(mode, 3 if model else 5)))
        rounds = engine.seconds(runner, program())
        self.assertEqual(rounds, [{'native': 1, 'plain': 3, 'gangway': 2}] * 2)
        self.assertEqual([asked for asked in runner.asked
                          if asked[0] == 'plain'],
                         [('plain', None), ('plain', 'old'),  # to choose
                          ('plain', 'old'), ('plain', 'old')])

    def test_the_best_of_several_runs_does_not_count(self):
        times = iter([1, 5, 3])
        runner = FakeRunner(lambda mode, model, _: (
            'x', next(times) if mode == 'plain' else 1), rounds=1)
        self.assertEqual(engine.seconds(runner, program())[0]['plain'], 3)

    def test_another_result_fails(self):
        runner = FakeRunner(lambda mode, model, _: (
            'wrong' if mode == 'gangway' else 'right', 1))
        with self.assertRaisesRegex(gwbench.Failed, 'test, Gangway: another'):
            engine.seconds(runner, program())

    def test_geometric_mean(self):
        rows = [gwbench.Row('a', 's', [{'plain': 8.0, 'gangway': 1.0}], []),
                gwbench.Row('b', 's', [{'plain': 2.0, 'gangway': 4.0}], [])]
        row = engine.geometric_mean(rows)
        self.assertAlmostEqual(row.rounds[0]['plain'], 4)
        self.assertAlmostEqual(row.rounds[0]['gangway'], 2)
        self.assertEqual(row.claims[0].evaluate(row.rounds),
                         ('2.00 times as fast as plain', 'at least 1.6',
                          'met'))


class Loops(unittest.TestCase):
    def answers(self, mode, model, _):
        a = {'native': 1, 'gangway': 2}.get(mode, 3 if model else 4)
        b = {'native': 1, 'gangway': 2}.get(mode, 6 if model else 5)
        text = 'a: %d 0x1p+0\n' % a
        # Without AVX there is one loop less.
        return text + ('' if model else 'b, wide: %d 0x1p+1\n' % b), 1

    def test_each_loop_has_its_best_model(self):
        loops = program()
        runner = FakeRunner(self.answers)
        engine.all_loops(runner, 'native', loops)
        for _ in range(2):
            self.assertEqual(engine.all_loops(runner, 'plain', loops),
                             {'a': 3, 'b, wide': 5})
        self.assertEqual(len(runner.asked), 1 + 2 + 2 + 2)

    def test_another_checksum_fails(self):
        loops = program()
        runner = FakeRunner(self.answers)
        engine.all_loops(runner, 'native', loops)
        loops.expected = dict(loops.expected, a='0x1p+3')
        with self.assertRaisesRegex(gwbench.Failed, 'loop a, Gangway'):
            engine.all_loops(runner, 'gangway', loops)

    def test_micro_loop_is_in_milliseconds(self):
        row = engine.loop_row('micro loop', [{'gangway': 10.0}])
        self.assertEqual(row.rounds, [{'gangway': 30.0}])
        self.assertEqual(row.claims[0].evaluate(row.rounds)[2], 'met')


class Logic(unittest.TestCase):
    def test_start_is_subtracted(self):
        def answers(mode, model, option):
            ticks, seconds = ((3, 5.0) if option == '--profile-time=0' else
                              (1003, 7.0))
            return 'profile: Number of frames: %d time 1' % ticks, seconds

        self.assertEqual(engine.tick_rate(FakeRunner(answers), 'native',
                                          program(), None), 500)


if __name__ == '__main__':
    unittest.main(verbosity=2)
