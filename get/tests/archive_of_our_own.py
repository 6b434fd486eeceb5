# SPDX-License-Identifier: MIT
"""A signed Debian archive of a test's own, in a folder, and a server of it."""
import datetime
import email.utils
import hashlib
import http.server
import os
import pathlib
import subprocess
import threading
import time


def run(*command, **more):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more).stdout


class Key:
    """A throw-away key."""

    def __init__(self, folder):
        self.home = folder
        self.ring = folder / "ring.gpg"
        folder.mkdir(mode=0o700)
        self.gpg("--passphrase", "", "--quick-generate-key", "Test",
                 "ed25519", "sign", "never")
        self.gpg("--output", self.ring, "--export")

    def gpg(self, *args):
        run("gpg", "--homedir", self.home, "--batch", "--yes", *args)

    def sign(self, release):
        self.gpg("--clearsign", "--output", release.parent / "InRelease",
                 release)

    def finish(self):
        run("gpgconf", "--homedir", self.home, "--kill", "gpg-agent")


class Archive:
    SUITE = "test"

    def __init__(self, folder, architectures):
        self.folder = folder
        self.architectures = architectures
        self.packages = {}  # (name, arch): stanza

    def add(self, name, arch, version, files=None, links=None, depends="",
            postinst=None):
        """files: {path: bytes}, executable where the path has bin/ or
        games/ in it and no share/."""
        tree = self.folder / "build"
        run("rm", "-rf", tree)
        for path, data in (files or {}).items():
            place = tree / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            place.chmod(0o644 if "share/" in path else 0o755)
        for path, target in (links or {}).items():
            place = tree / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
        control = tree / "DEBIAN"
        control.mkdir(parents=True)
        size = sum(len(data) for data in (files or {}).values()) // 1024 + 1
        (control / "control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\n"
            f"Maintainer: Test <test@example.org>\nInstalled-Size: {size}\n"
            + (f"Depends: {depends}\n" if depends else "")
            + "Description: of a test\n")
        if postinst:
            (control / "postinst").write_text(postinst)
            (control / "postinst").chmod(0o755)
        pool = self.folder / "pool"
        pool.mkdir(exist_ok=True)
        deb = pool / f"{name}_{version}_{arch}.deb"
        run("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, deb)
        data = deb.read_bytes()
        self.packages[name, arch] = (
            (control / "control").read_text() + f"Filename: pool/{deb.name}\n"
            f"Size: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n")
        return deb

    def publish(self, key):
        dist = self.folder / "dists" / self.SUITE
        sums = ""
        for arch in self.architectures:
            place = dist / "main" / f"binary-{arch}" / "Packages"
            place.parent.mkdir(parents=True, exist_ok=True)
            text = "\n".join(stanza for (_, of), stanza
                             in self.packages.items() if of in (arch, "all"))
            place.write_text(text)
            sums += (f" {hashlib.sha256(text.encode()).hexdigest()} "
                     f"{len(text.encode())} {place.relative_to(dist)}\n")
        now = datetime.datetime.now(datetime.timezone.utc)
        (dist / "Release").write_text(
            f"Suite: {self.SUITE}\nCodename: {self.SUITE}\n"
            f"Date: {email.utils.format_datetime(now, usegmt=True)}\n"
            f"Architectures: {' '.join(self.architectures)}\n"
            f"Components: main\nSHA256:\n{sums}")
        key.sign(dist / "Release")


class Handler(http.server.BaseHTTPRequestHandler):
    """Files with ranges, as slowly as the server is told."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        path = pathlib.Path(server.folder) / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        changed = email.utils.formatdate(path.stat().st_mtime, usegmt=True)
        begin = 0
        wanted = self.headers.get("Range", "")
        if wanted and self.headers.get("If-Range", changed) == changed:
            begin = int(wanted.split("=")[1].split("-")[0])
        server.requests.append((path.name, begin))
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(data) - begin))
        self.send_header("Last-Modified", changed)
        self.send_header("Accept-Ranges", "bytes")
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}"
                             f"/{len(data)}")
        self.end_headers()
        try:
            self.send(data[begin:])
        except OSError:
            self.close_connection = True

    def send(self, data):
        for at in range(0, len(data), 50000):
            if self.server.slow and len(data) > 100000:
                time.sleep(self.server.slow)
            self.wfile.write(data[at:at + 50000])
            self.server.sent += len(data[at:at + 50000])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.requests = []  # (file's name, first byte)
        self.slow = 0  # seconds for each 50,000 bytes of large files
        self.sent = 0
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def asked(self):
        """The packages that were asked for since the last time."""
        found = [entry for entry in self.requests if entry[0].endswith(".deb")]
        self.requests.clear()
        self.sent = 0
        return found


def environment(**more):
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("LD_") and not name.lower().endswith(
               "_proxy") and name != "DISPLAY"}
    return {**env, **{name: str(value) for name, value in more.items()}}
