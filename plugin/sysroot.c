/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"
#include "guest-memory.h"

#include "gangway/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_LONGEST 4096 /* Linux's PATH_MAX */

static const char *sysroot; /* or NULL */
static char *real_sysroot;  /* without symbolic links */
static size_t real_length;
static int nr_chdir, nr_getcwd, nr_faccessat, nr_faccessat2, nr_statx;

void gw_sysroot_init(const char *target)
{
    bool x86_64 = !strcmp(target, "x86_64");

    real_sysroot = realpath(g_getenv(GW_ENV_SYSROOT) ?: "", NULL);
    sysroot = real_sysroot ? g_getenv(GW_ENV_SYSROOT) : NULL;
    real_length = real_sysroot ? strlen(real_sysroot) : 0;
    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    nr_chdir = x86_64 ? 80 : 49;
    nr_getcwd = x86_64 ? 79 : 17;
    nr_faccessat = x86_64 ? 269 : 48;
    nr_statx = x86_64 ? 332 : 291;
    nr_faccessat2 = 439;
}

char *gw_sysroot_path(const char *path)
{
    char *inside;

    if (!sysroot || *path != '/') {
        return NULL;
    }
    inside = g_build_filename(sysroot, path, NULL);
    if (!access(inside, F_OK)) {
        return inside;
    }
    g_free(inside);
    return NULL;
}

/* struct statx is the same for all guests. */
static int64_t do_statx(const char *path, const uint64_t arg[6])
{
    struct statx st;

    if (statx(AT_FDCWD, path, (int)arg[2], (unsigned)arg[3], &st)) {
        return -errno;
    }
    return gw_guest_write(arg[4], &st, sizeof(st)) ? 0 : -EFAULT;
}

/* Below the sysroot, where chdir() may have led, the guest's name for it:
 * programs compare it with the one that they gave. */
static bool do_getcwd(const uint64_t arg[6], int64_t *ret)
{
    g_autofree char *folder = getcwd(NULL, 0);
    const char *inside;
    size_t size;

    if (!folder || strncmp(folder, real_sysroot, real_length) ||
        folder[real_length] != '/') {
        return false;
    }
    inside = folder + real_length;
    size = strlen(inside) + 1;
    if (size > arg[1]) {
        *ret = -ERANGE;
    } else {
        *ret = gw_guest_write(arg[0], inside, size) ? (int64_t)size : -EFAULT;
    }
    return true;
}

/* A program in / means the machine's files, too. */
static bool is_root(const char *path)
{
    g_autofree char *real = realpath(path, NULL);

    return real && !strcmp(real, real_sysroot);
}

bool gw_sysroot_syscall(int64_t num, const uint64_t arg[6], int64_t *ret)
{
    g_autofree char *asked = NULL, *path = NULL;

    if (sysroot && num == nr_getcwd) {
        return do_getcwd(arg, ret);
    }
    if (!sysroot || (num != nr_chdir && num != nr_faccessat &&
                     num != nr_faccessat2 && num != nr_statx)) {
        return false;
    }
    asked = gw_guest_string(arg[num == nr_chdir ? 0 : 1], PATH_LONGEST);
    path = asked ? gw_sysroot_path(asked) : NULL;
    if (!path || (num == nr_chdir && is_root(path))) {
        return false;
    }
    if (num == nr_statx) {
        *ret = do_statx(path, arg);
        return true;
    }
    if (num == nr_chdir) {
        *ret = chdir(path);
    } else {
        *ret = faccessat(AT_FDCWD, path, (int)arg[2],
                         num == nr_faccessat2 ? (int)arg[3] : 0);
    }
    if (*ret < 0) {
        *ret = -errno;
    }
    return true;
}
