/* SPDX-License-Identifier: MIT */
#include "closure.h"
#include "layout.h"
#include "pair.h"
#include "stack.h"

#include "gangway/lock.h"

#include <alloca.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A signature, made ready.  Lives as long as the process. */
struct shape {
    struct shape *next;
    const struct gw_signature *signature;
    struct gw_layout layout;
};

struct closure {
    struct closure *next_by_key, *next_by_code;
    void *code;
    const struct shape *shape;
    void (*run)(struct gw_callback *);
    void *target;
    void (*around)(struct gw_closure_call *call); /* or NULL */
    unsigned references;
    bool kept; /* one of them is never given back */
};

#define BUCKETS 4096

/* Guards the list and both tables; held for a few instructions. */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct shape *shapes;
static struct closure *by_key[BUCKETS]; /* target */
static struct closure *by_code[BUCKETS];

static struct closure **bucket(struct closure **table, const void *pointer)
{
    return &table[(uintptr_t)pointer * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

/* With the lock held. */
static const struct shape *shape_of(const struct gw_signature *signature)
{
    struct shape *s = shapes;

    while (s && s->signature != signature) {
        s = s->next;
    }
    if (!s) {
        s = calloc(1, sizeof(*s));
        if (!s) {
            return NULL;
        }
        s->signature = signature;
        if (!gw_layout_make(&s->layout, signature->format)) {
            gw_log("callback type %s cannot be made", signature->name);
            free(s);
            return NULL;
        }
        s->next = shapes;
        shapes = s;
    }
    return s;
}

/* The block's head; its arguments are there. */
static struct gw_callback *address_to(const struct closure *c, char *block)
{
    struct gw_callback *cb = (struct gw_callback *)block;

    cb->run = c->run;
    cb->target = c->target;
    return cb;
}

/* On a thread that is in no call of the guest's. */
static void call_by_pair(const struct closure *c, struct gw_callback *cb)
{
    if (!gw_pair_callback(cb)) {
        gw_log("a callback (%s) on a thread of the host's own cannot be "
               "delivered: the guest program has no threads",
               c->shape->signature->name);
    }
}

void gw_closure_proceed(struct gw_closure_call *call)
{
    const struct closure *c = call->closure;
    const struct gw_layout *l = &c->shape->layout;
    char *block = alloca(l->block_size);
    struct gw_callback *cb = address_to(c, block);

    /* Where the guest never comes to store it, the result is 0. */
    memset(block + l->ret_offset, 0, 8);
    for (unsigned i = 0; i < l->count; i++) {
        memcpy(block + l->to[i], call->args[i], l->size[i]);
    }
    if (!gw_call_guest(cb)) {
        call_by_pair(c, cb);
    }
    *(uint64_t *)call->ret = gw_layout_result(l, block);
}

static __attribute__((noinline)) void call_around(struct gw_arrival *a)
{
    const struct closure *c = a->closure;
    const struct gw_layout *l = &c->shape->layout;
    void *args[GW_PARAMETERS_MAX];
    uint64_t ret = 0;
    struct gw_closure_call call = { c->shape->signature, args, &ret, c };

    for (unsigned i = 0; i < l->count; i++) {
        args[i] = (char *)a + l->from[i];
    }
    c->around(&call);
    a->integer[0] = a->real[0] = ret;
}

struct gw_stack *gw_closure_enter(struct gw_arrival *a)
{
    const struct closure *c = a->closure;
    const struct gw_layout *l = &c->shape->layout;
    struct gw_callback *cb = address_to(c, a->block);
    struct gw_stack *stack;

    if (__builtin_expect(c->around != NULL, 0)) {
        call_around(a);
        return NULL;
    }
    gw_layout_fill(l, a);
    stack = gw_call_guest_begin(cb);
    if (__builtin_expect(!stack, 0)) {
        call_by_pair(c, cb);
        gw_layout_return(l, a);
        return NULL;
    }
    /* QEMU works on this thread in between. */
    a->saved_errno = errno;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    /* They must see every switch of stacks. */
    gw_stack_suspend(stack);
    gw_closure_leave(a);
    return NULL;
#endif
    return stack;
}

void gw_closure_leave(struct gw_arrival *a)
{
    errno = a->saved_errno;
    gw_layout_return(&a->closure->shape->layout, a);
}

/* With the lock held. */
static struct closure *make(const struct gw_signature *signature,
                            void (*run)(struct gw_callback *), void *target)
{
    struct closure *c = calloc(1, sizeof(*c)), **link;

    if (!c) {
        return NULL;
    }
    c->run = run;
    c->target = target;
    c->shape = shape_of(signature);
    c->code = c->shape ? gw_trampoline_get(c) : NULL;
    if (!c->code) {
        free(c);
        return NULL;
    }
    link = bucket(by_key, target);
    c->next_by_key = *link;
    *link = c;
    link = bucket(by_code, c->code);
    c->next_by_code = *link;
    *link = c;
    return c;
}

/* With the lock held. */
static struct closure *find_code(const void *code)
{
    struct closure *c = *bucket(by_code, code);

    while (c && c->code != code) {
        c = c->next_by_code;
    }
    return c;
}

void *gw_closure_make(const struct gw_signature *signature,
                      void (*run)(struct gw_callback *), void *target,
                      unsigned use, void (*around)(struct gw_closure_call *))
{
    bool keep = use & GW_CLOSURE_KEPT;
    struct closure *c;
    void *code = NULL;

    if (!(use & GW_CLOSURE_LOCAL)) {
        gw_pair_prepare();
    }
    pthread_mutex_lock(&lock);
    c = *bucket(by_key, target);
    while (c && (c->target != target || c->shape->signature != signature)) {
        c = c->next_by_key;
    }
    c = c ? c : make(signature, run, target);
    if (c) {
        c->around = around;
        c->references += !(keep && c->kept);
        c->kept |= keep;
        code = c->code;
    }
    pthread_mutex_unlock(&lock);
    if (!code) {
        gw_log("no memory left for a callback (%s)", signature->name);
    }
    return code;
}

/* With the lock held. */
static void destroy(struct closure *c)
{
    struct closure **link = bucket(by_key, c->target);

    while (*link != c) {
        link = &(*link)->next_by_key;
    }
    *link = c->next_by_key;
    link = bucket(by_code, c->code);
    while (*link != c) {
        link = &(*link)->next_by_code;
    }
    *link = c->next_by_code;
    gw_trampoline_put(c->code);
    free(c);
}

void gw_closure_put(void *closure)
{
    struct closure *c;

    pthread_mutex_lock(&lock);
    c = find_code(closure);
    if (c && --c->references == 0) {
        destroy(c);
    }
    pthread_mutex_unlock(&lock);
}

void *gw_closure_target(const void *host_function)
{
    struct closure *c;
    void *target;

    pthread_mutex_lock(&lock);
    c = find_code(host_function);
    target = c ? c->target : NULL;
    pthread_mutex_unlock(&lock);
    return target;
}
