#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""get-qemu takes the right QEMU, refuses the others and says what to do.

Catches a QEMU on PATH that is preferred to ours, an override that is
ignored, a mirror address read wrongly from apt's two formats, and errors that
do not name a remedy.  The QEMU that works is the one that get-qemu itself has
found; the others are programs that cannot load plugins, or say that they can.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GETTER = HERE.parent / "get-qemu"
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True

import build  # noqa: E402
import archive  # noqa: E402 (build knows its folder)
import debian  # noqa: E402
from common import Failure  # noqa: E402


def get_qemu(*arguments, **environment):
    env = {k: v for k, v in os.environ.items() if k != "GANGWAY_QEMU_DIR"}
    env.update(environment)
    return subprocess.run([str(GETTER), *arguments], capture_output=True,
                          text=True, env=env, timeout=1200)


class Choice(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def useless_qemu(self):
        """A folder whose QEMUs run, but are no QEMUs."""
        for target in ("x86_64", "aarch64"):
            shutil.copy("/bin/true", self.scratch / f"qemu-{target}")
        return str(self.scratch)

    def test_last_line_is_a_folder_with_the_binaries(self):
        result = get_qemu()
        self.assertEqual(result.returncode, 0, result.stderr)
        folder = result.stdout.splitlines()[-1]
        for target in ("x86_64", "aarch64"):
            version = subprocess.run(
                [os.path.join(folder, f"qemu-{target}"), "--version"],
                capture_output=True, text=True, check=True)
            self.assertIn(f"qemu-{target} version", version.stdout)
        self.assertIn(f"using QEMU in {folder}", result.stderr)
        self.assertRegex(result.stdout, r"^api=(4|6|7)\n/.*\n$")

    def test_override_is_taken(self):
        folder = get_qemu().stdout.split()[-1]
        for name in os.listdir(folder):
            os.symlink(os.path.join(folder, name), self.scratch / name)
        result = get_qemu(GANGWAY_QEMU_DIR=str(self.scratch))
        self.assertEqual(result.stdout.split()[-1], str(self.scratch))
        self.assertIn("GANGWAY_QEMU_DIR names it", result.stderr)

    def test_override_without_plugins_is_refused(self):
        result = get_qemu(GANGWAY_QEMU_DIR=self.useless_qemu())
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot load plugins", result.stderr)
        self.assertIn("unset it", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_override_that_is_empty_is_refused(self):
        result = get_qemu(GANGWAY_QEMU_DIR=str(self.scratch))
        self.assertEqual(result.returncode, 1)
        self.assertIn("qemu-x86_64 does not exist", result.stderr)

    def qemu_that_says(self, answer):
        """A folder whose QEMUs answer the probe so, whatever it asks for."""
        for target in ("x86_64", "aarch64"):
            binary = self.scratch / f"qemu-{target}"
            binary.write_text(f"#!/bin/sh\necho '{answer}'\n")
            binary.chmod(0o755)
        return str(self.scratch)

    def test_a_qemu_on_path_is_not_preferred(self):
        """Would catch the slower one taken by who has both."""
        other = self.qemu_that_says("api=7 filter=1")
        result = get_qemu(PATH=f"{other}:{os.environ['PATH']}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotEqual(result.stdout.split()[-1], other)

    def without_ours(self, other):
        """get-qemu's complaint where ours cannot be had."""
        cache = self.scratch / "cache"
        folder = cache / f"gangway/qemu-10.0.1-{build.key()}/bin"
        folder.mkdir(parents=True)
        for target in ("x86_64", "aarch64"):
            shutil.copy("/bin/true", folder / f"qemu-{target}")
        result = get_qemu(XDG_CACHE_HOME=str(cache),
                          PATH=f"{other}:{os.environ['PATH']}")
        self.assertEqual(result.returncode, 1)
        self.assertIn("the cache is damaged", result.stderr)
        return result.stderr

    def test_a_qemu_on_path_is_named_where_ours_cannot_be_had(self):
        other = self.qemu_that_says("api=6 filter=1")
        self.assertIn(f"GANGWAY_QEMU_DIR={other}", self.without_ours(other))

    def test_useless_qemus_on_path_are_not_named(self):
        """An API below 6 may have a filter of another signature."""
        for answer in ("api=4 filter=1", "api=6 filter=0", "no plugins"):
            with self.subTest(answer):
                other = self.qemu_that_says(answer)
                self.assertNotIn("GANGWAY_QEMU_DIR",
                                 self.without_ours(other))
                shutil.rmtree(self.scratch / "cache")

    def test_unknown_target_is_an_error(self):
        result = get_qemu("vax")
        self.assertEqual(result.returncode, 2)
        self.assertIn("known are x86_64", result.stderr)

    def test_damaged_cache_names_the_remedy(self):
        folder = self.scratch / f"gangway/qemu-10.0.1-{build.key()}/bin"
        folder.mkdir(parents=True)
        shutil.copy("/bin/true", folder / "qemu-x86_64")
        result = get_qemu("x86_64", XDG_CACHE_HOME=str(self.scratch))
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"delete {folder.parent} and", result.stderr)

    def test_newest_version_in_the_cache_wins(self):
        for version in ("10.0.9", "10.0.13", "10.0.2"):
            folder = self.scratch / f"qemu-{version}-{build.key()}" / "bin"
            folder.mkdir(parents=True)
            shutil.copy("/bin/true", folder / "qemu-x86_64")
        self.assertEqual(build.cached(self.scratch, ["x86_64"]).parent.name,
                         f"qemu-10.0.13-{build.key()}")
        self.assertIsNone(build.cached(self.scratch, ["riscv64"]))

    def test_plain_has_a_place_of_its_own_in_the_cache(self):
        """Would catch --plain giving the other QEMU, or what others built."""
        key = self.with_patches("speed/01-fast.patch")
        cache = self.scratch / "cache"
        for plain in (False, True):
            folder = cache / f"qemu-10.0.1-{key(plain)}" / "bin"
            folder.mkdir(parents=True)
            shutil.copy("/bin/true", folder / "qemu-x86_64")
            self.assertEqual(build.cached(cache, ["x86_64"], plain), folder)

    def test_another_host_has_a_place_of_its_own_in_the_cache(self):
        """Would catch a QEMU of another machine's taken for this one's."""
        class Cross:
            host = "riscv64"

        names = {None: build.key(), Cross: build.key(cross=Cross)}
        for cross, name in names.items():
            folder = self.scratch / f"qemu-10.0.1-{name}" / "bin"
            folder.mkdir(parents=True)
            shutil.copy("/bin/true", folder / "qemu-x86_64")
            self.assertEqual(build.cached(self.scratch, ["x86_64"],
                                          cross=cross), folder)

    def test_another_host_needs_its_sysroot(self):
        result = get_qemu("--host", "riscv64", "x86_64")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--host needs --host-sysroot", result.stderr)

    def test_plain_ignores_the_environment(self):
        folder = self.scratch / f"gangway/qemu-10.0.1-{build.key(True)}/bin"
        folder.mkdir(parents=True)
        shutil.copy("/bin/true", folder / "qemu-x86_64")
        result = get_qemu("--plain", "x86_64", GANGWAY_QEMU_DIR="/nowhere",
                          XDG_CACHE_HOME=str(self.scratch))
        # It got as far as looking at what the cache has.
        self.assertIn(f"the cache is damaged: {folder}", result.stderr)

    def with_patches(self, *speed):
        """Let build see other patches; returns build.key."""
        patches = self.scratch / "patches"
        for name in ("10.0-b.patch", "10.0-a.patch", *speed):
            (patches / name).parent.mkdir(parents=True, exist_ok=True)
            (patches / name).write_text(name)
        self.addCleanup(setattr, build, "PATCHES", build.PATCHES)
        build.PATCHES = patches
        return build.key

    def test_patches_apply_in_order(self):
        self.with_patches("speed/02-y.patch", "speed/01-z.patch")
        needed = ["10.0-a.patch", "10.0-b.patch"]
        self.assertEqual([p.name for p in build.patches(True)], needed)
        self.assertEqual([p.name for p in build.patches(False)],
                         needed + ["01-z.patch", "02-y.patch"])

    def test_without_speed_patches_the_two_are_one(self):
        key = self.with_patches()
        self.assertEqual(key(False), key(True))


class Mirrors(unittest.TestCase):
    """Asks the real apt-get, with sources of our own."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.addCleanup(os.environ.pop, "APT_CONFIG", None)

    def use(self, name, text):
        parts = self.scratch / "parts"
        parts.mkdir()
        (parts / name).write_text(text)
        (self.scratch / "lists/partial").mkdir(parents=True)
        config = self.scratch / "apt.conf"
        config.write_text(f'Dir::Etc::SourceList "/dev/null";\n'
                          f'Dir::Etc::SourceParts "{parts}";\n'
                          f'Dir::State::Lists "{self.scratch}/lists";\n')
        os.environ["APT_CONFIG"] = str(config)

    def apt(self):
        return archive.Apt(self.scratch / "apt")

    def test_one_line_format(self):
        self.use("x.list", "deb [arch=amd64] https://a.example/debian stable "
                           "main contrib\n"
                           "deb http://b.example/other vendor main\n")
        self.assertEqual(archive.mirrors(debian.SUITE),
                         ["https://a.example/debian"])

    def test_deb822_format(self):
        self.use("x.sources", "Types: deb deb-src\n"
                              "URIs: http://a.example/d/ http://b.example/d\n"
                              f"Suites: {debian.SUITE} stable-updates\n"
                              "Components: main\n")
        self.assertCountEqual(archive.mirrors(debian.SUITE),
                              ["http://a.example/d", "http://b.example/d"])

    def test_no_debian_names_the_remedy(self):
        self.use("x.list", "deb http://b.example/other vendor main\n")
        with self.assertRaisesRegex(Failure, "GANGWAY_QEMU_DIR"):
            debian.connect(self.apt())

    def test_unreachable_mirror_names_it_and_the_remedy(self):
        self.use("x.list", "deb file:/nowhere/debian stable main\n")
        with self.assertRaisesRegex(Failure, "file:/nowhere/debian.*\n.*"
                                    "GANGWAY_QEMU_DIR"):
            debian.connect(self.apt())


if __name__ == "__main__":
    unittest.main(verbosity=2)
