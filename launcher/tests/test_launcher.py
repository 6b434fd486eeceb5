#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The launcher finds, starts and ends programs as it says.

Runs the installed launcher on real programs, under QEMU where that matters,
with profiles made here.  GANGWAY names the launcher.
"""
import os
import pathlib
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

GANGWAY = pathlib.Path(os.environ["GANGWAY"])
PREFIX = GANGWAY.parent.parent
TIMEOUT = 120
# The packs of --packs=auto.
AUTOMATIC = {"freetype", "jpeg", "openal", "png", "zlib"}
# crc32() of "text", by the real zlib.
OWN_CRC = f"{zlib.crc32(b'text'):x}"


def png_pixels(path):
    """Width, height and the raw rows of an RGB PNG without interlacing."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, idat, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data, at + 8)
        if kind == b"IDAT":
            idat += data[at + 8:at + 8 + length]
        at += 12 + length
    return size, zlib.decompress(idat)


def elf(machine, interp):
    """An ELF program of no code that asks for a loader."""
    text = interp.encode() + b"\0"
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, machine, 1,
                       0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return head + struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, len(text),
                              len(text), 1) + text


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gangway-launcher-")
        self.addCleanup(folder.cleanup)
        self.tmp = pathlib.Path(folder.name)
        # A tree of its own, so that it has profiles of its own.
        (self.tmp / "bin").mkdir()
        self.games = self.tmp / "share" / "gangway" / "games"
        self.games.mkdir(parents=True)
        (self.tmp / "lib").symlink_to(PREFIX / "lib")
        self.launcher = self.tmp / "bin" / "gangway"
        shutil.copy(GANGWAY, self.launcher)
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("LD_") and k != "DISPLAY"}

    def gangway(self, *args, **env):
        return subprocess.run([self.launcher, *args], capture_output=True,
                              text=True, timeout=TIMEOUT, cwd=self.tmp,
                              env={**self.env, **env}, check=False)

    def guest(self, *args, **env):
        """A run without a display."""
        return self.gangway("--display=none", *args, **env)

    def file(self, name, text, mode=0o755):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)

    def profile(self, name, text):
        (self.games / f"{name}.conf").write_text(text)

    def need(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")


class Options(Case):
    def test_unknown_option_names_the_nearest(self):
        run = self.gangway("--screnshot", "true")
        self.assertEqual(run.returncode, 2)
        self.assertIn("did you mean --screenshot", run.stderr)

    def test_help_lists_every_option_once(self):
        run = self.gangway("--help")
        self.assertEqual(run.returncode, 0)
        for option in ("--stats", "--sysroot", "--crossing", "--quit-after"):
            self.assertEqual(run.stdout.count(f"  {option}"), 1, option)

    def test_values(self):
        for words in (["--size=3"], ["--quit-after=soon"], ["--cpu"],
                      ["--list=x"], ["--guest-env=A"], ["--x11=both"]):
            run = self.gangway(*words)
            self.assertEqual(run.returncode, 2, words)
            self.assertTrue(run.stderr.startswith("gangway: "), words)


class Profiles(Case):
    def test_all_of_the_tree_can_be_read(self):
        run = subprocess.run([GANGWAY, "--list"], capture_output=True,
                             text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        names = {line.split()[0] for line in run.stdout.splitlines()[1:]}
        games = PREFIX / "share" / "gangway" / "games"
        self.assertEqual(names, {p.stem for p in games.glob("*.conf")})
        self.assertGreater(len(names), 10)

    def test_mistakes_name_file_and_line(self):
        for text, line, word in (
                ("program = echo\nargz = 1\n", 2, "unknown key 'argz'"),
                ("# fine\nprogram\n", 2, "no '='"),
                ("args = a\nargs = b\n", 2, "twice"),
                ("args = 'open\n", 1, "args"),
                ("env = NAME\n", 1, "NAME=VALUE"),
                ("demo-quit = soon\n", 1, "seconds"),
                ("expect = many\n", 1, "frames>=N")):
            self.profile("game", text)
            run = self.guest("game")
            self.assertEqual(run.returncode, 2, text)
            self.assertIn(f"game.conf:{line}:", run.stderr)
            self.assertIn(word, run.stderr)

    def test_arguments(self):
        self.profile("game", "program = echo\nbase-args = base\n"
                     "args = 'one word' two\ndemo-args = demo\n")
        for words, out in ((["game"], "base one word two"),
                           (["game", "mine"], "base mine"),
                           (["--demo", "game"], "base demo"),
                           (["--demo", "game", "mine"], "base mine")):
            run = self.guest("--native", *words)
            self.assertEqual(run.stdout.strip(), out, words)

    def test_environment_overrides(self):
        self.profile("game", "program = sh\nargs = -c 'echo $A $B'\n"
                     "env = A=profile B=profile\n")
        self.assertEqual(self.guest("game", A="user").stdout.strip(),
                         "user profile")

    def test_demo_has_a_home_of_its_own(self):
        self.profile("game", "program = sh\n"
                     "demo-args = -c 'echo $HOME @HOME@; cat $HOME/.rc'\n")
        (self.games / "game.home").mkdir()
        (self.games / "game.home" / ".rc").write_text("settings\n")
        run = self.guest("--demo", "game")
        homes, settings = run.stdout.splitlines()
        first, second = homes.split()
        self.assertEqual(first, second)
        self.assertEqual(settings, "settings")
        self.assertNotEqual(first, self.env.get("HOME"))
        self.assertFalse(os.path.exists(first))

    def test_missing_program_names_its_package(self):
        self.profile("game", "program = no-such-program\npackage = fun\n")
        run = self.guest("game")
        self.assertEqual(run.returncode, 127)
        self.assertIn("fun", run.stderr)


class Programs(Case):
    def test_scripts_run_in_the_guest(self):
        inner = self.file("inner", "#!/bin/sh\necho inner \"$@\"\n")
        outer = self.file("outer", f"#!{inner} with  spaces\n")
        through = self.file("through", "#!/usr/bin/env sh\necho env $1\n")
        self.assertEqual(self.guest(inner, "a b").stdout, "inner a b\n")
        self.assertEqual(self.guest(outer, "x").stdout,
                         f"inner with  spaces {outer} x\n")
        self.assertEqual(self.guest(through, "x").stdout, "env x\n")

    def test_endless_interpreters_are_refused(self):
        path = self.tmp / "loop"
        self.file("loop", f"#!{path}\n")
        run = self.guest(str(path))
        self.assertEqual(run.returncode, 126)
        self.assertIn("too many interpreters", run.stderr)

    def test_exec_is_followed(self):
        # Only the launcher sets GANGWAY_PROGRAM, to what it starts.
        run = self.guest("sh", "-c", "/usr/bin/env; true")
        self.assertIn("GANGWAY_PROGRAM=/usr/bin/env\n", run.stdout)
        script = self.file("script", "#!/bin/sh\necho script $0 $1\nexit 5\n")
        run = self.guest("sh", "-c", f"{script} x; echo $?")
        self.assertEqual(run.stdout, f"script {script} x\n5\n")

    def test_exec_keeps_options_and_loader_settings(self):
        run = self.guest("--crossing=syscall", "sh", "-c",
                         "/usr/bin/env; true", LD_LIBRARY_PATH="/mine")
        self.assertIn("GANGWAY_OPTIONS= --crossing='syscall'\n", run.stdout)
        self.assertIn("\nLD_LIBRARY_PATH=/mine\n", "\n" + run.stdout)

    def test_loader_settings_do_not_reach_qemu(self):
        # QEMU leaves /proc/self/environ alone: it is the host process's.
        run = self.guest("cat", "/proc/self/environ", LD_LIBRARY_PATH="/mine")
        self.assertNotIn("LD_LIBRARY_PATH", run.stdout)
        run = self.guest("sh", "-c", "echo $LD_LIBRARY_PATH",
                         LD_LIBRARY_PATH="/mine")
        self.assertEqual(run.stdout, "/mine\n")

    def test_host_only_loader_settings(self):
        run = self.guest("--host-env=LD_BIND_NOW=1", "sh", "-c",
                         "echo [$LD_BIND_NOW]; cat /proc/self/environ")
        self.assertTrue(run.stdout.startswith("[]\n"), run.stdout[:80])

    def test_optional_packs(self):
        show = ("sh", "-c", "echo $LD_LIBRARY_PATH")
        run = self.guest("--packs=zlib", "--dry-run", *show)
        self.assertRegex(run.stdout, r",intercept=/\S+/optional/zlib\b")
        run = self.guest("--packs=zlib", "--no-intercept", *show,
                         LD_LIBRARY_PATH="/mine")
        self.assertRegex(run.stdout, r"^/\S+/optional/zlib:/\S+:/mine\n$")
        run = self.guest("--packs=zlib,nothing", *show)
        self.assertEqual(run.returncode, 2)
        self.assertIn("'nothing'", run.stderr)

    def test_help_lists_the_packs_that_are_there(self):
        (self.tmp / "lib").unlink()
        guest = self.tmp / "lib" / "gangway" / "guest" / os.uname().machine
        for pack in "first", "second":
            (guest / "optional" / pack).mkdir(parents=True)
        self.assertRegex(self.gangway("--help").stdout,
                         r"\nPACKS.*: first, second\.\n")

    def own_guest_folder(self, **packs):
        """Optional packs of this test's own: name -> its libraries."""
        (self.tmp / "lib").unlink()
        copy = self.tmp / "lib" / "gangway"
        source = PREFIX / "lib" / "gangway"
        isa = os.uname().machine
        (copy / "guest" / isa / "optional").mkdir(parents=True)
        for folder in ".", "guest", f"guest/{isa}", f"guest/{isa}/optional":
            for entry in (source / folder).iterdir():
                if not (copy / folder / entry.name).exists():
                    (copy / folder / entry.name).symlink_to(entry)
        for pack, libraries in packs.items():
            folder = copy / "guest" / isa / "optional" / pack
            folder.mkdir()
            for library in libraries:
                (folder / library).write_text("thunks")

    def lost_library(self):
        """A program and its library, which only the guest has."""
        self.need("cc")
        library, program = self.tmp / "liblost.so.1", self.tmp / "program"
        self.file("lost.c", "int lost(void) { return 42; }\n")
        self.file("program.c", "#include <stdio.h>\nint lost(void);\n"
                  "int main(void) { printf(\"%d\\n\", lost()); }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,liblost.so.1",
                        "-o", library, self.tmp / "lost.c"], check=True)
        subprocess.run(["cc", "-o", program, self.tmp / "program.c", library],
                       check=True)
        return str(program)

    def test_what_the_host_lacks_is_the_guests_own(self):
        # The launcher must not find the library where the guest does.
        program = self.lost_library()
        self.own_guest_folder(lost=["liblost.so.1"])
        for way in (), ("--no-intercept",):
            run = self.guest("--packs=lost", *way, program,
                             LD_LIBRARY_PATH=str(self.tmp))
            self.assertEqual((run.returncode, run.stdout), (0, "42\n"),
                             run.stderr)
            self.assertIn("--packs=lost: this machine has no liblost.so.1: "
                          "the guest's own library is used instead",
                          run.stderr)

    def test_one_that_the_host_lacks_is_withheld(self):
        # The other one is there: its pack's library is taken, and is none.
        program = self.lost_library()
        self.own_guest_folder(two=["liblost.so.1", "libthread_db.so.1"])
        run = self.guest("--packs=two", "--dry-run", "sh")
        self.assertIn("/optional/two,withhold=liblost.so.1", run.stdout)
        self.assertIn("no liblost.so.1: for that, the guest's own is used",
                      run.stderr)
        load = "import ctypes; print(ctypes.CDLL('{}').lost())"
        run = self.guest("--packs=two", "/usr/bin/python3", "-S", "-c",
                         load.format("liblost.so.1"),
                         LD_LIBRARY_PATH=str(self.tmp))
        self.assertEqual(run.stdout, "42\n", run.stderr)
        run = self.guest("--packs=two", "/usr/bin/python3", "-S", "-c",
                         load.format("libthread_db.so.1"))
        self.assertIn("libthread_db.so.1: file too short", run.stderr)
        # Linked with the missing one: nothing of the pack is used.
        run = self.guest("--packs=two", "--dry-run", program,
                         LD_LIBRARY_PATH=str(self.tmp))
        self.assertNotIn("/optional/two", run.stdout)

    def test_a_host_without_zlib(self):
        self.need("minizip")
        broken = self.tmp / "broken"
        broken.mkdir()
        (broken / "libz.so.1").write_text("no library\n")
        self.file("text", "text\n" * 1000)
        run = self.guest("--packs=zlib", f"--host-env=LD_LIBRARY_PATH={broken}",
                         "minizip", "-o", "guest.zip", "text")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("this machine has no libz.so.1", run.stderr)
        self.guest("--native", "minizip", "-o", "native.zip", "text")
        self.assertEqual((self.tmp / "guest.zip").read_bytes(),
                         (self.tmp / "native.zip").read_bytes())

    def half_a_zlib(self):
        """A folder with a libz.so.1 that has nothing, and needs another."""
        self.need("minizip")
        self.need("cc")
        half = self.tmp / "half"
        half.mkdir()
        self.file("empty.c", "int nothing_of_zlib;\n")
        self.file("text", "text\n")
        for name, flags in ("libgone.so.1", []), ("libz.so.1", [
                f"-L{half}", "-Wl,--no-as-needed", "-l:libgone.so.1"]):
            subprocess.run(["cc", "-shared", f"-Wl,-soname,{name}", "-o",
                            half / name, self.tmp / "empty.c", *flags],
                           check=True)
        return half

    def used_packs(self, *words):
        run = self.guest("--dry-run", *words)
        self.assertEqual(run.returncode, 0, run.stderr)
        return set(re.findall(r"/optional/(\w+)", run.stdout))

    def test_packs_that_nobody_asked_for(self):
        self.need("minizip")
        for words, packs in (
                ((), AUTOMATIC), (("--packs=auto",), AUTOMATIC),
                (("--packs=none",), set()), (("--packs=zlib",), {"zlib"}),
                (("--packs=-png",), AUTOMATIC - {"png"}),
                (("--packs=+qsort,-zlib",), AUTOMATIC - {"zlib"} | {"qsort"}),
                (("--packs=auto,qsort",), AUTOMATIC | {"qsort"}),
                (("--packs=none,qsort",), {"qsort"})):
            self.assertEqual(self.used_packs(*words, "minizip"), packs)
        for words in "-nothing", "+nothing", "nothing", "auto,nothing":
            run = self.guest(f"--packs={words}", "--dry-run", "minizip")
            self.assertEqual(run.returncode, 2)
            self.assertIn("no pack 'nothing'", run.stderr)
        self.file("text", "text\n")
        run = self.guest("--stats", "minizip", "-o", "a.zip", "text")
        self.assertRegex(run.stderr, r"stats: +\d+ deflate\n")

    def test_packs_that_do_not_fit_are_not_used(self):
        where = f"--host-env=LD_LIBRARY_PATH={self.half_a_zlib()}"
        run = self.guest("--verbose", where, "minizip", "-o", "a.zip", "text")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stderr, r"the pack zlib is not used: the program "
                         r"takes \w+ from libz.so.1, which this machine's has "
                         r"not")
        # What does not take anything from it does not mind.
        self.assertEqual(self.used_packs(where, "true"), AUTOMATIC)

    def late(self):
        """The words that run a program, which loads the libraries that it is
        given one after the other and calls their late().  Of the guest's
        libz.so.1, which only it has, old.so takes crc32(), and late.so
        new_in_zlib(), too."""
        self.need("cc")
        self.file("program.c", """
            #include <dlfcn.h>
            #include <stdio.h>
            int main(int argc, char **argv)
            {
                for (int i = 1; i < argc; i++) {
                    void *lib = dlopen(argv[i], RTLD_NOW);
                    int (*late)(void) = lib ? dlsym(lib, "late") : NULL;
                    if (!lib)
                        puts(dlerror());
                    else if (late)
                        printf("%x\\n", late());
                }
                return 0;
            }""")
        self.file("late.c", """
            unsigned long crc32(unsigned long, const char *, unsigned);
            int new_in_zlib(void);
            int late(void)
            {
                return crc32(0, "text", 4)
            #ifdef NEW
                    + new_in_zlib()
            #endif
                    ;
            }""")
        self.file("newer.c", "unsigned long crc32(unsigned long a, "
                  "const char *b, unsigned c) { return 0x111; }\n"
                  "int new_in_zlib(void) { return 0x222; }\n")
        guest = self.tmp / "guest"
        guest.mkdir()
        for out, source, *flags in (
                ("guest/libz.so.1", "newer.c", "-shared",
                 "-Wl,-soname,libz.so.1"),
                ("late.so", "late.c", "-shared", "-DNEW",
                 "guest/libz.so.1"),
                ("old.so", "late.c", "-shared", "guest/libz.so.1"),
                ("program", "program.c")):
            subprocess.run(["cc", "-fPIC", "-o", out, source, *flags],
                           check=True, cwd=self.tmp)
        # The launcher itself has libz, too.
        return (f"--guest-env=LD_LIBRARY_PATH={guest}",
                str(self.tmp / "program"))

    def test_a_later_library_that_does_not_fit(self):
        # As natively, if nobody has used the pack.
        words = self.late()
        run = self.guest("--verbose", *words, "./late.so")
        self.assertEqual((run.returncode, run.stdout), (0, "333\n"),
                         run.stderr)
        self.assertRegex(run.stderr, r"the pack zlib is not used from here on: "
                         r"\S+/late.so takes new_in_zlib from libz.so.1, which "
                         r"this machine's has not\n")
        self.assertEqual(run.stderr.count("new_in_zlib"), 1)
        self.assertNotIn("has not used the pack zlib", run.stderr)
        # Else it cannot be loaded, and it is said how it can.
        run = self.guest(*words, "./old.so", "./late.so")
        self.assertRegex(run.stderr, r"^gangway: \S+/late.so takes new_in_zlib "
                         r"from libz.so.1, which this machine's has not; "
                         r"--packs=-zlib runs it\n$")
        self.assertRegex(run.stdout, "^" + OWN_CRC + r"\n.*undefined symbol: "
                         r"new_in_zlib.*\n$")
        run = self.guest("--packs=-zlib", *words, "./old.so", "./late.so")
        self.assertEqual((run.stdout, run.stderr), ("111\n333\n", ""))

    def test_what_fits_later_is_the_hosts(self):
        run = self.guest("--stats", *self.late(), "./old.so")
        self.assertEqual(run.stdout, OWN_CRC + "\n")
        self.assertRegex(run.stderr, r"stats: +1 crc32\n")

    def test_verbose_says_which_packs_are_not_used_and_why(self):
        run = self.guest("--verbose", "true")
        for pack in AUTOMATIC:
            self.assertIn(f"/true has not used the pack {pack}\n", run.stderr)
        run = self.guest("--verbose", "--packs=-zlib", "true")
        self.assertNotIn("zlib", run.stderr)
        broken = self.tmp / "broken"
        broken.mkdir()
        (broken / "libz.so.1").write_text("no library\n")
        run = self.guest("--verbose", f"--host-env=LD_LIBRARY_PATH={broken}",
                         "--dry-run", "true")
        self.assertIn("the pack zlib is not used: this machine has no "
                      "libz.so.1\n", run.stderr)
        self.own_guest_folder()
        isa = os.uname().machine
        (self.tmp / "lib/gangway/guest" / isa / "optional/png").unlink()
        run = self.guest("--verbose", "--dry-run", "true")
        self.assertEqual(run.stderr.splitlines(), [
            "gangway: the pack png is not used: it is not built"])

    def test_a_host_with_half_a_zlib(self):
        # What cannot be seen before the start ends the program, as ld.so does.
        half = self.half_a_zlib()
        words = ("--packs=zlib", f"--host-env=LD_LIBRARY_PATH={half}",
                 "minizip", "-o", "a.zip", "text")
        for way in (), ("--stats",):
            run = self.guest(*way, *words)
            self.assertEqual(run.returncode, 127, run.stderr)
            self.assertRegex(run.stderr, r"calls \w+, which this machine's "
                             r"libz.so.1 lacks: install a newer zlib1g, or "
                             r"run it without --packs=zlib")
        (half / "libgone.so.1").unlink()
        run = self.guest(*words)
        self.assertEqual(run.returncode, 127, run.stderr)
        self.assertRegex(run.stderr, r"libz.so.1 cannot be used \(libgone.*: "
                         "install the package zlib1g")

    def test_a_pack_that_nothing_used(self):
        line = "/true has not used the pack qsort\n"
        run = self.guest("--packs=qsort", "--verbose", "true")
        self.assertIn(line, run.stderr)
        self.assertEqual(self.guest("--packs=qsort", "true").stderr, "")
        load = "import ctypes; ctypes.CDLL('libgwqsort.so.1')"
        run = self.guest("--packs=qsort", "--verbose", "/usr/bin/python3",
                         "-c", load)
        self.assertNotIn("has not used", run.stderr)

    def test_whose_x11(self):
        for way, wanted in ("thunk", True), ("guest", False):
            run = self.guest(f"--x11={way}", "--dry-run", "xwininfo")
            self.assertEqual("/optional/x11" in run.stdout, wanted)

    def test_private_parts_of_x11_are_the_guests(self):
        # xvinfo is linked with libXv, which makes requests by itself.
        run = self.guest("--x11=thunk", "--dry-run", "xvinfo")
        self.assertNotIn("/optional/x11", run.stdout)
        self.assertIn("--x11=guest is used: libXv.so.1 touches private parts "
                      "of libX11 (_XGetRequest)", run.stderr)

    def test_private_parts_of_x11_are_refused_later(self):
        program = ("python3", "-c", "import ctypes\n"
                   "ctypes.CDLL('libX11.so.6')\n"
                   "try: ctypes.CDLL('libXv.so.1')\n"
                   "except OSError as e: print(e)")
        run = self.guest("--x11=thunk", *program)
        self.assertIn("libXv.so.1: cannot open shared object file", run.stdout)
        self.assertEqual(run.stderr.count("libXv.so.1 is refused"), 1)
        for way in "--packs=x11", "--x11=guest":
            run = self.guest(way, *program)
            self.assertEqual(run.stdout + run.stderr, "")

    def test_without_interception_the_path_is_set(self):
        run = self.guest("--no-intercept", "sh", "-c",
                         "echo $LD_LIBRARY_PATH; exec sh -c "
                         "'echo $LD_LIBRARY_PATH'", LD_LIBRARY_PATH="/mine")
        lines = run.stdout.splitlines()
        self.assertRegex(lines[0], r"^/\S+/guest/[^/]+:/mine$")
        self.assertEqual(lines[0], lines[1])

    def test_commas_are_refused(self):
        run = self.guest("--guest-env=A=b,c", "true")
        self.assertEqual(run.returncode, 2)
        self.assertIn("comma", run.stderr)

    def test_sysroot_around_a_program(self):
        interp = "/lib/ld-of-nowhere.so.1"
        program = self.file("root/usr/bin/prog", elf(183, interp))
        run = self.guest("--no-passthrough", "--dry-run", program,
                         XDG_CACHE_HOME=str(self.tmp))
        if "no QEMU" in run.stderr:
            self.skipTest("no qemu-aarch64")
        self.assertEqual(run.returncode, 125)
        self.assertIn(interp, run.stderr)
        self.file("root" + interp, "")
        run = self.guest("--no-passthrough", "--dry-run", program)
        self.assertIn(f"'-L' '{self.tmp}/root'", run.stdout)
        # Where /lib is /usr/lib, the root's usr is not the root.
        (self.tmp / "root/lib").rename(self.tmp / "root/usr/lib")
        (self.tmp / "root/lib").symlink_to("usr/lib")
        run = self.guest("--no-passthrough", "--dry-run", program)
        self.assertIn(f"'-L' '{self.tmp}/root'", run.stdout)


class Fetched(Case):
    """What `gangway get` has put into the data folder is found there."""
    MACHINES = {"x86_64": 62, "aarch64": 183}
    LOADER = "/lib/ld-of-nowhere.so.1"

    def root(self, isa, package):
        return f"{self.tmp}/data/gangway/{isa}/programs/{package}/root"

    def fetch(self, isa, package, path="usr/games/game"):
        root = os.path.relpath(self.root(isa, package), self.tmp)
        self.file(f"{root}/{path}", elf(self.MACHINES[isa], self.LOADER))
        self.file(root + self.LOADER, "")

    def command(self, *words):
        run = self.guest("--no-passthrough", "--dry-run", *words,
                         XDG_DATA_HOME=str(self.tmp / "data"),
                         XDG_CACHE_HOME=str(self.tmp / "cache"))
        if "no QEMU" in run.stderr:
            self.skipTest(run.stderr)
        return run

    def assert_root(self, isa, package, *words):
        run = self.command(*words)
        self.assertEqual(run.returncode, 0, run.stderr)
        root = self.root(isa, package)
        self.assertIn(f"/qemu-{isa}' ", run.stdout)
        self.assertIn(f"'-L' '{root}'", run.stdout)
        self.assertIn(f" '{root}/usr/", run.stdout)

    def test_by_its_name(self):
        self.fetch("aarch64", "pack")
        self.assert_root("aarch64", "pack", "game")
        self.fetch("x86_64", "pack")
        self.assert_root("x86_64", "pack", "game")
        self.assert_root("aarch64", "pack", "--isa=aarch64", "game")

    def test_the_profiles_package_first(self):
        self.fetch("x86_64", "a-pack")
        self.fetch("x86_64", "pack")
        self.assert_root("x86_64", "a-pack", "game")
        self.profile("fun", "program = game\npackage = pack more\n")
        self.assert_root("x86_64", "pack", "fun")
        self.profile("deep", "program = /usr/libexec/deep\n")
        self.fetch("x86_64", "b-pack", "usr/libexec/deep")
        self.assert_root("x86_64", "b-pack", "deep")

    def test_the_machines_own_first(self):
        host = os.uname().machine
        other = "aarch64" if host != "aarch64" else "x86_64"
        self.fetch(other, "pack", "usr/bin/true")
        run = self.command("true")
        self.assertNotIn("/data/", run.stdout)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assert_root(other, "pack", f"--isa={other}", "true")
        run = self.command(f"--isa={host}", "true")
        self.assertNotIn("/data/", run.stdout)
        self.assertNotIn("/data/", self.command("--native", "true").stdout)

    def test_what_is_not_there_names_the_command(self):
        self.profile("fun", "program = game\npackage = pack\n")
        for words, said in (
                (["fun"], "`gangway get fun` fetches it (Debian's package "
                          "pack)"),
                (["--isa=aarch64", "fun"], "`gangway get --isa aarch64 fun`"),
                (["game"], "`gangway get PACKAGE`")):
            run = self.command(*words)
            self.assertEqual(run.returncode, 127)
            self.assertIn(said, run.stderr)
        # An entry whose tree is gone is none.
        programs = pathlib.Path(self.root("x86_64", "pack")).parent.parent
        programs.mkdir(parents=True)
        (programs / "pack").symlink_to("../trees/pack.1")
        self.assertEqual(self.command("fun").returncode, 127)

    def test_wrong_isa(self):
        for words in (["--isa=sparc"], ["--isa=x86_64", "--sysroot=/"]):
            self.assertEqual(self.command(*words, "true").returncode, 2)
        run = self.command("--isa=riscv64", "/bin/true")
        self.assertEqual(run.returncode, 127)
        self.assertIn(f"is an {os.uname().machine} program", run.stderr)

    def test_libraries_for_a_program_from_elsewhere(self):
        program = self.file("mine", elf(183, self.LOADER))
        run = self.command(program)
        self.assertEqual(run.returncode, 125)
        self.assertIn("`gangway get --isa aarch64 PACKAGE`", run.stderr)
        self.fetch("aarch64", "pack")
        root = self.root("aarch64", "pack")
        self.assertIn(f"'-L' '{root}'", self.command(program).stdout)

    def test_get_that_is_not_there(self):
        run = self.command("get", "fun")
        self.assertEqual(run.returncode, 125)
        self.assertIn("libexec/gangway/get/get", run.stderr)


