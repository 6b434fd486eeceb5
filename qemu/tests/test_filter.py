#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our patch gives QEMU 10.0 the system call filter that API 7 describes.

Catches a filter that is not asked, gets its arguments or userdata wrong, cuts
a result to 32 bits, keeps calls of others from QEMU, hides calls from strace
or the return callback, or is missing on threads other than the first.

Usage: test_filter.py GUEST  (filter-guest, compiled for this machine)
"""

import errno
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SKIP = 77
# 4096 is nobody's; getppid's number serves where strace has to know the call.
GETPPID = {"x86_64": 110, "aarch64": 173, "riscv64": 173}
ARGUMENTS = (1, 20, 300, 4000, 50000, 600000)
WEIGHTED = sum((i + 1) * a for i, a in enumerate(ARGUMENTS))


def patched_qemu(target):
    """(folder with QEMU, folder with its header or None)"""
    getter = HERE.parent / "get-qemu"
    folder = subprocess.run([str(getter), target], check=True,
                            stdout=subprocess.PIPE,
                            text=True).stdout.split()[-1]
    include = pathlib.Path(folder).parent / "include"
    return folder, include if (include / "qemu-plugin.h").exists() else None


def compile_plugin(folder, include, source="filter-plugin.c"):
    flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0"], check=True,
                           capture_output=True, text=True).stdout.split()
    plugin = os.path.join(folder, "plugin.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
                    f"-I{include}", *flags, "-o", plugin,
                    str(HERE / source)], check=True)
    return plugin


class Filter(unittest.TestCase):
    qemu = plugin = guest = None

    def run_guest(self, num, plugins=("",), times=1, threads=0, options=(),
                  arguments=ARGUMENTS):
        command = [self.qemu, *options]
        for plugin in plugins:
            command += ["-plugin", f"{self.plugin},{plugin}".rstrip(",")]
        command += [self.guest, *map(str, (num, times, threads, *arguments))]
        return subprocess.run(command, capture_output=True, text=True,
                              timeout=60, check=True)

    def test_result_reaches_the_guest(self):
        result = self.run_guest(4096)
        self.assertEqual(result.stdout, f"{WEIGHTED} 0\n")

    def test_result_has_64_bits(self):
        result = self.run_guest(4096, ["factor=1000000000"])
        self.assertEqual(result.stdout, f"{WEIGHTED * 10**9} 0\n")

    def test_negative_result_is_an_errno(self):
        result = self.run_guest(4096, ["factor=-1"], arguments=(5, 1, 0, 0,
                                                                0, 0))
        self.assertEqual(result.stdout, "-1 7\n")
        self.assertEqual(errno.E2BIG, 7)

    def test_other_calls_are_left_to_qemu(self):
        result = self.run_guest(4097)
        self.assertEqual(result.stdout, f"-1 {errno.ENOSYS}\n")

    def test_a_known_call_is_filtered_before_qemu_makes_it(self):
        number = GETPPID[platform.machine()]
        result = self.run_guest(number, [f"num={number}"])
        self.assertEqual(result.stdout, f"{WEIGHTED} 0\n")

    def test_strace_shows_filtered_calls(self):
        number = GETPPID[platform.machine()]
        result = self.run_guest(number, [f"num={number}"],
                                options=["-strace"])
        self.assertRegex(result.stderr,
                         rf"getppid\(.*\) = {WEIGHTED}\b")

    def test_return_callback_sees_filtered_calls(self):
        result = self.run_guest(4096)
        self.assertIn(f"returned {WEIGHTED}\n", result.stderr)

    def test_filter_can_remove_itself(self):
        result = self.run_guest(4096, ["once=on"], times=3)
        self.assertEqual(result.stdout,
                         f"{WEIGHTED} 0\n-1 {errno.ENOSYS}\n")

    def test_every_thread_is_filtered_every_time(self):
        result = self.run_guest(4096, times=20000, threads=8)
        self.assertEqual(result.stdout, f"{WEIGHTED} 0\n" * 8)
        self.assertEqual(len(re.findall(r"^returned", result.stderr, re.M)),
                         160000)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, include = patched_qemu(platform.machine())
    if not include:
        print(f"{folder} is not a QEMU that we have patched")
        sys.exit(SKIP)
    Filter.qemu = os.path.join(folder, f"qemu-{platform.machine()}")
    Filter.guest = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as scratch:
        Filter.plugin = compile_plugin(scratch, include)
        unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
