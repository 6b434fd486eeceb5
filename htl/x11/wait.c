/* SPDX-License-Identifier: MIT */
/*
 * Waiting.  While host code sleeps in the kernel, QEMU cannot run the guest's
 * signal handlers, so whatever waits for the server or for another thread has
 * the guest do it.  Neither libxcb nor Xlib holds a lock of its own then.
 */
#include "replace.h"
#include "runtime.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { POLL_MAX = 16 }; /* of GW_SERVICE_POLL */

int gw_x11_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    int ready;

    if (!timeout || count > POLL_MAX || !gw_current_pack()) {
        return poll(fds, count, timeout);
    }
    ready = poll(fds, count, 0);
    if (ready) {
        return ready;
    }
    ready = gw_guest_service(GW_SERVICE_POLL, (uintptr_t)fds, count, timeout);
    if (ready < 0) {
        errno = -ready;
        return -1;
    }
    return ready;
}

/* Of a condition variable we use the first word, a count of what happened. */
static _Atomic uint32_t *events(pthread_cond_t *cond)
{
    return (void *)cond;
}

int gw_x11_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
    (void)attr;
    atomic_store(events(cond), 0);
    return 0;
}

int gw_x11_cond_destroy(pthread_cond_t *cond)
{
    (void)cond;
    return 0;
}

int gw_x11_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    uint32_t seen = atomic_load(events(cond));

    pthread_mutex_unlock(mutex);
    if (gw_current_pack()) {
        gw_guest_service(GW_SERVICE_FUTEX_WAIT, (uintptr_t)cond, seen, 0);
    } else {
        syscall(SYS_futex, cond, FUTEX_WAIT_PRIVATE, seen, NULL);
    }
    return pthread_mutex_lock(mutex);
}

/* All: the kernel might choose one that began to wait too late. */
int gw_x11_cond_wake(pthread_cond_t *cond)
{
    atomic_fetch_add(events(cond), 1);
    syscall(SYS_futex, cond, FUTEX_WAKE_PRIVATE, INT_MAX);
    return 0;
}
