/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checked access to guest memory.  All functions may be called only from a
 * plugin callback on a vCPU's thread; none of them faults.
 */
#ifndef GANGWAY_GUEST_MEMORY_H
#define GANGWAY_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Distance from guest to host addresses; set once, before the first use. */
extern uintptr_t gw_guest_base;

/* Copies `size` bytes of guest memory; false when any byte is not readable. */
bool gw_guest_read(uint64_t addr, void *out, size_t size);

/* Is this byte guest memory that can be read? */
bool gw_guest_has(uint64_t addr);

/* Writes; false when not all of it is writable. */
bool gw_guest_write(uint64_t addr, const void *data, size_t size);
bool gw_guest_write_u64(uint64_t addr, uint64_t value);
bool gw_guest_write_i32(uint64_t addr, int32_t value);

/* A copy of the string at addr, to be released with g_free(), or NULL when
 * it is not readable or longer than `max` bytes. */
char *gw_guest_string(uint64_t addr, size_t max);

/* Reads host memory at the very number `addr`; false instead of a fault. */
bool gw_host_read(uint64_t addr, void *out, size_t size);

#endif
