/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host-pointers.h"
#include "guest-memory.h"
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* QEMU's own "restart after the signal handler" (linux-user, errno_defs.h). */
#define QEMU_ERESTARTSYS 512

/* Linux's limit of one readv() or writev() (UIO_MAXIOV). */
#define VECTORS_MAX 1024

/* What the pointer of a system call is. */
enum shape {
    BUFFER, /* `at` points to `size` bytes, the argument after it */
    VECTOR, /* `at` points to an array of struct iovec */
    MESSAGE, /* `at` points to a struct msghdr */
    PATH,   /* `at` points to a string */
    PATHS,  /* ... and so does the argument `at2` */
};

/* A system call: its numbers and where its pointer stands. */
struct entry {
    int x86_64;  /* asm/unistd_64.h, or -1 */
    int generic; /* asm-generic/unistd.h, or -1 */
    long host;   /* the host's, or QEMUS */
    enum shape shape;
    int at, at2;
};

/* Only QEMU can make it, having adopted the path: structs and numbers may
 * differ between guest and host. */
#define QEMUS (-1)

/*
 * Where QEMU can be told that a path is the guest's, it makes the call itself.
 * Where it cannot, the host's call is made for those whose other arguments mean
 * the same on every ISA; the others are served where guest and host agree, see
 * `same_flags` and `same_stat`.
 */
static const struct entry any_abi[] = {
    { 0, 63, SYS_read, BUFFER, 1, 0 },
    { 1, 64, SYS_write, BUFFER, 1, 0 },
    { 17, 67, SYS_pread64, BUFFER, 1, 0 },
    { 18, 68, SYS_pwrite64, BUFFER, 1, 0 },
    { 19, 65, SYS_readv, VECTOR, 1, 0 },
    { 20, 66, SYS_writev, VECTOR, 1, 0 },
    { 44, 206, SYS_sendto, BUFFER, 1, 0 },
    { 45, 207, SYS_recvfrom, BUFFER, 1, 0 },
    { 46, 211, SYS_sendmsg, MESSAGE, 1, 0 },
    { 47, 212, SYS_recvmsg, MESSAGE, 1, 0 },
    { 257, 56, SYS_openat, PATH, 1, 0 }, /* flags: see open_flags() */
    { 80, 49, SYS_chdir, PATH, 0, 0 },
    { 258, 34, SYS_mkdirat, PATH, 1, 0 },
    { 263, 35, SYS_unlinkat, PATH, 1, 0 },
    { 269, 48, SYS_faccessat, PATH, 1, 0 },
    { 439, 439, SYS_faccessat2, PATH, 1, 0 },
#ifdef SYS_renameat /* not on RISC-V */
    { 264, 38, SYS_renameat, PATHS, 1, 3 },
#endif
    { 316, 276, SYS_renameat2, PATHS, 1, 3 },
    { 267, 78, SYS_readlinkat, PATH, 1, 0 },
    { 332, 291, SYS_statx, PATH, 1, 0 },
#ifdef SYS_open
    { 2, -1, SYS_open, PATH, 0, 0 },
    { 4, -1, SYS_stat, PATH, 0, 0 },
    { 6, -1, SYS_lstat, PATH, 0, 0 },
    { 21, -1, SYS_access, PATH, 0, 0 },
    { 83, -1, SYS_mkdir, PATH, 0, 0 },
    { 87, -1, SYS_unlink, PATH, 0, 0 },
    { 89, -1, SYS_readlink, PATH, 0, 0 },
    { 82, -1, SYS_rename, PATHS, 0, 1 },
#endif
};
static const struct entry qemus[] = {
    { 437, 437, QEMUS, PATH, 1, 0 }, /* openat2 */
    { 262, 79, QEMUS, PATH, 1, 0 },  /* newfstatat */
    { 4, -1, QEMUS, PATH, 0, 0 },    /* stat */
    { 6, -1, QEMUS, PATH, 0, 0 },    /* lstat */
    { 76, 45, QEMUS, PATH, 0, 0 },   /* truncate */
    { 84, -1, QEMUS, PATH, 0, 0 },   /* rmdir */
    { 85, -1, QEMUS, PATH, 0, 0 },   /* creat */
    { 86, -1, QEMUS, PATHS, 0, 1 },  /* link */
    { 88, -1, QEMUS, PATHS, 0, 1 },  /* symlink */
    { 90, -1, QEMUS, PATH, 0, 0 },   /* chmod */
    { 92, -1, QEMUS, PATH, 0, 0 },   /* chown */
    { 94, -1, QEMUS, PATH, 0, 0 },   /* lchown */
    { 132, -1, QEMUS, PATH, 0, 0 },  /* utime */
    { 133, -1, QEMUS, PATH, 0, 0 },  /* mknod */
    { 137, 43, QEMUS, PATH, 0, 0 },  /* statfs */
    { 161, 51, QEMUS, PATH, 0, 0 },  /* chroot */
    { 235, -1, QEMUS, PATH, 0, 0 },  /* utimes */
    { 254, 27, QEMUS, PATH, 1, 0 },  /* inotify_add_watch */
    { 259, 33, QEMUS, PATH, 1, 0 },  /* mknodat */
    { 260, 54, QEMUS, PATH, 1, 0 },  /* fchownat */
    { 264, 38, QEMUS, PATHS, 1, 3 }, /* renameat */
    { 265, 37, QEMUS, PATHS, 1, 3 }, /* linkat */
    { 266, 36, QEMUS, PATHS, 0, 2 }, /* symlinkat */
    { 268, 53, QEMUS, PATH, 1, 0 },  /* fchmodat */
    { 280, 88, QEMUS, PATH, 1, 0 },  /* utimensat */
};
static const struct entry same_flags[] = {
    { 437, 437, SYS_openat2, PATH, 1, 0 }, /* its flags lie in a struct */
};
static const struct entry same_stat[] = {
    { 262, 79, SYS_newfstatat, PATH, 1, 0 },
};

