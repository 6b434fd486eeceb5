# SPDX-License-Identifier: MIT
"""What it takes to build for, and run programs of, a host that is not this
machine: Debian's cross compiler, a sysroot with the host's headers and
libraries (scripts/sysroot), and a command that runs the host's programs here.
"""

import os
import pathlib
import shlex
import shutil

from common import Failure


class Cross:
    """Another machine.  host: its ISA as QEMU names it; sysroot: an absolute
    path; runner: a command, as one word of shell, that runs its programs."""

    def __init__(self, host, sysroot, runner):
        self.host = host
        self.triple = f"{host}-linux-gnu"
        self.sysroot = pathlib.Path(sysroot)
        self.runner = shlex.split(runner)
        self.cc = f"{self.triple}-gcc"
        if not shutil.which(self.cc):
            package = self.cc.replace("x86_64", "x86-64")
            raise Failure(f"no {self.cc}; install it: apt-get install "
                          f"gcc-{package.removesuffix('-gcc')}")

    @property
    def libraries(self):
        return self.sysroot / "usr/lib" / self.triple

    @property
    def compile_flags(self):
        # Debian's cross compilers look into a libc of their own before the
        # sysroot's, which need not be of the same release.
        include = self.sysroot / "usr/include"
        return [f"--sysroot={self.sysroot}", "-isystem",
                str(include / self.triple), "-isystem", str(include)]

    @property
    def link_flags(self):
        return [f"--sysroot={self.sysroot}", f"-L{self.libraries}",
                f"-Wl,-rpath-link={self.libraries}"]

    @property
    def pkg_config_path(self):
        return [str(self.libraries / "pkgconfig"),
                str(self.sysroot / "usr/share/pkgconfig")]

    @property
    def environment(self):
        """For a configure that calls pkg-config by itself."""
        return {"PKG_CONFIG": shutil.which("pkg-config") or "pkg-config",
                "PKG_CONFIG_SYSROOT_DIR": str(self.sysroot),
                "PKG_CONFIG_LIBDIR": os.pathsep.join(self.pkg_config_path)}

    @property
    def configure_flags(self):
        """QEMU's."""
        return [f"--cross-prefix={self.triple}-", f"--cpu={self.host}",
                "--extra-cflags=" + shlex.join(self.compile_flags),
                "--extra-ldflags=" + shlex.join(self.link_flags)]
