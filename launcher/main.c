/* SPDX-License-Identifier: MIT */
#include "gangway.h"

#include <stdio.h>

static void print_command(const GPtrArray *argv, const struct gw_env *env)
{
    g_auto(GStrv) before = g_get_environ();

    for (char **word = env->host; *word; word++)
        if (!g_strv_contains((const char *const *)before, *word)) {
            g_autofree char *quoted = g_shell_quote(*word);
            printf("%s ", quoted);
        }
    for (guint i = 0; argv->pdata[i]; i++) {
        g_autofree char *quoted = g_shell_quote(argv->pdata[i]);
        printf("%s%s", i ? " " : "", quoted);
    }
    putchar('\n');
}

static double quit_after(const struct gw_options *o,
                         const struct gw_program *prog)
{
    if (o->quit_after >= 0 || !o->demo)
        return o->quit_after;
    return prog->profile->demo_quit;
}

/* With everything found out: shows or runs the command. */
static bool execute(const struct gw_options *o, const struct gw_paths *paths,
                    const struct gw_program *prog, const struct gw_env *env,
                    const struct gw_display *display,
                    const struct gw_gtls *gtls, const char *home, int *status)
{
    GPtrArray *argv = gw_command(o, paths, prog, env, gtls, home);

    if (!argv)
        return false;
    if (o->dry_run)
        print_command(argv, env);
    else
        *status = gw_run((char **)argv->pdata, env->host, o, display,
                         quit_after(o, prog), home);
    g_ptr_array_free(argv, TRUE);
    return true;
}

/* Everything that can be refused is, before a display is started. */
static bool launch(const struct gw_options *o, const struct gw_paths *paths,
                   int *status)
{
    struct gw_display display = {0};
    struct gw_program prog;
    struct gw_env env = {0};
    struct gw_gtls gtls = {0};
    char *home = NULL;
    bool good = gw_program_init(&prog, o, paths) &&
                gw_gtls_init(&gtls, o, paths, &prog) &&
                gw_check_qemu(o, paths, &prog) &&
                (o->dry_run || gw_display_init(&display, o)) &&
                (!o->demo || o->dry_run ||
                 gw_demo_init(&home, paths, prog.profile)) &&
                gw_env_init(&env, o, &prog, &gtls) &&
                execute(o, paths, &prog, &env, &display, &gtls, home, status);

    gw_env_finish(&env);
    gw_display_finish(&display);
    gw_demo_finish(home);
    gw_program_finish(&prog);
    gw_gtls_finish(&gtls);
    return good;
}

static void print_help(const struct gw_paths *paths)
{
    const struct gw_isa *isa = gw_isa_host();
    g_auto(GStrv) packs = gw_packs_list(paths, isa ? isa : &gw_isas[0]);

    gw_options_print_help(packs);
}

static bool run(const struct gw_options *o, const struct gw_paths *paths,
                int *status)
{
    if (o->help)
        print_help(paths);
    else if (o->version)
        puts("gangway " GW_VERSION);
    else if (o->list)
        return gw_profile_list(paths->games);
    else if (o->doctor)
        return gw_doctor(o, paths);
    else if (o->get)
        return gw_get(o, paths);
    else if (!*o->program)
        return gw_fail(GW_EXIT_USAGE, "no PROGRAM given: `gangway --help` "
                       "explains, `gangway --list` shows what is known");
    else
        return launch(o, paths, status);
    return true;
}

int main(int argc, char **argv)
{
    struct gw_options options;
    struct gw_paths paths;
    int status = 0;
    bool good;

    (void)argc;
    gw_paths_init(&paths);
    good = gw_options_parse(&options, argv) && run(&options, &paths, &status);
    gw_options_finish(&options);
    gw_paths_finish(&paths);
    return good ? gw_leave_as(status) : gw_failure_status();
}
