/* SPDX-License-Identifier: MIT */
/*
 * Callbacks, from every direction.  Each argument names a case; what is
 * printed must be the same natively and under Gangway, and each count must
 * come out exact, or the program says what differs and ends with 1.
 */
#include "far.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static int failures;

static void same(const char *what, int64_t found, int64_t expected)
{
    if (found != expected) {
        printf("FAIL: %s is %lld, not %lld\n", what, (long long)found,
               (long long)expected);
        failures++;
    }
}

static int64_t sum_below(int64_t n)
{
    return n * (n - 1) / 2;
}

/* --- every kind of argument and result ----------------------------------- */

static const struct far_all extremes[] = {
    { INT64_MIN, UINT64_MAX, -1.5e300, (void *)0x7fff12345678, INT32_MIN,
      UINT32_MAX, 1.25f, INT16_MIN, UINT16_MAX, INT8_MIN, UINT8_MAX },
    { INT64_MAX, 1, 0x1p-1074, NULL, INT32_MAX, 0x80000000u, -0x1p-149f,
      INT16_MAX, 0x8000, INT8_MAX, 0x80 },
    { -1, 0, -0.0, &failures, -1, 0, -0.0f, -1, 0, -1, 0 },
};

static void mix(int8_t a, uint8_t b, int16_t c, uint16_t d, int32_t e,
                uint32_t f, int64_t g, uint64_t h, float i, double j, void *k,
                const struct far_all *again, float l, double m, int8_t n,
                double o, float p, float q, float r, double s)
{
    same("i8", a, again->i8);
    same("u8", b, again->u8);
    same("i16", c, again->i16);
    same("u16", d, again->u16);
    same("i32", e, again->i32);
    same("u32", f, again->u32);
    same("i64", g, again->i64);
    same("u64", h, again->u64);
    same("f32", i == again->f32, 1);
    same("f64", j == again->f64, 1);
    same("ptr", (intptr_t)k, (intptr_t)again->ptr);
    same("later ones", l == again->f32 * 2 && m == again->f64 * 2 &&
         n == again->i8 && o == again->f64 * 3 && p == again->f32 * 3 &&
         q == again->f32 * 4 && r == again->f32 * 5 && s == again->f64 * 4,
         1);
}

static int8_t next_i8(int8_t x) { return x == INT8_MAX ? INT8_MIN : x + 1; }
static uint8_t next_u8(uint8_t x) { return x + 1; }
static int16_t next_i16(int16_t x) { return x == INT16_MAX ? 0 : x + 1; }
static uint16_t next_u16(uint16_t x) { return x + 1; }
static int32_t next_i32(int32_t x) { return x == INT32_MAX ? 0 : x + 1; }
static uint32_t next_u32(uint32_t x) { return x + 1; }
static int64_t next_i64(int64_t x) { return x == INT64_MAX ? 0 : x + 1; }
static uint64_t next_u64(uint64_t x) { return x + 1; }
static float half_f32(float x) { return x / 2; }
static double half_f64(double x) { return x / 2; }
static void *next_ptr(void *x) { return (char *)x + 1; }

static void kinds(int unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof(extremes) / sizeof(*extremes); i++) {
        const struct far_all *in = &extremes[i];
        struct far_all out = *in;
        far_every_kind(&out, mix, next_i8, next_u8, next_i16, next_u16,
                       next_i32, next_u32, next_i64, next_u64, half_f32,
                       half_f64, next_ptr);
        same("i8 result", out.i8, next_i8(in->i8));
        same("u8 result", out.u8, next_u8(in->u8));
        same("i16 result", out.i16, next_i16(in->i16));
        same("u16 result", out.u16, next_u16(in->u16));
        same("i32 result", out.i32, next_i32(in->i32));
        same("u32 result", out.u32, next_u32(in->u32));
        same("i64 result", out.i64, next_i64(in->i64));
        same("u64 result", out.u64, next_u64(in->u64));
        same("f32 result", out.f32 == half_f32(in->f32), 1);
        same("f64 result", out.f64 == half_f64(in->f64), 1);
        same("ptr result", (intptr_t)out.ptr, (intptr_t)next_ptr(in->ptr));
    }
}

