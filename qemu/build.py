# SPDX-License-Identifier: MIT
"""Builds Debian's QEMU source with Gangway's patches into the cache.

The patches directly in patches/ are what Gangway needs to work; those in
patches/speed/ make QEMU faster and come after them, in the order of their
names. A plain QEMU is built without the latter. Each has its own key in the
cache, so that both can lie there; while there are no speed patches, the two
are one. A QEMU for another machine than this (cross.py) is built in the same
way, and its key ends with that machine's ISA.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import time

import debian
from common import Failure, run, say

PATCHES = pathlib.Path(__file__).parent / "patches"

FLAGS = ["--enable-plugins", "--disable-system", "--disable-tools",
         "--disable-docs", "--disable-download", "--disable-install-blobs",
         "--without-default-features", "--python=/usr/bin/python3",
         "-Doptimization=2"]
# What the speed patches build upon: exclusive sections order the other
# threads' memory accesses by membarrier(2), which then need no barriers.
SPEED_FLAGS = ["--enable-membarrier"]

# QEMU's configure wants a newer meson than Debian 12 has. These two are
# Python alone, so they run from a folder, without being installed.
DEBS = ["meson", "python3-pycotap"]

# What the build needs: a check, and the package that gives it.
PROGRAMS = {"cc": "gcc", "ninja": "ninja-build", "pkg-config": "pkg-config",
            "dpkg-source": "dpkg-dev", "patch": "patch", "xz": "xz-utils"}
LIBRARIES = {"glib-2.0": "libglib2.0-dev", "zlib": "zlib1g-dev"}


def patches(plain):
    """The patches of a build, in the order in which they apply."""
    needed = sorted(PATCHES.glob("*.patch"))
    return needed if plain else needed + sorted(PATCHES.glob("speed/*.patch"))


def flags(plain):
    """The arguments of QEMU's configure, besides the targets."""
    speed = patches(plain) != patches(plain=True)
    return FLAGS + SPEED_FLAGS if speed else FLAGS


def key(plain=False, cross=None):
    """What the build depends on, besides QEMU's version, as a short hash."""
    digest = hashlib.sha256()
    for patch in patches(plain):
        digest.update(patch.read_bytes())
    digest.update(repr(flags(plain)).encode())
    return digest.hexdigest()[:12] + (f"-{cross.host}" if cross else "")


def cached(cache, targets, plain=False, cross=None):
    """The newest folder in the cache that has all targets, or None."""
    def version(folder):
        return [int(n) for n in re.findall(r"\d+", folder.name.split("-")[1])]

    folders = sorted(cache.glob(f"qemu-*-{key(plain, cross)}"), key=version)
    for folder in reversed(folders):
        if all(os.access(folder / "bin" / f"qemu-{t}", os.X_OK)
               for t in targets):
            return folder / "bin"
    return None


def check_dependencies(cross):
    missing = [package for program, package in PROGRAMS.items()
               if not shutil.which(program)]
    env = {**os.environ, **(cross.environment if cross else {})}
    if "pkg-config" not in missing:
        absent = [package for library, package in LIBRARIES.items()
                  if subprocess.run(["pkg-config", "--exists", library],
                                    check=False, env=env).returncode]
        if absent and cross:
            raise Failure(f"to build QEMU for {cross.host} its sysroot lacks "
                          + " ".join(absent) + "; scripts/sysroot adds them")
        missing += absent
    if subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"],
                      check=False, capture_output=True).returncode:
        missing.append("python3-venv")
    if missing:
        raise Failure("to build QEMU these packages are missing; install "
                      "them: apt-get install " + " ".join(missing))


def apply(patch, source, log):
    name = patch.relative_to(PATCHES)
    say(f"patching with {name}")
    run(["patch", "-p1", "--batch", "-i", str(patch)], log,
        f"this QEMU differs from the one that {name} was made for",
        cwd=source)


def unpack(dsc, folder, plain, log):
    """Source with the patches and the Python tools, in folder; once."""
    source = folder / "source"
    tools = folder / "tools"
    if source.exists():
        return source, tools
    say(f"unpacking {dsc.name[:-len('.dsc')]}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fresh = folder / "unpacking"
    again = f"delete {dsc.parent} and run the same again"
    run(["dpkg-source", "--no-copy", "-x", str(dsc), str(fresh)], log, again)
    for deb in DEBS:
        for path in dsc.parent.glob(f"{deb}_*.deb"):
            run(["dpkg-deb", "-x", str(path), str(tools)], log, again)
    for patch in patches(plain):
        apply(patch, fresh, log)
    fresh.rename(source)
    return source, tools


def progress():
    """A line handler that reports ninja's progress now and then."""
    last = time.monotonic()

    def handle(line):
        nonlocal last
        found = re.match(r"\[(\d+/\d+)\]", line)
        if found and time.monotonic() - last > 15:
            last = time.monotonic()
            say(f"compiled {found[1]}")
    return handle


def compile_targets(source, tools, targets, plain, cross, log):
    """Configure and build; returns the folder with the binaries."""
    out = source.parent / ("build-" + "-".join(targets))
    out.mkdir(exist_ok=True)
    env = {"PYTHONPATH": str(tools / "usr/lib/python3/dist-packages"),
           **(cross.environment if cross else {})}
    if not (out / "build.ninja").exists():
        say("configuring QEMU for " + ", ".join(targets)
            + (f", to run on {cross.host}" if cross else ""))
        names = ",".join(f"{target}-linux-user" for target in targets)
        run([str(source / "configure"), f"--target-list={names}",
             *flags(plain), *(cross.configure_flags if cross else [])], log,
            "the log names what is missing", cwd=out, env=env)
    jobs = len(os.sched_getaffinity(0))
    say(f"compiling QEMU on {jobs} cores, some minutes")
    run(["ninja", f"-j{jobs}", *[f"qemu-{t}" for t in targets]], log,
        "the log has the compiler's message; running the same again resumes",
        cwd=out, env=env, on_line=progress())
    return out


def install(source, out, targets, folder, cross):
    """Move finished files into place so that each appears whole or not."""
    strip = f"{cross.triple}-strip" if cross else "strip"
    plan = [(out / f"qemu-{t}", folder / "bin" / f"qemu-{t}") for t in targets]
    plan.insert(0, (source / "include/qemu/qemu-plugin.h",
                    folder / "include/qemu-plugin.h"))
    for origin, target in plan:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        shutil.copy2(origin, partial)
        if target.parent.name == "bin":
            subprocess.run([strip, "--strip-debug", str(partial)],
                           check=True)
        partial.rename(target)


def build(cache, targets, plain, prober, log, cross=None):
    """Build what of targets the cache lacks; returns the bin folder."""
    check_dependencies(cross)
    downloads = cache / "qemu-source"
    downloads.mkdir(parents=True, exist_ok=True)
    dsc = debian.fetch(downloads, DEBS)
    work = cache / f"qemu-build-{key(plain, cross)}"
    source, tools = unpack(dsc, work, plain, log)
    version = (source / "VERSION").read_text().strip()
    folder = cache / f"qemu-{version}-{key(plain, cross)}"
    needed = [t for t in targets if not (folder / "bin" / f"qemu-{t}").exists()]
    out = compile_targets(source, tools, needed, plain, cross, log)
    for target in needed:
        answer = prober.probe(str(out / f"qemu-{target}"))
        if not answer or not answer[1]:
            raise Failure(f"the qemu-{target} just built lacks the system "
                          f"call filter (probe: {answer}); see {log}")
    install(source, out, needed, folder, cross)
    shutil.rmtree(work)
    return folder / "bin"
