/* SPDX-License-Identifier: MIT */
/* The X11 pack's hand-written parts, for each other and for generated
 * thunks. */
#ifndef GANGWAY_X11_PACK_H
#define GANGWAY_X11_PACK_H

#include <stdbool.h>

/*
 * The host's own variable for a guest's xcb_extension_t, which both call by
 * the extension's name; the guest's pointer when it is one of no library of
 * the family.  Any thread.
 */
void *gw_x11_extension(void *guest);

/*
 * The host's function or variable of that name in the named library of the
 * family, which is loaded if need be; NULL where the host lacks either.  Any
 * thread.
 */
void *gw_x11_symbol(const char *soname, const char *name);

#endif
