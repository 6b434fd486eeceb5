/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals in a process that has threads QEMU does not know.
 *
 * QEMU's handlers take every thread for one of a guest CPU's.  A
 * process-directed signal that the kernel gives to a thread of a host library
 * would crash there, and a fault in host code ends the program without a word
 * about where.  So a handler of ours stands before QEMU's: it sends the first
 * kind on to a thread that QEMU knows, and explains the second.
 */
#ifndef GANGWAY_SIGNALS_H
#define GANGWAY_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Which system call changes handlers depends on the guest; `target` is
 * qemu_info_t's name. */
void gw_signals_init(const char *target);

/* The calling thread is one of QEMU's CPUs. */
void gw_signals_cpu_thread(void);

/* Is this a CPU's thread? */
bool gw_is_cpu_thread(void);

/* Puts our handler before those that QEMU has installed since. */
void gw_signals_hook(void);

/* Before and after a system call of the guest; a CPU's thread. */
void gw_signals_before_syscall(int64_t num, uint64_t a1, uint64_t a2);
void gw_signals_after_syscall(int64_t num);

#endif
