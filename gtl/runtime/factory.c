/* SPDX-License-Identifier: MIT */
/*
 * Guest threads for host threads (callbacks/pair.c has the other half).  They
 * are made with the guest's own pthread_create(), so that QEMU gives them a
 * CPU and the guest's libc their thread-local storage.
 */
#include "runtime.h"

typedef unsigned long thread; /* pthread_t of every libc on these ISAs */
typedef int (*create_fn)(thread *, const void *, void *(*)(void *), void *);
typedef int (*detach_fn)(thread);

int pthread_create(thread *, const void *, void *(*)(void *), void *)
    __attribute__((weak));
int pthread_detach(thread) __attribute__((weak));

/* Before glibc 2.34 the functions lie in a library of their own. */
#define LIBPTHREAD "libpthread.so.0"

static create_fn create(void)
{
    return pthread_create ? (void *)pthread_create
                          : gw_guest_symbol(LIBPTHREAD, "pthread_create");
}

static detach_fn detach(void)
{
    return pthread_detach ? (void *)pthread_detach
                          : gw_guest_symbol(LIBPTHREAD, "pthread_detach");
}

static bool start_thread(void *(*run)(void *), void *arg)
{
    create_fn make = create();
    detach_fn let_go = detach();
    thread t;

    if (!make || !let_go || make(&t, NULL, run, arg) != 0) {
        return false;
    }
    let_go(t);
    return true;
}

/* The guest half of a pair. */
static void *half(void *pair)
{
    struct gw_pair_call c;

    c.call.id = GW_ID_PAIR_SERVE;
    c.pair = pair;
    gw_cross_block(&c.call);
    return NULL;
}

static void *factory(void *unused)
{
    struct gw_pair_call c;

    (void)unused;
    c.pair = NULL;
    for (;;) {
        c.call.id = GW_ID_PAIR_WANTED;
        gw_cross_block(&c.call);
        if (!c.pair) {
            return NULL;
        }
        if (start_thread(half, c.pair)) {
            c.pair = NULL;
        } else {
            gw_say("the guest cannot create a thread for a callback of the "
                   "host; is its limit of threads reached?", NULL);
        }
    }
    return NULL;
}

void gw_service_start_factory(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = start_thread(factory, NULL);
}