/* What a caller finds beyond a small result's own bits is the ABI's. */
static void widths(int unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof(extremes) / sizeof(*extremes); i++) {
        const struct far_all *in = &extremes[i];
        int64_t sum = next_i8(in->i8);

        sum += next_u8(in->u8);
        sum += next_i16(in->i16);
        sum += next_u16(in->u16);
        sum += next_i32(in->i32);
        same("sum of results", far_wide(in, next_i8, next_u8, next_i16,
                                        next_u16, next_i32, next_u32),
             sum + 1);
    }
    for (int64_t x = INT64_MIN / 3, i = 0; i < 100; x = x / 2 - 77, i++) {
        same("to i8", far_to_i8(x), (int8_t)x);
        same("to u8", far_to_u8(x), (uint8_t)x);
        same("to i16", far_to_i16(x), (int16_t)x);
        same("to u16", far_to_u16(x), (uint16_t)x);
        same("to i32", far_to_i32(x), (int32_t)x);
        same("to u32", far_to_u32(x), (uint32_t)x);
        same("to char", far_to_char(x), (char)x);
        same("to bool", far_to_bool(x), (bool)x);
        same("to f32", far_to_f32(x) == (float)x, 1);
        same("to f64", far_to_f64(x) == (double)x, 1);
    }
    same("to bool", far_to_bool(0), 0);
}

static void by_value(int unused)
{
    const struct far_bytes bytes = { { -1, 127, -128 } };
    const struct far_triple triple = { INT32_MIN, -7, 9 };
    const struct far_pair pair = { (void *)0x7fff12345678, -5, 'p' };
    const struct far_large large = { { INT64_MIN / 8, 3, 1000 } };
    struct far_bytes b = far_next_bytes(bytes);
    struct far_pair p = far_next_pair(pair);
    struct far_large l;
    struct far_triple t;

    (void)unused;
    same("bytes", b.b[0] == 0 && b.b[1] == -128 && b.b[2] == -127, 1);
    same("pointer", (intptr_t)p.pointer, 0x7fff12345679);
    same("number", p.number, -4);
    same("letter", p.letter, 'q');
    l = far_sums(-1, 255, -3, 65535, INT32_MIN, UINT32_MAX, pair, triple, bytes,
                 large, 2.25f, -8.5, 'x', true);
    same("sum of numbers", l.v[0],
         -1LL + 255 - 3 + 65535 + INT32_MIN + UINT32_MAX);
    same("sum of structs", l.v[1],
         0x7fff12345678 - 5 + 'p' + INT32_MIN - 7 + 9 - 1 + 127 - 128 +
         INT64_MIN / 8 + 3 + 1000);
    same("sum of others", l.v[2], 9 - 68 + 1 + 2);
    t = far_small_sums(-1, 2, -3, 4, -5, 6, 7, (struct far_pair){ (void *)100,
                       -5, 'p' }, (struct far_triple){ 1, 20, -300 });
    same("small sum of numbers", t.a, 10);
    same("small sum of the pair", t.b, 95 + 'p');
    same("small sum of the triple", t.c, -279);
}

static void notice(void *user, const struct far_event *event)
{
    int *count = user;

    same("text", strcmp(event->text, "from the far end"), 0);
    same("weight", event->weight == *count / 4.0, 1);
    same("number", event->number, *count);
    same("round", event->round, *count);
    ++*count;
}

static void structs(int n)
{
    int count = 0;

    far_notify(notice, &count, n);
    same("notices", count, n);
}

/* --- many ------------------------------------------------------------------ */

static int64_t add(void *user, int32_t number)
{
    *(int64_t *)user += 1;
    return number;
}

static void calls(int n)
{
    int64_t count = 0;

    same("sum", far_call(add, &count, n), sum_below(n));
    same("sum by system call", far_call_slowly(add, &count, n),
         sum_below(n));
    same("callbacks", count, 2 * (int64_t)n);
}

/* Calls the library from within: another library function, and itself. */
static int64_t inner(void *user, int32_t number)
{
    int64_t *count = user;

    *count += far_nothing(0) + far_nothing_slowly(0) - 1;
    return number;
}

