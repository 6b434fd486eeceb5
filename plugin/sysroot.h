/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's files below the sysroot.  QEMU's -L looks there for what is
 * opened, stat()ed or read as a link; this adds the calls that it leaves out.
 */
#ifndef GANGWAY_SYSROOT_H
#define GANGWAY_SYSROOT_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the sysroot from the environment; `target` is qemu_info_t's name.
 * Until then there is none. */
void gw_sysroot_init(const char *target);

/* Where QEMU looks for a path of the guest's, if that is in the sysroot; a new
 * string, or NULL.  On any thread. */
char *gw_sysroot_path(const char *path);

/* Does chdir(), getcwd(), faccessat(), faccessat2() and statx() of what is in
 * the sysroot; then it is true with the answer in *ret. */
bool gw_sysroot_syscall(int64_t num, const uint64_t arg[6], int64_t *ret);

#endif
