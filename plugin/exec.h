/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows exec: programs that the guest starts run under the launcher, and so
 * in QEMU with their thunk libraries, whatever their ISA.
 */
#ifndef GANGWAY_EXEC_H
#define GANGWAY_EXEC_H

#include <stdbool.h>
#include <stdint.h>

/* `launcher` is the absolute path of gangway; `target` is qemu_info_t's
 * name. */
void gw_exec_init(const char *launcher, const char *target);

/*
 * Executes `launcher --exec PATH ARGV...` if this is an execve() of a program
 * or script; then it does not return unless that fails, and is true with the
 * answer in *ret.
 */
bool gw_exec_syscall(int64_t num, const uint64_t arg[6], int64_t *ret);

#endif
