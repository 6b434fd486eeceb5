/* SPDX-License-Identifier: MIT */
/*
 * Functions of the libc that the host's X11 libraries are given others for:
 * what waits, what ends the process, what frees, what the guest's libc knows.
 */
#ifndef GANGWAY_X11_REPLACE_H
#define GANGWAY_X11_REPLACE_H

#include <poll.h>
#include <pthread.h>

/* Replaces them in all libraries of the family that are loaded by now; again
 * changes nothing.  Not on several threads at once. */
void gw_x11_replace(void);

/*
 * As their namesakes of the libc (wait.c); within a call the guest waits, so
 * that its signal handlers run.
 */
int gw_x11_poll(struct pollfd *fds, nfds_t count, int timeout);
int gw_x11_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr);
int gw_x11_cond_destroy(pthread_cond_t *cond);
int gw_x11_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int gw_x11_cond_wake(pthread_cond_t *cond);

/* The guest's exit() within a call, with all that this runs (errors.c). */
void gw_x11_exit(int status);

/* Memory of the host's or of the guest's (memory.c). */
void *gw_x11_reallocarray(void *memory, size_t count, size_t size);

/* The guest's locale, when that is asked for; not for LC_ALL (libc.c). */
char *gw_x11_setlocale(int category, const char *name);

/* The guest's environment, as it is now (libc.c). */
char *gw_x11_getenv(const char *name);

#endif
