/* SPDX-License-Identifier: MIT */
/*
 * How long one callback or one call takes, in nanoseconds, one line for each
 * way:
 *
 *     callbacks REPETITIONS
 *     callbacks WAY NUMBER     only this way, so often, and says nothing
 *
 * The library at the far end (tests/far) calls an empty function.  "itself"
 * is what this program pays for calling the function through a pointer, which
 * is not the callback's.  The shortest of all repetitions counts.
 */
#include "far.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLBACKS 20000

static int64_t nothing(void *user, int32_t number)
{
    (void)user;
    return number;
}

static int64_t nothing_on_thread(void *user, int32_t thread, int32_t round)
{
    (void)user;
    return thread + round;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void itself(int n)
{
    int64_t (*volatile function)(void *, int32_t) = nothing;

    for (int i = 0; i < n; i++) {
        function(NULL, i);
    }
}

static void doorbell(int n)
{
    far_call(nothing, NULL, n);
}

static void system_call(int n)
{
    far_call_slowly(nothing, NULL, n);
}

static void host_thread(int n)
{
    if (far_start(1, n, 0, nothing_on_thread, NULL) != 0) {
        exit(1);
    }
    far_join();
}

static void call(int n)
{
    for (int i = 0; i < n; i++) {
        far_nothing(i);
    }
}

static void blocking_call(int n)
{
    for (int i = 0; i < n; i++) {
        far_nothing_slowly(i);
    }
}

static sem_t arrived, leave;

static int64_t stay(void *user, int32_t thread, int32_t round)
{
    (void)user;
    sem_post(&arrived);
    sem_wait(&leave);
    return thread + round;
}

/* While a host-only thread has a guest half, which does nothing. */
static void call_beside(int n)
{
    static int started;

    if (!started++) {
        sem_init(&arrived, 0, 0);
        sem_init(&leave, 0, 0);
        if (far_start(1, 1, 0, stay, NULL) != 0) {
            exit(1);
        }
        sem_wait(&arrived);
    }
    call(n);
}

static const struct {
    const char *name;
    void (*run)(int n);
} ways[] = {
    { "itself", itself },
    /* Before there are host-only threads: without the patch, no doorbells
     * then. */
    { "doorbell", doorbell },
    { "syscall", system_call },
    { "call", call },
    { "blocking-call", blocking_call },
    { "host-thread", host_thread },
    { "call-beside-host-thread", call_beside },
};

static int only(const char *way, int n)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (!strcmp(ways[i].name, way)) {
            ways[i].run(n);
            return 0;
        }
    }
    fprintf(stderr, "no way \"%s\"\n", way);
    return 2;
}

int main(int argc, char **argv)
{
    int repetitions = argc > 1 ? atoi(argv[1]) : 10;

    if (argc == 3) {
        return only(argv[1], atoi(argv[2]));
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        double best = 1e18;
        for (int r = 0; r < repetitions; r++) {
            double start = now(), took;
            ways[i].run(CALLBACKS);
            took = (now() - start) / CALLBACKS;
            best = took < best ? took : best;
        }
        printf("%s %.1f\n", ways[i].name, best);
    }
    return 0;
}
