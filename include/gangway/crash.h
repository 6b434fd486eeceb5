/* SPDX-License-Identifier: MIT */
/*
 * What the plugin's signal handler asks the host runtime after a fault in
 * host code, and what it tells it.  Both run in one process; the plugin finds
 * the object by name, so that neither needs the other to load.
 */
#ifndef GANGWAY_CRASH_H
#define GANGWAY_CRASH_H

#include <stdbool.h>
#include <stddef.h>

/* The name of the runtime's exported object of this type. */
#define GW_CRASH_HOOKS "gw_crash_hooks"

struct gw_crash_hooks {
    /*
     * Does a call run on this thread?  Writes which one to `buffer`, unless
     * that is NULL.  Async-signal-safe.
     */
    bool (*describe)(char *buffer, size_t size);
    /*
     * Ends the call that runs on this thread as if it had returned 0, and
     * does not return.  From a signal handler that interrupted it, with the
     * signal mask that the thread is to go on with.
     */
    void (*abandon)(void);
    /* A fault at the instruction `probe_load` is expected: go on at
     * `probe_failed`. */
    const void *probe_load, *probe_failed;
    /* One of the guest's threads is left.  On the thread that ends; QEMU
     * holds its lock of thread creation. */
    void (*alone)(void);
};

#endif
