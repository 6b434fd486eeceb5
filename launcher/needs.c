/* SPDX-License-Identifier: MIT */
/* What a program is linked with: its libraries, theirs, and what each of them
 * takes from others. */
#include "gangway.h"
#include "imports.h"

#include <elf.h>

struct walk {
    const struct gw_program *prog;
    char **guest_path;  /* of LD_LIBRARY_PATH */
    GHashTable *seen;   /* sonames and paths */
    GQueue *left;       /* paths, to be read */
};

/* `folder`/`soname`, below the sysroot first; NULL when it is not there. */
static char *try_folder(const struct walk *w, const char *folder,
                        const char *soname)
{
    g_autofree char *inside = w->prog->sysroot
        ? g_build_filename(w->prog->sysroot, folder, soname, NULL) : NULL;
    g_autofree char *plain = g_build_filename(folder, soname, NULL);

    if (inside && g_file_test(inside, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&inside);
    return g_file_test(plain, G_FILE_TEST_IS_REGULAR)
        ? g_steal_pointer(&plain) : NULL;
}

/* Along a colon-separated path that a file of folder `origin` has. */
static char *try_path(const struct walk *w, const char *path,
                      const char *origin, const char *soname)
{
    g_auto(GStrv) folders = g_strsplit(path, ":", -1);
    char *found = NULL;

    for (char **folder = folders; !found && *folder; folder++) {
        g_autoptr(GString) name = g_string_new(*folder);
        g_string_replace(name, "${ORIGIN}", origin, 0);
        g_string_replace(name, "$ORIGIN", origin, 0);
        if (name->len)
            found = try_folder(w, name->str, soname);
    }
    return found;
}

static char *try_usual(const struct walk *w, const char *soname)
{
    static const char *const folders[] = {"/lib/%s", "/usr/lib/%s",
        "/usr/local/lib/%s", "/usr/%s/lib", "/lib64", "/usr/lib64", "/lib",
        "/usr/lib", "/usr/local/lib"};
    char *found = NULL;

    for (size_t i = 0; !found && i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GString) name = g_string_new(folders[i]);
        g_string_replace(name, "%s", w->prog->isa->triplet, 0);
        found = try_folder(w, name->str, soname);
    }
    return found;
}

static void find_needed(struct walk *w, const struct gw_image *m,
                        const char *path)
{
    g_autoptr(GPtrArray) needed = gw_image_strings(m, DT_NEEDED);
    g_autoptr(GPtrArray) paths = gw_image_strings(m, DT_RUNPATH);
    g_autofree char *origin = g_path_get_dirname(path);

    if (!paths->len) {
        g_ptr_array_free(paths, TRUE);
        paths = gw_image_strings(m, DT_RPATH);
    }
    for (guint i = 0; i < needed->len; i++) {
        const char *soname = needed->pdata[i];
        char *found = NULL;

        if (!g_hash_table_add(w->seen, g_strdup(soname)))
            continue;
        for (guint k = 0; !found && k < paths->len; k++)
            found = try_path(w, paths->pdata[k], origin, soname);
        for (char **folder = w->guest_path; !found && *folder; folder++)
            found = try_path(w, *folder, origin, soname);
        found = found ? found : try_usual(w, soname);
        if (found)
            g_queue_push_tail(w->left, found);
    }
}

static bool visit(struct walk *w, const char *path, gw_library_fn *fn,
                  void *data)
{
    struct gw_image m;
    bool more = true;

    if (!gw_image_open(&m, path))
        return true;
    if (m.head->e_machine == w->prog->isa->machine) {
        g_auto(GStrv) imports = gw_image_imports(&m);
        more = fn(path, imports, data);
        find_needed(w, &m, path);
    }
    gw_image_close(&m);
    return more;
}

void gw_needs_walk(const struct gw_program *prog, const char *guest_path,
                   gw_library_fn *fn, void *data)
{
    g_auto(GStrv) folders = g_strsplit(guest_path ? guest_path : "", ":", -1);
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct walk w = {prog, folders, seen, g_queue_new()};
    bool more = true;

    g_queue_push_tail(w.left, g_strdup(prog->path));
    while (more && !g_queue_is_empty(w.left)) {
        g_autofree char *path = g_queue_pop_head(w.left);
        more = visit(&w, path, fn, data);
    }
    g_queue_free_full(w.left, g_free);
}

char *gw_guest_library(const struct gw_program *prog, const char *guest_path,
                       const char *soname)
{
    g_auto(GStrv) folders = g_strsplit(guest_path ? guest_path : "", ":", -1);
    const struct walk w = {.prog = prog};
    char *found = NULL;

    for (char **folder = folders; !found && *folder; folder++)
        found = **folder ? try_folder(&w, *folder, soname) : NULL;
    return found ? found : try_usual(&w, soname);
}
