/* SPDX-License-Identifier: MIT */
/* Where things are.  Everything lies beside the launcher, so that a tree can
 * be moved and two trees do not mix; only QEMU has a folder of its own. */
#include "gangway.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder above the launcher's bin/. */
static char *prefix(const char *self)
{
    g_autofree char *bin = g_path_get_dirname(self);

    return g_path_get_dirname(bin);
}

/* QEMU's folder: the environment, or the file that the build has left. */
static void find_qemu(struct gw_paths *p, const char *libdir)
{
    const char *given = g_getenv("GANGWAY_QEMU_DIR");
    g_autofree char *file = g_build_filename(libdir, "qemu", NULL);

    if (given && *given) {
        p->qemu = g_strdup(given);
        p->qemu_note = g_strdup("GANGWAY_QEMU_DIR");
    } else if (g_file_get_contents(file, &p->qemu, NULL, NULL)) {
        g_strstrip(p->qemu);
        p->qemu_is_built = true;
        p->qemu_note = g_strdup(file);
    } else {
        p->qemu_note = g_strdup_printf("%s is not there: `make` writes it",
                                       file);
    }
}

/* What `make plain-qemu` has left, for --qemu plain. */
static void find_plain_qemu(struct gw_paths *p, const char *libdir)
{
    g_autofree char *file = g_build_filename(libdir, "qemu-plain", NULL);

    if (g_file_get_contents(file, &p->plain_qemu, NULL, NULL))
        g_strstrip(p->plain_qemu);
}

void gw_paths_init(struct gw_paths *p)
{
    char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *root = prefix(self);
    g_autofree char *libdir = g_build_filename(root, "lib", "gangway", NULL);

    *p = (struct gw_paths){.self = self};
    p->host = g_build_filename(libdir, "host", NULL);
    p->guest = g_build_filename(libdir, "guest", NULL);
    p->games = g_build_filename(root, "share", "gangway", "games", NULL);
    p->get = g_build_filename(root, "libexec", "gangway", "get", "get", NULL);
    find_qemu(p, libdir);
    find_plain_qemu(p, libdir);
}

void gw_paths_finish(struct gw_paths *p)
{
    g_free(p->self);
    g_free(p->host);
    g_free(p->guest);
    g_free(p->games);
    g_free(p->get);
    g_free(p->qemu);
    g_free(p->qemu_note);
    g_free(p->plain_qemu);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void gw_sort_names(GPtrArray *names)
{
    g_ptr_array_sort(names, compare_names);
}

char *gw_paths_guest_dir(const struct gw_paths *p, const struct gw_isa *isa)
{
    return g_build_filename(p->guest, isa->name, NULL);
}

char *gw_paths_fetched(const struct gw_isa *isa)
{
    g_autofree char *data = g_canonicalize_filename(g_get_user_data_dir(),
                                                    NULL);

    return g_build_filename(data, "gangway", isa->name, "programs", NULL);
}

char *gw_paths_sysroot(const struct gw_isa *isa)
{
    g_autofree char *name = g_strconcat("sysroot-", isa->debian, NULL);

    return g_build_filename(g_get_user_cache_dir(), "gangway", name, NULL);
}

const char *gw_paths_qemu_place(const struct gw_paths *p, const char *given,
                                const char **note)
{
    bool plain = given && !strcmp(given, "plain");

    *note = plain ? "`make plain-qemu` has not built the plain one"
                  : p->qemu_note;
    if (plain)
        return p->plain_qemu;
    return given ? given : p->qemu;
}

char *gw_paths_qemu(const struct gw_paths *p, const struct gw_isa *isa,
                    const char *given)
{
    g_autofree char *name = g_strconcat("qemu-", isa->name, NULL);
    const char *note, *dir = gw_paths_qemu_place(p, given, &note);
    char *path;

    if (!dir) {
        gw_fail(GW_EXIT_SETUP, "no QEMU: %s; or give --qemu PATH", note);
        return NULL;
    }
    path = g_file_test(dir, G_FILE_TEST_IS_DIR)
               ? g_build_filename(dir, name, NULL) : g_strdup(dir);
    if (!access(path, X_OK))
        return path;
    gw_fail(GW_EXIT_SETUP,
            "no QEMU for %s programs: %s cannot be run; build it "
            "(`make QEMU_TARGETS=\"x86_64 aarch64 riscv64\"`) or give --qemu "
            "PATH", isa->name, path);
    g_free(path);
    return NULL;
}

/* QEMU's major and minor version, from what it says of itself. */
static bool qemu_version(const char *qemu, int *major, int *minor)
{
    g_autofree char *out = NULL;
    const char *number;

    if (!g_spawn_sync(NULL, (char *[]){(char *)qemu, "--version", NULL}, NULL,
                      G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL,
                      NULL, NULL) || !out)
        return false;
    number = strstr(out, "version ");
    return number && sscanf(number, "version %d.%d", major, minor) == 2;
}

/* As in plugin/qemu-api.h: QEMU 11.0 has API 6, later ones API 7, and an older
 * one must be ours, patched, with API 4. */
static int plugin_api(const char *qemu)
{
    int major, minor;

    if (!qemu_version(qemu, &major, &minor))
        return 0;
    if (major < 11)
        return 4;
    return major == 11 && minor == 0 ? 6 : 7;
}

char *gw_paths_plugin(const struct gw_paths *p, const char *qemu)
{
    g_autofree char *dir = g_path_get_dirname(qemu);
    g_autofree char *name = NULL;
    char *file;
    int api;

    if (p->qemu && p->qemu_is_built && !strcmp(dir, p->qemu)) {
        /* The build has looked already. */
        name = g_strdup("dlcall.so");
    } else {
        api = plugin_api(qemu);
        if (!api) {
            gw_fail(GW_EXIT_SETUP, "%s does not tell its version: is it a "
                    "QEMU of this machine?", qemu);
            return NULL;
        }
        name = g_strdup_printf("dlcall-api%d.so", api);
    }
    file = g_build_filename(p->host, name, NULL);
    if (!access(file, R_OK))
        return file;
    gw_fail(GW_EXIT_SETUP, "no plugin: %s is not there; `make` builds it",
            file);
    g_free(file);
    return NULL;
}
