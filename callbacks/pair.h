/* SPDX-License-Identifier: MIT */
/*
 * Thread pairs: guest code for threads that only the host knows.
 *
 * A thread that a host library has created has no CPU in QEMU and no
 * thread-local storage of the guest's.  The first time it calls a closure it
 * is paired with a guest thread for the rest of its life.  The two take
 * turns: exactly one of them runs at any time.  While the guest half runs a
 * callback, the host half executes the host calls that the callback makes, so
 * whatever belongs to the thread is right on both sides: recursive locks,
 * the current GL context, errno.
 */
#ifndef GANGWAY_PAIR_H
#define GANGWAY_PAIR_H

#include "call.h"

struct gw_pair;

/*
 * Makes sure that pairs can be made: starts the guest's factory thread, once
 * per process.  Within a call; before a host library gets its first closure.
 */
void gw_pair_prepare(void);

/*
 * On a thread without a guest call: runs cb on the guest half, making the
 * pair first if need be.  False when the guest cannot have one.
 */
bool gw_pair_callback(struct gw_callback *cb);

/*
 * True while host-only threads have guest halves.  Doorbells that must not
 * block are then left unanswered on all threads, and calls come by system
 * call: a host function that runs inside translated code and waits for a lock
 * holds up QEMU's exclusive sections, and a guest half that must run before
 * its host thread gives the lock back would be stuck in one.
 * Relaxed: nothing is read that belongs to the count; a call that was on its
 * way when the first pair came could as well have come before it.
 */
extern _Atomic(unsigned) gw_pair_count;
static inline bool gw_pairs_exist(void)
{
    return __atomic_load_n((unsigned *)&gw_pair_count, __ATOMIC_RELAXED) != 0;
}

/*
 * One of the guest's threads is left.  If that is the factory, it ends, and
 * with it the process, as it would natively, where there is no factory.  Any
 * thread, also one that is in no call.
 */
void gw_pair_alone(void);

/* GW_ID_PAIR_WANTED and GW_ID_PAIR_SERVE. */
void gw_pair_wanted(struct gw_call *call);
void gw_pair_serve(struct gw_call *call);

/* On a guest half: has the host half run the call; returns when that has
 * ended or wants a callback. */
void gw_pair_hand_over(struct gw_pair *pair, struct gw_callee *callee,
                       struct gw_call *call);

/* The guest half's thread ends while it owes an answer. */
void gw_pair_guest_gone(struct gw_pair *pair);

/* In arch/: tells the processor that this thread looks for another one's
 * store, over and over. */
void gw_pause(void);

/* --- what call.c does for pair.c ---------------------------------------- */

/* Runs a call on this very thread, by system-call rules. */
void gw_run_here(struct gw_callee *callee, struct gw_call *call);

/* Marks this thread as the guest half of `pair`, whose serving call is
 * `serving`; with NULL it is an ordinary thread, which it may be anyway. */
void gw_set_pair(struct gw_pair *pair, struct gw_call *serving);

#endif