static int64_t outer(void *user, int32_t number)
{
    int64_t here = 0;

    same("inner sum", far_call(inner, &here, 3), 3);
    same("inner sum by system call", far_call_slowly(inner, &here, 3), 3);
    *(int64_t *)user += here;
    return number;
}

static void inside(int n)
{
    int64_t count = 0;

    same("sum", far_call(outer, &count, n), sum_below(n));
    same("sum by system call", far_call_slowly(outer, &count, n),
         sum_below(n));
    same("callbacks", count, 12 * (int64_t)n);
}

/* Each level checks that its own variables are still there. */
static int64_t deeper(void *user, int32_t unused)
{
    int64_t left = (int64_t)(intptr_t)user, mine = left * 7, sum;

    (void)unused;
    if (!left) {
        return 0;
    }
    sum = left % 2 ? far_call(deeper, (void *)(intptr_t)(left - 1), 1)
                   : far_call_slowly(deeper, (void *)(intptr_t)(left - 1), 1);
    same("a level's variable", mine, left * 7);
    return sum + left;
}

static void nest(int depth)
{
    for (int i = 0; i < 3; i++) {
        same("sum", far_call(deeper, (void *)(intptr_t)depth, 1),
             sum_below(depth + 1));
    }
}

/* --- stored callbacks -------------------------------------------------------- */

static int64_t hook_a(void *user, int32_t thread, int32_t round)
{
    ++*(int64_t *)user;
    return thread + round;
}

static int64_t hook_b(void *user, int32_t thread, int32_t round)
{
    --*(int64_t *)user;
    return thread - round;
}

static void store(int n)
{
    int64_t count = 0;
    far_hook own;

    same("first hook before", (intptr_t)far_store(hook_a, &count), 0);
    same("sum", far_fire(n), sum_below(n));
    same("hook before", (intptr_t)far_store(hook_b, &count),
         (intptr_t)hook_a);
    same("sum", far_fire(n), -sum_below(n));
    same("count", count, 0);
    /* One of the library's own functions comes back as one to be called. */
    far_store_own_hook();
    same("sum", far_fire(n), sum_below(n));
    own = far_store(NULL, NULL);
    same("the library's hook", own && own(NULL, 3, 4) == 3004, 1);
    same("hook before", (intptr_t)far_store(NULL, NULL), 0);
    same("no hook", far_fire(n), 0);
}

/* --- the library's threads ---------------------------------------------------- */

static atomic_llong rounds_seen;
static _Thread_local int64_t guest_private;

static int64_t on_far_thread(void *user, int32_t thread, int32_t round)
{
    intptr_t mode = (intptr_t)user;
    int saved = errno;

    rounds_seen++;
    same("the guest's thread-local state", guest_private++, round);
    errno = round % 100; /* under Gangway the guest's, not the library's */
    if (mode & FAR_PRIVATE) {
        far_add(1);
        same("the library's thread", far_me(), 1000 + thread);
    }
    if (mode & FAR_LOCKED) {
        same("lock held", far_locked_by_me(), 1);
        far_lock();
        far_unlock();
    }
    errno = saved;
    return round;
}

static int far_mode;

static void threads(int count, int rounds, int mode)
{
    int64_t expected = (int64_t)count * rounds;

    rounds_seen = 0;
    same("start", far_start(count, rounds, mode, on_far_thread,
                            (void *)(intptr_t)mode), 0);
    same("sum", far_join(), count * sum_below(rounds));
    same("rounds", rounds_seen, expected);
    same("faults", far_faults(), 0);
}

static int rounds_per_thread = 1000;

static void threads_case(int count)
{
    threads(count, rounds_per_thread, far_mode);
    threads(count, rounds_per_thread / 2, far_mode);
}

/* A million in all, from 1, 8 and 64 threads. */
static void million(int unused)
{
    (void)unused;
    calls(300000);
    threads(1, 100000, 0);
    threads(8, 12500, 0);
    threads(64, 3125, 0);
}

/* Threads of the library's that end and threads that begin, many times. */
static void churn(int times)
{
    for (int i = 0; i < times; i++) {
        threads(1 + i % 4, 3, FAR_LOCKED | FAR_PRIVATE);
    }
}

