/* SPDX-License-Identifier: MIT */
/*
 * Inside of the GTL runtime.  It is linked into every GTL, hidden, and imports
 * nothing that a guest must have: what it uses of the guest's libraries is
 * declared weak or looked up.
 */
#ifndef GANGWAY_RUNTIME_H
#define GANGWAY_RUNTIME_H

#include "stub.h"

#include <stdbool.h>

/* Writes "gangway: " and the strings up to the NULL to standard error. */
GW_HIDDEN void gw_say(const char *text, ...);

/* The guest's environment variable, or NULL. */
GW_HIDDEN const char *gw_guest_getenv(const char *name);

/*
 * The function `name` of the loaded library with that soname, or NULL; finds
 * libraries that dlopen() loaded privately, too (SDL loads libX11 so).
 */
GW_HIDDEN void *gw_guest_symbol(const char *soname, const char *name);

/* The guest functions that the host may call, by enum gw_service. */
GW_HIDDEN extern void (*const gw_services[GW_SERVICE_COUNT])(
    struct gw_callback *);

/* GW_SERVICE_START_FACTORY (factory.c). */
GW_HIDDEN void gw_service_start_factory(struct gw_callback *cb);

GW_HIDDEN bool gw_equal(const char *a, const char *b);

#endif
