/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intercept.h"
#include "guest-memory.h"
#include "sysroot.h"
#include "gangway/abi.h"
#include "gangway/lock.h"
#include "../launcher/imports.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_LONGEST 4096 /* Linux's PATH_MAX */

/* WITHDRAWN: the guest's own libraries are given out from then on. */
enum state { UNUSED, USED, WITHDRAWN };

/* What the guest has opened of an optional pack's folder. */
struct folder {
    const char *path;
    bool optional;
    volatile gint state; /* changes once */
};

/* A symbol that a pack cannot serve. */
struct lack {
    struct folder *folder;
    const char *soname;
};

static GHashTable *names; /* of files that are given out -> struct folder */
static GPtrArray *folders;
static GHashTable *lacks; /* symbol -> struct lack, or NULL */
static pid_t process; /* that started, not one that it forked */
static bool verbose;
static bool refuse_private;
static GHashTable *said; /* file names that a line was printed for, or NULL */

/* The guest's system call numbers; -1 where it has no such call. */
static int nr_open, nr_openat, nr_openat2;

bool gw_intercept_init(const char *dir_path, const char *target, bool loud)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(dir_path, 0, &error);
    bool x86_64 = !strcmp(target, "x86_64");
    struct folder *folder;
    const char *name;

    if (!dir) {
        fprintf(stderr, "dlcall: intercept=%s: %s\n", dir_path,
                error->message);
        return false;
    }
    if (!names) {
        names = g_hash_table_new(g_str_hash, g_str_equal);
        folders = g_ptr_array_new();
    }
    folder = g_new0(struct folder, 1);
    folder->path = dir_path;
    folder->optional = strstr(dir_path, "/optional/");
    g_ptr_array_add(folders, folder);
    while ((name = g_dir_read_name(dir))) {
        g_hash_table_insert(names, g_strdup(name), folder);
    }
    verbose = loud;
    process = getpid();
    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    nr_open = x86_64 ? 2 : -1;
    nr_openat = x86_64 ? 257 : 56;
    nr_openat2 = 437;
    return true;
}

/* False when the folder's state is another one already. */
static bool change(struct folder *folder, enum state to)
{
    return g_atomic_int_compare_and_exchange(&folder->state, UNUSED, to) ||
        g_atomic_int_get(&folder->state) == (gint)to;
}

/*
 * The thunk library for a file name: itself, or without further version
 * numbers (libGL.so.1.7.0 is libGL.so.1).  New string, or NULL.
 */
static char *replacement(const char *file)
{
    g_autofree char *name = g_strdup(file);
    struct folder *folder;
    char *dot;

    while (!g_hash_table_contains(names, name)) {
        dot = strrchr(name, '.');
        if (!dot || strspn(dot + 1, "0123456789") != strlen(dot + 1)) {
            return NULL;
        }
        *dot = 0;
    }
    folder = g_hash_table_lookup(names, name);
    return change(folder, USED) ? g_build_filename(folder->path, name, NULL)
                                : NULL;
}

void gw_intercept_lacks(const char *what)
{
    g_auto(GStrv) words = g_strsplit(what, "/", -1);
    struct lack *lack = g_new0(struct lack, 1);

    for (guint i = 0; folders && i < folders->len; i++) {
        struct folder *folder = folders->pdata[i];
        g_autofree char *pack = g_path_get_basename(folder->path);
        lack->folder = strcmp(pack, words[0]) ? lack->folder : folder;
    }
    if (!lack->folder || !words[1]) {
        g_free(lack);
        return;
    }
    lack->soname = g_strdup(words[1]);
    if (!lacks) {
        lacks = g_hash_table_new(g_str_hash, g_str_equal);
    }
    for (char **symbol = words + 2; *symbol; symbol++) {
        g_hash_table_insert(lacks, g_strdup(*symbol), lack);
    }
}

void gw_intercept_withhold(const char *name)
{
    if (names) {
        g_hash_table_remove(names, name);
    }
}

void gw_intercept_report(void)
{
    bool own = process == getpid();

    for (guint i = 0; own && folders && i < folders->len; i++) {
        const struct folder *folder = folders->pdata[i];
        g_autofree char *pack = g_path_get_basename(folder->path);

        if (folder->optional && folder->state == UNUSED) {
            fprintf(stderr, "gangway: %s has not used the pack %s\n",
                    g_getenv(GW_ENV_PROGRAM) ?: "the program", pack);
        }
    }
}

