/* SPDX-License-Identifier: MIT */
/*
 * The library at the far end: what the callback tests cross to.  It has real
 * threads, real recursive locks and thread-local state, and it counts.
 */
#ifndef FAR_H
#define FAR_H

#include <stdint.h>

struct far_event {
    const char *text;
    double weight;
    uint64_t number;
    int32_t thread, round;
};

/* What a callback that takes all kinds gets and returns, by pointer. */
struct far_all {
    int64_t i64;
    uint64_t u64;
    double f64;
    void *ptr;
    int32_t i32;
    uint32_t u32;
    float f32;
    int16_t i16;
    uint16_t u16;
    int8_t i8;
    uint8_t u8;
};

typedef int64_t (*far_work)(void *user, int32_t number);
typedef void (*far_notice)(void *user, const struct far_event *event);
/* Called by the library's own threads, and stored. */
typedef int64_t (*far_hook)(void *user, int32_t thread, int32_t round);
typedef void (*far_mix)(int8_t a, uint8_t b, int16_t c, uint16_t d, int32_t e,
                        uint32_t f, int64_t g, uint64_t h, float i, double j,
                        void *k, const struct far_all *again,
                        float l, double m, int8_t n, double o, float p,
                        float q, float r, double s);
typedef int8_t (*far_i8)(int8_t x);
typedef uint8_t (*far_u8)(uint8_t x);
typedef int16_t (*far_i16)(int16_t x);
typedef uint16_t (*far_u16)(uint16_t x);
typedef int32_t (*far_i32)(int32_t x);
typedef uint32_t (*far_u32)(uint32_t x);
typedef int64_t (*far_i64)(int64_t x);
typedef uint64_t (*far_u64)(uint64_t x);
typedef float (*far_f32)(float x);
typedef double (*far_f64)(double x);
typedef void *(*far_ptr)(void *x);

/* Calls work(user, 0) to work(user, n - 1); the sum of what they return.  The
 * second one crosses by system call. */
int64_t far_call(far_work work, void *user, int32_t n);
int64_t far_call_slowly(far_work work, void *user, int32_t n);
/* An empty call by doorbell, and one by system call. */
int64_t far_nothing(int64_t x);
int64_t far_nothing_slowly(int64_t x);

/* One call of each callback with `all`'s values; `all` gets the results. */
void far_every_kind(struct far_all *all, far_mix mix, far_i8 i8, far_u8 u8,
                    far_i16 i16, far_u16 u16, far_i32 i32, far_u32 u32,
                    far_i64 i64, far_u64 u64, far_f32 f32, far_f64 f64,
                    far_ptr ptr);
/* Calls notice with an event in the library's own memory, n times. */
void far_notify(far_notice notice, void *user, int32_t n);

/* Sets the stored hook; the previous one. */
far_hook far_store(far_hook hook, void *user);
/* Calls it n times; the sum. */
int64_t far_fire(int32_t n);
/* A hook of the library's own, the first stored one. */
int64_t far_own_hook(void *user, int32_t thread, int32_t round);
void far_store_own_hook(void);

enum far_mode {
    FAR_LOCKED = 1,   /* the recursive lock is held during the callback */
    FAR_PRIVATE = 2,  /* each thread counts in thread-local state and checks
                         it, errno and its own number after each callback */
};
/* Starts that many threads, each of which calls hook(user, thread, round)
 * that many rounds. */
int32_t far_start(int32_t threads, int32_t rounds, int32_t mode,
                  far_hook hook, void *user);
/* Waits for them; the sum of what the hooks returned. */
int64_t far_join(void);
/* A thread that calls hook until the process ends; never joined. */
int32_t far_forever(far_hook hook, void *user);
/* How often something of a thread's own was not as it had left it. */
int64_t far_faults(void);

/* The recursive lock. */
void far_lock(void);
void far_unlock(void);
/* True for the thread that holds it. */
int32_t far_locked_by_me(void);

/* The calling thread's number in the library (1, 2, ... in the order in which
 * threads first ask; those that far_start() made: 1000 + thread). */
int32_t far_me(void);
/* Adds to the calling thread's own counter; its new value. */
int64_t far_add(int64_t n);

/* Reads where nothing is; with a thread, on one of the library's. */
void far_crash(void);
void far_crash_on_thread(void);

/* Sleeps in the library. */
void far_sleep(int32_t milliseconds);

#endif
