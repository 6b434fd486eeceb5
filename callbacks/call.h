/* SPDX-License-Identifier: MIT */
/*
 * The host's half of a crossing: runs the guest's calls on stacks of our own,
 * suspends them for guest code, and resumes them.
 *
 * This folder knows the boundary (gangway/abi.h) and nothing of libraries,
 * packs or models.  What it needs of whoever uses it stands here: a struct
 * gw_callee for each set of functions that the guest may call, and gw_log().
 */
#ifndef GANGWAY_CALL_H
#define GANGWAY_CALL_H

#include "gangway/abi.h"

#include <stdbool.h>

#define GW_PUBLIC __attribute__((visibility("default")))

/* Answers a call: reads its block, stores the result there.  Runs on one of
 * Gangway's stacks, on the guest thread's host thread. */
typedef void (*gw_thunk)(struct gw_call *call);

/* Functions that the guest calls by number.  Lives as long as the process. */
struct gw_callee {
    uint32_t count;
    /* Once a second thread has called, doorbells that must not block are left
     * unanswered: see crowded() in call.c. */
    bool one_thread;
    bool shared;       /* call.c's own: a second one has */
    const void *owner; /* call.c's own: the first thread that called */
    gw_thunk *thunks;  /* [count]; may change, with release order */
    /* A thunk that may take long, whatever function it stands for, so that no
     * doorbell that must not block runs it; or NULL. */
    gw_thunk lazy;
    gw_thunk other; /* for ids from count on */
    void (*const *services)(struct gw_callback *); /* [GW_SERVICE_COUNT] */
};

/* The guest crosses by system call with a new call or one to go on with.  Its
 * status says afterwards how it stands. */
GW_PUBLIC void gw_call_invoke(struct gw_callee *callee, struct gw_call *call);

/* The same by doorbell; with NULL for `waits` it must not block, and the call
 * may be left as it was, for the guest to come again by system call. */
GW_PUBLIC void gw_call_ring(struct gw_callee *callee, struct gw_call *call,
                            const void *waits);

/* What runs on this thread, or NULL outside of a call.  Async-signal-safe. */
GW_PUBLIC struct gw_callee *gw_current_callee(void);
GW_PUBLIC struct gw_call *gw_current_call(void);

/*
 * Runs guest code: suspends the host call that runs on this thread, has the
 * guest execute cb->run(cb), and returns when it has.  Only within a call, on
 * its stack; the block must be on that stack or outlive the call.  False when
 * this thread is in no call: then nothing was run.
 */
GW_PUBLIC bool gw_call_guest(struct gw_callback *cb);

/* All of it but the switch: the stack on which gw_stack_suspend() is to be
 * called next, or NULL where gw_call_guest() is false. */
struct gw_stack *gw_call_guest_begin(struct gw_callback *cb);

/* Runs one of the guest's services (enum gw_service); its result, 0 if it has
 * none.  Only within a call. */
GW_PUBLIC uint64_t gw_guest_service(enum gw_service which, uint64_t a0,
                                    uint64_t a1, uint64_t a2);

/*
 * Ends the call that runs on this thread, with the result that its block has,
 * and does not return.  What the host function held is lost, as it is to a
 * native handler that never returns into it.  From a signal handler that
 * interrupted it, with the signal mask that the thread is to go on with.
 */
void gw_call_abandon(void);

/*
 * In arch/: copies a word; false when it cannot be read, so long as a fault at
 * gw_probe_load makes the thread go on at gw_probe_failed, which is for the
 * process's signal handler to do.
 */
bool gw_probe(const uint64_t *from, uint64_t *to);
extern const char gw_probe_load[], gw_probe_failed[];

/* Runs on each new call, unless NULL.  Set it before there are any. */
extern void (*gw_call_observer)(bool doorbell);

/* --- to be defined by whoever uses this folder ---------------------------- */

/*
 * One line to standard error, or to the file that GANGWAY_LOG names; the
 * prefix and the newline are added.  Any thread.
 */
GW_PUBLIC void gw_log(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
