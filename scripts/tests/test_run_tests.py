#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""run-tests counts what meson ran and fails when it should.

Catches a CI that is green with a failed, crashed or timed-out test, or with
no test at all, and a summary that is not the last line or miscounts.  Runs it
on real meson projects made for the purpose.
"""

import pathlib
import subprocess
import tempfile
import unittest

RUN_TESTS = pathlib.Path(__file__).resolve().parent.parent / "run-tests"
SCRIPTS = {"good": "exit 0", "bad": "exit 1", "crash": "kill -SEGV $$",
           "slow": "sleep 30", "skip": "echo no sound card here; exit 77"}


class Counting(unittest.TestCase):
    def run_project(self, *tests):
        """Run a project with the tests named; return (status, lines)."""
        with tempfile.TemporaryDirectory() as folder:
            project = ["project('t', meson_version: '>= 1.0.0')"]
            for number, test in enumerate(tests):
                project.append(
                    f"test('{test}{number}', find_program('/bin/sh'), timeout:"
                    f" 2, args: ['-c', '{SCRIPTS[test]}'])")
            path = pathlib.Path(folder)
            (path / "meson.build").write_text("\n".join(project) + "\n")
            build = path / "build"
            subprocess.run(["/usr/bin/meson", "setup", build, path],
                           check=True, capture_output=True)
            result = subprocess.run([RUN_TESTS, build], text=True,
                                    capture_output=True, timeout=60)
            return result.returncode, result.stdout.splitlines()

    def check(self, tests, status, summary):
        returned, lines = self.run_project(*tests)
        self.assertEqual(lines[-1], summary)
        self.assertEqual(returned, status)
        return lines

    def test_all_good(self):
        self.check(["good", "good"], 0, "2 passed, 0 failed, 0 skipped")

    def test_one_bad(self):
        lines = self.check(["good", "bad"], 1, "1 passed, 1 failed, 0 skipped")
        self.assertIn("FAILED: bad1 (fail)", lines)

    def test_crash_and_timeout_are_failures(self):
        self.check(["good", "crash", "slow"], 1,
                   "1 passed, 2 failed, 0 skipped")

    def test_skip_is_counted_with_its_reason(self):
        lines = self.check(["good", "skip"], 0,
                           "1 passed, 0 failed, 1 skipped")
        self.assertIn("skipped: skip1: no sound card here", lines)

    def test_only_skips_is_a_failure(self):
        self.check(["skip"], 1, "0 passed, 0 failed, 1 skipped")

    def test_nothing_is_a_failure(self):
        self.check([], 1, "0 passed, 0 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main(verbosity=2)
