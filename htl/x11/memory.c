/* SPDX-License-Identifier: MIT */
/*
 * Ownership.  What the guest frees with free() was made its own when it was
 * returned (take in thunkgen/packs/x11.policy).  The reverse happens here:
 * the host's libraries may be given such memory back, and what the guest
 * allocated itself.
 */
#include "replace.h"
#include "runtime.h"

#include <errno.h>
#include <stdlib.h>

void gw_x11_free(void *memory)
{
    if (memory && gw_is_guest(memory)) {
        gw_guest_service(GW_SERVICE_FREE, (uintptr_t)memory, 0, 0);
    } else {
        free(memory);
    }
}

/* What the guest has allocated stays where its free() works. */
void *gw_x11_realloc(void *memory, size_t size)
{
    if (memory && gw_is_guest(memory)) {
        return (void *)gw_guest_service(GW_SERVICE_REALLOC,
                                        (uintptr_t)memory, size, 0);
    }
    return realloc(memory, size);
}

void *gw_x11_reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return gw_x11_realloc(memory, bytes);
}
