/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exec.h"
#include "guest-memory.h"
#include "sysroot.h"

#include "gangway/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRING_LONGEST (128 * 1024) /* Linux's MAX_ARG_STRLEN */
#define STRINGS_MOST 65536

static const char *launcher;
static int nr_execve = -1, nr_execveat;

void gw_exec_init(const char *path, const char *target)
{
    bool x86_64 = !strcmp(target, "x86_64");

    launcher = path;
    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    nr_execve = x86_64 ? 59 : 221;
    nr_execveat = x86_64 ? 322 : 281;
}

/* A NULL-terminated array of the guest's strings; NULL when it is not
 * readable.  A NULL array is an empty one, as Linux has it. */
static GPtrArray *guest_strings(uint64_t addr)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    uint64_t at = 1;

    while (addr && all->len < STRINGS_MOST) {
        char *s;
        if (!gw_guest_read(addr, &at, sizeof(at))) {
            break;
        }
        if (!at) {
            return all;
        }
        s = gw_guest_string(at, STRING_LONGEST);
        if (!s) {
            break;
        }
        g_ptr_array_add(all, s);
        addr += sizeof(at);
    }
    if (!addr) {
        return all;
    }
    g_ptr_array_free(all, TRUE);
    return NULL;
}

/*
 * What a shell would start as a program: an executable ELF file or a script.
 * For anything else Linux's own answer is the right one.
 */
static bool is_startable(const char *path)
{
    char head[4] = "";
    struct stat st;
    int fd;

    if (stat(path, &st) || !S_ISREG(st.st_mode) || access(path, X_OK)) {
        return false;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    if (read(fd, head, sizeof(head)) < 2) {
        head[0] = 0;
    }
    close(fd);
    return !memcmp(head, "\177ELF", 4) || !memcmp(head, "#!", 2);
}

/* The launcher, too, looks into the sysroot first. */
static bool can_follow(const char *path)
{
    g_autofree char *inside = gw_sysroot_path(path);

    return (inside && is_startable(inside)) || is_startable(path);
}

/*
 * The launcher is a program of the host's: what the guest has set for its own
 * loader must not reach the host's.  It goes by another name, and the launcher
 * gives it back (launcher/env.c).  Settings of Gangway's own are kept even
 * where the guest clears its environment.
 */
static void host_environment(GPtrArray *env)
{
    extern char **environ;
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < env->len; i++) {
        char *entry = env->pdata[i];
        if (g_str_has_prefix(entry, "LD_")) {
            env->pdata[i] = g_strconcat(GW_ENV_GUEST_LOADER, entry, NULL);
            g_free(entry);
        } else {
            g_hash_table_add(seen, g_strndup(entry, strcspn(entry, "=")));
        }
    }
    for (char **e = environ; *e; e++) {
        g_autofree char *name = g_strndup(*e, strcspn(*e, "="));
        if (g_str_has_prefix(name, "GANGWAY_") &&
            !g_str_has_prefix(name, GW_ENV_GUEST_LOADER) &&
            !g_hash_table_contains(seen, name)) {
            g_ptr_array_add(env, g_strdup(*e));
        }
    }
    g_ptr_array_add(env, NULL);
}

static int64_t start(const char *path, GPtrArray *argv, GPtrArray *env)
{
    g_autoptr(GPtrArray) command = g_ptr_array_new();

    g_ptr_array_add(command, (void *)launcher);
    g_ptr_array_add(command, (void *)"--exec");
    g_ptr_array_add(command, (void *)path);
    for (guint i = 0; i < argv->len; i++) {
        g_ptr_array_add(command, argv->pdata[i]);
    }
    if (argv->len == 0) {
        g_ptr_array_add(command, (void *)path); /* argv[0] */
    }
    g_ptr_array_add(command, NULL);
    host_environment(env);
    execve(launcher, (char **)command->pdata, (char **)env->pdata);
    return -errno;
}

/* The program that the call names; NULL when it is not ours to start.  New
 * string. */
static char *program(int64_t num, const uint64_t arg[6])
{
    bool at = num == nr_execveat;
    g_autofree char *path = gw_guest_string(arg[at ? 1 : 0], STRING_LONGEST);

    if (!path || (at && (int)arg[0] != AT_FDCWD && *path != '/')) {
        /* A file by its descriptor only: there is no name to pass on. */
        return path && !*path ? g_strdup_printf("/proc/self/fd/%d",
                                                (int)arg[0])
                              : NULL;
    }
    if (!strcmp(path, "/proc/self/exe")) {
        /* The guest's program, not QEMU. */
        g_free(g_steal_pointer(&path));
        path = g_strdup(getenv(GW_ENV_PROGRAM));
    }
    return g_steal_pointer(&path);
}

bool gw_exec_syscall(int64_t num, const uint64_t arg[6], int64_t *ret)
{
    g_autoptr(GPtrArray) argv = NULL, env = NULL;
    g_autofree char *path = NULL;
    int skip;

    if (!launcher || (num != nr_execve && num != nr_execveat)) {
        return false;
    }
    skip = num == nr_execveat;
    path = program(num, arg);
    if (!path || !can_follow(path)) {
        return false;
    }
    argv = guest_strings(arg[1 + skip]);
    env = guest_strings(arg[2 + skip]);
    *ret = argv && env ? start(path, argv, env) : -EFAULT;
    return true;
}
