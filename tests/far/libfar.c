/* SPDX-License-Identifier: MIT */
#include "far.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FAR __attribute__((visibility("default")))

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static _Thread_local int depth; /* how often this thread has locked */
static _Thread_local int64_t counter;
static _Thread_local int32_t me;
static atomic_int numbers;
static atomic_llong faults;

FAR int64_t far_call(far_work work, void *user, int32_t n)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < n; i++) {
        sum += work(user, i);
    }
    return sum;
}

FAR int64_t far_call_slowly(far_work work, void *user, int32_t n)
{
    return far_call(work, user, n);
}

FAR int64_t far_nothing(int64_t x)
{
    return x + 1;
}

FAR int64_t far_nothing_slowly(int64_t x)
{
    return x + 1;
}

FAR void far_every_kind(struct far_all *all, far_mix mix, far_i8 i8,
                        far_u8 u8, far_i16 i16, far_u16 u16, far_i32 i32,
                        far_u32 u32, far_i64 i64, far_u64 u64, far_f32 f32,
                        far_f64 f64, far_ptr ptr)
{
    mix(all->i8, all->u8, all->i16, all->u16, all->i32, all->u32, all->i64,
        all->u64, all->f32, all->f64, all->ptr, all, all->f32 * 2,
        all->f64 * 2, all->i8, all->f64 * 3, all->f32 * 3, all->f32 * 4,
        all->f32 * 5, all->f64 * 4);
    all->i8 = i8(all->i8);
    all->u8 = u8(all->u8);
    all->i16 = i16(all->i16);
    all->u16 = u16(all->u16);
    all->i32 = i32(all->i32);
    all->u32 = u32(all->u32);
    all->i64 = i64(all->i64);
    all->u64 = u64(all->u64);
    all->f32 = f32(all->f32);
    all->f64 = f64(all->f64);
    all->ptr = ptr(all->ptr);
}

FAR int64_t far_wide(const struct far_all *all, far_i8 i8, far_u8 u8,
                     far_i16 i16, far_u16 u16, far_i32 i32, far_u32 u32)
{
    int64_t sum = i8(all->i8);

    sum += u8(all->u8);
    sum += i16(all->i16);
    sum += u16(all->u16);
    sum += i32(all->i32);
    return sum + (u32(all->u32) == all->u32 + 1);
}

FAR struct far_bytes far_next_bytes(struct far_bytes s)
{
    return (struct far_bytes){ { s.b[0] + 1, s.b[1] + 1, s.b[2] + 1 } };
}

FAR struct far_large far_sums(int8_t a, uint8_t b, int16_t c, uint16_t d,
                              int32_t e, uint32_t f, struct far_pair pair,
                              struct far_triple triple, struct far_bytes bytes,
                              struct far_large large, float x, double y,
                              char letter, _Bool truth)
{
    return (struct far_large){ {
        (int64_t)a + b + c + d + e + f,
        (intptr_t)pair.pointer + pair.number + pair.letter + triple.a +
            triple.b + triple.c + bytes.b[0] + bytes.b[1] + bytes.b[2] +
            large.v[0] + large.v[1] + large.v[2],
        (int64_t)(4 * x + 8 * y) + (letter == 'x') + 2 * truth,
    } };
}

FAR struct far_triple far_small_sums(int8_t a, uint8_t b, int16_t c,
                                     uint16_t d, int64_t e, uint64_t f,
                                     int32_t g, struct far_pair pair,
                                     struct far_triple triple)
{
    return (struct far_triple){
        a + b + c + d + e + f + g,
        (intptr_t)pair.pointer + pair.number + pair.letter,
        triple.a + triple.b + triple.c,
    };
}

FAR struct far_pair far_next_pair(struct far_pair pair)
{
    return (struct far_pair){ (const char *)pair.pointer + 1, pair.number + 1,
                              pair.letter + 1 };
}

FAR int8_t far_to_i8(int64_t x)
{
    return x;
}

FAR uint8_t far_to_u8(int64_t x)
{
    return x;
}

FAR int16_t far_to_i16(int64_t x)
{
    return x;
}

FAR uint16_t far_to_u16(int64_t x)
{
    return x;
}

FAR int32_t far_to_i32(int64_t x)
{
    return x;
}

FAR uint32_t far_to_u32(int64_t x)
{
    return x;
}

FAR char far_to_char(int64_t x)
{
    return x;
}

FAR _Bool far_to_bool(int64_t x)
{
    return x;
}

