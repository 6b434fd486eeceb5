/* SPDX-License-Identifier: MIT */
/*
 * What runs on this thread, in terms of packs; and the ids that every pack
 * answers beside its own functions.
 */
#include "runtime.h"
#include "../../callbacks/pair.h"

#include "gangway/crash.h"

#include <stdio.h>
#include <string.h>

_Static_assert(offsetof(struct gw_pack, callee) == 0, "one is the other");

struct gw_pack *gw_current_pack(void)
{
    return (struct gw_pack *)gw_current_callee();
}

/* The function that runs; NULL outside of a call and for the runtime's own. */
static const struct gw_function *current_function(void)
{
    struct gw_pack *pack = gw_current_pack();
    uint32_t id = pack ? gw_current_call()->id : 0;

    return pack && id < pack->callee.count ? &pack->functions[id] : NULL;
}

uint32_t gw_current_flags(void)
{
    const struct gw_function *f = current_function();

    return f ? f->flags : 0;
}

static void (*display_closed)(void *);

void gw_on_display_closed(void (*fn)(void *guest_display))
{
    display_closed = fn;
}

void gw_other_thunk(struct gw_call *call)
{
    if (call->id != GW_ID_DISPLAY_CLOSED) {
        gw_log("call %u does not exist in pack %s", call->id,
               gw_current_pack()->name);
    } else if (display_closed) {
        display_closed(((struct gw_display_call *)call)->display);
    }
}

static bool describe(char *buffer, size_t size)
{
    const struct gw_function *f = current_function();
    bool in_call = gw_current_call() != NULL;

    if (in_call && buffer) {
        snprintf(buffer, size, "%s", f ? f->name : "the runtime");
    }
    return in_call;
}

static void abandon(void)
{
    const struct gw_function *f = current_function();

    if (f) {
        gw_clear_result(f, gw_current_call());
    }
    gw_call_abandon();
}

/* For the plugin (gangway/crash.h). */
GW_PUBLIC const struct gw_crash_hooks gw_crash_hooks = {
    describe, abandon, gw_probe_load, gw_probe_failed, gw_pair_alone
};
