/* SPDX-License-Identifier: MIT */
/*
 * Closures of a pack's callback signatures.
 */
#include "pack.h"

static void *make(struct gw_pack *pack, unsigned signature, void *target,
                  unsigned use, void (*around)(struct gw_closure_call *))
{
    void *host = gw_pack_host_function(pack, signature, target);

    if (!target || host) {
        return host; /* nothing, or a host function that comes back */
    }
    return gw_closure_make(&pack->signatures[signature].type,
                           pack->guest_unpackers[signature], target, use,
                           around);
}

void *gw_closure_get(struct gw_pack *pack, unsigned signature, void *target)
{
    return make(pack, signature, target, 0, NULL);
}

void *gw_closure_get_local(struct gw_pack *pack, unsigned signature,
                           void *target)
{
    return make(pack, signature, target, GW_CLOSURE_LOCAL, NULL);
}

void *gw_closure_keep(struct gw_pack *pack, unsigned signature, void *target)
{
    return make(pack, signature, target, GW_CLOSURE_KEPT, NULL);
}

void *gw_closure_keep_local(struct gw_pack *pack, unsigned signature,
                            void *target)
{
    return make(pack, signature, target, GW_CLOSURE_KEPT | GW_CLOSURE_LOCAL,
                NULL);
}

void *gw_closure_keep_around(struct gw_pack *pack, unsigned signature,
                             void *target,
                             void (*around)(struct gw_closure_call *))
{
    return make(pack, signature, target, GW_CLOSURE_KEPT, around);
}
