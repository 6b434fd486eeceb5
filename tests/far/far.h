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
/* The sum of what they return for `all`'s members, which the library's code
 * takes from registers as it finds them there; u32's counts 1 if it is the
 * next number. */
int64_t far_wide(const struct far_all *all, far_i8 i8, far_u8 u8, far_i16 i16,
                 far_u16 u16, far_i32 i32, far_u32 u32);

/* Structs by value: ABIs pass them in registers, on the stack, half and half,
 * or by reference. */
struct far_bytes {
    int8_t b[3];
};
struct far_triple {
    int32_t a, b, c;
};
struct far_pair {
    const void *pointer;
    int32_t number;
    char letter;
};
struct far_large {
    int64_t v[3];
};
struct far_bytes far_next_bytes(struct far_bytes s);
/* Sums of a to f, of the structs' members, of the others. */
struct far_large far_sums(int8_t a, uint8_t b, int16_t c, uint16_t d, int32_t e,
                          uint32_t f, struct far_pair pair,
                          struct far_triple triple, struct far_bytes bytes,
                          struct far_large large, float x, double y,
                          char letter, _Bool truth);
/* Likewise, with one register less for the pair. */
struct far_triple far_small_sums(int8_t a, uint8_t b, int16_t c, uint16_t d,
                                 int64_t e, uint64_t f, int32_t g,
                                 struct far_pair pair,
                                 struct far_triple triple);
struct far_pair far_next_pair(struct far_pair pair);
/* x as another type. */
int8_t far_to_i8(int64_t x);
uint8_t far_to_u8(int64_t x);
int16_t far_to_i16(int64_t x);
uint16_t far_to_u16(int64_t x);
int32_t far_to_i32(int64_t x);
uint32_t far_to_u32(int64_t x);
char far_to_char(int64_t x);
_Bool far_to_bool(int64_t x);
float far_to_f32(int64_t x);
double far_to_f64(int64_t x);
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
