/* SPDX-License-Identifier: MIT */
/* What `gangway get` has fetched.  The script changes it (get/store.py); here
 * it is only read, without its lock: a name is there, whole, or not. */
#include "gangway.h"

#include <errno.h>
#include <unistd.h>

char *gw_fetched_root(const struct gw_isa *isa, const char *name)
{
    g_autofree char *programs = gw_paths_fetched(isa);

    return g_build_filename(programs, name, "root", NULL);
}

char **gw_fetched_names(const struct gw_isa *isa)
{
    g_autofree char *programs = gw_paths_fetched(isa);
    GDir *entries = g_dir_open(programs, 0, NULL);
    GPtrArray *names = g_ptr_array_new();
    const char *entry;

    while (entries && (entry = g_dir_read_name(entries))) {
        g_autofree char *root = gw_fetched_root(isa, entry);
        if (g_file_test(root, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(names, g_strdup(entry));
    }
    if (entries)
        g_dir_close(entries);
    gw_sort_names(names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

bool gw_get(const struct gw_options *o, const struct gw_paths *paths)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();

    g_ptr_array_add(argv, paths->get);
    g_ptr_array_add(argv, "--games");
    g_ptr_array_add(argv, paths->games);
    if (o->isa) {
        g_ptr_array_add(argv, "--isa");
        g_ptr_array_add(argv, (char *)o->isa->name);
    }
    for (char **word = o->program + 1; *word; word++)
        g_ptr_array_add(argv, *word);
    g_ptr_array_add(argv, NULL);
    execv(paths->get, (char **)argv->pdata);
    if (errno == ENOENT && g_file_test(paths->get, G_FILE_TEST_EXISTS))
        return gw_fail(GW_EXIT_SETUP, "`gangway get` needs /usr/bin/python3: "
                       "install python3");
    return gw_fail(GW_EXIT_SETUP, "%s: %s: `make` builds it", paths->get,
                   g_strerror(errno));
}
