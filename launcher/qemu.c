/* SPDX-License-Identifier: MIT */
/* QEMU's command line. */
#include "gangway.h"

#include <string.h>
#include <unistd.h>

static void add(GPtrArray *argv, const char *word)
{
    g_ptr_array_add(argv, g_strdup(word));
}

static void add_pair(GPtrArray *argv, const char *option, const char *value)
{
    add(argv, option);
    add(argv, value);
}

/* QEMU's option syntax: a comma in a value is doubled. */
static char *quote(const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);

    return g_strjoinv(",,", parts);
}

char *gw_plugin_argument(const struct gw_options *o,
                         const struct gw_paths *paths, const char *plugin,
                         const struct gw_gtls *gtls)
{
    g_autofree char *file = quote(plugin);
    g_autofree char *self = quote(paths->self);
    g_autoptr(GString) intercept = g_string_new(NULL);

    for (guint i = 0; gtls && i < gtls->dirs->len && !o->no_intercept; i++) {
        g_autofree char *folder = quote(gtls->dirs->pdata[i]);
        g_string_append_printf(intercept, ",intercept=%s", folder);
        if (o->x11 == GW_X11_THUNK && gw_gtls_have_x11(gtls->dirs->pdata[i]))
            g_string_append(intercept, ",private_x11=off");
    }
    for (guint i = 0; gtls && i < gtls->withheld->len; i++)
        g_string_append_printf(intercept, ",withhold=%s",
                               (char *)gtls->withheld->pdata[i]);
    for (guint i = 0; gtls && i < gtls->lacking->len && !o->no_intercept; i++)
        g_string_append_printf(intercept, ",lacks=%s",
                               (char *)gtls->lacking->pdata[i]);
    return g_strconcat("file=", file,
                       o->crossing_syscall ? ",doorbell=off" : "",
                       o->verbose ? ",verbose=on" : "", ",exec=", self,
                       intercept->str, NULL);
}

bool gw_check_qemu(const struct gw_options *o, const struct gw_paths *paths,
                   const struct gw_program *prog)
{
    g_autofree char *qemu = NULL;
    struct gw_elf elf;
    enum gw_file_kind kind;
    bool dynamic;

    if (o->native)
        return true;
    qemu = gw_paths_qemu(paths, prog->isa, o->qemu);
    if (!qemu || !gw_elf_read(&elf, qemu, NULL))
        return false;
    kind = elf.kind;
    dynamic = elf.interp;
    gw_elf_finish(&elf);
    if (kind != GW_FILE_ELF)
        return gw_fail(GW_EXIT_SETUP, "%s is %s: --qemu wants the program of "
                       "QEMU's user-mode emulator, or its folder", qemu,
                       kind == GW_FILE_SCRIPT ? "a script" : "no program");
    if (dynamic || o->no_passthrough)
        return true;
    return gw_fail(GW_EXIT_SETUP, "%s is statically linked and cannot load "
                   "plugins, as Debian's is; `make` builds one that can",
                   qemu);
}

static bool add_plugin(GPtrArray *argv, const struct gw_options *o,
                       const struct gw_paths *paths, const char *qemu,
                       const struct gw_gtls *gtls)
{
    g_autofree char *plugin = gw_paths_plugin(paths, qemu);
    g_autofree char *argument = NULL;

    if (!plugin)
        return false;
    argument = gw_plugin_argument(o, paths, plugin, gtls);
    add_pair(argv, "-plugin", argument);
    return true;
}

static bool add_qemu(GPtrArray *argv, const struct gw_options *o,
                     const struct gw_paths *paths,
                     const struct gw_program *prog,
                     const struct gw_env *env, const struct gw_gtls *gtls)
{
    const char *cpu = o->cpu ? o->cpu : prog->isa->cpu;
    char *qemu = gw_paths_qemu(paths, prog->isa, o->qemu);

    if (!qemu)
        return false;
    g_ptr_array_add(argv, qemu);
    if (cpu)
        add_pair(argv, "-cpu", cpu);
    if (!o->no_passthrough && !add_plugin(argv, o, paths, qemu, gtls))
        return false;
    if (prog->sysroot)
        add_pair(argv, "-L", prog->sysroot);
    if (prog->argv0)
        add_pair(argv, "-0", prog->argv0);
    for (guint i = 0; i < env->hidden->len; i++)
        add_pair(argv, "-U", env->hidden->pdata[i]);
    for (guint i = 0; i < env->guest->len; i++)
        add_pair(argv, "-E", env->guest->pdata[i]);
    return true;
}

GPtrArray *gw_command(const struct gw_options *o,
                      const struct gw_paths *paths,
                      const struct gw_program *prog,
                      const struct gw_env *env, const struct gw_gtls *gtls,
                      const char *demo_home)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    if (!o->native && !add_qemu(argv, o, paths, prog, env, gtls)) {
        g_ptr_array_free(argv, TRUE);
        return NULL;
    }
    add(argv, prog->path);
    for (guint i = 0; i < prog->args->len; i++)
        g_ptr_array_add(argv, gw_demo_expand(prog->args->pdata[i],
                                             demo_home));
    g_ptr_array_add(argv, NULL);
    return argv;
}
