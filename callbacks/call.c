/* SPDX-License-Identifier: MIT */
/*
 * The host's half of a crossing: runs calls on stacks of our own, suspends
 * them for guest code, resumes and, where the guest never comes back,
 * forgets them.
 */
#include "call.h"
#include "pair.h"
#include "stack.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* What a stack carries for us in gw_stack.user. */
#define STACK_CALL(s) (*(struct gw_call **)&(s)->user[0])
#define STACK_CALLEE(s) (*(struct gw_callee **)&(s)->user[1])
#define STACK_CALLBACK(s) (*(struct gw_callback **)&(s)->user[2])

/* A thread's state.  Only its own thread touches it. */
struct thread {
    struct gw_stack *free;      /* idle, linked by next */
    struct gw_stack *current;   /* host code is running on it, or NULL */
    struct gw_stack *suspended; /* guest code runs for it; newest first */
    struct gw_pair *pair;       /* this is the guest half of it, or NULL */
    struct gw_call *serving;    /* its GW_ID_PAIR_SERVE */
    struct gw_stack *abandoned; /* a fault ended its call; not yet freed */
};

/*
 * initial-exec: the library is loaded with dlopen(), and a general-dynamic
 * access would cost a function call on every crossing.  One pointer fits
 * into the room that glibc keeps for this.
 */
static _Thread_local struct thread *self
    __attribute__((tls_model("initial-exec")));

static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void destroy_stacks(struct gw_stack *s)
{
    while (s) {
        struct gw_stack *next = s->next;
        gw_stack_destroy(s);
        s = next;
    }
}

static void thread_ends(void *arg)
{
    struct thread *t = arg;

    if (t->pair) {
        gw_pair_guest_gone(t->pair);
    }
    destroy_stacks(t->free);
    destroy_stacks(t->suspended);
    self = NULL;
    free(t);
}

static void make_key(void)
{
    if (pthread_key_create(&thread_key, thread_ends) != 0) {
        gw_log("no thread-specific key left in the process");
        abort();
    }
}

/* Out of memory here is what a failed stack growth is natively: the end. */
static void out_of_memory(void)
{
    gw_log("no memory left for a host stack");
    abort();
}

static __attribute__((noinline)) struct thread *attach(void)
{
    struct thread *t = calloc(1, sizeof(*t));

    pthread_once(&once, make_key);
    if (!t || pthread_setspecific(thread_key, t) != 0) {
        out_of_memory();
    }
    self = t;
    return t;
}

static __attribute__((noinline)) struct gw_stack *new_stack(void)
{
    struct gw_stack *s = gw_stack_create();

    if (!s) {
        out_of_memory();
    }
    return s;
}

/*
 * A guest that leaves a callback with longjmp() never resumes the call it was
 * made for.  Its call block lay in a frame that is gone, so sooner or later
 * other data lies there; a live block is touched by nobody.  Hence a
 * suspended call is dead when the block of the new call overlaps its own, or
 * its own no longer reads as the host and the stub leave it.  That holds on
 * any number of guest stacks, which a comparison of addresses would not
 * (fibers).  Calls of deeper nesting than LOOK_BACK are looked at when they
 * come up.
 */
#define LOOK_BACK 8

_Static_assert(offsetof(struct gw_call, callback) == 8, "read as two words");

static bool is_dead(const struct gw_stack *s, const struct gw_call *incoming)
{
    const uint64_t *block = (const void *)STACK_CALL(s);
    uint64_t head, callback;
    uint32_t status;

    if ((uintptr_t)incoming - (uintptr_t)block + sizeof(*incoming) - 1 <
        2 * sizeof(*incoming) - 1) {
        return true;
    }
    /* Its whole stack may be gone. */
    if (!gw_probe(block, &head) || !gw_probe(block + 1, &callback)) {
        return true;
    }
    status = (uint32_t)head;
    return (status != GW_CALLBACK && status != GW_RESUME) ||
           callback != (uintptr_t)STACK_CALLBACK(s);
}

static __attribute__((noinline)) void forget_dead(struct thread *t,
                                                  struct gw_call *incoming)
{
    struct gw_stack **link = &t->suspended;