/* Guest threads call at the same time as the library's do. */
static void *call_a_lot(void *arg)
{
    int64_t count = 0;
    int n = *(int *)arg;

    for (int i = 0; i < n; i++) {
        far_lock();
        same("sum", far_call(outer, &count, 2), 1);
        far_unlock();
    }
    same("count", count, 12 * (int64_t)n);
    return NULL;
}

static void mixed(int n)
{
    pthread_t thread[4];

    rounds_seen = 0;
    same("start", far_start(4, n, FAR_LOCKED | FAR_PRIVATE, on_far_thread,
                            (void *)(FAR_LOCKED | FAR_PRIVATE)), 0);
    for (int i = 0; i < 4; i++) {
        same("create", pthread_create(&thread[i], NULL, call_a_lot, &n), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
    }
    same("sum", far_join(), 4 * sum_below(n));
    same("rounds", rounds_seen, 4 * n);
    same("faults", far_faults(), 0);
}

/* A callback blocks while another thread forks, and a child works. */
static int64_t block(void *user, int32_t thread, int32_t round)
{
    int ms = *(int *)user;
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

    (void)thread;
    nanosleep(&t, NULL);
    return round + 1;
}

static void child_works(void)
{
    int64_t count = 0;

    same("sum", far_call(add, &count, 10), 45);
    same("callbacks", count, 10);
    _exit(failures ? 1 : 0);
}

static void fork_one(void (*work)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        work();
    }
    same("fork", pid > 0 && waitpid(pid, &status, 0) == pid, 1);
    same("child's status", status, 0);
}

static void forks(int n)
{
    int milliseconds = n > 20 ? 1000 : 200;

    same("start", far_start(2, 2, FAR_LOCKED, block, &milliseconds), 0);
    for (int i = 0; i < n; i++) {
        fork_one(child_works);
    }
    same("sum", far_join(), 2 * 3);
}

/* A child that starts threads of the library's itself. */
static void child_starts_threads(void)
{
    threads(2, 20, FAR_LOCKED | FAR_PRIVATE);
    exit(failures ? 1 : 0);
}

static void fork_threads(int n)
{
    threads(2, 20, FAR_LOCKED | FAR_PRIVATE);
    for (int i = 0; i < n; i++) {
        fork_one(child_starts_threads);
    }
}

/* The fork happens in a callback on a thread of the library's. */
static int64_t fork_here(void *user, int32_t thread, int32_t round)
{
    (void)user;
    (void)thread;
    fork_one(child_works);
    return round + 1;
}

static void fork_inside(int n)
{
    same("start", far_start(2, n, 0, fork_here, NULL), 0);
    same("sum", far_join(), 2 * sum_below(n + 1));
    same("sum", far_call(deeper, (void *)9, 1), 45);
}

/* --- leaving callbacks ---------------------------------------------------------- */

static jmp_buf escape;

static int64_t leave(void *user, int32_t number)
{
    if (number == 2) {
        longjmp(escape, 1);
    }
    return user ? far_call(leave, NULL, 3) : 0;
}

/* Of the whole process: under QEMU the host's part, too. */
static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof(line), file)) {
        sscanf(line, "VmRSS: %ld", &kb);
    }
    if (file) {
        fclose(file);
    }
    return kb;
}

static __attribute__((noinline)) void jump_from_depth(int i)
{
    volatile char room[64 + i % 7 * 100];

    room[0] = i;
    if (i % 2) {
        far_call(leave, i % 3 ? NULL : (void *)1, 3);
    } else {
        far_call_slowly(leave, i % 3 ? NULL : (void *)1, 3);
    }
    room[1] = room[0];
}

static void jumps(int n)
{
    volatile int64_t returned = 0;
    volatile long before = 0;

    for (volatile int i = 0; i < n; i++) {
        if (i == n / 100) {
            before = resident_kb();
        }
        if (!setjmp(escape)) {
            jump_from_depth(i);
            returned++;
        }
    }
    same("calls that returned", returned, 0);
    same("memory grew by no more than 4 MiB", resident_kb() - before > 4096,
         0);
    calls(100);
}

/* Guest fibers: each suspends itself within a callback; they go on in
 * another order than they stopped. */
#define FIBERS 6
static ucontext_t home, fiber[FIBERS];
static bool finished[FIBERS];

