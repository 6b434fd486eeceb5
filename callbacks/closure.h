/* SPDX-License-Identifier: MIT */
/*
 * Closures: host function pointers that run guest functions.
 *
 * The host library that is given a closure may call it within a call, from
 * any host thread, any number of times at once.  Signatures are those of the
 * pack's model (struct gw_signature).
 */
#ifndef GANGWAY_CLOSURE_H
#define GANGWAY_CLOSURE_H

#include "../htl/runtime/pack.h"

/*
 * A host function that runs guest function `target` of the pack's signature
 * number `signature`.  The same three give the same closure, with one more
 * reference.  A stub that the guest was given for a host function becomes that
 * function again.  NULL for a NULL target, or when no memory is left for code.
 * `pack` must be open.  Within a call.
 */
GW_PUBLIC void *gw_closure_get(struct gw_pack *pack, unsigned signature,
                               void *target);

/* The same for a library that calls it on the calling thread only, before it
 * returns: no guest thread has to stand by for threads of the host's own. */
GW_PUBLIC void *gw_closure_get_local(struct gw_pack *pack, unsigned signature,
                                     void *target);

/* The same as gw_closure_get() for a library that does not tell when it
 * forgets it: one reference is never given back, however often it is asked
 * for; so it costs one closure for each guest function. */
GW_PUBLIC void *gw_closure_keep(struct gw_pack *pack, unsigned signature,
                                void *target);

/* Both: kept, and called on threads of the guest's only. */
GW_PUBLIC void *gw_closure_keep_local(struct gw_pack *pack,
                                      unsigned signature, void *target);

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

/* gw_closure_keep() for a function whose arguments or results need more than
 * to be carried over: `around` runs instead, on the caller's thread, and calls
 * gw_closure_proceed().  For a target that nobody made another closure of. */
GW_PUBLIC void *gw_closure_keep_around(
    struct gw_pack *pack, unsigned signature, void *target,
    void (*around)(struct gw_closure_call *call));

/* Gives one reference back; with the last one the code is freed, so the host
 * library must have forgotten it.  NULL is allowed.  Any thread. */
GW_PUBLIC void gw_closure_put(void *closure);

/* The guest function behind a host function pointer that came from
 * gw_closure_get(), else NULL.  Any thread. */
GW_PUBLIC void *gw_closure_target(const void *host_function);

#endif
