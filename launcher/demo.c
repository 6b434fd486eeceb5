/* SPDX-License-Identifier: MIT */
/*
 * The unattended run has a home folder of its own, made new each time and
 * deleted afterwards: what it shows does not depend on what the user has set
 * in the game, and the user's saved games are left alone.  games/NAME.home/
 * holds what the game is to find there, settings for a small window mostly.
 */
#include "gangway.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool copy_tree(const char *from, const char *to);

static bool copy_entry(const char *from, const char *to)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;

    if (g_file_test(from, G_FILE_TEST_IS_DIR))
        return copy_tree(from, to);
    if (g_file_get_contents(from, &data, &size, &error) &&
        g_file_set_contents(to, data, (gssize)size, &error))
        return true;
    return gw_fail(GW_EXIT_SETUP, "%s", error->message);
}

/* Copies the content of `from` into `to`, which it makes if need be. */
static bool copy_tree(const char *from, const char *to)
{
    GDir *entries = g_dir_open(from, 0, NULL);
    const char *entry;
    bool good = true;

    if (mkdir(to, 0700) && errno != EEXIST)
        good = gw_fail(GW_EXIT_SETUP, "cannot make %s: %s", to,
                       g_strerror(errno));
    while (good && entries && (entry = g_dir_read_name(entries))) {
        g_autofree char *source = g_build_filename(from, entry, NULL);
        g_autofree char *target = g_build_filename(to, entry, NULL);
        good = copy_entry(source, target);
    }
    if (entries)
        g_dir_close(entries);
    return good;
}

/* The user's X cookies are found through HOME where nothing else says. */
static void keep_authority(void)
{
    g_autofree char *path = NULL;

    if (g_getenv("XAUTHORITY"))
        return;
    path = g_build_filename(g_get_home_dir(), ".Xauthority", NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        g_setenv("XAUTHORITY", path, TRUE);
}

bool gw_demo_init(char **home, const struct gw_paths *paths,
                  const struct gw_profile *profile)
{
    static const char *const others[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                         "XDG_CACHE_HOME", "XDG_STATE_HOME"};
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strconcat(profile->name, ".home", NULL);
    g_autofree char *files = g_build_filename(paths->games, name, NULL);

    *home = g_dir_make_tmp("gangway-demo-XXXXXX", &error);
    if (!*home)
        return gw_fail(GW_EXIT_SETUP, "%s", error->message);
    keep_authority();
    g_setenv("HOME", *home, TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_unsetenv(others[i]);
    return !g_file_test(files, G_FILE_TEST_IS_DIR) || copy_tree(files, *home);
}

static int delete(const char *path, const struct stat *info, int kind,
                  struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    remove(path);
    return 0;
}

void gw_demo_finish(char *home)
{
    if (home)
        nftw(home, delete, 16, FTW_DEPTH | FTW_PHYS);
    g_free(home);
}

char *gw_demo_expand(const char *word, const char *home)
{
    g_auto(GStrv) parts = home ? g_strsplit(word, "@HOME@", -1) : NULL;

    return parts ? g_strjoinv(home, parts) : g_strdup(word);
}
