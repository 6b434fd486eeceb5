# SPDX-License-Identifier: MIT
"""The user's data folder: what `gangway get` has fetched for one ISA.

    packages/STEM/tree      a package, unpacked; there only when complete
    packages/STEM/info.json its size and alternatives
    trees/NAME.N/root       a program's root: hard links to its packages
    trees/NAME.N/manifest.json
    programs/NAME           link to the tree that is used; the launcher looks
                            here only
    wanted/NAME.json        what a get that has not ended yet is to fetch
    apt/SUITE               apt's lists and downloads
    lock                    held while anything of these is changed

Each step ends with a rename, so that one that was interrupted anywhere leaves
nothing that is used; the next one goes on with what is complete.  All methods
that change something want the lock.
"""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import time

from tree import (alternatives, compose, link_alternatives, make_root, tidy,
                  unpack)

# Of what is unpacked before it is flushed to the disk and counts as complete.
BATCH = 256e6
PROGRAM_DIRS = ("usr/bin", "usr/games", "usr/sbin")


def data_folder():
    return pathlib.Path(os.environ.get("XDG_DATA_HOME") or
                        pathlib.Path.home() / ".local/share") / "gangway"


def flush(folder):
    subprocess.run(["sync", "-f", folder], check=True)


def write_json(path, value):
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=1) + "\n")
    part.rename(path)


def read_json(path):
    return json.loads(path.read_text()) if path.exists() else None


class Store:
    def __init__(self, isa, data=None):
        self.isa = isa
        self.base = (data or data_folder()) / isa
        self.packages = self.base / "packages"
        self.trees = self.base / "trees"
        self.programs = self.base / "programs"
        self.wanted = self.base / "wanted"

    def lock(self, waiting):
        """An open file that holds the lock until it is closed.  waiting: is
        called when another process has it."""
        for folder in (self.packages, self.trees, self.programs, self.wanted):
            folder.mkdir(parents=True, exist_ok=True)
        lock = open(self.base / "lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def names(self):
        """The programs that can be used."""
        if not self.programs.is_dir():
            return []
        return sorted(entry.name for entry in self.programs.iterdir()
                      if (entry / "manifest.json").exists())

    def manifest(self, name):
        """What is known of a program that is there, or None."""
        return read_json(self.programs / name / "manifest.json")

    def root(self, name):
        return self.programs / name / "root"

    def unfinished(self):
        """{name: what a get that has not ended wants}."""
        if not self.wanted.is_dir():
            return {}
        return {path.stem: read_json(path)
                for path in sorted(self.wanted.glob("*.json"))}

    def want(self, name, request, debs):
        write_json(self.wanted / f"{name}.json",
                   {**request, "debs": [deb.stem for deb in debs]})

    def missing(self, debs):
        return [deb for deb in debs if not (self.packages / deb.stem).exists()]

    def unpack(self, files, progress):
        """files: {stem: path of the .deb}.  progress: called with the number
        of those that are done."""
        ready, size = {}, 0
        try:
            for count, (stem, path) in enumerate(files.items(), 1):
                part = self.packages / f"{stem}.part"
                size += self.unpack_one(path, part)
                ready[part] = self.packages / stem
                if size > BATCH:
                    self.complete(ready)
                    size = 0
                progress(count)
        finally:
            self.complete(ready)

    def complete(self, ready):
        # A power failure must not leave a package of empty files.
        flush(self.base)
        while ready:
            part, place = ready.popitem()
            part.rename(place)

    @staticmethod
    def unpack_one(deb, part):
        if part.exists():
            shutil.rmtree(part)
        tree = part / "tree"
        try:
            make_root(tree)
            unpack(deb, tree)
            size = tidy(tree)
            write_json(part / "info.json",
                       {"size": size, "alternatives": alternatives(deb)})
        except OSError:
            # A full disk, most likely: leave room.
            shutil.rmtree(part, ignore_errors=True)
            raise
        return size

    def info(self, stem):
        return read_json(self.packages / stem / "info.json")

    def commands(self, debs, packages):
        """The names of the programs that these packages themselves have."""
        found = set()
        for deb in debs:
            for folder in PROGRAM_DIRS if deb.package in packages else ():
                place = self.packages / deb.stem / "tree" / folder
                if place.is_dir():
                    found |= {entry.name for entry in place.iterdir()}
        return sorted(found)

    def publish(self, name, request, debs):
        """Have programs/NAME be those packages, all of which are there."""
        tree = self.trees / f"{name}.{time.time_ns()}"
        trees = [self.packages / deb.stem / "tree" for deb in debs]
        infos = [self.info(deb.stem) for deb in debs]
        (tree / "root").mkdir(parents=True)
        compose(tree / "root", trees)
        link_alternatives(tree / "root", [choice for info in infos
                                          for choice in info["alternatives"]])
        first = next(deb for deb in debs
                     if deb.package == request["packages"][0])
        write_json(tree / "manifest.json", {
            **request, "version": first.version,
            "size": sum(info["size"] for info in infos),
            "commands": self.commands(debs, request["packages"]),
            "debs": [deb.stem for deb in debs]})
        flush(self.base)
        link = self.trees / f"{name}.link"
        link.unlink(missing_ok=True)
        link.symlink_to(f"../trees/{tree.name}")
        link.rename(self.programs / name)
        self.collect_trees()
        (self.wanted / f"{name}.json").unlink(missing_ok=True)

    def remove(self, name):
        """False: neither there nor begun."""
        wanted = self.wanted / f"{name}.json"
        link = self.programs / name
        if not wanted.exists() and not link.is_symlink():
            return False
        wanted.unlink(missing_ok=True)
        link.unlink(missing_ok=True)
        return True

    def collect_trees(self):
        """Delete the roots that are no program's."""
        used = {(self.programs / name).resolve().name for name in self.names()}
        for entry in self.trees.iterdir():
            if entry.is_symlink():
                entry.unlink()
            elif entry.name not in used:
                shutil.rmtree(entry)

    def collect(self):
        """Delete what no program needs; the bytes that became free."""
        self.collect_trees()
        needed = {stem for name in self.names()
                  for stem in self.manifest(name)["debs"]}
        needed |= {stem for wish in self.unfinished().values()
                   for stem in wish["debs"]}
        freed = 0
        for entry in self.packages.iterdir():
            if entry.name in needed:
                continue
            freed += (read_json(entry / "info.json") or {"size": 0})["size"]
            # Not under its name while it is half there.
            gone = self.packages / f"{entry.name.removesuffix('.part')}.part"
            entry.rename(gone)
            shutil.rmtree(gone)
        for deb in self.base.glob("apt/*/cache/archives/**/*.deb"):
            if deb.stem not in needed:
                freed += deb.stat().st_size
                deb.unlink()
        return freed

    def size(self):
        """Bytes of all packages; those that programs share count once."""
        infos = [read_json(path) for path in
                 self.packages.glob("*/info.json")]
        return sum(info["size"] for info in infos)
