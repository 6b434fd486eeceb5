#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`gangway get` fetches, goes on, updates, removes and refuses as it says.

With an archive that the test makes and signs, over file:// and from a server of
the test's own.  Would catch: a half-unpacked program that runs, a download that
begins anew, a package that nothing needs and stays, or one that something needs
and goes, anything taken without a good signature.  GANGWAY names the launcher.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
from archive_of_our_own import (Archive, Key, Server,  # noqa: E402
                                environment, run)

GANGWAY = pathlib.Path(os.environ["GANGWAY"])
PREFIX = GANGWAY.parent.parent
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64"}
ISA = os.uname().machine
OTHER = "aarch64" if ISA != "aarch64" else "x86_64"
ARCH = ARCHITECTURES[ISA]
BIG = os.urandom(1500000)  # what does not compress
POSTINST = """\
#!/bin/sh
update-alternatives --install /usr/share/gw-lib/choice gw-choice \\
    /usr/share/gw-lib/shared 10
"""
shared = {}  # made once: folder, key, wrong (key), full (library), fun-VERSION


def build(source, target, *flags):
    run("cc", "-O1", *flags, "-o", target, HERE / source)


def setUpModule():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gangway-get-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    shared["folder"] = folder
    for name in "key", "wrong":
        shared[name] = Key(folder / name)
        unittest.addModuleCleanup(shared[name].finish)
    for version in "1", "2":
        build("fun.c", folder / f"fun-{version}", "-static",
              f'-DVERSION="{version}"')
    build("full.c", folder / "full.so", "-shared", "-fPIC", "-ldl")


