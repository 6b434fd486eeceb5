/* SPDX-License-Identifier: MIT */
/*
 * The switch between stacks, natively and under the sanitizers.
 * Catches: a callee-saved register or FP control bit that a switch loses; a
 * stack without a guard page; stacks that are resumed in another order than
 * they were suspended in; memory that is not given back.
 */
#include "stack.h"
#include "test.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
    struct gw_stack *stack;
    int suspensions; /* to make before it ends */
    int steps;       /* made so far */
    const void *inside;
};

static void work(void *arg)
{
    struct job *job = arg;
    char local;

    job->inside = &local;
    for (int i = 0; i < job->suspensions; i++) {
        job->steps++;
        gw_stack_suspend(job->stack);
    }
    job->steps++;
}

static void runs_to_the_end(void)
{
    struct job job = { .stack = gw_stack_create() };

    for (int i = 1; i <= 1000; i++) {
        CHECK(gw_stack_enter(job.stack, work, &job));
        CHECK(job.steps == i);
    }
    CHECK(gw_stack_contains(job.stack, job.inside));
    CHECK(!gw_stack_contains(job.stack, &job));
    gw_stack_destroy(job.stack);
    gw_stack_destroy(NULL);
}

static void suspends_and_resumes(void)
{
    struct job job = { .stack = gw_stack_create(), .suspensions = 1000 };

    CHECK(!gw_stack_enter(job.stack, work, &job));
    for (int i = 1; i < 1000; i++) {
        CHECK(job.steps == i);
        CHECK(!gw_stack_resume(job.stack));
    }
    CHECK(gw_stack_resume(job.stack));
    CHECK(job.steps == 1001);
    /* It is idle again. */
    job.suspensions = 0;
    CHECK(gw_stack_enter(job.stack, work, &job));
    gw_stack_destroy(job.stack);
}

/* Fibers of a guest resume in whatever order they like. */
static void resumes_in_any_order(void)
{
    struct job jobs[50];

    for (int i = 0; i < 50; i++) {
        jobs[i] = (struct job){ .stack = gw_stack_create(),
                                .suspensions = 1 + i % 3 };
        CHECK(!gw_stack_enter(jobs[i].stack, work, &jobs[i]));
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
            struct job *job = &jobs[i * 7 % 50];
            if (job->steps <= job->suspensions) {
                bool last = job->steps == job->suspensions;
                CHECK(gw_stack_resume(job->stack) == last);
            }
        }
    }
    for (int i = 0; i < 50; i++) {
        CHECK(jobs[i].steps == jobs[i].suspensions + 1);
        gw_stack_destroy(jobs[i].stack);
    }
}

static void forgets_a_suspended_one(void)
{
    for (int i = 0; i < 2000; i++) {
        struct job job = { .stack = gw_stack_create(), .suspensions = 1 };
        CHECK(job.stack);
        CHECK(!gw_stack_enter(job.stack, work, &job));
        gw_stack_destroy(job.stack);
    }
}

/* Each side keeps its own rounding mode over a switch. */
static void round_up(void *arg)
{
    struct job *job = arg;

    CHECK(fegetround() == FE_TONEAREST);
    fesetround(FE_UPWARD);
    gw_stack_suspend(job->stack);
    CHECK(fegetround() == FE_UPWARD);
    fesetround(FE_TONEAREST);
}

static void keeps_fp_control(void)
{
    struct job job = { .stack = gw_stack_create() };

    CHECK(!gw_stack_enter(job.stack, round_up, &job));
    CHECK(fegetround() == FE_TONEAREST);
    fesetround(FE_DOWNWARD);
    CHECK(gw_stack_resume(job.stack));
    CHECK(fegetround() == FE_DOWNWARD);
    fesetround(FE_TONEAREST);
    gw_stack_destroy(job.stack);
}

/* More live values than there are registers to keep them in, on both sides
 * of every switch. */
static uint64_t __attribute__((noinline)) mix(struct job *job, bool inside,
                                              uint64_t seed)
{
    uint64_t a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11,
             f = seed * 13, g = seed * 17, h = seed * 19;
    double x = seed * 0.5, y = seed * 0.25, z = seed * 0.125;

    for (int i = 0; i < 100; i++) {
        if (inside) {
            gw_stack_suspend(job->stack);
        } else {
            gw_stack_resume(job->stack);
        }
        a += b ^ i;
        b += c ^ a;
        c += d ^ b;
        d += e ^ c;
        e += f ^ d;
        f += g ^ e;
        g += h ^ f;
        h += a ^ g;
        x = x * 1.0001 + y;
        y = y * 1.0001 + z;
        z = z * 1.0001 + i;
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ (uint64_t)(x + y + z);
}

static uint64_t inside_result;

static void mix_inside(void *arg)
{
    inside_result = mix(arg, true, 123);
}

/* The same sums, with nothing in between. */
static void nothing(void *arg)
{
    struct job *job = arg;

    for (;;) {
        gw_stack_suspend(job->stack);
    }
}

static void keeps_registers(void)
{
    struct job still = { .stack = gw_stack_create() };
    struct job job = { .stack = gw_stack_create() };
    uint64_t alone, together, alone_123;

    CHECK(!gw_stack_enter(still.stack, nothing, &still));
    alone = mix(&still, false, 99);
    alone_123 = mix(&still, false, 123);
    CHECK(!gw_stack_enter(job.stack, mix_inside, &job));
    together = mix(&job, false, 99);
    CHECK(together == alone);
    CHECK(inside_result == alone_123);
    gw_stack_destroy(job.stack);
    gw_stack_destroy(still.stack);
}

static size_t __attribute__((noinline)) recurse(size_t bytes)
{
    volatile char block[4096];

    memset((char *)block, 1, sizeof(block));
    return bytes <= sizeof(block)
        ? (size_t)block[7] : recurse(bytes - sizeof(block)) + block[9];
}

static void use_stack(void *arg)
{
    recurse(*(size_t *)arg);
}

static void has_room(void)
{
    struct gw_stack *stack = gw_stack_create();
    size_t bytes = GW_STACK_SIZE / 4; /* sanitizers make frames larger */

    CHECK(gw_stack_enter(stack, use_stack, &bytes));
    gw_stack_destroy(stack);
}

/* Running over its end must hit the guard page, not other memory. */
static void is_guarded(void)
{
    size_t bytes = 2 * (size_t)GW_STACK_SIZE;
    int status;
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would report */
        gw_stack_enter(gw_stack_create(), use_stack, &bytes);
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void *thread(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        runs_to_the_end();
        suspends_and_resumes();
    }
    return NULL;
}

static void works_on_threads(void)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&threads[i], NULL, thread, NULL) == 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
}

int main(void)
{
    runs_to_the_end();
    suspends_and_resumes();
    resumes_in_any_order();
    forgets_a_suspended_one();
    keeps_fp_control();
    keeps_registers();
    has_room();
    is_guarded();
    works_on_threads();
    test_arrivals();
    return 0;
}