    for (int i = 0; i < LOOK_BACK && *link; i++) {
        struct gw_stack *s = *link;
        if (is_dead(s, incoming)) {
            *link = s->next;
            s->next = t->free;
            t->free = s;
        } else {
            link = &s->next;
        }
    }
}

static inline void finished(struct thread *t, struct gw_stack *s,
                            struct gw_call *call)
{
    t->current = NULL;
    s->next = t->free;
    t->free = s;
    call->status = GW_DONE;
}

/* The call has left the stack: it wants guest code, or a fault ended it. */
static inline void left(struct thread *t)
{
    if (__builtin_expect(t->abandoned != NULL, 0)) {
        gw_stack_destroy(t->abandoned);
        t->abandoned = NULL;
    }
}

static struct gw_stack *take_suspended(struct thread *t,
                                       const struct gw_call *call)
{
    for (struct gw_stack **link = &t->suspended; *link;
         link = &(*link)->next) {
        struct gw_stack *s = *link;
        if (STACK_CALL(s) == call) {
            *link = s->next;
            return s;
        }
    }
    return NULL;
}

/* The guest resumed what was never suspended, on this thread at least: let it
 * go on with whatever result is in the block. */
static __attribute__((noinline)) void not_suspended(struct gw_call *call)
{
    gw_log("a call was resumed that is not suspended on this thread");
    call->status = GW_DONE;
}

/* Ids beyond the callee's own functions. */
static void other_thunk(struct gw_call *call)
{
    switch (call->id) {
    case GW_ID_PAIR_WANTED:
        gw_pair_wanted(call);
        break;
    case GW_ID_PAIR_SERVE:
        gw_pair_serve(call);
        break;
    default:
        gw_current_callee()->other(call);
    }
}

void (*gw_call_observer)(bool doorbell);

enum crossing {
    SYSTEM_CALL,
    DOORBELL,       /* one that may block, like a system call */
    HASTY_DOORBELL, /* the plugin's QEMU waits for its end */
};

/*
 * On the guest half of a pair: the call is the host half's to run.  A hasty
 * doorbell is left unanswered, so that the guest comes again by system call:
 * waiting for another thread inside translated code could hold up the very
 * section that this thread needs to go on.
 */
static __attribute__((noinline)) void run_paired(struct thread *t,
                                                 struct gw_callee *callee,
                                                 struct gw_call *call,
                                                 enum crossing crossing)
{
    if (crossing != HASTY_DOORBELL) {
        gw_pair_hand_over(t->pair, callee, call);
    }
}

static inline __attribute__((always_inline)) void
run(struct gw_callee *callee, struct gw_call *call, enum crossing crossing)
{
    struct thread *t = self;
    struct gw_stack *s;
    gw_thunk fn;
    bool done;

    /*
     * What the guest has read before it called, the host reads after that: the
     * flag of another guest thread, then the data that it published.  x86
     * orders loads so, and an x86 guest counts on it.  The barrier that TCG
     * has before the stub's store orders later loads on Arm only: on RISC-V
     * it is `fence rw,w`.  In the other direction TCG's barriers do, since
     * each stands before the guest's access that it is for.  Nothing on x86.
     */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__builtin_expect(!t, 0)) {
        t = attach();
    }
    if (__builtin_expect(t->pair && call != t->serving, 0)) {
        run_paired(t, callee, call, crossing);
        return;
    }
    if (crossing == HASTY_DOORBELL && __builtin_expect(gw_pairs_exist(), 0)) {
        return;
    }
    if (__builtin_expect(call->status == GW_RESUME, 0)) {
        s = take_suspended(t, call);
        if (!s) {
            not_suspended(call);
            return;
        }
        t->current = s;
        /* In the frame that entered: processors predict returns by counting
         * calls, and the guest's code is returned to from here. */
        done = gw_stack_resume(s);
        goto back;
    }
    if (__builtin_expect(t->suspended != NULL, 0)) {
        forget_dead(t, call);
    }
    /* With what was written before the thunk was stored. */
    fn = __builtin_expect(call->id < callee->count, 1)
        ? __atomic_load_n(&callee->thunks[call->id], __ATOMIC_ACQUIRE)
        : other_thunk;
    if (crossing == HASTY_DOORBELL && __builtin_expect(fn == callee->lazy, 0)) {
        /* The guest comes again by system call, outside of translated
         * code. */
        return;
    }
    s = t->free;
    if (__builtin_expect(!s, 0)) {
        s = new_stack();
    } else {
        t->free = s->next;
    }
    t->current = s;
    STACK_CALL(s) = call;
    STACK_CALLEE(s) = callee;
    if (__builtin_expect(gw_call_observer != NULL, 0)) {
        gw_call_observer(crossing != SYSTEM_CALL);
    }
    done = gw_stack_enter(s, (void (*)(void *))fn, call);