class Case(unittest.TestCase):
    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(dir=shared["folder"]))
        # A tree of its own, for its own profiles.
        self.games = self.tmp / "share/gangway/games"
        self.games.mkdir(parents=True)
        (self.tmp / "bin").mkdir()
        for name in "lib", "libexec":
            (self.tmp / name).symlink_to(PREFIX / name)
        shutil.copy(GANGWAY, self.tmp / "bin/gangway")
        (self.games / "fun.conf").write_text(
            "package = gw-fun\nprogram = gw-fun\n")
        self.data = self.tmp / "data/gangway" / ISA
        self.sources = self.tmp / "sources.list"
        self.env = environment(XDG_DATA_HOME=self.tmp / "data",
                               XDG_CACHE_HOME=self.tmp / "cache",
                               GANGWAY_SOURCES=self.sources)
        self.make_archive()

    def make_archive(self):
        folder = self.tmp / "archive"
        folder.mkdir()
        self.archive = Archive(folder, [ARCH, ARCHITECTURES[OTHER]])
        self.add_fun("1")
        self.archive.add("gw-lib", ARCH, "1", {
            "lib/gw-lib/file": b"merged\n", "tmp/file": b"x",
            "usr/share/gw-lib/shared": b"shared\n"}, postinst=POSTINST)
        self.archive.add("gw-other", ARCH, "3", {
            "usr/bin/gw-other": b"#!/bin/sh\n"}, depends="gw-lib")
        self.archive.add("gw-there", ARCHITECTURES[OTHER], "1", {
            "usr/bin/gw-there": b"#!/bin/sh\n"})
        self.publish()
        self.use(f"file://{folder}")

    def add_fun(self, version):
        program = (shared["folder"] / f"fun-{version}").read_bytes()
        self.archive.add("gw-fun", ARCH, version, {
            "usr/games/gw-fun": program, "usr/share/doc/gw-fun/x": b"x",
            "usr/share/games/gw-fun/big": BIG},
            depends=f"gw-fun-data (= {version}), gw-lib")
        self.archive.add("gw-fun-data", "all", version, {
            "usr/share/games/gw-fun/data": f"data {version}\n".encode()},
            {"usr/share/games/gw-fun/link": "/usr/share/gw-lib/shared"})

    def publish(self, key="key"):
        self.archive.publish(shared[key])

    def use(self, address):
        ring = shared["key"].ring
        self.sources.write_text(f"deb [signed-by={ring}] {address} "
                                f"{Archive.SUITE} main\n")

    def serve(self):
        server = Server(self.archive.folder)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.use(server.address)
        return server

    def gangway(self, *args, **env):
        return subprocess.run(
            [self.tmp / "bin/gangway", *args], env={**self.env, **env},
            capture_output=True, text=True, timeout=300, check=False)

    def start(self, *args):
        return subprocess.Popen(
            [self.tmp / "bin/gangway", "get", "--isa", ISA, *args],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True)

    def get(self, *args, **env):
        done = self.gangway("get", "--isa", ISA, *args, **env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def refused(self, *args, **env):
        """What it says, on one line, when it cannot."""
        done = self.gangway("get", "--isa", ISA, *args, **env)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        last = done.stderr.splitlines()[-1]
        self.assertTrue(last.startswith("gangway get: "), done.stderr)
        return last

    def fun(self):
        """What the game prints, which must be what it prints natively."""
        root = self.data / "programs/gw-fun/root"
        native = subprocess.run([root / "usr/games/gw-fun", root.resolve()],
                                capture_output=True, text=True, check=False)
        guest = self.gangway("--display=none", "fun")
        self.assertEqual((guest.returncode, guest.stdout),
                         (native.returncode, native.stdout), guest.stderr)
        self.assertEqual(guest.returncode, 7)
        return guest.stdout

    def packages(self):
        return sorted(entry.name.split("_")[0] for entry in
                      (self.data / "packages").iterdir())

    def assert_nothing_used(self):
        self.assertEqual(list((self.data / "programs").iterdir()), [])
        run = self.gangway("--display=none", "fun")
        self.assertEqual(run.returncode, 127, run.stderr)


class Life(Case):
    def test_get_and_run(self):
        run = self.gangway("fun")
        self.assertEqual(run.returncode, 127)
        self.assertIn("`gangway get fun`", run.stderr)
        said = self.get("fun")
        self.assertIn("gangway fun\n", said)
        text = self.fun()
        for line in ("gw-fun 1", "data: data 1",
                     "through an absolute link: shared", "access: good",
                     "faccessat: good", "faccessat2: good", "statx: good",
                     "size: 7", "chdir: good", "from there: data 1",
                     "folder: /usr/share/games/gw-fun", "folder: /",
                     "what is not there: No such file or directory"):
            self.assertIn(line + "\n", text)
        root = self.data / "programs/gw-fun/root"
        self.assertEqual((root / "usr/lib/gw-lib/file").read_text(),
                         "merged\n")
        self.assertEqual((root / "usr/share/gw-lib/choice").read_text(),
                         "shared\n")
        self.assertEqual(os.readlink(root / "usr/share/gw-lib/choice"),
                         "../../../etc/alternatives/gw-choice")
        self.assertFalse((root / "usr/share/doc").exists())
        self.assertFalse((root / "tmp").exists())
        self.assertIn("there already", self.get("fun"))
        # Without the plugin QEMU finds what it opens.
        plain = self.gangway("--display=none", "--no-passthrough", "gw-fun")
        self.assertIn("data: data 1\n", plain.stdout)

    def test_the_machines_own_program_is_preferred(self):
        self.get("fun")
        own = self.tmp / "own"
        own.mkdir()
        (own / "gw-fun").write_text("#!/bin/sh\necho own\n")
        (own / "gw-fun").chmod(0o755)
        path = f"{own}:{os.environ['PATH']}"
        run = self.gangway("--display=none", "fun", PATH=path)
        self.assertEqual(run.stdout, "own\n")

    def test_list(self):
        self.assertEqual(len(self.get("--list").splitlines()), 2)
        self.get("fun", "gw-other")
        lines = self.get("--list").splitlines()
        self.assertRegex(lines[1], rf"^gw-fun +{ISA} +1 +2 MB +3 packages$")
        self.assertRegex(lines[2], rf"^gw-other +{ISA} +3 +\d+ kB +2 packages$")
        self.assertEqual(len(lines), 4)

    def test_update(self):
        self.get("fun", "gw-other")
        self.assertIn("gw-fun 1 for", self.get("--update"))
        self.add_fun("2")
        self.publish()
        self.assertIn("nothing newer", self.get("--update", "gw-other"))
        self.assertIn("gw-fun 1\n", self.fun())
        said = self.get("--update", "fun")
        self.assertIn("1 is now 2, 2 packages changed", said)
        self.assertIn("data: data 2\n", self.fun())
        self.assertEqual(self.packages(),
                         ["gw-fun", "gw-fun-data", "gw-lib", "gw-other"])
        self.assertEqual(len(list((self.data / "trees").iterdir())), 2)
        self.assertIn("no nonsense to update",
                      self.refused("--update", "nonsense"))

    def test_remove(self):
        self.get("fun", "gw-other")
        self.get("--remove", "fun")
        self.assertEqual(self.packages(), ["gw-lib", "gw-other"])
        self.assertEqual(self.gangway("fun").returncode, 127)
        self.get("--remove", "gw-other")
        self.assertEqual(self.packages(), [])
        self.assertEqual(list((self.data / "trees").iterdir()), [])
        self.assertIn("no 'fun' to remove", self.refused("--remove", "fun"))


class Interruptions(Case):
    def interrupt(self, process, signal_number):
        os.killpg(process.pid, signal_number)
        text = process.communicate(timeout=60)[0]
        self.assertNotEqual(process.returncode, 0)
        return text

    def in_big_one(self, server):
        """Waits until the big package is half there."""
        end = time.monotonic() + 120
        while server.sent < 700000:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_kill_in_download(self):
        server = self.serve()
        server.slow = 0.1
        process = self.start("fun")
        self.in_big_one(server)
        self.interrupt(process, signal.SIGKILL)
        self.assert_nothing_used()
        self.assertRegex(self.get("--list"), "gw-fun .*interrupted")
        done = {name for name, _ in server.asked()}
        server.slow = 0
        self.get("fun")
        again = [name for name, _ in server.asked()]
        self.assertEqual(again, [f"gw-fun_1_{ARCH}.deb"])
        self.assertGreater(len(done), 1)
        self.assertIn("gw-fun 1\n", self.fun())

    def test_download_goes_on_within_a_file(self):
        server = self.serve()
        server.slow = 0.1
        process = self.start("fun")
        self.in_big_one(server)
        text = self.interrupt(process, signal.SIGINT)
        self.assertIn("interrupted; run the same again", text)
        server.asked()
        server.slow = 0
        self.get("fun")
        begins = dict(server.asked())
        self.assertGreater(begins[f"gw-fun_1_{ARCH}.deb"], 0)
        self.assertIn("gw-fun 1\n", self.fun())

    def tar(self, text):
        """An environment with a tar of its own."""
        folder = self.tmp / "tar"
        folder.mkdir()
        (folder / "tar").write_text(f"#!/bin/sh\n{text}\n")
        (folder / "tar").chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_kill_in_unpack(self):
        server = self.serve()
        # The second package is half unpacked.
        once = self.tmp / "once"
        env = self.tar(f"if [ -e {once} ]; then\n"
                       "    /usr/bin/tar \"$@\" --exclude=big; "
                       "kill -9 $PPID; exit 1\nfi\n"
                       f"touch {once}\nexec /usr/bin/tar \"$@\"")
        done = self.gangway("get", "--isa", ISA, "fun", **env)
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
        self.assertTrue(once.exists())
        self.assert_nothing_used()
        self.assertEqual(len(server.asked()), 3)
        self.get("fun")
        self.assertEqual(server.asked(), [])
        self.assertIn("gw-fun 1\n", self.fun())
        big = self.data / "programs/gw-fun/root/usr/share/games/gw-fun/big"
        self.assertEqual(big.read_bytes(), BIG)

    def test_interrupted_update_keeps_the_old_one(self):
        server = self.serve()
        self.get("fun")
        self.add_fun("2")
        self.publish()
        server.asked()
        server.slow = 0.1
        process = self.start("--update")
        self.in_big_one(server)
        self.interrupt(process, signal.SIGKILL)
        self.assertIn("gw-fun 1\n", self.fun())
        server.slow = 0
        self.get("--update")
        self.assertIn("gw-fun 2\n", self.fun())

    def test_remove_of_an_interrupted_one(self):
        server = self.serve()
        server.slow = 0.1
        process = self.start("fun")
        self.in_big_one(server)
        self.interrupt(process, signal.SIGKILL)
        self.get("--remove", "fun")
        self.assertEqual(list(self.data.glob("apt/*/cache/archives/*.deb")),
                         [])
        self.assertNotIn("gw-fun", self.get("--list"))

    def test_full_disk(self):
        full = str(shared["folder"] / "full.so")
        said = self.refused("fun", LD_PRELOAD=full, FULL_STATVFS="1")
        self.assertRegex(said, "disk is full: gw-fun takes 4 MB more")
        env = self.tar(f"LD_PRELOAD={full} FULL_WRITE=1 "
                       "exec /usr/bin/tar \"$@\"")
        self.assertIn("the disk is full", self.refused("fun", **env))
        self.assert_nothing_used()
        self.assertEqual(list(self.data.glob("packages/*.part")), [])
        self.get("fun")
        self.fun()

    def test_two_at_once(self):
        server = self.serve()
        server.slow = 0.05
        first = self.start("fun")
        self.in_big_one(server)
        second = self.start("gw-other")
        self.assertIn("waiting", second.communicate(timeout=120)[0])
        first.communicate(timeout=120)
        self.assertEqual((first.returncode, second.returncode), (0, 0))
        self.fun()


class Refusals(Case):
    def test_a_wrong_signature(self):
        self.publish("wrong")
        said = self.refused("fun")
        self.assertIn("signature is not right, so nothing was taken", said)
        self.assert_nothing_used()
        # An attacker's update is not taken, and what is there stays.
        self.publish()
        self.get("fun")
        self.add_fun("2")
        self.publish("wrong")
        self.assertIn("signature is not right",
                      self.refused("--update"))
        self.assertIn("gw-fun 1\n", self.fun())

    def test_no_signature(self):
        (self.archive.folder / "dists/test/InRelease").unlink()
        self.assertIn("signature is not right", self.refused("fun"))

    def test_a_changed_package(self):
        for deb in self.archive.folder.glob("pool/gw-lib_*"):
            data = bytearray(deb.read_bytes())
            data[-20] ^= 1
            deb.write_bytes(bytes(data))
        self.assertIn("list", self.refused("fun"))
        self.serve()
        self.assertIn("list", self.refused("fun"))
        self.assert_nothing_used()

    def test_no_network(self):
        server = self.serve()
        self.get("fun")
        server.shutdown()
        server.server_close()
        said = self.refused("gw-other", "--suite=test")
        self.assertIn("the archive cannot be reached", said)
        self.fun()

    def test_unknown_names(self):
        said = self.refused("funn")
        self.assertIn("no package 'funn'", said)
        self.assertIn("did you mean fun?", said)
        self.assertIn("neither", self.refused("../x"))
        self.assertEqual(self.gangway("get").returncode, 2)
        done = self.gangway("get", "--isa", "sparc", "fun")
        self.assertEqual(done.returncode, 2)
        self.assertIn("x86_64", done.stderr)

    def test_another_architectures_package(self):
        self.assertIn("no package 'gw-there'", self.refused("gw-there"))
        done = self.gangway("get", "--isa", OTHER, "gw-there")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = self.refused("gw-there")
        self.assertIn(f"`gangway get --isa {OTHER} gw-there`", said)

    def test_an_unmet_dependency(self):
        self.archive.add("gw-sad", ARCH, "1", depends="gw-nowhere")
        self.publish()
        said = self.refused("gw-sad")
        self.assertIn("gw-sad needs gw-nowhere", said)

    def test_no_apt(self):
        said = self.refused("fun", PATH="/nowhere")
        self.assertIn("no apt-get here", said)
        self.assertIn("install apt", said)

    def test_no_sources(self):
        self.sources.unlink()
        self.assertIn("GANGWAY_SOURCES", self.refused("fun"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
