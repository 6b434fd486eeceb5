#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""QEMU's generated code leaves no dirty upper halves of vector registers.

They cost a program five to eight times its speed on processors that mind, and
nothing on others; so what is looked at is the processor's own word for it, not
a time. Without the speed patches about 40% of what is looked at is dirty.

Usage: test_clean_upper.py GUEST  (clean-upper, compiled for x86_64)
"""

import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import test_filter

HERE = pathlib.Path(__file__).resolve().parent
SKIP = 77


def skip(reason):
    print(reason)
    sys.exit(SKIP)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    guest = os.path.abspath(sys.argv[1])
    if platform.machine() != "x86_64":
        skip("only x86_64 hosts have such registers")
    if subprocess.run([guest, "look"], check=False).returncode:
        skip("this processor does not tell dirty upper halves from clean ones")
    folder, include = test_filter.patched_qemu("x86_64")
    if not include:
        skip(f"{folder} is not a QEMU that we have patched")
    native = subprocess.run([guest], check=True, capture_output=True,
                            text=True).stdout
    with tempfile.TemporaryDirectory() as scratch:
        plugin = test_filter.compile_plugin(scratch, include,
                                            "clean-upper-plugin.c")
        log = pathlib.Path(scratch, "log")
        done = subprocess.run(
            [os.path.join(folder, "qemu-x86_64"), "-cpu", "max", "-d",
             "plugin", "-D", str(log), "-plugin", plugin, guest],
            check=True, capture_output=True, text=True, timeout=300)
        looked, dirty = map(int, re.search(r"looked (\d+) dirty (\d+)",
                                           log.read_text()).groups())
    print(f"looked {looked} times, dirty {dirty} times")
    if done.stdout != native:
        sys.exit(f"FAIL: natively {native!r}, emulated {done.stdout!r}")
    if looked < 100000:
        sys.exit("FAIL: the plugin was hardly ever called")
    if dirty and not os.environ.get("GANGWAY_PLAIN_QEMU"):
        sys.exit("FAIL: upper halves were dirty")


if __name__ == "__main__":
    main()
