/* SPDX-License-Identifier: MIT */
/*
 * Would catch: floating-point modes or registers that one thread, context,
 * child or handler gets from another, and jumps out of handlers and deep calls
 * that leave the emulator's own state behind.
 *
 *     threads modes | jumps | contexts | forks | environment
 */
#include "mxcsr.h"

#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { MODES = 16, ROUNDS = 3000 };

static int wrong;

static uint32_t mode(int i)
{
    return 0x1f80u | (uint32_t)(i & 3) << 13 | (i & 4 ? 0x8000u : 0) |
           (i & 8 ? 0x40u : 0);
}

/* Sums, products and denormals: differs in each of the 16 modes. */
static uint64_t work(int rounds)
{
    volatile double x = 1, y = 3, tiny = 0x1p-1070, small = 0x1.8p-1020;
    double sum = 0;
    uint64_t bits, hash = 0;

    for (int i = 0; i < rounds; i++) {
        sum = sum / y + x / (i + y);
        memcpy(&bits, &sum, sizeof bits);
        hash = hash * 31 + bits;
        double low = small / 0x1p10 + tiny * (i + 0.7);
        memcpy(&bits, &low, sizeof bits);
        hash = hash * 31 + bits;
    }
    return hash;
}

static uint64_t expected[MODES];

static void prepare(void)
{
    for (int i = 0; i < MODES; i++) {
        set_mxcsr(mode(i));
        expected[i] = work(ROUNDS);
        set_mxcsr(0x1f80);
        printf("mode %2d: %016llx\n", i, (unsigned long long)expected[i]);
    }
}

static void check(const char *what, int i, uint64_t is)
{
    if (is != expected[i] && __atomic_fetch_add(&wrong, 1, 5) < 10)
        printf("%s, mode %d: %016llx\n", what, i, (unsigned long long)is);
}

static void check_mode(const char *what, int i, uint32_t is)
{
    /* Flags come from the work. */
    if ((is & 0xffc0) != mode(i) && __atomic_fetch_add(&wrong, 1, 5) < 10)
        printf("%s, mode %d: mxcsr %x\n", what, i, is);
}

/* A thread begins with the mode of the one that starts it. */
static void *in_thread(void *number)
{
    int i = (int)(intptr_t)number;

    check_mode("inherited", i, get_mxcsr());
    for (int n = 0; n < 10; n++) {
        check("in a thread", i, work(ROUNDS));
        usleep(100);
    }
    check_mode("at the end", i, get_mxcsr());
    i = (i + 5) % MODES;
    set_mxcsr(mode(i));
    check("in a thread, changed", i, work(ROUNDS));
    return NULL;
}

static void on_alarm(int number)
{
    (void)number;
    set_mxcsr(0xffff);
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n movaps %%xmm0, %%xmm1\n"
                     "movaps %%xmm0, %%xmm2\n movaps %%xmm0, %%xmm3"
                     : : : "xmm0", "xmm1", "xmm2", "xmm3");
}

static void alarms(int microseconds)
{
    struct itimerval every = {{0, microseconds}, {0, microseconds}};

    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &every, NULL);
}

static void modes(void)
{
    pthread_t thread[MODES];

    for (int round = 0; round < 4; round++) {
        if (round == 2)
            alarms(700);
        for (int i = 0; i < MODES; i++) {
            set_mxcsr(mode(i));
            if (pthread_create(&thread[i], NULL, in_thread,
                               (void *)(intptr_t)i))
                exit(2);
        }
        for (int i = 0; i < MODES; i++)
            pthread_join(thread[i], NULL);
        check_mode("the starter's", MODES - 1, get_mxcsr());
        set_mxcsr(0x1f80);
    }
    alarms(0);
}

/* Out of a handler and out of deep calls. */

static sigjmp_buf back;
static volatile int depth_reached;
static volatile char *volatile nowhere;

static void on_fault(int number)
{
    (void)number;
    siglongjmp(back, 1);
}

typedef uint64_t step(int left, double x);
static step even, odd;
static step *volatile steps[2] = {even, odd};

static uint64_t descend(int left, double x)
{
    depth_reached = left;
    if (left > 0)
        return steps[left & 1](left - 1, x / 3) + 1;
    if (left == 0)
        return (uint64_t)(x * 1e6);
    siglongjmp(back, 2);
}

static uint64_t even(int left, double x)
{
    return descend(left, x + 1) ^ 1;
}

static uint64_t odd(int left, double x)
{
    return descend(left < 3 && x < 0 ? -1 : left, x);
}

