/* SPDX-License-Identifier: MIT */
/*
 * All of callbacks/ with a guest that is this program: a crossing is a
 * function call.
 * Catches: a call that ends on the wrong stack, or resumes another than the
 * guest meant; stacks that pile up where callbacks are left by longjmp(); a
 * closure that is not found again, or lives on without references; a callback
 * of a host's thread on the wrong thread; a doorbell that may not wait and
 * does.
 */
#include "closure.h"
#include "pair.h"
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

enum { ADD, EACH, ON_THREAD, ABANDON, WHO, LAZY, COUNT };

/* All of our functions take and return the same. */
struct block {
    struct gw_call call;
    int64_t a, b;
    void *closure;
    int64_t ret;
};

typedef int64_t (*function)(int64_t a, int64_t b);

static _Thread_local unsigned logged;
static _Atomic(unsigned) doorbells, system_calls;

void gw_log(const char *format, ...)
{
    char line[200];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    CHECK(*line && !strchr(line, '\n'));
    logged++;
}

static void observe(bool doorbell)
{
    if (doorbell) {
        doorbells++;
    } else {
        system_calls++;
    }
}

/* --- the host's functions ------------------------------------------------- */

static _Thread_local uintptr_t last_frame;

static void add(struct gw_call *call)
{
    struct block *b = (void *)call;
    char local;

    last_frame = (uintptr_t)&local;
    CHECK(gw_current_call() == call);
    b->ret = b->a + b->b;
}

/* The sum of b results. */
static void each(struct gw_call *call)
{
    struct block *b = (void *)call;
    char local;

    last_frame = (uintptr_t)&local;
    for (int64_t i = 0; i < b->b; i++) {
        errno = 7;
        b->ret += ((function)b->closure)(b->a, i);
        CHECK(errno == 7);
        CHECK(gw_current_call() == call);
    }
}

static void *host_thread(void *arg)
{
    struct block *b = arg;

    CHECK(!gw_current_callee() && !gw_current_call());
    for (int64_t i = 0; i < b->b; i++) {
        b->ret += ((function)b->closure)(b->a, i);
    }
    return NULL;
}

static void on_thread(struct gw_call *call)
{
    pthread_t thread;

    CHECK(!pthread_create(&thread, NULL, host_thread, call));
    CHECK(!pthread_join(thread, NULL));
}

static void abandon(struct gw_call *call)
{
    ((struct block *)call)->ret = 5;
    gw_call_abandon();
}

static void who(struct gw_call *call)
{
    ((struct block *)call)->ret = (int64_t)pthread_self();
}

static void lazy(struct gw_call *call)
{
    ((struct block *)call)->ret = 6;
}

static void other(struct gw_call *call)
{
    ((struct block *)call)->ret = call->id;
}

/* --- the guest ------------------------------------------------------------ */

static void start_factory(struct gw_callback *cb);

static void nothing(struct gw_callback *cb)
{
    (void)cb;
}

static gw_thunk thunks[COUNT] = {
    [ADD] = add, [EACH] = each, [ON_THREAD] = on_thread, [ABANDON] = abandon,
    [WHO] = who, [LAZY] = lazy,
};
static void (*const services[GW_SERVICE_COUNT])(struct gw_callback *) = {
    [GW_SERVICE_START_FACTORY] = start_factory,
    [GW_SERVICE_FREE] = nothing,
};
static struct gw_callee callee = {
    .count = COUNT, .thunks = thunks, .lazy = lazy, .other = other,
    .services = services,
};
/* The one type of callback. */
static const struct gw_signature signature = { "function", "l a:l b:l" };

struct callback_block {
    struct gw_callback cb;
    int64_t a, b, ret;
};

static void unpack(struct gw_callback *cb)
{
    struct callback_block *b = (void *)cb;

    errno = 42;
    b->ret = ((function)cb->target)(b->a, b->b);
}

static void cross_with(struct gw_call *call, bool doorbell)
{
    volatile uint32_t *status = &call->status;

    for (*status = GW_NEW;; *status = GW_RESUME) {
        if (doorbell) {
            gw_call_ring(&callee, call, call);
        } else {
            gw_call_invoke(&callee, call);
        }
        if (*status != GW_CALLBACK) {
            break;
        }
        call->callback->run(call->callback);
    }
    CHECK(*status == GW_DONE);
}

static int64_t cross(uint32_t id, int64_t a, int64_t b, void *closure)
{
    struct block block = { .call.id = id, .a = a, .b = b,
                           .closure = closure };

    cross_with(&block.call, b % 2);
    return block.ret;
}

static void *serve(void *pair)
{
    struct gw_pair_call c = { .call.id = GW_ID_PAIR_SERVE, .pair = pair };

    cross_with(&c.call, false);
    return NULL;
}

