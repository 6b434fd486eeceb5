/* SPDX-License-Identifier: MIT */
#ifndef GANGWAY_PNG_HOST_H
#define GANGWAY_PNG_HOST_H

#include "png-htl.h"
#include "runtime.h"

#include <png.h>
#include <stdio.h>

/* The host's function of that name; looked up once.  Only within a call. */
#define PNG_HOST(function)                                                    \
    (*({                                                                      \
        static __typeof__(&(function)) found;                                 \
        if (!found) {                                                         \
            found = (__typeof__(&(function)))gw_pack_symbol(&gw_png_pack, #function);       \
        }                                                                     \
        &found;                                                               \
    }))

/*
 * A FILE of the host's that reads from or writes to the guest's `guest`,
 * unbuffered, so that both are always at the same place.  NULL where there is
 * no memory.  fclose() leaves the guest's open.  To be used within a call.
 */
FILE *gw_png_file(void *guest);

#endif
