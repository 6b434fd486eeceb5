/* SPDX-License-Identifier: MIT */
/* The X11 pack's hand-written parts, for each other and for generated
 * thunks. */
#ifndef GANGWAY_X11_PACK_H
#define GANGWAY_X11_PACK_H

#include <X11/Xlib.h>
#include <ffi.h>
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

/* A guest's image as the host's functions see it: a copy that has functions
 * of the host's. */
struct gw_x11_image {
    XImage image;
    XImage *guest;
};

/*
 * Fills *copy in for a guest's image and returns its address; NULL for NULL.
 * Functions that the guest put into its image run in the guest, with its
 * image.  Any thread; the copy must not outlive the call.
 */
void *gw_x11_image(void *guest, struct gw_x11_image *copy);

/*
 * Calls a guest function of up to three parameters, each a pointer or an
 * integer that was widened as C does; its result, if that is an int.  Only
 * within a call.
 */
int gw_x11_call_guest(void *function, const void *a, const void *b,
                      const void *c);

/*
 * A host function that calls fn() with `data`; both and `cif` live as long as
 * the process, as it does.  Ends the process where no memory is left.  Any
 * thread.
 */
void *gw_x11_function(const ffi_cif *cif,
                      void (*fn)(ffi_cif *cif, void *ret, void **args,
                                 void *data), void *data);

#endif