back:
    if (done) {
        finished(t, s, call);
    } else {
        left(t);
    }
}

/*
 * For callees with one_thread: true as soon as a second thread calls.  Such a
 * library may run guest code with a lock held (X11: predicates, and what is
 * between XLockDisplay() and XUnlockDisplay()).  A thread that waited for it
 * within translated code could keep the holder from ever going on, where that
 * needs all others to leave translated code.
 */
static bool crowded(struct gw_callee *callee)
{
    const void *nobody = NULL;

    if (callee->owner != &self &&
        !__atomic_compare_exchange_n(&callee->owner, &nobody,
                                     (const void *)&self, false,
                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        __atomic_store_n(&callee->shared, true, __ATOMIC_RELAXED);
    }
    return __atomic_load_n(&callee->shared, __ATOMIC_RELAXED);
}

void gw_call_invoke(struct gw_callee *callee, struct gw_call *call)
{
    if (callee->one_thread) {
        crowded(callee);
    }
    run(callee, call, SYSTEM_CALL);
}

static __attribute__((noinline)) void ring_hastily(struct gw_callee *callee,
                                                   struct gw_call *call)
{
    if (__builtin_expect(callee->one_thread, 0) && crowded(callee)) {
        return; /* the guest comes again by system call */
    }
    run(callee, call, HASTY_DOORBELL);
}

void gw_call_ring(struct gw_callee *callee, struct gw_call *call,
                  const void *waits)
{
    if (!waits) {
        ring_hastily(callee, call);
        return;
    }
    run(callee, call, DOORBELL);
}

void gw_run_here(struct gw_callee *callee, struct gw_call *call)
{
    run(callee, call, SYSTEM_CALL);
}

void gw_set_pair(struct gw_pair *pair, struct gw_call *serving)
{
    if (self) {
        self->pair = pair;
        self->serving = serving;
    }
}

struct gw_callee *gw_current_callee(void)
{
    return self && self->current ? STACK_CALLEE(self->current) : NULL;
}

struct gw_call *gw_current_call(void)
{
    return self && self->current ? STACK_CALL(self->current) : NULL;
}

void gw_call_abandon(void)
{
    struct thread *t = self;
    struct gw_stack *s = t->current;

    t->current = NULL;
    t->abandoned = s;
    STACK_CALL(s)->status = GW_DONE;
    gw_stack_suspend(s);
}

struct gw_stack *gw_call_guest_begin(struct gw_callback *cb)
{
    struct thread *t = self;
    struct gw_stack *s = t ? t->current : NULL;
    struct gw_call *call;

    if (!s) {
        return NULL;
    }
    call = STACK_CALL(s);
    cb->stack = s;
    STACK_CALLBACK(s) = cb;
    s->next = t->suspended;
    t->suspended = s;
    t->current = NULL;
    call->callback = cb;
    call->status = GW_CALLBACK;
    return s;
}

bool gw_call_guest(struct gw_callback *cb)
{
    struct gw_stack *s = gw_call_guest_begin(cb);
    int saved = errno;

    if (s) {
        /* QEMU works on this thread in between. */
        gw_stack_suspend(s);
        errno = saved;
    }
    return s != NULL;
}

uint64_t gw_guest_service(enum gw_service which, uint64_t a0, uint64_t a1,
                          uint64_t a2)
{
    struct gw_callee *callee = gw_current_callee();
    struct gw_service_call s = { .a0 = a0, .a1 = a1, .a2 = a2 };

    if (!callee) {
        return 0;
    }
    s.cb.run = callee->services[which];
    gw_call_guest(&s.cb);
    return s.ret;
}
