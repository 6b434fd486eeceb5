/* SPDX-License-Identifier: MIT */
/* How much memory a test's program has; for tests that nothing grows. */
#ifndef TESTS_RESIDENT_H
#define TESTS_RESIDENT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * The process's resident memory in KiB, from /proc/self/statm: QEMU gives the
 * guest the real one, so under Gangway it is the host's side, too.  Ends the
 * program where that cannot be read.
 */
static inline long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (!file || fscanf(file, "%*d %ld", &pages) != 1) {
        perror("/proc/self/statm");
        exit(1);
    }
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif
