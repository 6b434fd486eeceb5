/* SPDX-License-Identifier: MIT */
/*
 * A mutex in a process that forks.  The child has one thread, and the one that
 * held the mutex may be another of the parent's.
 */
#ifndef GANGWAY_LOCK_H
#define GANGWAY_LOCK_H

#include <pthread.h>

/* At file level, with `initial` one of POSIX's or glibc's initializers: a
 * static mutex that is free in a forked child.  What it guards is then as the
 * parent's threads had it at that moment. */
#define GW_DEFINE_LOCK(name, initial)                                         \
    static pthread_mutex_t name = initial;                                    \
    static void free_##name##_in_child(void)                                  \
    {                                                                         \
        name = (pthread_mutex_t)initial;                                      \
    }                                                                         \
    __attribute__((constructor)) static void watch_forks_for_##name(void)     \
    {                                                                         \
        pthread_atfork(NULL, NULL, free_##name##_in_child);                   \
    }                                                                         \
    _Static_assert(1, "takes the semicolon")

#endif