void gw_intercept_refuse_private(void)
{
    refuse_private = true;
}

static bool looks_like_library(const char *file)
{
    return g_str_has_suffix(file, ".so") || strstr(file, ".so.");
}

/* Where QEMU will look for an absolute path of the guest's.  New string. */
static char *host_path(const char *asked)
{
    char *inside = gw_sysroot_path(asked);

    return inside ? inside : g_strdup(asked);
}

GW_DEFINE_LOCK(said_lock, PTHREAD_MUTEX_INITIALIZER);

/* Has no line been printed for that file?  The loader tries one folder after
 * the other. */
static bool is_news(const char *path)
{
    bool news;

    pthread_mutex_lock(&said_lock);
    if (!said) {
        said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    news = g_hash_table_add(said, g_path_get_basename(path));
    pthread_mutex_unlock(&said_lock);
    return news;
}

/* Its crash would come later, and name nobody. */
static bool is_private_user(const char *asked, char **imports)
{
    const char *part = gw_private_x11(imports);

    if (part && is_news(asked)) {
        fprintf(stderr, "gangway: %s is refused: it touches private parts of "
                "libX11 (%s); --x11=guest runs it\n", asked, part);
    }
    return part;
}

/*
 * It may take what a pack has not.  Its own libraries are opened after it:
 * where the pack was not used yet, they are the guest's.
 */
static void look_for_lacks(const char *asked, char **imports)
{
    for (char **name = imports; *name; name++) {
        const struct lack *lack = g_hash_table_lookup(lacks, *name);
        g_autofree char *pack =
            lack ? g_path_get_basename(lack->folder->path) : NULL;
        if (lack && change(lack->folder, WITHDRAWN)) {
            if (verbose && is_news(asked)) {
                fprintf(stderr, "gangway: the pack %s is not used from here "
                        "on: %s takes %s from %s, which this machine's has "
                        "not\n", pack, asked, *name, lack->soname);
            }
        } else if (lack && is_news(asked)) {
            fprintf(stderr, "gangway: %s takes %s from %s, which this "
                    "machine's has not; --packs=-%s runs it\n", asked, *name,
                    lack->soname, pack);
        }
    }
}

/*
 * Looks at a library that is loaded by name while the program runs; what the
 * program is linked with was looked at before it started.  Is it refused?
 */
static bool is_refused(const char *asked)
{
    g_autofree char *path = host_path(asked);
    g_auto(GStrv) imports = gw_imports_of(path);

    if (imports && lacks) {
        look_for_lacks(asked, imports);
    }
    return imports && refuse_private && is_private_user(asked, imports);
}

/* Where the call's path stands, and its flags; false for other calls. */
static bool is_open(int64_t num, const uint64_t arg[6], uint64_t *path,
                    uint64_t *flags)
{
    if (num == nr_open) {
        *path = arg[0];
        *flags = arg[1];
    } else if (num == nr_openat) {
        *path = arg[1];
        *flags = arg[2];
    } else if (num == nr_openat2) {
        /* struct open_how begins with the flags. */
        *path = arg[1];
        return gw_guest_read(arg[2], flags, sizeof(*flags));
    } else {
        return false;
    }
    return true;
}

bool gw_intercept_syscall(int64_t num, const uint64_t arg[6], int64_t *ret)
{
    g_autofree char *asked = NULL, *file = NULL, *given = NULL;
    uint64_t path, flags;

    if (!names || !is_open(num, arg, &path, &flags) ||
        (flags & O_ACCMODE) != O_RDONLY) {
        return false;
    }
    asked = gw_guest_string(path, PATH_LONGEST);
    if (!asked || g_str_has_suffix(asked, "/")) {
        return false;
    }
    file = g_path_get_basename(asked);
    given = replacement(file);
    if (!given && (lacks || refuse_private) && looks_like_library(file) &&
        is_refused(asked)) {
        *ret = -ENOENT;
        return true;
    }
    if (!given || !strcmp(given, asked)) {
        return false;
    }
    *ret = open(given, O_RDONLY | (flags & O_CLOEXEC));
    if (*ret < 0) {
        *ret = -errno;
    } else if (verbose) {
        fprintf(stderr, "gangway: %s: the guest gets %s\n", asked, given);
    }
    return true;
}
