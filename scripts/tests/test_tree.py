#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every file has its licence, and every shell script passes shellcheck.

Looks at the files that git tracks.
"""

import fnmatch
import pathlib
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIP = 77
SPDX = b"SPDX-License-Identifier: "
# The licence itself, and games' own files, whose formats know no comments.
WITHOUT = ("LICENSE", "games/*.home/*")


def tracked():
    output = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z"],
        check=True, capture_output=True).stdout
    paths = [ROOT / name.decode() for name in output.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def shell_scripts():
    for path in tracked():
        with path.open("rb") as file:
            first = file.readline()
        if first.startswith(b"#!") and first.rstrip().endswith(
                (b"/sh", b"/bash", b"env sh", b"env bash")):
            yield path


class Tree(unittest.TestCase):
    def test_licence_of_every_file(self):
        for path in tracked():
            name = str(path.relative_to(ROOT))
            if any(fnmatch.fnmatch(name, pattern) for pattern in WITHOUT):
                continue
            with self.subTest(file=name):
                self.assertIn(SPDX, path.read_bytes()[:1000])

    def test_shellcheck(self):
        scripts = list(shell_scripts())
        self.assertGreaterEqual(len(scripts), 2)
        result = subprocess.run(["shellcheck", *scripts], text=True,
                                capture_output=True)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    if not (ROOT / ".git").exists():
        print("not a git tree, so nothing says which files are ours")
        sys.exit(SKIP)
    if not shutil.which("shellcheck"):
        print("no shellcheck; scripts/install-deps check installs it")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
