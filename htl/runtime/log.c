/* SPDX-License-Identifier: MIT */
#include "runtime.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int log_fd = STDERR_FILENO;
static bool verbose;

/*
 * The launcher passes on a copy of its standard error, because games send
 * their own to a file before they load GL.
 */
static int inherited_fd(void)
{
    const char *number = getenv("GANGWAY_LOG_FD");
    int fd = number ? atoi(number) : -1;

    return fd >= 0 && fcntl(fd, F_GETFD) >= 0 ? fd : STDERR_FILENO;
}

static void start(void)
{
    const char *path = getenv("GANGWAY_LOG");

    log_fd = inherited_fd();
    verbose = getenv("GANGWAY_VERBOSE") != NULL;
    if (path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd >= 0) {
            log_fd = fd;
        } else {
            dprintf(log_fd, "gangway: cannot write the log %s: %m; "
                    "it goes to standard error\n", path);
        }
    }
}

/* One write, so that lines of several threads do not mix. */
static void put(const char *format, va_list args)
{
    char line[2048];
    size_t room = sizeof(line) - 1;
    int n = snprintf(line, room, "gangway: ");
    int m = vsnprintf(line + n, room - n, format, args);
    size_t size = m < 0 ? (size_t)n
                        : (size_t)(n + m) < room ? (size_t)(n + m) : room - 1;

    line[size++] = '\n';
    if (write(log_fd, line, size) < 0) {
        /* Nowhere left to say so. */
        return;
    }
}

void gw_log(const char *format, ...)
{
    va_list args;

    pthread_once(&once, start);
    va_start(args, format);
    put(format, args);
    va_end(args);
}

void gw_verbose(const char *format, ...)
{
    va_list args;

    pthread_once(&once, start);
    if (verbose) {
        va_start(args, format);
        put(format, args);
        va_end(args);
    }
}
