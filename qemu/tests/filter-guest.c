/* SPDX-License-Identifier: MIT */
/*
 * Makes a system call and prints its result and errno: filter-guest NUM TIMES
 * THREADS A1 A2 A3 A4 A5 A6.  Each of THREADS threads, or the only one if that is
 * 0, makes it TIMES times and prints only what differs from the time before.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long args[9];

static void *caller(void *unused)
{
    long last = 0;

    (void)unused;
    for (long i = 0; i < args[1]; i++) {
        long ret;

        errno = 0;
        ret = syscall(args[0], args[3], args[4], args[5], args[6], args[7],
                      args[8]);
        if (!i || ret != last)
            printf("%ld %d\n", ret, errno);
        last = ret;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[16];

    if (argc != 10)
        return 2;
    for (int i = 0; i < 9; i++)
        args[i] = atol(argv[i + 1]);
    if (args[2] > 16)
        return 2;
    if (!args[2])
        caller(NULL);
    for (long i = 0; i < args[2]; i++)
        if (pthread_create(&threads[i], NULL, caller, NULL))
            return 2;
    for (long i = 0; i < args[2]; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
