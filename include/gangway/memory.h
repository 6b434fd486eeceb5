/* SPDX-License-Identifier: MIT */
/*
 * What the host runtime asks the plugin about memory.  As with
 * gangway/crash.h, the plugin finds the runtime's object by name, and here
 * fills it in; with another plugin it stays empty.
 */
#ifndef GANGWAY_MEMORY_H
#define GANGWAY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The name of the runtime's exported object of this type. */
#define GW_MEMORY_HOOKS "gw_memory_hooks"

struct gw_memory_hooks {
    /*
     * Does QEMU know the address as the guest's?  1, 0, or -1 on a thread
     * that is no CPU's, where QEMU cannot be asked.
     */
    int (*is_guest)(uint64_t address);
    /*
     * Makes QEMU take host memory for the guest's: whole pages, counted, for
     * reading and writing.  False, with nothing to release, where QEMU or this
     * thread cannot.
     */
    bool (*adopt)(uintptr_t address, size_t size);
    /* Takes one adopt() of the same range back, while the memory is there. */
    void (*release)(uintptr_t address, size_t size);
};

#endif
