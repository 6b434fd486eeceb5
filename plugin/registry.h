/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host libraries and procedures that the plugin has handed out.  Any
 * thread; lookups of procedures take no lock.
 */
#ifndef GANGWAY_REGISTRY_H
#define GANGWAY_REGISTRY_H

#include "gangway/crash.h"

#include <stdbool.h>

typedef void (*gw_proc)(void *arg1, void *arg2);

/* dlopen()s; NULL on failure (see gw_library_error). */
void *gw_library_load(const char *path, int flags);

/* Gives one reference back; false for an unknown handle.  With the last one
 * the library's procedures become unknown. */
bool gw_library_free(void *handle, int *result);

/* dlsym()s; false for an unknown handle, *out NULL for an unknown name. */
bool gw_library_proc(void *handle, const char *name, void **out);

/* Is this a procedure that gw_library_proc() gave out? */
bool gw_proc_known(void *proc);

/* This thread's last loader error, taken; NULL when there was none.  Valid
 * until the thread's next call of it. */
const char *gw_library_error(void);

/* Calls the procedure `name` of every library that has one: how libraries
 * learn that the process ends. */
void gw_libraries_notify(const char *name);

/* The GW_CRASH_HOOKS of the library that has them, or NULL.  Read without a
 * lock, in signal handlers too; who sees it sees what it points to. */
extern const struct gw_crash_hooks *_Atomic gw_crash_hooks_found;

#endif
