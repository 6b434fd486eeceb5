/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"
#include "guest-memory.h"

#include "gangway/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_LONGEST 4096 /* Linux's PATH_MAX */

static const char *sysroot; /* or NULL */
static int nr_chdir = -1, nr_faccessat, nr_faccessat2, nr_statx;

void gw_sysroot_init(const char *target)
{
    bool x86_64 = !strcmp(target, "x86_64");

    sysroot = g_getenv(GW_ENV_SYSROOT);
    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    nr_chdir = x86_64 ? 80 : 49;
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
    union {
        struct statx st;
        uint64_t words[sizeof(struct statx) / 8];
    } out;

    if (statx(AT_FDCWD, path, (int)arg[2], (unsigned)arg[3], &out.st)) {
        return -errno;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(out.words); i++) {
        if (!gw_guest_write_u64(arg[4] + 8 * i, out.words[i])) {
            return -EFAULT;
        }
    }
    return 0;
}

bool gw_sysroot_syscall(int64_t num, const uint64_t arg[6], int64_t *ret)
{
    g_autofree char *asked = NULL, *path = NULL;

    if (!sysroot || (num != nr_chdir && num != nr_faccessat &&
                     num != nr_faccessat2 && num != nr_statx)) {
        return false;
    }
    asked = gw_guest_string(arg[num == nr_chdir ? 0 : 1], PATH_LONGEST);
    path = asked ? gw_sysroot_path(asked) : NULL;
    if (!path) {
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
