/* SPDX-License-Identifier: MIT */
/* A full disk, preloaded: write() of much fails, or no space is reported. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

ssize_t write(int fd, const void *data, size_t size)
{
    ssize_t (*real)(int, const void *, size_t);

    *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (getenv("FULL_WRITE") && size >= 10240) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, size);
}

int statvfs64(const char *path, struct statvfs64 *out)
{
    int (*real)(const char *, struct statvfs64 *);
    int result;

    *(void **)&real = dlsym(RTLD_NEXT, "statvfs64");
    result = real(path, out);
    if (getenv("FULL_STATVFS"))
        out->f_bavail = 1;
    return result;
}
