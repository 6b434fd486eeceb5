#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The parts of `gangway get`, each by itself: what apt says, roots, links,
alternatives, what is deleted.

Would catch: a link that leads out of the root, /lib and /usr/lib taken apart, a
package deleted that a program needs, an error of apt's under a wrong name.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "qemu")]
import store  # noqa: E402
import tree  # noqa: E402
from archive import Apt, AptFailure, Deb  # noqa: E402
from common import Failure  # noqa: E402


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tmp = pathlib.Path(folder.name)

    def file(self, path, text=""):
        place = self.tmp / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place


class Packages(Case):
    def test_names(self):
        deb = Deb("http://x/y.deb", "libx11-data_2%3a1.8.4-2_all.deb", "12",
                  "SHA256:0")
        self.assertEqual((deb.package, deb.version, deb.arch, deb.asked),
                         ("libx11-data", "2:1.8.4-2", "all",
                          "libx11-data=2:1.8.4-2"))

    def test_intact(self):
        path = self.file("a_1_all.deb", "abc")
        good = ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
                "15ad")
        for size, digest, intact in (("3", good, True), ("4", good, False),
                                     ("3", good[::-1], False)):
            deb = Deb("x", path.name, size, f"SHA256:{digest}")
            self.assertEqual(deb.is_intact(path), intact)
        self.assertFalse(Deb("x", "b_1_all.deb", "3", "SHA256:"
                             + good).is_intact(self.tmp / "b"))

    def test_what_is_installed_needs_nothing(self):
        apt = Apt(self.tmp / "apt", "arm64")
        apt.set_status(["Package: a\nVersion: 1\nDepends: b\nProvides: c\n"
                        "Description: x\n more\n"])
        self.assertEqual((self.tmp / "apt/status").read_text(),
                         "Package: a\nVersion: 1\nProvides: c\n"
                         "Status: install ok installed\n")


class AptErrors(Case):
    def test_causes(self):
        for text, word in (
                ("E: The repository 'x' is not signed.", "signature"),
                ("W: GPG error: x: NO_PUBKEY 12", "signature"),
                ("E: Write error - write (28: No space left on device)",
                 "disk is full"),
                ("Err:1 http://x\n  y\nE: Failed to fetch http://x  Could not "
                 "resolve 'x'", "cannot be reached"),
                ("E: Failed to fetch http://x  Hash Sum mismatch",
                 "signed list"),
                ("E: Failed to fetch http://x  404  Not Found", "any more"),
                ("E: something else", "apt-get failed")):
            self.assertIn(word, str(AptFailure("apt-get", text)))

    def test_names(self):
        def unknown(text):
            return AptFailure("apt-get", text).unknown()

        self.assertEqual(unknown("E: Unable to locate package fun"), "fun")
        self.assertEqual(unknown("E: Package 'fun' has no installation "
                                 "candidate"), "fun")
        self.assertIsNone(unknown("E: something else"))
        unmet = AptFailure("apt-get", "x:\n fun : Depends: lib (>= 2) but it "
                           "is not installable\nE: y").unmet()
        self.assertEqual(unmet, "fun needs lib (>= 2) but it is not "
                                "installable")


class Roots(Case):
    def compose(self, *names):
        root = self.tmp / "root"
        tree.compose(root, [self.tmp / name for name in names])
        return root

    def test_lib_and_usr_lib_are_one(self):
        for name, path in (("a", "lib/x/one"), ("b", "usr/lib/x/two")):
            tree.make_root(self.tmp / name)
            self.file(f"{name}/{path}", name)
        root = self.compose("a", "b")
        self.assertEqual(sorted(os.listdir(root / "lib/x")), ["one", "two"])
        self.assertTrue((root / "lib").is_symlink())

    def test_absolute_links_stay_inside(self):
        self.file("a/usr/share/real/file", "inside")
        os.symlink("/usr/share/real", self.tmp / "a/usr/share/link")
        self.file("b/usr/share/link/more", "more")
        root = self.compose("a", "b")
        self.assertEqual(os.readlink(root / "usr/share/link"), "real")
        self.assertEqual((root / "usr/share/real/more").read_text(), "more")

    def test_the_links_of_an_unpacked_root(self):
        self.file("root/usr/share/file", "inside")
        os.symlink("/usr/share/file", self.tmp / "root/link")
        os.symlink("usr/share/file", self.tmp / "root/other")
        tree.contain_links(self.tmp / "root")
        self.assertEqual(os.readlink(self.tmp / "root/link"),
                         "usr/share/file")
        self.assertEqual((self.tmp / "root/other").read_text(), "inside")

    def test_the_first_of_two_equal_names(self):
        self.file("a/usr/file", "a")
        self.file("b/usr/file", "b")
        root = self.compose("a", "b")
        self.assertEqual((root / "usr/file").read_text(), "a")
        # One file on the disk.
        self.assertTrue(os.path.samefile(root / "usr/file",
                                         self.tmp / "a/usr/file"))

    def test_tidy(self):
        program = self.file("a/program", "12345")
        program.chmod(0o4755)
        (self.tmp / "a/locked").mkdir(mode=0o500)
        self.assertEqual(tree.tidy(self.tmp / "a"), 5)
        self.assertEqual(program.stat().st_mode & 0o7777, 0o755)
        self.assertEqual((self.tmp / "a/locked").stat().st_mode & 0o777,
                         0o700)


