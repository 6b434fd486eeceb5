# SPDX-License-Identifier: MIT
"""Debian's archive, by apt-get with lists, cache and status of its own.

The machine's apt set-up is only read, nothing needs root, nothing is
installed.  apt-get checks every list against the archive's signature and every
package against its list.  All that fetches from Debian goes through here:
`gangway get`, scripts/sysroot, qemu/get-qemu.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

from common import Failure

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64"}
# Releases of Debian that have the ISA, the first one whose package list a
# mirror gives out whole is taken; for the others it is the machine's own, so
# that mirrors which carry only that one do.
SUITES = {"riscv64": ("trixie", "forky")}
# Emulated drivers are needed for --no-passthrough only, and are most of the
# size.
DRIVERS = re.compile(r"^(libllvm\d+|libgl1-mesa-dri|mesa-libgallium|"
                     r"libglx-mesa0|libegl-mesa0|mesa-vulkan-drivers|"
                     r"libz3-4|libsensors\d?|libsensors-config|"
                     r"libdrm-\w+|libglapi-mesa)$")
# Of the fields that apt's list has of a package, those that say which it is.
STATUS_FIELDS = ("Package", "Architecture", "Version", "Multi-Arch",
                 "Provides", "Essential")


def own_codename():
    """The machine's release of Debian; None when it has none."""
    for name in ("/etc/os-release", "/usr/lib/os-release"):
        if os.path.exists(name):
            text = pathlib.Path(name).read_text()
            found = re.search(r'^VERSION_CODENAME="?([\w-]+)', text, re.M)
            return found and found[1]
    return None


def suites_for(isa):
    """The releases to take packages from, the best one first."""
    suites = SUITES.get(isa) or (own_codename(),)
    if not suites[0]:
        raise Failure("/etc/os-release names no release of Debian; give "
                      "--suite")
    return suites


def sources():
    """[(address, suite)] of the lists that this machine's apt uses."""
    done = subprocess.run(["apt-get", "update", "--print-uris"], check=False,
                          capture_output=True, text=True)
    return list(dict.fromkeys(re.findall(
        r"^'(\S+)/dists/([^/']+)/InRelease'", done.stdout, re.M)))


def mirrors(suite):
    """The addresses of Debian's archive that this machine's apt uses, under
    whatever name of a suite."""
    named = {own_codename(), suite, "oldstable", "stable", "testing",
             "unstable", "sid"}
    found = list(dict.fromkeys(uri for uri, at in sources() if at in named))
    if not found:
        raise Failure("apt's sources on this machine name no Debian archive; "
                      "add one to /etc/apt/sources.list.d")
    return found


def need_tools(remedy):
    """Failure where there is no apt; remedy: what else would do."""
    for tool in ("apt-get", "dpkg-deb", "tar"):
        if not shutil.which(tool):
            raise Failure(f"no {tool} here, and packages come from Debian's "
                          f"archive: {remedy}")


class Deb:
    """A package as a file.  name: of the file; stem: without .deb."""

    def __init__(self, uri, name, size, digest):
        self.uri, self.name, self.size = uri, name, int(size)
        self.digest = digest
        self.stem = name.removesuffix(".deb")
        self.package, version, self.arch = self.stem.split("_")
        self.version = urllib.parse.unquote(version)
        self.asked = f"{self.package}={self.version}"

    def is_intact(self, path):
        """Is the file at path that package, whole?"""
        kind, _, digest = self.digest.partition(":")
        if not path.exists() or path.stat().st_size != self.size:
            return False
        with open(path, "rb") as data:
            found = hashlib.file_digest(data, kind.lower()).hexdigest()
        return found == digest.lower()


