# SPDX-License-Identifier: MIT
"""Fetches QEMU's source and its build tools from the machine's Debian mirror.

How, is in get/archive.py: the machine's apt set-up is only read, and every
download is checked against the archive's signature.
"""

import pathlib
import shutil
import sys

from common import Failure, say

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "get"))
from archive import Apt, need_tools  # noqa: E402

SUITE = "trixie"
REMEDY = ("name the folder of a QEMU with plugin API 6 (QEMU 11.0) or later "
          "in GANGWAY_QEMU_DIR")


def connect(apt):
    """Use the first of the machine's mirrors that has the suite."""
    need_tools(REMEDY)
    try:
        apt.connect([SUITE], say, kinds=("deb", "deb-src"))
    except Failure as failure:
        raise Failure(f"no source of QEMU: {failure}\n  If there is none, "
                      f"{REMEDY}") from failure


def fetch(folder, debs):
    """Have QEMU's source and the packages in debs lie in folder.

    Returns the path of the .dsc. Nothing is downloaded twice.
    """
    done = folder / "complete"
    if not done.exists():
        apt = Apt(folder / "apt")
        connect(apt)
        say("downloading QEMU's source package (40 MB)")
        apt.call("source", "--download-only", "qemu", cwd=folder)
        apt.call("download", *debs, cwd=folder)
        shutil.rmtree(folder / "apt")
        done.touch()
    found = sorted(folder.glob("qemu_*.dsc"))
    if not found:
        raise Failure(f"{folder} holds no QEMU source; delete that folder and "
                      "run the same again")
    return found[-1]
