/* SPDX-License-Identifier: MIT */
/*
 * How long one callback takes, in nanoseconds, one line for each way:
 *
 *     callbacks REPETITIONS
 *
 * The library at the far end (tests/far) calls an empty function.  "itself"
 * is what this program pays for calling the function through a pointer, which
 * is not the callback's.  The shortest of all repetitions counts.
 */
#include "far.h"

#include <stdio.h>
#include <stdlib.h>
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

static const struct {
    const char *name;
    void (*run)(int n);
} ways[] = {
    { "itself", itself },
    /* Before there are host-only threads: with them, no doorbells. */
    { "doorbell", doorbell },
    { "syscall", system_call },
    { "host-thread", host_thread },
};

int main(int argc, char **argv)
{
    int repetitions = argc > 1 ? atoi(argv[1]) : 10;

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