static int64_t yield(void *user, int32_t number)
{
    int me = (int)(intptr_t)user;
    int64_t mine = me * 100 + number;

    if (number % 3 == 2) {
        far_call_slowly(yield, user, 2);
    }
    swapcontext(&fiber[me], &home);
    same("a fiber's variable", mine, me * 100 + number);
    return number + 1;
}

static void fiber_main(int me, int n)
{
    int64_t sum = me % 2 ? far_call(yield, (void *)(intptr_t)me, n)
                         : far_call_slowly(yield, (void *)(intptr_t)me, n);

    same("a fiber's sum", sum, sum_below(n + 1));
    finished[me] = true;
}

/* getcontext() may return twice, as setjmp() does. */
static __attribute__((noinline)) void make_fiber(int i, void *stack,
                                                 void (*run)(void), int n)
{
    getcontext(&fiber[i]);
    fiber[i].uc_stack.ss_sp = stack;
    fiber[i].uc_stack.ss_size = 1 << 18;
    fiber[i].uc_link = &home;
    makecontext(&fiber[i], run, 2, i, n);
}

static void fibers(int n)
{
    static const int stride[] = { 1, 5, 7, 11 };
    bool left = true;

    for (int i = 0; i < FIBERS; i++) {
        make_fiber(i, malloc(1 << 18), (void (*)(void))fiber_main, n);
    }
    for (int turn = 0; left; turn++) {
        left = false;
        for (int i = 0; i < FIBERS; i++) {
            int which = (i * stride[turn % 4] + turn) % FIBERS;
            if (!finished[which]) {
                left = true;
                swapcontext(&home, &fiber[which]);
            }
        }
        calls(1);
    }
}

/* A fiber is left in a callback for good, and its stack goes away. */
static int64_t stay_away(void *user, int32_t number)
{
    (void)user;
    (void)number;
    swapcontext(&fiber[0], &home);
    return 0;
}

static void lost_main(void)
{
    far_call(stay_away, NULL, 1);
}

static void lost_fibers(int n)
{
    const size_t size = 1 << 18;

    for (int i = 0; i < n; i++) {
        void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        make_fiber(0, stack, lost_main, 0);
        swapcontext(&home, &fiber[0]);
        munmap(stack, size);
        calls(3);
    }
}

/* A guest thread ends within a callback. */
static int64_t end_thread(void *user, int32_t number)
{
    if (number == 1) {
        pthread_exit(user);
    }
    return 0;
}

static void *ending_thread(void *arg)
{
    far_call(end_thread, arg, 5);
    return NULL;
}

static void *ending_thread_slowly(void *arg)
{
    far_call_slowly(end_thread, arg, 5);
    return NULL;
}

static void thread_exit(int n)
{
    for (int i = 0; i < n; i++) {
        pthread_t thread;
        void *result = NULL;
        same("create", pthread_create(&thread, NULL, i % 2 ?
             ending_thread : ending_thread_slowly, &failures), 0);
        pthread_join(thread, &result);
        same("result", (intptr_t)result, (intptr_t)&failures);
    }
    calls(100);
}

static int64_t exit_hook(void *user, int32_t thread, int32_t round)
{
    if (round == 20 && thread == 0) {
        exit(*(int *)user);
    }
    return 0;
}

static int64_t exit_work(void *user, int32_t number)
{
    return exit_hook(user, 0, number);
}

static void say_end(void)
{
    int64_t count = 0;

    same("sum in an exit handler", far_call(add, &count, 5), 10);
    printf("exit handler ran\n");
}

/* exit() within a callback: 0 by doorbell, 1 by system call, 2 on one of the
 * library's threads. */
static void exit_inside(int how)
{
    int status = 40 + how;

    atexit(say_end);
    if (how == 0) {
        far_call(exit_work, &status, 100);
    } else if (how == 1) {
        far_call_slowly(exit_work, &status, 100);
    } else {
        far_start(3, 100, 0, exit_hook, &status);
        far_join();
    }
}

/* The process ends while threads of the library's call back. */
static int64_t busy(void *user, int32_t thread, int32_t round)
{
    (void)user;
    (void)thread;
    rounds_seen++;
    return round;
}