class Apt:
    """apt-get with everything of its own in folder.  arch: for that
    architecture, otherwise the machine's."""

    def __init__(self, folder, arch=None, locks=()):
        self.folder = folder
        self.arch = arch
        self.locks = locks  # descriptors that what it starts keeps open
        self.sources = folder / "sources.list"
        self.cache = folder / "cache/archives"
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.set_status([])

    def set_status(self, stanzas):
        """Make it believe that these, of show(), are installed, and nothing
        else.  What they depend on does not count."""
        kept = ["".join(f"{line}\n" for line in text.splitlines()
                        if line.partition(":")[0] in STATUS_FIELDS)
                + "Status: install ok installed\n" for text in stanzas]
        (self.folder / "status").write_text("\n".join(kept))

    def command(self, *args, program="apt-get"):
        options = [f"Dir::Etc::SourceList={self.sources}",
                   "Dir::Etc::SourceParts=/dev/null",
                   "Dir::Etc::Preferences=/dev/null",
                   "Dir::Etc::PreferencesParts=/dev/null",
                   f"Dir::State={self.folder}",
                   f"Dir::State::Lists={self.folder / 'lists'}",
                   f"Dir::State::status={self.folder / 'status'}",
                   f"Dir::Cache={self.folder / 'cache'}",
                   "APT::Install-Recommends=false",
                   "APT::Get::AllowUnauthenticated=false",
                   "APT::Update::Error-Mode=any",
                   "Acquire::AllowInsecureRepositories=false",
                   "Acquire::ForceHash=SHA256",
                   "Acquire::Languages=none",
                   "Acquire::Retries=3"]
        if self.arch:
            options += [f"APT::Architecture={self.arch}",
                        f"APT::Architectures::={self.arch}"]
        if os.getuid() == 0:
            # The user _apt cannot write to a folder in root's home.
            options.append("APT::Sandbox::User=root")
        if program == "apt-get":
            options = ["-q", "-y", *[f"-o{o}" for o in options]]
        else:
            options = [f"-o{o}" for o in options]
        return [program, *options, *args]

    def call(self, *args, program="apt-get", cwd=None, progress=None):
        """Its output; Failure with the end of it where it fails.  progress:
        called with the percentage of a download."""
        reader, writer = os.pipe() if progress else (None, None)
        more = [f"-oAPT::Status-Fd={writer}"] if progress else []
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        with subprocess.Popen(
                self.command(*more, *args, program=program), cwd=cwd, env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace",
                pass_fds=[*self.locks, *([writer] if progress else [])]
                ) as process:
            if progress:
                os.close(writer)
                with open(reader) as lines:
                    for line in lines:
                        progress(float(line.split(":")[2]))
            output = process.stdout.read()
        if process.returncode:
            raise AptFailure(program, output)
        return output

    def update(self):
        self.call("update")

    def connect(self, suites, say, kinds=("deb",), extra=()):
        """Fetch the lists of the first suite that one of the machine's mirrors
        has.  extra: suites that are taken, too, where the machine's apt names
        them (those with security updates).  A failure changes nothing."""
        if not os.path.exists(KEYRING):
            raise Failure(f"{KEYRING} is missing; install it: apt-get install "
                          "debian-archive-keyring")
        before = self.sources.read_text() if self.sources.exists() else ""
        more = [(uri, at) for uri, at in sources() if at in extra]
        failures = []
        for suite in suites:
            for mirror in mirrors(suite):
                self.sources.write_text("".join(
                    f"{kind} [signed-by={KEYRING}] {uri} {at} main\n"
                    for uri, at in [(mirror, suite), *more]
                    for kind in kinds))
                say(f"package lists of {suite} from {mirror}")
                try:
                    self.update()
                    return
                except AptFailure as failure:
                    failures.append(failure)
        self.sources.write_text(before)
        raise failures[0]

    def closure(self, packages, only=False):
        """[Deb] for packages and, unless only they are wanted, what they
        depend on."""
        # What has been downloaded would be left out.
        nothing = self.folder / "nothing"
        (nothing / "partial").mkdir(parents=True, exist_ok=True)
        text = self.call(f"-oDir::Cache::archives={nothing}",
                         "download" if only else "install", "--print-uris",
                         *packages)
        return [Deb(*found) for found in
                re.findall(r"^'(\S+)' (\S+\.deb) (\d+) (\S+)", text, re.M)]

    def show(self, debs):
        """{stem: what the list has of it}."""
        text = self.call("show", *[deb.asked for deb in debs],
                         program="apt-cache") if debs else ""
        stanzas = {}
        for stanza in re.split(r"\n\n+", text.strip()):
            found = dict(re.findall(r"^([\w-]+): (.*)$", stanza, re.M))
            stanzas[found.get("Package"), found.get("Version")] = stanza
        return {deb.stem: stanzas[deb.package, deb.version] for deb in debs}

    def path(self, deb):
        """Where download() has it."""
        address = urllib.parse.urlsplit(deb.uri)
        if address.scheme == "file":
            return pathlib.Path(urllib.parse.unquote(address.path))
        return self.cache / deb.name

    def download(self, debs, others, progress=None):
        """Fetch debs, which with others, stanzas of show(), are all that they
        depend on.  What an interrupted one has left is not fetched again.
        others may be None, for a part of what they depend on."""
        asked = [deb.asked for deb in debs]
        if others is None:
            self.call("download", *asked, cwd=self.cache, progress=progress)
        else:
            # "download" would not go on within a file.
            self.set_status(others)
            try:
                self.call("install", "--download-only", *asked,
                          progress=progress)
            finally:
                self.set_status([])
        for deb in debs:
            path = self.path(deb)
            if not deb.is_intact(path):
                if path.parent == self.cache:
                    path.unlink(missing_ok=True)
                raise Failure(f"{deb.name} is not what the archive's list "
                              "says it is; run the same again, and it is "
                              "fetched again")


