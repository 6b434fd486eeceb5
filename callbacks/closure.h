/* SPDX-License-Identifier: MIT */
/*
 * Closures: host function pointers that run guest functions.
 *
 * The host library that is given a closure may call it within a call, from
 * any host thread, any number of times at once.
 */
#ifndef GANGWAY_CLOSURE_H
#define GANGWAY_CLOSURE_H

#include "call.h"

/* A type of callback.  Lives as long as the process; its address counts. */
struct gw_signature {
    const char *name; /* the C type, e.g. "GLDEBUGPROC" */
    /* Result, then one "name:kind" per parameter, separated by spaces, e.g.
     * "v mode:E first:i".  Kinds: v nothing, b B signed and unsigned 8 bit,
     * h H 16 bit, i u 32 bit, l L 64 bit, f float, d double, p pointer; x and
     * E, with or without a number, 32 bit, T 8 bit, all others 64 bit. */
    const char *format;
};

/* How the host library is going to use a closure: flags. */
enum gw_closure_use {
    /* On the calling thread only, or others of the guest's: no guest thread
     * has to stand by for threads of the host's own. */
    GW_CLOSURE_LOCAL = 1 << 0,
    /* It does not tell when it forgets it: one reference is never given back,
     * however often it is asked for. */
    GW_CLOSURE_KEPT = 1 << 1,
};

struct gw_closure_call;

/*
 * A host function that runs guest function `target`, by the guest's `run`,
 * which unpacks a callback block of that signature.  The same signature and
 * target give the same closure, with one more reference.  With `around` that
 * runs instead, on the caller's thread, and calls gw_closure_proceed(); it is
 * for a target that nobody made another closure of.  NULL, after a line that
 * says so, when no memory is left for code.  Within a call.
 */
void *gw_closure_make(const struct gw_signature *signature,
                      void (*run)(struct gw_callback *), void *target,
                      unsigned use, void (*around)(struct gw_closure_call *));

/* One call of a closure: what a function around it sees.  `args` point to the
 * arguments, as many as the signature has; they may be made to point
 * elsewhere.  `ret` is where the result goes, widened to 64 bits. */
struct gw_closure_call {
    const struct gw_signature *signature;
    void **args;
    void *ret;
    const void *closure; /* the callbacks' own */
};

/* Runs the guest function. */
GW_PUBLIC void gw_closure_proceed(struct gw_closure_call *call);

/* Gives one reference back; with the last one the code is freed, so the host
 * library must have forgotten it.  NULL is allowed.  Any thread. */
GW_PUBLIC void gw_closure_put(void *closure);

/* The guest function behind a host function pointer that is a closure, else
 * NULL.  Any thread. */
GW_PUBLIC void *gw_closure_target(const void *host_function);

#endif
