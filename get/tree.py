# SPDX-License-Identifier: MIT
"""Packages as folders: unpacked, not installed, and made one root of.

The root is what QEMU's -L (gangway's --sysroot) takes for /.
"""
import os
import re
import stat
import subprocess

from common import Failure

# Never read by a program that draws.
UNWANTED = ("doc", "man", "lintian", "bug", "info")
# The machine's, and not a program's, in whatever root that runs.
MACHINES = ("dev", "home", "media", "mnt", "proc", "root", "run", "srv", "sys",
            "tmp", "var/tmp")
MERGED = ("bin", "sbin", "lib", "lib64")


def make_root(root):
    """An empty root in which /lib and /usr/lib are one (usrmerge)."""
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        link = root / name
        if not link.is_symlink():
            link.symlink_to(f"usr/{name}")


def unpack(deb, root, unwanted=UNWANTED):
    """Add a package's files to a root that make_root() has made."""
    # tar itself, because dpkg-deb -x would replace the links of make_root()
    # by folders.
    exclude = [f"--exclude=./usr/share/{name}" for name in unwanted]
    exclude += [f"--exclude=./{name}" for name in MACHINES]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as source:
        done = subprocess.run(["tar", "-x", "--keep-directory-symlink",
                               "--no-same-owner", "-C", root, *exclude],
                              stdin=source.stdout, stderr=subprocess.PIPE,
                              check=False)
        # dpkg-deb would wait for ever for a tar that has given up.
        source.stdout.close()
        said = done.stderr + source.stderr.read()
    if b"No space left" in said:
        raise OSError(28, os.strerror(28), str(root))
    if source.returncode or done.returncode:
        raise Failure(f"{deb} cannot be unpacked; delete it and run the same "
                      f"again\n{said.decode(errors='replace')}")


def relative(root, folder, target):
    """A link's target: absolute ones would lead out of the root."""
    if target.startswith("/"):
        return os.path.relpath(str(root) + target, folder)
    return target


def contain_links(root):
    """Make the absolute links of a root relative."""
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            if os.path.islink(path) and os.readlink(path).startswith("/"):
                inside = relative(root, folder, os.readlink(path))
                os.unlink(path)
                os.symlink(inside, path)


def tidy(root):
    """Folders that can be deleted again, no set-uid programs; the size."""
    size = 0
    for folder, _, files in os.walk(root):
        os.chmod(folder, stat.S_IMODE(os.stat(folder).st_mode) & 0o777
                 | 0o700)
        for name in files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            size += info.st_size
            if stat.S_ISREG(info.st_mode):
                os.chmod(path, info.st_mode & 0o777 | 0o400)
    return size


def alternatives(deb):
    """[[link, name, path, priority]] that the package's script would register
    by update-alternatives, as far as it names them outright."""
    done = subprocess.run(["dpkg-deb", "-I", deb, "postinst"], check=False,
                          capture_output=True, text=True, errors="replace")
    text = done.stdout.replace("\\\n", " ")
    found = []
    for words in re.findall(r"^[^#\n]*update-alternatives\s([^\n;|&]*)", text,
                            re.M):
        first = re.search(r"--install\s+(/\S+)\s+(\S+)\s+(/\S+)\s+(\d+)",
                          words)
        if not first or "$" in words:
            continue
        rank = int(first[4])
        found.append([first[1], first[2], first[3], rank])
        found += [[*slave, rank] for slave in re.findall(
            r"--slave\s+(/\S+)\s+(\S+)\s+(/\S+)", words)]
    return found


def link_alternatives(root, choices):
    """What update-alternatives would make of alternatives() of all."""
    best = {}
    for link, name, path, rank in choices:
        if os.path.lexists(f"{root}{path}") and \
                rank > best.get(name, (-1,))[0]:
            best[name] = (rank, link, path)
    folder = root / "etc/alternatives"
    for name, (_, link, path) in best.items():
        place = f"{root}{link}"
        if os.path.lexists(place):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(relative(root, folder, path), folder / name)
        os.symlink(relative(root, os.path.dirname(place),
                            f"/etc/alternatives/{name}"), place)


def compose(root, trees):
    """Make a root of hard links to the files of trees, roots of single
    packages.  Of two packages with the same file the first one's is taken."""
    make_root(root)
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            inside = os.path.join(root, os.path.relpath(folder, tree))
            # It may be a link, of the root's or of another package's.
            real = os.path.realpath(inside)
            os.makedirs(real, exist_ok=True)
            for name in folders + files:
                source = os.path.join(folder, name)
                place = os.path.join(real, name)
                if os.path.lexists(place):
                    continue
                if os.path.islink(source):
                    os.symlink(relative(root.resolve(), real,
                                        os.readlink(source)), place)
                elif name in files:
                    os.link(source, place)