/*
 * Four flags of open() have other values on AArch64 (its asm/fcntl.h) than in
 * asm-generic/fcntl.h, which x86 and RISC-V follow.
 */
static const struct {
    uint64_t generic, aarch64;
} flag_values[] = {
    { 040000, 0200000 },  /* O_DIRECT */
    { 0100000, 0400000 }, /* O_LARGEFILE */
    { 0200000, 040000 },  /* O_DIRECTORY */
    { 0400000, 0100000 }, /* O_NOFOLLOW */
};
static bool guest_is_aarch64;

#ifdef __aarch64__
static const bool host_is_aarch64 = true;
#else
static const bool host_is_aarch64 = false;
#endif

static uint64_t open_flags(uint64_t flags)
{
    uint64_t result = flags;

    if (guest_is_aarch64 == host_is_aarch64) {
        return flags;
    }
    for (size_t i = 0; i < sizeof(flag_values) / sizeof(*flag_values); i++) {
        result &= ~flag_values[i].generic;
    }
    for (size_t i = 0; i < sizeof(flag_values) / sizeof(*flag_values); i++) {
        uint64_t guests = guest_is_aarch64 ? flag_values[i].aarch64
                                           : flag_values[i].generic;
        uint64_t hosts = guest_is_aarch64 ? flag_values[i].generic
                                          : flag_values[i].aarch64;
        result |= flags & guests ? hosts : 0;
    }
    return result;
}

/* Numbers above this are not in the table. */
#define NUMBERS 512
static const struct entry *by_number[NUMBERS];

static void enter(const struct entry *e, size_t count, bool x86_64)
{
    for (; count--; e++) {
        int number = x86_64 ? e->x86_64 : e->generic;
        if (number >= 0) {
            by_number[number] = e;
        }
    }
}

