/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "threads.h"
#include "registry.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* QEMU's own "restart after the signal handler" (linux-user, errno_defs.h). */
#define QEMU_ERESTARTSYS 512

static int64_t clone_number; /* QEMU has no clone3() */
static atomic_int threads = 1;
static _Thread_local bool creating;

/* Only the thread that forks is in a child. */
static void in_child(void)
{
    threads = 1;
    creating = false;
}

void gw_threads_init(const char *target)
{
    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    clone_number = strcmp(target, "x86_64") ? 220 : 56;
    pthread_atfork(NULL, NULL, in_child);
}

/* Counted before it exists: it may end before its creator is told of it. */
void gw_threads_before_syscall(int64_t num, uint64_t flags)
{
    if (num == clone_number && flags & CLONE_VM && !(flags & CLONE_VFORK) &&
        !creating) {
        creating = true;
        threads++;
    }
}

void gw_threads_after_syscall(int64_t num, int64_t ret)
{
    if (num == clone_number && creating && ret != -QEMU_ERESTARTSYS) {
        creating = false;
        threads -= ret < 0;
    }
}

void gw_threads_exit(void)
{
    if (--threads == 1 && gw_crash_hooks_found) {
        gw_crash_hooks_found->alone();
    }
}