static void exit_beside(int count)
{
    atexit(say_end);
    for (int i = 0; i < count; i++) {
        same("start", far_forever(busy, NULL), 0);
    }
    while (rounds_seen < 200) {
        usleep(1000);
    }
}

/* The main thread ends first; what threads are left end the process. */
static void *late_thread(void *delay)
{
    int64_t count = 0;

    usleep((intptr_t)delay);
    same("sum", far_call_slowly(add, &count, 5), 10);
    return NULL;
}

static void say_main_end(void)
{
    say_end();
    printf("main-ends: %s\n", failures ? "failed" : "as expected");
}

static void main_ends(int count)
{
    pthread_t thread;

    atexit(say_main_end);
    threads(2, 20, FAR_LOCKED | FAR_PRIVATE);
    for (intptr_t i = 0; i < count; i++) {
        same("create", pthread_create(&thread, NULL, late_thread,
                                      (void *)(i * 30000)), 0);
        pthread_detach(thread);
    }
    pthread_exit(NULL);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    int64_t count = 0;

    (void)sig;
    alarms++;
    if (far_call(add, &count, 3) != 3 || count != 3) {
        failures++;
    }
}

/* --- translated code is discarded ------------------------------------------- */

#if defined(__x86_64__)
static const unsigned char returns[] = { 0xc3 };
#elif defined(__aarch64__)
static const unsigned char returns[] = { 0xc0, 0x03, 0x5f, 0xd6 };
#elif defined(__riscv)
static const unsigned char returns[] = { 0x67, 0x80, 0x00, 0x00 };
#endif

/* Code that is new each time fills QEMU's buffer, all the sooner where the
 * test makes that small. */
static void run_new_code(void)
{
    const size_t size = 256 * 1024, step = 64;
    char *code = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (code == MAP_FAILED) {
        same("mmap", 0, 1);
        return;
    }
    for (size_t i = 0; i < size; i += step) {
        memcpy(code + i, returns, sizeof(returns));
    }
    __builtin___clear_cache(code, code + size);
    for (size_t i = 0; i < size; i += step) {
        ((void (*)(void))(code + i))();
    }
    munmap(code, size);
}

static atomic_bool enough;

/* Calls that are short, that call back and that sleep, with what must be the
 * same afterwards in registers and on the stack. */
static void *call_meanwhile(void *arg)
{
    int64_t sum = 0, expected = 0, count = 0;
    intptr_t me = (intptr_t)arg;

    for (int i = 0; !atomic_load(&enough); i++) {
        double scale = far_nothing(i) * 0.5;
        sum += far_nothing(i + me) + far_call(add, &count, 5);
        expected += i + me + 1 + 10;
        if (me & 1) {
            far_sleep(1);
        }
        sum += far_call_slowly(add, &count, 3) + far_nothing_slowly(me);
        expected += 3 + me + 1;
        same("scale", scale == (i + 1) * 0.5, 1);
        same("count", count, (i + 1) * 8);
        if (sum != expected) {
            same("sum", sum, expected);
            break;
        }
    }
    return NULL;
}

/* While doorbells ring, and threads sleep behind them: flushes, forks, new
 * threads, signals. */
static void flushes(int n)
{
    enum { THREADS = 4 };
    struct sigaction action = { .sa_handler = on_alarm,
                                .sa_flags = SA_RESTART };
    struct itimerval timer = { { 0, 5000 }, { 0, 5000 } };
    pthread_t thread[THREADS], short_lived;

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    for (intptr_t i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, call_meanwhile, (void *)i);
    }
    for (int i = 0; i < n; i++) {
        run_new_code();
        fork_one(child_works);
        pthread_create(&short_lived, NULL, ending_thread, NULL);
        pthread_join(short_lived, NULL);
    }
    atomic_store(&enough, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    same("timer", setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL), 0);
}

/* --- signals --------------------------------------------------------------------- */

static int64_t burn(void *user, int32_t number)
{
    for (volatile int i = 0; i < 300; i++) {
    }
    return add(user, number);
}

/* A timer ticks 1,000 times a second while host code is suspended and while
 * it runs; the handler calls the library, too. */
