/* SPDX-License-Identifier: MIT */
/*
 * gtl/runtime/runtime.c's part when guest and host are one native program: a
 * crossing is a function call.  Everything else of both halves is the real
 * thing, so that the sanitizers see it: stubs, thunks, closures, stacks,
 * pairs, the factory.
 */
#include "far.h"
#include "far-htl.h"
#include "stub.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;
bool gw_rings_may_block; /* never: a crossing is a function call */
extern void (*const gw_services[GW_SERVICE_COUNT])(struct gw_callback *);

void gw_open(struct gw_open *open, void *unused);
void gw_invoke(struct gw_call *call, void *unused);

/* What gtl/runtime's other files ask of it; declared in its runtime.h, whose
 * name is that of the host's. */
GW_HIDDEN void gw_say(const char *text, ...);
GW_HIDDEN bool gw_equal(const char *a, const char *b);

void gw_say(const char *text, ...)
{
    fprintf(stderr, "%s\n", text);
}

bool gw_equal(const char *a, const char *b)
{
    return !strcmp(a, b);
}

__attribute__((constructor)) static void open_pack(void)
{
    struct gw_open open = {
        .abi_version = GW_ABI_VERSION, .stub_count = gw_gtl.stub_count,
        .model_hash = gw_gtl.model_hash, .isa = "native",
        .soname = "libfar.so.1", .guest_environ = &environ,
        .stubs = gw_gtl.stubs, .services = gw_services,
        .unpackers = gw_gtl.unpackers
    };

    gw_find_unpackers();
    gw_open(&open, NULL);
    if (open.result != 0) {
        fprintf(stderr, "%s\n", open.message);
        exit(1);
    }
}

/* A signal's handler that comes at the worst moment and calls the library. */
static void interrupt(void)
{
    static _Thread_local bool inside;

    if (!inside) {
        inside = true;
        if (far_nothing(1) != 2) {
            abort();
        }
        inside = false;
    }
}

void gw_cross_block(struct gw_call *call)
{
    volatile uint32_t *status = &call->status;

    *status = GW_NEW;
    interrupt();
    gw_invoke(call, NULL);
    while (*status == GW_CALLBACK) {
        interrupt();
        call->callback->run(call->callback);
        *status = GW_RESUME;
        interrupt();
        gw_invoke(call, NULL);
    }
}

/* Nobody answers a doorbell here. */
void gw_cross_ring(struct gw_call *call)
{
    gw_cross_block(call);
}
