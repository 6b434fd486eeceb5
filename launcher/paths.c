/* SPDX-License-Identifier: MIT */
/* Where things are.  Everything lies beside the launcher, so that a tree can
 * be moved and two trees do not mix; only QEMU has a folder of its own. */
#include "gangway.h"

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
        p->qemu_note = g_strdup(file);
    } else {
        p->qemu_note = g_strdup_printf("%s is not there: `make` writes it",
                                       file);
    }
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
    p->plugin = g_build_filename(p->host, "dlcall.so", NULL);
    find_qemu(p, libdir);
}

void gw_paths_finish(struct gw_paths *p)
{
    g_free(p->self);
    g_free(p->host);
    g_free(p->guest);
    g_free(p->games);
    g_free(p->plugin);
    g_free(p->qemu);
    g_free(p->qemu_note);
}

char *gw_paths_guest_dir(const struct gw_paths *p, const struct gw_isa *isa)
{
    return g_build_filename(p->guest, isa->name, NULL);
}

char *gw_paths_sysroot(const struct gw_isa *isa)
{
    g_autofree char *name = g_strconcat("sysroot-", isa->debian, NULL);

    return g_build_filename(g_get_user_cache_dir(), "gangway", name, NULL);
}

char *gw_paths_qemu(const struct gw_paths *p, const struct gw_isa *isa,
                    const char *given)
{
    g_autofree char *name = g_strconcat("qemu-", isa->name, NULL);
    const char *dir = given ? given : p->qemu;
    char *path;

    if (!dir) {
        gw_fail(GW_EXIT_SETUP, "no QEMU: %s; or give --qemu PATH",
                p->qemu_note);
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