static void jumps(void)
{
    static volatile int counts[3];
    volatile uint64_t sum = 0;

    signal(SIGSEGV, on_fault);
    for (volatile int i = 0; i < 20000; i++) {
        volatile int how;

        set_mxcsr(mode(i % MODES));
        how = sigsetjmp(back, 1);
        if (!how) {
            if (i % 3 == 0)
                *nowhere = 1;
            /* Deep, and back by a jump or by returns. */
            sum += descend(20 + i % 180, i % 3 == 1 ? -1e300 : 1);
        }
        /* Handlers begin with the default, see `faults signal`. */
        if (how == 1)
            set_mxcsr(mode(i % MODES));
        check_mode("after a jump", i % MODES, get_mxcsr());
        counts[how]++;
        if (i % 997 == 0)
            check("after a jump", i % MODES, work(ROUNDS));
        set_mxcsr(0x1f80);
    }
    printf("%d returns, %d faults, %d jumps, sum %llx\n", counts[0],
           counts[1], counts[2], (unsigned long long)sum);
}

/* swapcontext() keeps each context's MXCSR. */

static ucontext_t main_context, contexts[MODES];

static void in_context(int i)
{
    set_mxcsr(mode(i));
    for (int n = 0; n < 20; n++) {
        check("in a context", i, work(ROUNDS));
        check_mode("in a context", i, get_mxcsr());
        swapcontext(&contexts[i], &main_context);
    }
}

static void swap_contexts(void)
{
    for (int i = 0; i < MODES; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_size = 256 << 10;
        contexts[i].uc_stack.ss_sp = malloc(256 << 10);
        contexts[i].uc_link = &main_context;
        makecontext(&contexts[i], (void (*)(void))in_context, 1, i);
    }
    alarms(900);
    for (int n = 0; n < 20; n++) {
        for (int i = 0; i < MODES; i++) {
            swapcontext(&main_context, &contexts[(i * 7) % MODES]);
            check_mode("the main context's", 0, get_mxcsr());
        }
    }
    alarms(0);
}

/* Children begin as their parents were, while others run. */

static volatile int stop;

static void *in_background(void *number)
{
    int i = (int)(intptr_t)number;

    set_mxcsr(mode(i));
    while (!stop)
        check("in the background", i, work(ROUNDS));
    return NULL;
}

static void forks(void)
{
    pthread_t thread[3];

    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, in_background,
                       (void *)(intptr_t)(5 * i + 1));
    for (int n = 0; n < 48; n++) {
        int i = n % MODES, status;
        pid_t child;

        set_mxcsr(mode(i) | 4);
        child = fork();
        if (!child) {
            wrong = 0;
            check_mode("in a child", i, get_mxcsr());
            if (!(get_mxcsr() & 4))
                _exit(3);
            check("in a child", i, work(ROUNDS));
            _exit(wrong ? 4 : 0);
        }
        check_mode("the parent's", i, get_mxcsr());
        check("in the parent", i, work(ROUNDS));
        set_mxcsr(0x1f80);
        if (waitpid(child, &status, 0) != child || status) {
            printf("child %d: status %x\n", n, status);
            wrong++;
        }
    }
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
}

/* What C offers for all this; its flags are MXCSR's and x87's. */
static void environment(void)
{
    static const int rounding[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD,
                                   FE_TOWARDZERO};
    volatile double one = 1, three = 3, zero = 0, big = 1e308, tiny = 1e-308;
    volatile double result;
    fenv_t kept;

    for (int i = 0; i < 4; i++) {
        fesetround(rounding[i]);
        feclearexcept(FE_ALL_EXCEPT);
        result = one / three;
        printf("%d: %a %a flags %x mxcsr %x\n", fegetround(), result,
               -one / three, fetestexcept(FE_ALL_EXCEPT), get_mxcsr());
        feclearexcept(FE_ALL_EXCEPT);
        result = one / zero;
        printf("1/0: %x", fetestexcept(FE_ALL_EXCEPT));
        feholdexcept(&kept);
        result = zero / zero;
        printf(", 0/0: %x", fetestexcept(FE_ALL_EXCEPT));
        feclearexcept(FE_ALL_EXCEPT);
        result = big * big;
        printf(", big: %x", fetestexcept(FE_ALL_EXCEPT));
        feclearexcept(FE_ALL_EXCEPT);
        result = tiny * tiny;
        printf(", tiny: %x", fetestexcept(FE_ALL_EXCEPT));
        feclearexcept(FE_ALL_EXCEPT);
        result = one + three;
        printf(", exact: %x", fetestexcept(FE_ALL_EXCEPT));
        feupdateenv(&kept);
        printf(", kept: %x, mxcsr %x\n", fetestexcept(FE_ALL_EXCEPT),
               get_mxcsr());
    }
    (void)result;
    fesetenv(FE_DFL_ENV);
    printf("default: %x\n", get_mxcsr());
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {
        {"modes", modes}, {"jumps", jumps}, {"contexts", swap_contexts},
        {"forks", forks}, {"environment", environment},
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
        if (!strcmp(argv[1], parts[i].name)) {
            prepare();
            parts[i].run();
            printf("%d wrong\n", wrong);
            return wrong != 0;
        }
    }
    return 2;
}