static void signals(int n)
{
    struct sigaction action = { .sa_handler = on_alarm,
                                .sa_flags = SA_RESTART };
    struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
    int64_t count = 0;

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    same("start", far_start(4, n / 10, FAR_LOCKED | FAR_PRIVATE,
                            on_far_thread,
                            (void *)(FAR_LOCKED | FAR_PRIVATE)), 0);
    for (int i = 0; i < 20; i++) {
        same("sum", far_call(burn, &count, n / 20), sum_below(n / 20));
        same("sum", far_call_slowly(burn, &count, n / 20),
             sum_below(n / 20));
    }
    while (alarms < 100) {
        far_sleep(1);
    }
    same("sum", far_join(), 4 * sum_below(n / 10));
    same("callbacks", count, n / 20 * 40);
    same("faults", far_faults(), 0);
    timer = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A handler leaves a host call, and a callback, by siglongjmp(). */
static sigjmp_buf out;

static void jump_out(int sig)
{
    (void)sig;
    siglongjmp(out, 1);
}

static int64_t raise_here(void *user, int32_t number)
{
    (void)user;
    if (number == 3) {
        raise(SIGUSR1);
    }
    return number;
}

static void signal_jumps(int n)
{
    volatile int left = 0;

    signal(SIGUSR1, jump_out);
    for (volatile int i = 0; i < n; i++) {
        if (sigsetjmp(out, 1)) {
            left++;
        } else if (i % 2) {
            far_call(raise_here, NULL, 5);
        } else {
            far_call_slowly(raise_here, NULL, 5);
        }
    }
    same("jumps", left, n);
    calls(10);
}

/* --- faults in the library --------------------------------------------------------- */

static int64_t crash_inside(void *user, int32_t number)
{
    far_crash();
    (void)user;
    return number;
}

static void leave_crash(int sig)
{
    printf("signal %d\n", sig);
    siglongjmp(out, 1);
}

static void crash_with_handler(void (*crash)(void))
{
    signal(SIGSEGV, leave_crash);
    if (!sigsetjmp(out, 1)) {
        crash();
        printf("FAIL: the call returned\n");
    }
    calls(10);
}

static void crash_in_callback(void)
{
    far_call(crash_inside, NULL, 1);
}

/* 0: nobody handles it, 1: in a callback, 2: on a thread of the library's;
 * 3 and 4: the program does, the latter within a callback. */
static void crash(int how)
{
    fflush(stdout);
    if (how == 0) {
        far_crash();
    } else if (how == 1) {
        crash_in_callback();
    } else if (how == 2) {
        far_crash_on_thread();
    } else {
        crash_with_handler(how == 3 ? far_crash : crash_in_callback);
    }
}

/* ----------------------------------------------------------------------------------- */

static void locked_threads(int count)
{
    far_mode = FAR_LOCKED | FAR_PRIVATE;
    threads_case(count);
}

static const struct {
    const char *name;
    void (*run)(int n);
} cases[] = {
    { "kinds", kinds },
    { "widths", widths },
    { "by-value", by_value },
    { "structs", structs },
    { "calls", calls },
    { "inside", inside },
    { "nest", nest },
    { "store", store },
    { "threads", threads_case },
    { "locked-threads", locked_threads },
    { "million", million },
    { "churn", churn },
    { "mixed", mixed },
    { "forks", forks },
    { "fork-threads", fork_threads },
    { "fork-inside", fork_inside },
    { "jumps", jumps },
    { "fibers", fibers },
    { "lost-fibers", lost_fibers },
    { "thread-exit", thread_exit },
    { "exit-inside", exit_inside },
    { "exit-beside", exit_beside },
    { "main-ends", main_ends },
    { "flushes", flushes },
    { "signals", signals },
    { "signal-jumps", signal_jumps },
    { "crash", crash },
};

int main(int argc, char **argv)
{
    int n = argc > 2 ? atoi(argv[2]) : 100;

    if (argc > 3) {
        rounds_per_thread = atoi(argv[3]);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (argc > 1 && !strcmp(argv[1], cases[i].name)) {
            cases[i].run(n);
            printf("%s: %s\n", argv[1], failures ? "failed" : "as expected");
            return failures ? 1 : 0;
        }
    }
    fprintf(stderr, "usage: %s CASE [N [ROUNDS]]\n", argv[0]);
    return 2;
}
