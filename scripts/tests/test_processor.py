#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""scripts/processor names the processor on machines of any kind.

Catches an empty name where lscpu says "-" or nothing, and cores of several
kinds of which only one is named. What lscpu prints on others is played.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "processor"

X86 = """\
Vendor ID:                       GenuineIntel
  BIOS Vendor ID:                Intel
  Model name:                    Intel(R) Xeon(R) Processor
    BIOS Model name:             pc CPU @ 2.0GHz
    CPU family:                  6
    Model:                       143
"""
ARM = """\
Vendor ID:               ARM
  Model name:            Cortex-A55
    Model:               0
  Model name:            Cortex-A76
    Model:               0
"""
NAMELESS = """\
Vendor ID:               Apple
  Model name:            -
    Model:               0
"""


class Processor(unittest.TestCase):
    def name(self, lscpu):
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder) / "lscpu"
            fake.write_text(f"#!/bin/sh\ncat <<'END'\n{lscpu}END\n")
            fake.chmod(0o755)
            return subprocess.run(
                [SCRIPT], check=True, capture_output=True, text=True,
                env={**os.environ,
                     "PATH": f"{folder}:{os.environ['PATH']}"}).stdout

    def test_x86_has_numbers(self):
        self.assertRegex(self.name(X86),
                         r"^Intel\(R\) Xeon\(R\) Processor, family 6 model "
                         r"143, \d+ cores?\n$")

    def test_all_kinds_of_cores_are_named(self):
        self.assertRegex(self.name(ARM),
                         r"^Cortex-A55 \+ Cortex-A76, \d+ cores?\n$")

    def test_without_a_name(self):
        isa = os.uname().machine
        self.assertRegex(self.name(NAMELESS), fr"^Apple {isa}, \d+ cores?\n$")
        self.assertRegex(self.name(""), fr"^{isa}, \d+ cores?\n$")

    def test_here(self):
        result = subprocess.run([SCRIPT], check=True, capture_output=True,
                                text=True)
        self.assertRegex(result.stdout, r"^\w.*, \d+ cores?\n$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
