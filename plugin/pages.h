/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory that QEMU is to take for the guest's: mapped buffers for as long
 * as they are mapped, a path for one system call.  A page is the guest's as
 * long as anybody wants it to be.  Needs a QEMU with qemu/patches.
 */
#ifndef DLCALL_PAGES_H
#define DLCALL_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once, when the plugin is loaded; target is QEMU's name of the guest's ISA. */
void gw_pages_init(const char *target);

/*
 * The pages that the range touches; `write`: for writing, too.  On any thread
 * of the guest's.  False, and nothing has changed, where QEMU cannot, or on
 * another thread: then there is nothing to release.
 */
bool gw_pages_adopt(uintptr_t first, size_t size, bool write);

/* Once for each gw_pages_adopt() that said true, with the same range, while
 * the memory is still there. */
void gw_pages_release(uintptr_t first, size_t size);

/* Is this the host's memory, adopted? */
bool gw_pages_are_hosts(uintptr_t address);

/* Around each system call of the guest: where it maps memory of its own, pages
 * are no longer the host's. */
void gw_pages_before_syscall(int64_t num, const uint64_t arg[6]);
void gw_pages_after_syscall(int64_t num, int64_t ret);

#endif