static void *factory(void *unused)
{
    struct gw_pair_call c = { .call.id = GW_ID_PAIR_WANTED };
    pthread_t thread;

    (void)unused;
    for (;;) {
        cross_with(&c.call, false);
        if (!c.pair) {
            return NULL;
        }
        CHECK(!pthread_create(&thread, NULL, serve, c.pair));
        CHECK(!pthread_detach(thread));
        c.pair = NULL;
    }
}

static pthread_t factory_thread;

static void start_factory(struct gw_callback *cb)
{
    CHECK(!pthread_create(&factory_thread, NULL, factory, NULL));
    ((struct gw_service_call *)cb)->ret = 1;
}

/* Closures are made within calls; this one is made within ADD's. */
static unsigned wanted_use;
static function wanted_target;
static void (*wanted_around)(struct gw_closure_call *);

static void make_closure(struct gw_call *call)
{
    ((struct block *)call)->ret = (int64_t)gw_closure_make(
        &signature, unpack, (void *)wanted_target, wanted_use, wanted_around);
}

static void *closure(function target, unsigned use,
                     void (*around)(struct gw_closure_call *))
{
    void *code;

    wanted_target = target;
    wanted_use = use;
    wanted_around = around;
    thunks[ADD] = make_closure;
    code = (void *)cross(ADD, 0, 0, NULL);
    thunks[ADD] = add;
    CHECK(code);
    return code;
}

/* --- tests ---------------------------------------------------------------- */

static void answers(void)
{
    unsigned before = system_calls + doorbells;

    CHECK(!gw_current_callee() && !gw_current_call());
    for (int i = 0; i < 1000; i++) {
        CHECK(cross(ADD, i, i + 1, NULL) == 2 * i + 1);
    }
    CHECK(cross(COUNT, 0, 0, NULL) == COUNT);
    CHECK(cross(UINT32_MAX, 0, 0, NULL) == UINT32_MAX);
    CHECK(cross(ABANDON, 0, 0, NULL) == 5);
    CHECK(cross(ADD, 1, 2, NULL) == 3);
    CHECK(system_calls + doorbells == before + 1004);
}

static int64_t multiply(int64_t a, int64_t b)
{
    return a * b;
}

static void *down_closure;

/* Calls within callbacks within calls. */
static int64_t down(int64_t depth, int64_t b)
{
    (void)b;
    return depth ? 1 + cross(EACH, depth - 1, 1, down_closure) : 0;
}

static void calls_back(void)
{
    void *code = closure(multiply, GW_CLOSURE_LOCAL, NULL);

    for (int i = 0; i < 100; i++) {
        CHECK(cross(EACH, i, 4, code) == i * 6);
        CHECK(cross(EACH, i, 5, code) == i * 10);
    }
    gw_closure_put(code);
    down_closure = closure(down, GW_CLOSURE_LOCAL, NULL);
    CHECK(down(50, 0) == 50);
    gw_closure_put(down_closure);
}

static _Thread_local jmp_buf back;

static int64_t jump(int64_t a, int64_t b)
{
    (void)a;
    (void)b;
    longjmp(back, 1);
}

/* How many stacks there are: each has one place for EACH's frame. */
static unsigned count_frames(uintptr_t frames[4], unsigned count)
{
    unsigned i = 0;

    while (i < count && frames[i] != last_frame) {
        i++;
    }
    CHECK(i < 4);
    frames[i] = last_frame;
    return i < count ? count : count + 1;
}

/* Each leaves a suspended call; its block is overwritten by the next. */
static void forgets_what_is_left(void)
{
    void *code = closure(jump, GW_CLOSURE_LOCAL, NULL);
    uintptr_t frames[4];
    volatile unsigned count = 0;

    for (volatile int i = 0; i < 1000; i++) {
        if (!setjmp(back)) {
            cross(EACH, 0, 1, code);
            CHECK(false);
        }
        count = count_frames(frames, count);
    }
    gw_closure_put(code);
}

static void begin(struct block *b, int64_t a, void *code)
{
    *b = (struct block){ .call.id = EACH, .a = a, .b = 2, .closure = code };
    gw_call_invoke(&callee, &b->call);
    CHECK(b->call.status == GW_CALLBACK);
}

static void go_on(struct block *b)
{
    b->call.callback->run(b->call.callback);
    b->call.status = GW_RESUME;
    gw_call_invoke(&callee, &b->call);
}

