/* SPDX-License-Identifier: MIT */
/*
 * Two environments.  The QEMU process has the user's, so that what is set for
 * the driver (MESA_*, GALLIUM_*, __GL*, VK_*...) reaches the host's libraries,
 * and the guest inherits it from there.  What steers the dynamic loader is
 * meant for the guest and must not reach QEMU: it would make QEMU load the
 * GTLs.  The guest's own variables travel as -E options.
 */
#include "gangway.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void set_word(char ***env, const char *word, bool overwrite)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = g_strndup(word, (gsize)(equals - word));

    *env = g_environ_setenv(*env, name, equals + 1, overwrite);
}

/* A profile gives what the user has not set. */
static void add_profile(char ***env, const struct gw_program *prog,
                        bool demo)
{
    if (!prog->profile)
        return;
    for (char **word = prog->profile->demo_env; demo && *word; word++)
        set_word(env, *word, false);
    for (char **word = prog->profile->env; *word; word++)
        set_word(env, *word, false);
}

/* QEMU splits the argument of -E at commas and has no way to quote them. */
static bool check_comma(const char *word)
{
    if (!strchr(word, ','))
        return true;
    if (g_str_has_prefix(word, "LD_"))
        return gw_fail(GW_EXIT_SETUP, "QEMU cannot pass a comma to the guest: "
                       "use a path without one (a symbolic link will do): %s",
                       word);
    return gw_fail(GW_EXIT_USAGE, "QEMU cannot pass a comma to the guest "
                   "only: set it in the environment itself (`env '%s' "
                   "gangway ...`)", word);
}

static bool add_guest(struct gw_env *env, char *word)
{
    if (!check_comma(word)) {
        g_free(word);
        return false;
    }
    g_ptr_array_add(env->guest, word);
    return true;
}

/* Moves the loader's variables from the host's environment to the guest's. */
static bool move_to_guest(struct gw_env *env)
{
    g_auto(GStrv) words = g_strdupv(env->host);

    for (char **word = words; *word; word++) {
        g_autofree char *name = g_strndup(*word, strcspn(*word, "="));

        if (!g_str_has_prefix(name, "LD_"))
            continue;
        env->host = g_environ_unsetenv(env->host, name);
        if (strcmp(name, "LD_LIBRARY_PATH") &&
            !add_guest(env, g_strdup(*word)))
            return false;
    }
    return true;
}

/* The GTLs come before the user's folders. */
static bool add_library_path(struct gw_env *env, const char *guest_dir)
{
    const char *user = g_getenv("LD_LIBRARY_PATH");

    if (!guest_dir && !user)
        return true;
    return add_guest(env, g_strdup_printf(
                              "LD_LIBRARY_PATH=%s%s%s",
                              guest_dir ? guest_dir : "",
                              guest_dir && user && *user ? ":" : "",
                              user ? user : ""));
}

/* A copy of standard error that a game's redirection does not reach; out of
 * the way of the numbers that programs count on. */
static void pass_stderr(struct gw_env *env)
{
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 500);

    if (fd >= 0) {
        g_autofree char *number = g_strdup_printf("%d", fd);
        env->host = g_environ_setenv(env->host, "GANGWAY_LOG_FD", number,
                                     TRUE);
    }
}

static void set_reports(struct gw_env *env, const struct gw_options *o)
{
    if (o->stats)
        set_word(&env->host, "GANGWAY_STATS=1", true);
    if (o->verbose)
        set_word(&env->host, "GANGWAY_VERBOSE=1", true);
    if (o->trace)
        env->host = g_environ_setenv(env->host, "GANGWAY_TRACE", o->trace,
                                     TRUE);
    if (o->log) {
        g_autofree char *path = g_canonicalize_filename(o->log, NULL);
        env->host = g_environ_setenv(env->host, "GANGWAY_LOG", path, TRUE);
    } else if (o->stats || o->verbose || o->trace) {
        pass_stderr(env);
    }
}

bool gw_env_init(struct gw_env *env, const struct gw_options *o,
                 const struct gw_program *prog, const char *guest_dir)
{
    bool good;

    env->host = g_get_environ();
    env->guest = g_ptr_array_new_with_free_func(g_free);
    add_profile(&env->host, prog, o->demo);
    set_reports(env, o);
    if (o->native) {
        for (guint i = 0; i < o->guest_env->len; i++)
            set_word(&env->host, o->guest_env->pdata[i], true);
        return true;
    }
    good = add_library_path(env, guest_dir) && move_to_guest(env);
    for (guint i = 0; i < o->host_env->len; i++)
        set_word(&env->host, o->host_env->pdata[i], true);
    for (guint i = 0; good && i < o->guest_env->len; i++)
        good = add_guest(env, g_strdup(o->guest_env->pdata[i]));
    return good;
}

void gw_env_finish(struct gw_env *env)
{
    g_strfreev(env->host);
    if (env->guest)
        g_ptr_array_free(env->guest, TRUE);
}
