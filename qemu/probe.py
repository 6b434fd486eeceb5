# SPDX-License-Identifier: MIT
"""Finds out what a qemu-<isa> binary can do by loading a plugin into it."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from common import Failure

SOURCE = pathlib.Path(__file__).with_name("probe.c")

# Plugin APIs that Gangway's plugin is written for, the newest first.
KNOWN_APIS = (7, 6, 4)


class Prober:
    """Holds the compiled probe; use it in a with statement.  With cross, the
    binaries are programs of that host, and so is the probe."""

    def __init__(self, cross=None):
        self._cross = cross

    def __enter__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="get-qemu-")
        self._plugin = None
        return self

    def __exit__(self, *_):
        self._dir.cleanup()

    def _compiled(self):
        if self._plugin:
            return self._plugin
        if self._cross:
            cc = [self._cross.cc, *self._cross.compile_flags,
                  *self._cross.link_flags]
        else:
            cc = os.environ.get("CC", "cc").split()
        if not shutil.which(cc[0]):
            raise Failure(f"no C compiler ({cc[0]}); install one: "
                          "apt-get install gcc libc6-dev")
        self._plugin = os.path.join(self._dir.name, "probe.so")
        result = subprocess.run(
            [*cc, "-shared", "-fPIC", "-o", self._plugin, str(SOURCE)],
            capture_output=True, text=True)
        if result.returncode:
            raise Failure(f"cannot compile {SOURCE} (apt-get install gcc "
                          f"libc6-dev?):\n{result.stderr}")
        return self._plugin

    def probe(self, binary):
        """Return (plugin API, has the filter), or None without plugins."""
        runner = self._cross.runner if self._cross else []
        for api in KNOWN_APIS:
            try:
                result = subprocess.run(
                    [*runner, binary, "-plugin", self._compiled(), os.devnull],
                    env={**os.environ, "GANGWAY_PROBE_API": str(api)},
                    stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    errors="replace", timeout=20)
            except (OSError, subprocess.TimeoutExpired):
                return None
            found = re.search(r"^api=(\d+) filter=([01])$", result.stdout,
                              re.MULTILINE)
            if found:
                return int(found[1]), found[2] == "1"
        return None
