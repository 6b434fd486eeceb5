#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""install-deps knows what is missing, and says so without installing.

Catches a list read wrongly (comments taken for packages, a package not
noticed as missing) and an unknown list or option that passes for success.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent


class InstallDeps(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "packages").mkdir()
        shutil.copy(SCRIPTS / "install-deps", self.folder)

    def run_with(self, text, *arguments):
        (self.folder / "packages/build.txt").write_text(text)
        return subprocess.run([self.folder / "install-deps", *arguments],
                              capture_output=True, text=True)

    def test_present_packages_need_nothing(self):
        result = self.run_with("# the base\n\ndpkg  # bash, too\ncoreutils\n")
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "", ""))

    def test_missing_package_is_named_with_the_command(self):
        result = self.run_with("dpkg\ngangway-no-such-package  # why\n",
                               "--only-check", "build")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr,
                         "apt-get install .* gangway-no-such-package\n$")

    def test_build_has_what_the_packs_need(self):
        (self.folder / "scripts").mkdir()
        for name in "install-deps", "packages":
            (self.folder / name).rename(self.folder / "scripts" / name)
        tables = self.folder / "thunkgen/packs"
        tables.mkdir(parents=True)
        (tables / "one.policy").write_text(
            "pack one\nneeds dpkg gangway-first \\\n    gangway-second  # why\n"
            "# needs gangway-comment\n")
        (tables / "two.policy").write_text("needs gangway-third\n")
        scripts = self.folder / "scripts"
        for name in "build", "play":
            (scripts / f"packages/{name}.txt").write_text("dpkg\n")
        build, play = (subprocess.run(
            [scripts / "install-deps", "--only-check", name], text=True,
            capture_output=True) for name in ("build", "play"))
        self.assertRegex(build.stderr, "recommends gangway-first "
                         "gangway-second gangway-third\n$")
        self.assertEqual(play.returncode, 0, play.stderr)

    def test_unknown_list_is_an_error(self):
        result = self.run_with("dpkg\n", "--only-check", "nonsense")
        self.assertEqual(result.returncode, 1)
        self.assertIn('no list "nonsense"', result.stderr)

    def test_unknown_option_is_an_error(self):
        result = self.run_with("dpkg\n", "--nonsense")
        self.assertEqual(result.returncode, 1)
        self.assertIn("unknown option --nonsense", result.stderr)

    def test_every_package_of_ours_has_a_reason(self):
        for path in sorted((SCRIPTS / "packages").glob("*.txt")):
            for line in path.read_text().splitlines():
                if line and not line.startswith("#"):
                    with self.subTest(file=path.name):
                        self.assertRegex(line, r"^[a-z0-9.+-]+ +# \S")


if __name__ == "__main__":
    unittest.main(verbosity=2)