class PlainQemu(Case):
    """--qemu plain: the QEMU that `make plain-qemu` has built, not the other
    one, in the programs that a program starts, too."""

    def setUp(self):
        super().setUp()
        (self.tmp / "lib").unlink()
        libdir = self.tmp / "lib" / "gangway"
        libdir.mkdir(parents=True)
        for entry in (PREFIX / "lib" / "gangway").iterdir():
            if entry.name != "qemu-plain":
                (libdir / entry.name).symlink_to(entry)
        self.note = libdir / "qemu-plain"

    def test_a_qemu_that_is_none_is_named(self):
        script = self.file("qemu-x86_64", "#!/bin/sh\nexec qemu-x86_64\n")
        for path, what in ((script, "a script"),
                           (self.file("text", "text\n"), "no program"),
                           ("/bin/true", "not tell its version")):
            run = self.guest(f"--qemu={path}", "true")
            self.assertEqual(run.returncode, 125)
            self.assertIn(what, run.stderr)

    def test_is_taken(self):
        plain = self.tmp / "plain"
        plain.mkdir()
        name = f"qemu-{os.uname().machine}"
        built = shlex.split(self.guest("--dry-run", "true").stdout)
        built = next(word for word in built if word.endswith("/" + name))
        (plain / name).symlink_to(built)
        self.note.write_text(f"{plain}\n")
        run = self.guest("--qemu=plain", "sh", "-c",
                         "/usr/bin/env; true", GANGWAY_QEMU_DIR="/nowhere")
        self.assertIn("GANGWAY_OPTIONS= --qemu='plain'\n", run.stdout)
        run = self.guest("--qemu=plain", "--dry-run", "true")
        self.assertIn(f"'{plain}/{name}'", run.stdout)

    def test_that_is_not_built_names_the_remedy(self):
        run = self.guest("--qemu=plain", "true")
        self.assertEqual(run.returncode, 125)
        self.assertIn("`make plain-qemu`", run.stderr)


