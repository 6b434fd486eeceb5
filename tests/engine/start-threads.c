/* SPDX-License-Identifier: MIT */
/*
 * A threaded program that starts, computes and ends again: some threads are
 * joined, one waits in a system call and one still computes when the process
 * ends.
 *
 * Would catch, started often: a race of the emulator's start, of its threads'
 * first and last moments, and of its end.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { JOINED = 4 };

static void *compute(void *number)
{
    double x = (double)(intptr_t)number;

    for (int i = 0; i < 2000; i++)
        x = x * 0.5 + 1;
    return (void *)(intptr_t)(x * 1000);
}

static void *for_ever(void *number)
{
    static volatile double x;

    if (number)
        pause();
    for (;;)
        x = x + 1;
    return NULL;
}

int main(void)
{
    pthread_t joined[JOINED], other;
    intptr_t sum = 0;

    for (intptr_t i = 0; i < 2; i++)
        pthread_create(&other, NULL, for_ever, (void *)i);
    for (intptr_t i = 0; i < JOINED; i++)
        pthread_create(&joined[i], NULL, compute, (void *)i);
    for (int i = 0; i < JOINED; i++) {
        void *result;

        pthread_join(joined[i], &result);
        sum += (intptr_t)result;
    }
    printf("%ld\n", (long)sum);
    return sum == 8000 || sum == 7996 ? 0 : 1;
}
