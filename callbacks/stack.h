/* SPDX-License-Identifier: MIT */
/*
 * Stacks of our own for host code, and the switch between them.
 *
 * Host functions never run on QEMU's stacks: a guest thread has 256 KiB
 * there (linux-user/syscall.c, NEW_STACK_SIZE), too little for a shader
 * compiler, and a host function that needs guest code to run must be
 * suspended while QEMU goes on.
 *
 * A stack belongs to one thread at a time.  No function here takes a lock.
 */
#ifndef GANGWAY_STACK_H
#define GANGWAY_STACK_H

#include <stdbool.h>
#include <stddef.h>

/* What a thread gets from the kernel by default, and so what host libraries
 * are written for; pages are committed when touched. */
#define GW_STACK_SIZE (8u << 20)

/*
 * `caller`, `top` and `suspended` are read and written by the assembly in
 * arch/, at these offsets.
 */
struct gw_stack {
    void *caller;    /* stack pointer of whoever entered or resumed last */
    void *top;       /* where code on this stack begins */
    void *suspended; /* stack pointer of the suspended code, or NULL */

    /* For the stack's user: links of whatever lists it keeps. */
    struct gw_stack *next;
    void *user[3];

    void *mapping;
    size_t mapping_size;
    void *fiber;        /* sanitizers' handles, NULL otherwise */
    void *caller_fiber;
};

/* A new stack of GW_STACK_SIZE bytes with a guard page below it, or NULL when
 * the system has no memory for it. */
struct gw_stack *gw_stack_create(void);

/* Releases a stack on which nothing runs; code suspended on it is forgotten,
 * its frames are not unwound.  NULL is allowed. */
void gw_stack_destroy(struct gw_stack *stack);

/*
 * Runs fn(arg) on an idle stack.  True when fn has returned, false when it
 * has called gw_stack_suspend(); then only gw_stack_resume() or
 * gw_stack_destroy() may follow.
 */
bool gw_stack_enter(struct gw_stack *stack, void (*fn)(void *), void *arg);

/*
 * From code that runs on `stack`: returns false to whoever entered or resumed
 * it.  Returns itself when resumed, on the resumer's thread.
 */
void gw_stack_suspend(struct gw_stack *stack);

/* Goes on with what is suspended on `stack`; result as gw_stack_enter(). */
bool gw_stack_resume(struct gw_stack *stack);

/* True when addr lies in the stack's memory. */
bool gw_stack_contains(const struct gw_stack *stack, const void *addr);

#endif
