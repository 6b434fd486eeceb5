/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest system calls on host memory.
 *
 * Guest code can read what a host function returned, a string say, but QEMU's
 * system-call layer answers EFAULT for memory that is not in its table of
 * guest pages.  Those calls are made here instead, with the same pointers.
 */
#ifndef GANGWAY_HOST_POINTERS_H
#define GANGWAY_HOST_POINTERS_H

#include <stdbool.h>
#include <stdint.h>

/* Chooses the guest's system call numbers; `target` is qemu_info_t's name. */
void gw_host_pointers_init(const char *target);

/*
 * Makes the system call if it is one of those that take a buffer or a path
 * and its pointer is host memory; true when it did, with the answer in *ret.
 * A CPU's thread.
 */
bool gw_host_pointers_syscall(int64_t num, const uint64_t arg[6],
                              int64_t *ret);

/* After each system call of the guest. */
void gw_host_pointers_returned(void);

#endif
