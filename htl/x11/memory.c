/* SPDX-License-Identifier: MIT */
/*
 * Ownership.  What the guest frees with free() was made its own when it was
 * returned (take in thunkgen/packs/x11.policy).  The reverse happens here:
 * the host's libraries may be given such memory back, and what the guest
 * allocated itself.
 */
#include "replace.h"
#include "runtime.h"

#include <stdlib.h>

void gw_x11_free(void *memory)
{
    if (memory && gw_is_guest(memory)) {
        gw_guest_service(GW_SERVICE_FREE, (uintptr_t)memory, 0, 0);
    } else {
        free(memory);
    }
}
