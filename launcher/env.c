/* SPDX-License-Identifier: MIT */
/*
 * Two environments.  The QEMU process has the user's, so that what is set for
 * the driver (MESA_*, GALLIUM_*, __GL*, VK_*...) reaches the host's libraries,
 * and the guest inherits it from there.  What steers the dynamic loader is
 * meant for the guest and must not reach QEMU.  The guest's own variables
 * travel as -E options.  The guest needs no path to the GTLs: the plugin gives
 * them out when the guest opens the libraries they stand for.
 */
#include "gangway.h"
#include "gangway/abi.h"

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

static const char *after(const char *text, const char *prefix)
{
    return text + (g_str_has_prefix(text, prefix) ? strlen(prefix) : 0);
}

/* Moves the loader's variables from the host's environment to the guest's;
 * also those that the plugin has put by when a guest's exec began. */
static bool move_to_guest(struct gw_env *env)
{
    g_auto(GStrv) words = g_strdupv(env->host);

    for (char **word = words; *word; word++) {
        g_autofree char *name = g_strndup(*word, strcspn(*word, "="));

        if (!g_str_has_prefix(name, "LD_") &&
            !g_str_has_prefix(name, GW_ENV_GUEST_LOADER))
            continue;
        env->host = g_environ_unsetenv(env->host, name);
        if (!add_guest(env, g_strdup(after(*word, GW_ENV_GUEST_LOADER))))
            return false;
    }
    return true;
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

/* Without interception the guest's loader must find the GTLs by itself. */
static bool prepend_libraries(struct gw_env *env, const char *dir)
{
    static const char variable[] = "LD_LIBRARY_PATH=";
    GPtrArray *guest = env->guest;

    for (guint i = 0; i < guest->len; i++) {
        char *word = guest->pdata[i];
        const char *path = word + strlen(variable);
        g_auto(GStrv) folders = NULL;

        if (!g_str_has_prefix(word, variable))
            continue;
        /* A guest's exec has it from its parent. */
        folders = g_strsplit(path, ":", -1);
        if (!g_strv_contains((const char *const *)folders, dir))
            guest->pdata[i] = g_strconcat(variable, dir, ":", path, NULL);
        return check_comma(guest->pdata[i]);
    }
    return add_guest(env, g_strconcat(variable, dir, NULL));
}

/* What is set for QEMU's own loader is not for the guest's. */
static void add_host(struct gw_env *env, const char *word)
{
    set_word(&env->host, word, true);
    if (g_str_has_prefix(word, "LD_"))
        g_ptr_array_add(env->hidden, g_strndup(word, strcspn(word, "=")));
}

/* For programs that this one starts; see plugin/exec.c. */
static void set_inheritance(struct gw_env *env, const struct gw_options *o,
                            const struct gw_program *prog)
{
    g_autofree char *options = gw_options_inherited(o, prog->sysroot);
    g_autofree char *path = g_canonicalize_filename(prog->path, NULL);

    env->host = g_environ_setenv(env->host, GW_ENV_OPTIONS, options, TRUE);
    env->host = g_environ_setenv(env->host, GW_ENV_PROGRAM, path, TRUE);
    if (prog->sysroot)
        env->host = g_environ_setenv(env->host, GW_ENV_SYSROOT, prog->sysroot,
                                     TRUE);
    else
        env->host = g_environ_unsetenv(env->host, GW_ENV_SYSROOT);
}

bool gw_env_init(struct gw_env *env, const struct gw_options *o,
                 const struct gw_program *prog, const struct gw_gtls *gtls)
{
    bool good;

    env->host = g_get_environ();
    env->guest = g_ptr_array_new_with_free_func(g_free);
    env->hidden = g_ptr_array_new_with_free_func(g_free);
    add_profile(&env->host, prog, o->demo);
    if (!o->exec)
        set_reports(env, o);
    if (o->native) {
        for (guint i = 0; i < o->guest_env->len; i++)
            set_word(&env->host, o->guest_env->pdata[i], true);
        return true;
    }
    good = move_to_guest(env);
    if (!o->no_passthrough)
        set_inheritance(env, o, prog);
    for (guint i = 0; i < o->host_env->len; i++)
        add_host(env, o->host_env->pdata[i]);
    for (guint i = 0; good && i < o->guest_env->len; i++)
        good = add_guest(env, g_strdup(o->guest_env->pdata[i]));
    for (guint i = 0; good && i < gtls->dirs->len && o->no_intercept; i++)
        good = prepend_libraries(env, gtls->dirs->pdata[i]);
    return good;
}

void gw_env_finish(struct gw_env *env)
{
    g_strfreev(env->host);
    if (env->guest)
        g_ptr_array_free(env->guest, TRUE);
    if (env->hidden)
        g_ptr_array_free(env->hidden, TRUE);
}