class Alternatives(Case):
    def found(self, script):
        control = self.file("p/DEBIAN/control", "Package: p\nVersion: 1\n"
                            "Architecture: all\nMaintainer: x <x@y.z>\n"
                            "Description: x\n")
        postinst = self.file("p/DEBIAN/postinst", "#!/bin/sh\n" + script)
        postinst.chmod(0o755)
        deb = self.tmp / "p.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b",
                        control.parent.parent, deb], check=True,
                       stdout=subprocess.DEVNULL)
        return tree.alternatives(deb)

    def test_what_scripts_say(self):
        self.assertEqual(self.found(
            "if x; then\n  update-alternatives --install /usr/bin/x x \\\n"
            "    /usr/bin/x1 30 --slave /usr/share/x.1 x.1 /usr/share/x1.1\n"
            "fi\n# update-alternatives --install /a b /c 1\n"
            "update-alternatives --install $HERE y /usr/bin/y 1\n"),
            [["/usr/bin/x", "x", "/usr/bin/x1", 30],
             ["/usr/share/x.1", "x.1", "/usr/share/x1.1", 30]])

    def test_the_highest_that_is_there(self):
        root = self.tmp / "root"
        for name in "one", "two":
            self.file(f"root/usr/bin/{name}", name)
        tree.link_alternatives(root, [
            ["/usr/bin/x", "x", "/usr/bin/one", 10],
            ["/usr/bin/x", "x", "/usr/bin/two", 20],
            ["/usr/bin/x", "x", "/usr/bin/three", 30],
            ["/usr/bin/one", "one", "/usr/bin/two", 5]])
        self.assertEqual((root / "usr/bin/x").read_text(), "two")
        self.assertEqual((root / "usr/bin/one").read_text(), "one")


class Deletion(Case):
    def setUp(self):
        super().setUp()
        self.store = store.Store("aarch64", self.tmp)
        self.lock = self.store.lock(self.fail)
        self.addCleanup(self.lock.close)

    def package(self, stem):
        self.file(f"aarch64/packages/{stem}/tree/usr/bin/{stem[0]}", "x")
        self.file(f"aarch64/packages/{stem}/info.json",
                  json.dumps({"size": 100, "alternatives": []}))
        return Deb("x", f"{stem}.deb", "1", "SHA256:0")

    def publish(self, name, *stems):
        self.store.publish(name, {"packages": [name], "suite": "s",
                                  "drivers": False},
                           [self.package(stem) for stem in stems])

    def stems(self):
        return sorted(p.name for p in self.store.packages.iterdir())

    def test_what_is_needed_stays(self):
        self.publish("a", "a_1_all", "c_1_all")
        self.publish("b", "b_1_all", "c_1_all")
        self.package("d_1_all")
        self.store.want("d", {"packages": ["d"]},
                        [types.SimpleNamespace(stem="d_1_all")])
        self.package("e_1_all")
        self.package("f_1_all.part")
        self.assertEqual(self.store.collect(), 200)
        self.assertEqual(self.stems(),
                         ["a_1_all", "b_1_all", "c_1_all", "d_1_all"])
        self.assertTrue(self.store.remove("a"))
        self.assertTrue(self.store.remove("d"))
        self.assertFalse(self.store.remove("a"))
        self.store.collect()
        self.assertEqual(self.stems(), ["b_1_all", "c_1_all"])
        self.assertEqual(self.store.names(), ["b"])
        self.assertEqual(self.store.size(), 200)
        self.assertTrue((self.store.root("b") / "usr/bin/b").exists())

    def test_a_new_root_replaces_the_old_one(self):
        self.publish("a", "a_1_all")
        before = (self.store.programs / "a").resolve()
        self.publish("a", "a_2_all")
        self.assertEqual(self.store.manifest("a")["version"], "2")
        self.assertEqual(self.store.manifest("a")["commands"], ["a"])
        self.assertFalse(before.exists())

    def test_a_failure_leaves_no_half_package(self):
        bad = self.file("bad.deb", "no package")
        with self.assertRaises(Failure):
            self.store.unpack({"bad_1_all": bad}, lambda _: None)
        self.assertEqual(self.store.missing([Deb(
            "x", "bad_1_all.deb", "1", "SHA256:0")])[0].stem, "bad_1_all")


if __name__ == "__main__":
    unittest.main(verbosity=2)
