/* SPDX-License-Identifier: MIT */
/*
 * X11 for packs that are given a Display or an xcb_connection_t, both ways.
 *
 * The `guest` way, the guest keeps its own libX11, and for each Display of its
 * that reaches a host function there is one connection of the host's to the
 * same server.  XIDs are the server's, so they mean the same on both.
 * Guest Displays are pointers into guest memory; they are only read, through
 * the macros of Xlib.h.
 *
 * The `thunk` way, the pack x11 is in use: Displays and connections are the
 * host's own, and there is nothing to do for them.
 *
 * All functions: within a call, any thread.
 */
#ifndef GANGWAY_X11_H
#define GANGWAY_X11_H

#include "pack.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>

/* The pack x11 says that it is in use: from now on Displays and connections
 * may be the host's own. */
GW_PUBLIC void gw_x11_thunked(void);

/* Whether a Display or an xcb_connection_t that the guest has is the host's
 * own; false for NULL. */
GW_PUBLIC bool gw_x11_is_hosts(const void *connection);

/*
 * The host's connection (a Display *; untyped for generated thunks) for a
 * guest's Display, opened on first sight; NULL for NULL or when the server
 * refuses.  Owned by this module and closed when the guest closes its own.
 */
GW_PUBLIC void *gw_x11_host_display(void *guest_display);

/* The guest's Display for one of the host's, or NULL. */
GW_PUBLIC void *gw_x11_guest_display(Display *host);

/*
 * To be called before a host function uses a drawable that the guest may have
 * created: makes sure that the server knows it, with one XSync() of the
 * guest's for each drawable not seen before.
 */
GW_PUBLIC void gw_x11_before_drawable(void *guest_display, XID drawable);

/*
 * To be called after host functions that take a Display: hands X errors to the
 * guest's handler.  Waits for the server to answer all requests, as errors of
 * the function would natively arrive at the next round trip of the same
 * connection; not for functions with GW_FN_FRAME, which raise none of their
 * own: there it delivers what has arrived.
 */
GW_PUBLIC void gw_x11_after(void *guest_display);

/*
 * The guest's XVisualInfo (its own memory, for its XFree()) for a visual of
 * the host's connection; NULL when there is none.  `host` is not freed.
 */
GW_PUBLIC void *gw_x11_guest_visual(void *guest_display,
                                    const XVisualInfo *host);

/*
 * The host's XVisualInfo for one of the guest's, found by its id; to be
 * released with the host's XFree().  NULL when there is none.
 */
GW_PUBLIC XVisualInfo *gw_x11_host_visual(void *guest_display,
                                          const XVisualInfo *guest);

#endif
