# SPDX-License-Identifier: MIT
"""What the parts of get-qemu share: messages, the log, running commands."""

import os
import shlex
import subprocess
import sys
import time

START = time.monotonic()
PROGRAM = "get-qemu"  # who speaks; other scripts set their own name


class Failure(Exception):
    """Something the user has to know; the text names the remedy."""


def say(text):
    """Print one progress line with the seconds since the start."""
    seconds = int(time.monotonic() - START)
    print(f"{PROGRAM}: [{seconds:3d} s] {text}", file=sys.stderr, flush=True)


def tail(path, lines=15):
    """The last lines of a log, indented, for an error message."""
    with open(path, errors="replace") as log:
        return "".join("    " + line for line in log.readlines()[-lines:])


def run(command, log, remedy, cwd=None, env=None, on_line=None):
    """Run a command with its output in the log; Failure if it fails.

    on_line, if given, is called with each line of output.
    """
    with open(log, "a", errors="replace") as out:
        out.write("$ " + shlex.join(map(str, command)) + "\n")
        out.flush()
        with subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              errors="replace",
                              env={**os.environ, "LC_ALL": "C.UTF-8",
                                   **(env or {})}) as process:
            for line in process.stdout:
                out.write(line)
                if on_line:
                    on_line(line)
    if process.returncode:
        raise Failure(f"{os.path.basename(str(command[0]))} failed; {remedy}\n"
                      f"  the end of {log}:\n{tail(log)}")