FAR float far_to_f32(int64_t x)
{
    return x;
}

FAR double far_to_f64(int64_t x)
{
    return x;
}

FAR void far_notify(far_notice notice, void *user, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        struct far_event event = { "from the far end", i / 4.0, i, 0, i };
        notice(user, &event);
    }
}

FAR int64_t far_own_hook(void *user, int32_t thread, int32_t round)
{
    (void)user;
    return 1000 * thread + round;
}

static far_hook stored;
static void *stored_user;

FAR far_hook far_store(far_hook hook, void *user)
{
    far_hook before = stored;

    stored = hook;
    stored_user = user;
    return before;
}

FAR void far_store_own_hook(void)
{
    far_store(far_own_hook, NULL);
}

FAR int64_t far_fire(int32_t n)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < n; i++) {
        sum += stored ? stored(stored_user, 0, i) : 0;
    }
    return sum;
}

struct worker {
    struct worker *next;
    pthread_t thread;
    int32_t number, rounds, mode;
    far_hook hook;
    void *user;
    int64_t sum;
};
static struct worker *workers;

/* What was wrong helps whoever sees it once in a hundred runs. */
static void expect(const char *what, int64_t found, int64_t wanted)
{
    if (found != wanted) {
        faults++;
        dprintf(2, "FAIL: %s is %lld, not %lld\n", what, (long long)found,
                (long long)wanted);
    }
}

static void work_round(struct worker *w, int32_t round)
{
    int64_t before = counter;
    int64_t result;

    if (w->mode & FAR_LOCKED) {
        far_lock();
    }
    errno = round + 1;
    result = w->hook(w->user, w->number, round);
    expect("errno", errno, round + 1);
    w->sum += result;
    if (w->mode & FAR_PRIVATE) {
        /* The callback adds 1 through far_add(). */
        expect("the thread's counter", counter, before + 1);
        expect("the thread's number", me, 1000 + w->number);
    }
    if (w->mode & FAR_LOCKED) {
        expect("depth of the lock", depth, 1);
        far_unlock();
    }
}

static void *run(void *arg)
{
    struct worker *w = arg;

    me = 1000 + w->number;
    for (int32_t i = 0; w->rounds < 0 || i < w->rounds; i++) {
        work_round(w, i);
    }
    return NULL;
}

static int32_t start(int32_t number, int32_t rounds, int32_t mode,
                     far_hook hook, void *user)
{
    struct worker *w = calloc(1, sizeof(*w));
    int error;

    *w = (struct worker){ NULL, 0, number, rounds, mode, hook, user, 0 };
    error = pthread_create(&w->thread, NULL, run, w);
    if (error) {
        free(w);
    } else if (rounds >= 0) {
        w->next = workers;
        workers = w;
    }
    return error;
}

FAR int32_t far_start(int32_t threads, int32_t rounds, int32_t mode,
                      far_hook hook, void *user)
{
    int32_t error = 0;

    for (int32_t i = 0; i < threads && !error; i++) {
        error = start(i, rounds, mode, hook, user);
    }
    return error;
}

FAR int64_t far_join(void)
{
    int64_t sum = 0;

    while (workers) {
        struct worker *w = workers;
        workers = w->next;
        pthread_join(w->thread, NULL);
        sum += w->sum;
        free(w);
    }
    return sum;
}

FAR int32_t far_forever(far_hook hook, void *user)
{
    return start(0, -1, 0, hook, user);
}

FAR int64_t far_faults(void)
{
    return faults;
}

FAR void far_lock(void)
{
    pthread_mutex_lock(&lock);
    depth++;
}

FAR void far_unlock(void)
{
    depth--;
    pthread_mutex_unlock(&lock);
}

FAR int32_t far_locked_by_me(void)
{
    return depth > 0;
}

FAR int32_t far_me(void)
{
    me = me ? me : ++numbers;
    return me;
}

FAR int64_t far_add(int64_t n)
{
    return counter += n;
}

FAR void far_crash(void)
{
    const volatile int *volatile nowhere = (const volatile int *)64;

    (void)*nowhere;
}

static void *crash_there(void *unused)
{
    far_crash();
    return unused;
}

FAR void far_crash_on_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, crash_there, NULL) == 0) {
        pthread_join(thread, NULL);
    }
}

FAR void far_sleep(int32_t milliseconds)
{
    struct timespec t = { milliseconds / 1000,
                          milliseconds % 1000 * 1000000L };

    while (nanosleep(&t, &t) != 0) {
    }
}