void gw_host_pointers_init(const char *target)
{
    bool x86_64 = !strcmp(target, "x86_64");
#ifdef __x86_64__
    bool same = x86_64;
#else
    bool same = !x86_64;
#endif

    guest_is_aarch64 = !strcmp(target, "aarch64");
    enter(qemus, sizeof(qemus) / sizeof(*qemus), x86_64);
    enter(any_abi, sizeof(any_abi) / sizeof(*any_abi), x86_64);
    if (same) {
        enter(same_stat, sizeof(same_stat) / sizeof(*same_stat), x86_64);
    }
    if (guest_is_aarch64 == host_is_aarch64) {
        enter(same_flags, sizeof(same_flags) / sizeof(*same_flags), x86_64);
    }
}

/* Paths that are the guest's for the system call that this thread makes. */
static _Thread_local struct {
    uintptr_t address;
    size_t size;
} lent[2];
static _Thread_local int lent_count;

/* Bytes of a string of the host's, with its end; 0 if it has none. */
static size_t string_size(uint64_t addr)
{
    char piece[64];

    for (size_t size = 0; size < PATH_MAX;) {
        /* Never beyond the page of a byte that the string has. */
        size_t n = sizeof(piece) - (addr + size) % sizeof(piece);
        const char *end;

        if (!gw_host_read(addr + size, piece, n)) {
            return 0;
        }
        end = memchr(piece, 0, n);
        size += end ? end - piece + 1 : (ssize_t)n;
        if (end) {
            return size;
        }
    }
    return 0;
}

static bool is_host(uint64_t addr);

static bool lend(uint64_t addr)
{
    size_t size;

    if (!is_host(addr)) {
        return true;
    }
    size = string_size(addr);
    if (!size || !gw_pages_adopt(addr, size, false)) {
        return false;
    }
    lent[lent_count].address = addr;
    lent[lent_count++].size = size;
    return true;
}

void gw_host_pointers_returned(void)
{
    while (lent_count) {
        lent_count--;
        gw_pages_release(lent[lent_count].address, lent[lent_count].size);
    }
}

/* Not the guest's, and there. */
static bool is_host(uint64_t addr)
{
    char byte;

    return addr && !gw_guest_base && !gw_guest_has(addr) &&
           gw_host_read(addr, &byte, 1);
}

static bool vector_is_host(uint64_t addr, size_t count)
{
    struct iovec vector[VECTORS_MAX];

    if (count > VECTORS_MAX ||
        !gw_host_read(addr, vector, count * sizeof(*vector))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (vector[i].iov_len && is_host((uintptr_t)vector[i].iov_base)) {
            return true;
        }
    }
    return is_host(addr);
}

static bool message_is_host(uint64_t addr)
{
    struct msghdr m;

    /* Control data has structs that QEMU converts; with those, leave it. */
    return gw_host_read(addr, &m, sizeof(m)) && !m.msg_controllen &&
           m.msg_iov && vector_is_host((uintptr_t)m.msg_iov, m.msg_iovlen);
}

static bool concerns_host(const struct entry *e, const uint64_t arg[6])
{
    switch (e->shape) {
    case BUFFER:
        return arg[e->at + 1] && is_host(arg[e->at]);
    case VECTOR:
        return vector_is_host(arg[e->at], arg[e->at + 1]);
    case MESSAGE:
        return message_is_host(arg[e->at]);
    case PATH:
        return is_host(arg[e->at]);
    case PATHS:
        return is_host(arg[e->at]) || is_host(arg[e->at2]);
    }
    return false;
}

bool gw_host_pointers_syscall(int64_t num, const uint64_t arg[6], int64_t *ret)
{
    const struct entry *e =
        num >= 0 && num < NUMBERS ? by_number[num] : NULL;

    if (!e || !concerns_host(e, arg)) {
        return false;
    }
    if (e->shape == PATH || e->shape == PATHS) {
        if (lend(arg[e->at]) && (e->shape == PATH || lend(arg[e->at2]))) {
            return false;
        }
        gw_host_pointers_returned();
    }
    if (e->host == QEMUS) {
        return false;
    }
    *ret = syscall(e->host, arg[0], arg[1],
                   e->host == SYS_openat ? open_flags(arg[2]) : arg[2],
                   arg[3], arg[4], arg[5]);
    if (*ret < 0) {
        *ret = errno == EINTR ? -QEMU_ERESTARTSYS : -errno;
    }
    return true;
}