/* As fibers of the guest do. */
static void resumes_in_any_order(void)
{
    void *code = closure(multiply, GW_CLOSURE_LOCAL, NULL);
    struct block blocks[5];

    for (int i = 0; i < 5; i++) {
        begin(&blocks[i], i + 1, code);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            go_on(&blocks[i * 3 % 5]);
        }
    }
    for (int i = 0; i < 5; i++) {
        CHECK(blocks[i].call.status == GW_DONE && blocks[i].ret == i + 1);
    }
    /* None is left. */
    logged = 0;
    blocks[0].call.status = GW_RESUME;
    gw_call_invoke(&callee, &blocks[0].call);
    CHECK(blocks[0].call.status == GW_DONE && logged == 1);
    gw_closure_put(code);
}

static int64_t subtract(int64_t a, int64_t b)
{
    return a - b;
}

static void around(struct gw_closure_call *call)
{
    int64_t hundred = 100;

    CHECK(call->signature == &signature);
    call->args[0] = &hundred;
    gw_closure_proceed(call);
    *(int64_t *)call->ret += 1;
}

static void knows_closures(void)
{
    void *one = closure(multiply, GW_CLOSURE_LOCAL, NULL);
    void *two = closure(down, GW_CLOSURE_LOCAL, NULL);

    CHECK(one != two);
    CHECK(closure(multiply, GW_CLOSURE_LOCAL, NULL) == one);
    CHECK(gw_closure_target(one) == multiply);
    CHECK(gw_closure_target(two) == down);
    CHECK(!gw_closure_target(multiply));
    gw_closure_put(one);
    CHECK(gw_closure_target(one) == multiply);
    gw_closure_put(one);
    CHECK(!gw_closure_target(one));
    gw_closure_put(two);
    gw_closure_put(NULL);

    /* One reference stays, but for the others. */
    one = closure(multiply, GW_CLOSURE_LOCAL | GW_CLOSURE_KEPT, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK(closure(multiply, GW_CLOSURE_LOCAL, NULL) == one);
        CHECK(closure(multiply, GW_CLOSURE_LOCAL | GW_CLOSURE_KEPT, NULL) ==
              one);
        gw_closure_put(one);
        CHECK(gw_closure_target(one) == multiply);
    }
    gw_closure_put(one); /* that one, which nobody else has */
    CHECK(!gw_closure_target(one));

    one = closure(subtract, GW_CLOSURE_LOCAL, around);
    CHECK(cross(EACH, 1, 4, one) == 4 * 101 - 6);
    gw_closure_put(one);
}

static pthread_t callback_thread, call_thread;

static int64_t who_runs(int64_t a, int64_t b)
{
    callback_thread = pthread_self();
    call_thread = (pthread_t)cross(WHO, 0, 0, NULL);
    return a + b;
}

/* The callback is a guest thread's; what it calls, the host thread's. */
static void pairs_threads(void)
{
    void *code = closure(who_runs, 0, NULL);

    for (int i = 0; i < 20; i++) {
        CHECK(cross(ON_THREAD, 10, 3, code) == 33);
        CHECK(callback_thread != call_thread);
        CHECK(callback_thread != pthread_self());
        CHECK(call_thread != pthread_self());
    }
    gw_closure_put(code);
    gw_pair_alone();
    CHECK(!pthread_join(factory_thread, NULL));
    /* Nobody makes guest threads any more. */
    code = closure(multiply, GW_CLOSURE_LOCAL, NULL);
    CHECK(cross(ON_THREAD, 10, 3, code) == 0);
    gw_closure_put(code);
}

static void *rings(void *expected)
{
    struct block b = { .call.id = ADD, .a = 1, .b = 2 };

    gw_call_ring(&callee, &b.call, NULL);
    CHECK(b.call.status == (uintptr_t)expected);
    gw_call_invoke(&callee, &b.call);
    CHECK(b.ret == 3);
    return NULL;
}

static void answers_hasty_doorbells(void)
{
    struct block b = { .call.id = LAZY };
    pthread_t thread;

    gw_call_ring(&callee, &b.call, NULL);
    CHECK(b.call.status == GW_NEW);
    gw_call_ring(&callee, &b.call, &b);
    CHECK(b.call.status == GW_DONE && b.ret == 6);
    rings((void *)GW_DONE);
    /* Not once two threads use what wants to have one. */
    callee.one_thread = true;
    rings((void *)GW_DONE);
    CHECK(!pthread_create(&thread, NULL, rings, (void *)GW_NEW));
    CHECK(!pthread_join(thread, NULL));
    rings((void *)GW_NEW);
    callee.one_thread = false;
}

static void *all(void *unused)
{
    (void)unused;
    answers();
    calls_back();
    resumes_in_any_order();
    forgets_what_is_left();
    return NULL;
}

int main(void)
{
    pthread_t thread;

    gw_call_observer = observe;
    all(NULL);
    CHECK(!pthread_create(&thread, NULL, all, NULL));
    CHECK(!pthread_join(thread, NULL));
    knows_closures();
    answers_hasty_doorbells();
    pairs_threads();
    return 0;
}
