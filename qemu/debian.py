# SPDX-License-Identifier: MIT
"""Fetches QEMU's source and its build tools from the machine's Debian mirror.

The machine's apt set-up is only read: sources list, package lists and cache
are files of our own. Every download is checked against the archive's
signature (apt-get does it, with Debian's own keyring).
"""

import os
import pathlib
import re
import shutil
import subprocess

from common import Failure, run, say

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def own_suites():
    """Suites by which the machine's sources may name Debian's main archive."""
    codename = None
    for name in ("/etc/os-release", "/usr/lib/os-release"):
        if os.path.exists(name):
            text = pathlib.Path(name).read_text()
            found = re.search(r'^VERSION_CODENAME="?([\w-]+)', text, re.M)
            codename = found and found[1]
            break
    return {codename, SUITE, "oldstable", "stable", "testing", "unstable",
            "sid"}


def mirrors():
    """The addresses of Debian's archive that this machine's apt uses."""
    if not shutil.which("apt-get"):
        raise Failure("no apt-get here, so no source of QEMU; name the folder "
                      "of a QEMU with plugin API 6 (QEMU 11.0) or later in "
                      "GANGWAY_QEMU_DIR")
    result = subprocess.run(["apt-get", "update", "--print-uris"],
                            capture_output=True, text=True)
    suites = own_suites()
    found = []
    for uri, suite in re.findall(r"^'(\S+)/dists/([^/']+)/InRelease'",
                                 result.stdout, re.M):
        if suite in suites and uri not in found:
            found.append(uri)
    if not found:
        raise Failure("apt's sources on this machine name no Debian archive; "
                      "add one to /etc/apt/sources.list.d, or name a folder "
                      "with QEMU in GANGWAY_QEMU_DIR\n" + result.stderr)
    return found


class PrivateApt:
    """apt-get with a sources list, package lists and a cache of its own."""

    def __init__(self, folder, log):
        self._folder = folder
        self._log = log
        self._sources = folder / "sources.list"
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def _command(self, *args):
        options = [f"Dir::Etc::SourceList={self._sources}",
                   "Dir::Etc::SourceParts=/dev/null",
                   "Dir::Etc::Preferences=/dev/null",
                   "Dir::Etc::PreferencesParts=/dev/null",
                   f"Dir::State::Lists={self._folder / 'lists'}",
                   f"Dir::Cache={self._folder / 'cache'}",
                   "Acquire::Languages=none",
                   "Acquire::Retries=3",
                   "APT::Update::Error-Mode=any"]
        if os.getuid() == 0:
            # The user _apt cannot write to a folder in root's home.
            options.append("APT::Sandbox::User=root")
        return ["apt-get", "-q", *[f"-o{option}" for option in options], *args]

    def run(self, *args, cwd=None):
        run(self._command(*args), self._log, "is the mirror reachable? If so, "
            "run the same again: what has been downloaded is kept", cwd=cwd)

    def use(self, mirror):
        """Point it to a mirror and fetch the package lists."""
        self._sources.write_text(
            f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n"
            f"deb-src [signed-by={KEYRING}] {mirror} {SUITE} main\n")
        self.run("update")

    def connect(self):
        """Use the first of the machine's mirrors that has the suite."""
        if not os.path.exists(KEYRING):
            raise Failure(f"{KEYRING} is missing; install it: apt-get install "
                          "debian-archive-keyring")
        errors = []
        for mirror in mirrors():
            try:
                say(f"package lists of {SUITE} from {mirror}")
                return self.use(mirror)
            except Failure as failure:
                errors.append(f"{mirror}: {failure}")
        raise Failure(f"no mirror of this machine gave {SUITE}:\n"
                      + "\n".join(errors))


def fetch(folder, debs, log):
    """Have QEMU's source and the packages in debs lie in folder.

    Returns the path of the .dsc. Nothing is downloaded twice.
    """
    done = folder / "complete"
    if not done.exists():
        apt = PrivateApt(folder / "apt", log)
        apt.connect()
        say("downloading QEMU's source package (40 MB)")
        apt.run("source", "--download-only", "qemu", cwd=folder)
        apt.run("download", *debs, cwd=folder)
        shutil.rmtree(folder / "apt")
        done.touch()
    found = sorted(folder.glob("qemu_*.dsc"))
    if not found:
        raise Failure(f"{folder} holds no QEMU source; delete that folder and "
                      "run the same again")
    return found[-1]
