/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many threads the guest has.  When one is left, the host runtime hears
 * of it (gangway/crash.h): it may be a thread that only the runtime wanted.
 */
#ifndef DLCALL_THREADS_H
#define DLCALL_THREADS_H

#include <stdint.h>

/* Once, when the plugin is loaded; target is QEMU's name of the guest's ISA. */
void gw_threads_init(const char *target);

/* Around each system call of the guest, on its thread. */
void gw_threads_before_syscall(int64_t num, uint64_t flags);
void gw_threads_after_syscall(int64_t num, int64_t ret);

/* On each thread of the guest that ends while there are others. */
void gw_threads_exit(void);

#endif