class Ending(Case):
    def test_status(self):
        for status in (0, 7, 255):
            run = self.guest("sh", "-c", f"exit {status}")
            self.assertEqual(run.returncode, status)

    def test_signal(self):
        run = self.guest("sh", "-c", "kill -SEGV $$")
        self.assertEqual(run.returncode, -signal.SIGSEGV)
        # Also with the launcher between, and with a status that looks so.
        for words, status in ((["kill -USR1 $$"], -signal.SIGUSR1),
                              (["exit 139"], 139)):
            run = self.gangway("--display=xvfb", "sh", "-c", *words)
            self.assertEqual(run.returncode, status)

    def children(self, pid):
        path = f"/proc/{pid}/task/{pid}/children"
        return [int(p) for p in pathlib.Path(path).read_text().split()]

    def end_of(self, process):
        """Its status; where it does not end, what it waits for."""
        try:
            return process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            seen = []
            for pid in self.children(process.pid):
                folder = pathlib.Path(f"/proc/{pid}")
                seen.append((folder / "cmdline").read_bytes()[:60])
                seen += [line for line in
                         (folder / "status").read_text().splitlines()
                         if line.startswith(("Sig", "Shd", "State"))]
                os.kill(pid, signal.SIGKILL)
            process.kill()
            return f"still there after 60 s, with {seen}"

    def test_signals_are_passed_on(self):
        self.need("Xvfb")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # Under nohup(1) the tests ignore SIGHUP, and so would it.
            with subprocess.Popen(
                    [self.launcher, "--display=xvfb", "sleep", "100"],
                    env=self.env, stderr=subprocess.DEVNULL,
                    preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)
                    ) as process:
                end = time.monotonic() + 60
                while len(self.children(process.pid)) < 2:
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.1)
                time.sleep(1)
                children = self.children(process.pid)
                process.send_signal(number)
                self.assertEqual(self.end_of(process), -number)
            for child in children:
                self.assertFalse(os.path.exists(f"/proc/{child}"))


