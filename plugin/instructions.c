/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Not a part of Gangway: a plugin for bench/instructions.py that counts the
 * guest's instructions by the file that they come from.  Loaded beside dlcall,
 * for example by the environment:
 *
 *     QEMU_PLUGIN=instructions.so,out=FILE gangway PROGRAM
 *
 * When a process ends, a line "COUNT PATH" is appended to FILE for each file;
 * [none] stands for code that was made while the program ran.  What a host
 * library executes is no instruction of the guest's.
 */
#include "qemu-counting.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

GW_EXPORT int qemu_plugin_version = GW_QEMU_API;

struct range {
    uint64_t start, end;
    struct file *file;
};

struct file {
    char *path;
    qemu_plugin_u64 count; /* one counter for each CPU, which need no lock */
    uint64_t inherited;    /* by a forked child, from its parent */
};

static const char *out;
/* Guards what follows. */
static GMutex lock;
static GHashTable *files; /* path -> struct file */
static GArray *ranges;    /* of struct range, as they were read last */

static struct file *file_named(const char *path)
{
    struct file *f = g_hash_table_lookup(files, path);

    if (!f) {
        f = g_new0(struct file, 1);
        f->path = g_strdup(path);
        f->count.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
        g_hash_table_insert(files, f->path, f);
    }
    return f;
}

/* Guest addresses are the host's: what the guest has mapped is in this list,
 * whether it may be executed by the host or not. */
static void read_ranges(void)
{
    char line[4096], path[4096];
    FILE *maps = fopen("/proc/self/maps", "r");

    g_array_set_size(ranges, 0);
    while (maps && fgets(line, sizeof(line), maps)) {
        struct range r;
        if (sscanf(line, "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
                   "x %*s %*s %*s %*s %4095[^\n]", &r.start, &r.end,
                   path) == 3 && *path == '/') {
            r.file = file_named(path);
            g_array_append_val(ranges, r);
        }
    }
    if (maps) {
        fclose(maps);
    }
}

static struct file *find(uint64_t address)
{
    for (guint i = 0; i < ranges->len; i++) {
        struct range *r = &g_array_index(ranges, struct range, i);
        if (address >= r->start && address < r->end) {
            return r->file;
        }
    }
    return NULL;
}

/* Files that were unmapped since the list was read would be taken for others
 * only where another file has come to the same address. */
static void translate(GW_TRANS_PARAMS)
{
    uint64_t address =
        qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    struct file *f;

    GW_UNUSED_TRANS();
    g_mutex_lock(&lock);
    f = find(address);
    if (!f) {
        read_ranges();
        f = find(address);
    }
    f = f ? f : file_named("[none]");
    g_mutex_unlock(&lock);
    gw_count_block(tb, f->count);
}

/* Another thread of the parent may have held the lock. */
static void forked(void)
{
    GHashTableIter i;
    void *value;

    g_mutex_init(&lock);
    g_hash_table_iter_init(&i, files);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        struct file *f = value;
        f->inherited = qemu_plugin_u64_sum(f->count);
    }
}

static void finish(GW_EXIT_PARAMS)
{
    FILE *to = fopen(out, "a");
    GHashTableIter i;
    void *value;

    GW_UNUSED_EXIT();
    g_hash_table_iter_init(&i, files);
    while (to && g_hash_table_iter_next(&i, NULL, &value)) {
        struct file *f = value;
        uint64_t count = qemu_plugin_u64_sum(f->count) - f->inherited;
        if (count) {
            fprintf(to, "%" G_GUINT64_FORMAT " %s\n", count, f->path);
        }
    }
    if (to) {
        fclose(to);
    }
}

GW_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                  int argc, char **argv)
{
    (void)info;
    if (argc != 1 || !g_str_has_prefix(argv[0], "out=")) {
        fprintf(stderr, "instructions: expected out=FILE\n");
        return 1;
    }
    out = g_strdup(argv[0] + strlen("out="));
    files = g_hash_table_new(g_str_hash, g_str_equal);
    ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
    pthread_atfork(NULL, NULL, forked);
    gw_register_trans(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