class AptFailure(Failure):
    """apt-get did not do it.  text: what it said; str(): one sentence where
    the cause is known."""

    # What apt says: what it means, and the remedy.
    CAUSES = (
        (r"NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|is not signed|"
         r"[Ii]nvalid signature|verify signature|couldn't be verified|"
         r"NODATA|public key is not available",
         "the archive's signature is not right, so nothing was taken: "
         "`apt-get install debian-archive-keyring` renews the keys; if it "
         "stays, do not trust that mirror"),
        (r"No space left|not have enough (?:free )?space",
         "the disk is full: free some space and run the same again, and it "
         "goes on"),
        (r"Could not resolve|Could not connect|Temporary failure resolving|"
         r"onnection (?:timed out|failed|refused)|Unable to connect|"
         r"Network is unreachable|Cannot initiate the connection",
         "the archive cannot be reached: is there a network? What has been "
         "fetched is kept: run the same again later, and it goes on"),
        (r"Hash Sum mismatch|File has unexpected size|[Mm]irror sync",
         "what the mirror sent is not what its signed list says; it may be "
         "in the middle of a change: run the same again later"),
        (r"does not have a Release file|404 +Not Found",
         "the archive does not have it (any more)"),
        (r"Could not get lock", "another apt-get works in that folder: wait "
                                "for its end"),
    )

    def __init__(self, program, text):
        self.text = text
        lines = [line for line in text.splitlines()
                 if re.match(r"[EW]: |Err:", line)] or text.splitlines()[-1:]
        for pattern, meaning in self.CAUSES:
            said = [line for line in lines if re.search(pattern, line)]
            if said:
                super().__init__(f"{meaning} (apt: {said[0].strip()})")
                return
        end = "\n".join("    " + line for line in text.splitlines()[-12:])
        super().__init__(f"{program} failed; is the mirror reachable and the "
                         f"name right? What has been downloaded is kept\n"
                         f"{end}")

    def unknown(self):
        """The package that it does not know, or None."""
        found = re.search(r"Unable to locate package (\S+)|"
                          r"Package '?([^\s']+)'? has no installation "
                          r"candidate|Couldn't find any package by \w+ "
                          r"'(\S+)'", self.text)
        return found and (found[1] or found[2] or found[3])

    def unmet(self):
        """The first dependency that cannot be met, or None."""
        found = re.search(r"^ (\S+) : \w+: (.*)$", self.text, re.M)
        return found and f"{found[1]} needs {found[2]}"