class Display(Case):
    def check_server(self, run):
        """A server was started for the run, and is gone."""
        self.assertEqual(run.returncode, 0, run.stderr)
        name, authority = run.stdout.splitlines()[0].split()
        self.assertIn("1280x720", run.stdout)
        self.assertEqual(run.stderr.count(f"Xvfb {name} (1280x720)"), 1)
        self.assertTrue(authority.startswith("/proc/"))
        self.assertFalse(os.path.exists(f"/tmp/.X11-unix/X{name[1:]}"))
        self.assertFalse(os.path.exists(f"/tmp/.X{name[1:]}-lock"))

    def test_a_server_is_started_where_asked_for_or_nobody_watches(self):
        self.need("Xvfb")
        self.need("xdpyinfo")
        show = ("sh", "-c", "echo $DISPLAY $XAUTHORITY;"
                "xdpyinfo | grep dimensions")
        for option, display in (("--quit-after=1000", {}),
                                ("--display=xvfb", {}),
                                ("--display=xvfb", {"DISPLAY": ":32123"})):
            with self.subTest(option, display=display):
                self.check_server(self.gangway(option, *show, **display))

    def test_a_display_that_is_missing_is_the_programs_to_name(self):
        """Would catch a game that runs unseen on a hidden server."""
        self.need("xdpyinfo")
        for display in ({}, {"DISPLAY": ":32123"}):
            with self.subTest(display=display):
                native = subprocess.run(
                    [shutil.which("xdpyinfo")], env={**self.env, **display}, text=True,
                    capture_output=True)
                run = self.gangway("xdpyinfo", **display)
                self.assertEqual(run.returncode, native.returncode)
                self.assertEqual(run.returncode, 1)
                self.assertTrue(run.stderr.endswith(native.stderr))
                ours = run.stderr[:-len(native.stderr)]
                if display:
                    self.assertIn("':32123'", ours)
                    self.assertIn("--display xvfb", ours)
                else:
                    self.assertEqual(ours, "")
        run = self.gangway("--verbose", "true")
        self.assertIn("DISPLAY is not set; `--display xvfb`", run.stderr)

    def test_a_display_that_is_missing_ends_a_run_that_nobody_watches(self):
        run = self.gangway("--quit-after=1000", "echo", "here",
                           DISPLAY=":32123")
        self.assertEqual(run.returncode, 125)
        self.assertEqual(run.stdout, "")
        self.assertIn("':32123'", run.stderr)
        self.assertIn("--display xvfb", run.stderr)

    def test_two_at_once_have_displays_of_their_own(self):
        self.need("Xvfb")
        self.need("xdpyinfo")
        runs = [subprocess.Popen(
            [self.launcher, "--display=xvfb", f"--size={size}x200", "sh",
             "-c", "sleep 1; xdpyinfo | grep dimensions"], env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for size in (300, 400, 500)]
        for run, size in zip(runs, (300, 400, 500)):
            self.assertIn(f"{size}x200", run.communicate(timeout=TIMEOUT)[0])

    def test_nothing_drawn_starts_no_server(self):
        # A server of its own folder, so that others do not count.
        real = shutil.which("Xvfb")
        if not real:
            self.skipTest("Xvfb is not installed")
        folder = self.tmp / "path"
        folder.mkdir()
        shutil.copy(real, folder / "Xvfb")
        path = f"{folder}:{os.environ['PATH']}"
        show = ("echo $DISPLAY; for p in /proc/[0-9]*/exe; do readlink $p;"
                "done")
        for option in "--quit-after=1000", "--display=xvfb":
            run = self.gangway(option, "sh", "-c", show, PATH=path)
            self.assertRegex(run.stdout, r"^:\d+\n")
            self.assertNotIn(str(folder / "Xvfb"), run.stdout)
            self.assertEqual(run.stderr, "")
        show = show.replace("; for", "; xdpyinfo >/dev/null; for")
        run = self.gangway("--display=xvfb", "sh", "-c", show, PATH=path)
        self.assertIn(str(folder / "Xvfb"), run.stdout)

    def test_an_xvfb_that_takes_no_sockets_is_started_at_once(self):
        self.need("Xvfb")
        self.need("xdpyinfo")
        real = shutil.which("Xvfb")
        self.file("path/Xvfb", f"#!/bin/sh\nexec {real} \"$@\"\n")
        run = self.gangway("--display=xvfb", "sh", "-c",
                           "xdpyinfo | grep dimensions",
                           PATH=f"{self.tmp}/path:{os.environ['PATH']}")
        self.assertIn("1280x720", run.stdout)
        self.assertRegex(run.stderr, r"Xvfb :\d+ \(1280x720\)")

    def test_no_xvfb_matters_to_what_draws_only(self):
        self.need("xdpyinfo")
        folder = self.tmp / "path"
        folder.mkdir()
        xdpyinfo = shutil.which("xdpyinfo")
        run = self.gangway("--quit-after=1000", "/bin/true", PATH=str(folder))
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        run = self.gangway("--quit-after=1000", xdpyinfo, PATH=str(folder))
        self.assertEqual(run.returncode, 1)
        self.assertIn("no display (DISPLAY is not set), and no Xvfb to start "
                      "one: install Debian's package xvfb\n", run.stderr)

    def test_a_server_that_fails_is_named(self):
        self.need("xdpyinfo")
        real = shutil.which("Xvfb")
        if not real:
            self.skipTest("Xvfb is not installed")
        run = self.gangway("--display=xvfb", "sh", "-c",
                           "printf '%10d\\n' $$ >/tmp/.X${DISPLAY#:}-lock;"
                           "xdpyinfo; sleep 1;"
                           "rm -f /tmp/.X${DISPLAY#:}-lock")
        self.assertRegex(run.stderr, r"the virtual X server :\d+ has ended "
                         r"with status 1")

    def test_the_server_is_for_this_user_only(self):
        self.need("xdpyinfo")
        run = self.gangway("--display=xvfb", "sh", "-c",
                           "xdpyinfo >/dev/null && echo with;"
                           "XAUTHORITY=/dev/null xdpyinfo && echo without")
        self.assertIn("with\n", run.stdout)
        self.assertNotIn("without", run.stdout)

    def test_a_named_display_must_be_there(self):
        run = self.gangway("--display=:32123", "true")
        self.assertEqual(run.returncode, 125)
        self.assertIn(":32123", run.stderr)

    def test_quit_and_screenshot(self):
        self.need("Xvfb")
        self.need("glxgears")
        picture = self.tmp / "picture.png"
        run = self.gangway("--display=xvfb", "--size=320x240",
                           f"--screenshot={picture}", "--quit-after=5",
                           "glxgears")
        # It ends by itself, because its window was asked to close.
        self.assertEqual(run.returncode, 0, run.stderr)
        size, rows = png_pixels(picture)
        self.assertEqual(size, (320, 240))
        self.assertGreater(len(set(rows)), 20, "the picture is empty")

    def test_only_the_programs_windows_are_closed(self):
        self.need("glxgears")
        script = self.file("two", f"""#!/bin/sh
            glxgears >/dev/null 2>&1 & other=$!
            sleep 2
            {self.launcher} --quit-after 3 glxgears >/dev/null
            echo status $?
            kill $other && echo the other one was there
            """)
        run = self.gangway("--native", "--display=xvfb", script)
        self.assertEqual(run.stdout, "status 0\nthe other one was there\n",
                         run.stderr)


class Doctor(Case):
    def test_fetched_programs_are_named(self):
        data = self.tmp / "data/gangway/aarch64/programs"
        (data / "pack/root").mkdir(parents=True)
        run = self.gangway("doctor", XDG_DATA_HOME=str(self.tmp / "data"))
        self.assertIn(f"ok  programs for aarch64: pack, in {data}\n",
                      run.stdout)
        self.assertRegex(run.stdout, "(ok|--)  gangway get: ")

    def test_this_machine_is_well(self):
        run = self.gangway("doctor")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for line in run.stdout.splitlines():
            self.assertRegex(line, r"^(ok|--)  ")

    def test_what_the_host_draws_with_is_named(self):
        self.need("glxinfo")
        self.need("vulkaninfo")
        out = self.gangway("doctor", "--display=xvfb").stdout
        gl = self.gangway("--native", "--display=xvfb", "glxinfo", "-B")
        name = re.search(r"OpenGL renderer string: (.*)", gl.stdout)[1]
        self.assertIn(f"ok  host GL: {name}, OpenGL ", out)
        vulkan = self.gangway("--native", "vulkaninfo", "--summary").stdout
        name = re.search(r"deviceName *= (.*)", vulkan)[1]
        self.assertIn(f"ok  host Vulkan: {name}, Vulkan ", out)
        # The software renderers of this test's machine, if it has no others.
        self.assertEqual("llvmpipe" in out, "on the processor" in out)

    def test_no_vulkan_driver_is_no_failure(self):
        run = self.gangway("doctor", VK_ICD_FILENAMES="/dev/null",
                           VK_DRIVER_FILES="/dev/null")
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, "--  host Vulkan: no device: .*"
                         r"mesa-vulkan-drivers\) \(optional\)")

    def test_a_slow_qemu_is_named(self):
        """Would catch a check that says it of every QEMU, or of none."""
        for option in (), ("--qemu=plain",):
            out = self.gangway(*option, "doctor").stdout
            found = re.search(r"ok  QEMU for x86_64: (\S+), ", out)
            if not found:
                continue    # nobody has built the plain one
            fast = (b"qemu_plugin_register_vcpu_mem_blocking_cb" in
                    pathlib.Path(found[1]).read_bytes())
            self.assertEqual(f"{found[1]} lacks the patches" in out, not fast)

    def test_a_display_that_does_not_answer_is_named(self):
        run = self.gangway("doctor", DISPLAY=":32123")
        self.assertEqual(run.returncode, 1)
        self.assertIn("':32123'", run.stderr)
        self.assertIn("--  display: ", run.stdout)

    def test_a_broken_tree_is_not(self):
        (self.tmp / "lib").unlink()
        run = self.gangway("doctor")
        self.assertEqual(run.returncode, 1)
        self.assertIn("--  QEMU for x86_64", run.stdout)
        self.assertIn("--  host packs", run.stdout)


if __name__ == "__main__":
    if not GANGWAY.exists():
        sys.exit(f"{GANGWAY} is missing: run make first")
    unittest.main(verbosity=2)
