/* SPDX-License-Identifier: MIT */
/* QEMU's command line. */
#include "gangway.h"

#define X11_PACK "x11" /* the pack of --x11=thunk */

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
                         char **guest_dirs)
{
    g_autofree char *file = quote(plugin);
    g_autofree char *self = quote(paths->self);
    g_autoptr(GString) intercept = g_string_new(NULL);

    for (char **dir = guest_dirs; dir && *dir && !o->no_intercept; dir++) {
        g_autofree char *folder = quote(*dir);
        g_string_append_printf(intercept, ",intercept=%s", folder);
        if (o->x11 == GW_X11_THUNK && g_str_has_suffix(*dir, X11_PACK))
            g_string_append(intercept, ",private_x11=off");
    }
    return g_strconcat("file=", file,
                       o->crossing_syscall ? ",doorbell=off" : "",
                       o->verbose ? ",verbose=on" : "", ",exec=", self,
                       intercept->str, NULL);
}

static bool have(const char *dir, const char *file)
{
    g_autofree char *path = g_build_filename(dir, file, NULL);

    return !access(path, R_OK);
}

/* Adds the folder of an optional pack. */
static bool add_pack(GPtrArray *dirs, const char *dir, const char *name)
{
    g_autofree char *folder = g_build_filename(dir, "optional", name, NULL);

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return gw_fail(GW_EXIT_USAGE, "--packs: there is no pack '%s' for "
                       "this ISA (no %s)", name, folder);
    g_ptr_array_add(dirs, g_steal_pointer(&folder));
    return true;
}

bool gw_guest_libraries(const struct gw_options *o,
                        const struct gw_paths *paths,
                        const struct gw_program *prog, char ***guest_dirs)
{
    g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) packs = g_strsplit(o->packs ? o->packs : "", ",", -1);
    char *dir = gw_paths_guest_dir(paths, prog->isa);
    bool good = true;

    *guest_dirs = NULL;
    g_ptr_array_add(dirs, dir);
    if (o->native || o->no_passthrough)
        return true;
    if (!have(dir, "libGL.so.1"))
        return gw_fail(GW_EXIT_SETUP, "no guest libraries for %s programs: "
                       "%s/libGL.so.1 is not there; `make` builds them when "
                       "a compiler for that ISA is installed "
                       "(`scripts/install-deps`); --no-passthrough runs "
                       "without them", prog->isa->name, dir);
    for (char **name = packs; good && *name; name++)
        good = add_pack(dirs, dir, *name);
    if (good && gw_x11_is_thunked(o, prog))
        good = add_pack(dirs, dir, X11_PACK);
    g_ptr_array_add(dirs, NULL);
    if (good)
        *guest_dirs = g_strdupv((char **)dirs->pdata);
    return good;
}

bool gw_check_qemu(const struct gw_options *o, const struct gw_paths *paths,
                   const struct gw_program *prog)
{
    g_autofree char *qemu = NULL;
    struct gw_elf elf;
    bool dynamic;

    if (o->native)
        return true;
    qemu = gw_paths_qemu(paths, prog->isa, o->qemu);
    if (!qemu || !gw_elf_read(&elf, qemu, NULL))
        return false;
    dynamic = elf.interp;
    gw_elf_finish(&elf);
    if (dynamic || o->no_passthrough)
        return true;
    return gw_fail(GW_EXIT_SETUP, "%s is statically linked and cannot load "
                   "plugins, as Debian's is; `make` builds one that can",
                   qemu);
}

static bool add_plugin(GPtrArray *argv, const struct gw_options *o,
                       const struct gw_paths *paths, const char *qemu,
                       char **guest_dirs)
{
    g_autofree char *plugin = gw_paths_plugin(paths, qemu);
    g_autofree char *argument = NULL;

    if (!plugin)
        return false;
    argument = gw_plugin_argument(o, paths, plugin, guest_dirs);
    add_pair(argv, "-plugin", argument);
    return true;
}

static bool add_qemu(GPtrArray *argv, const struct gw_options *o,
                     const struct gw_paths *paths,
                     const struct gw_program *prog,
                     const struct gw_env *env, char **guest_dirs)
{
    const char *cpu = o->cpu ? o->cpu : prog->isa->cpu;
    char *qemu = gw_paths_qemu(paths, prog->isa, o->qemu);

    if (!qemu)
        return false;
    g_ptr_array_add(argv, qemu);
    if (cpu)
        add_pair(argv, "-cpu", cpu);
    if (!o->no_passthrough && !add_plugin(argv, o, paths, qemu, guest_dirs))
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
                      const struct gw_env *env, char **guest_dirs,
                      const char *demo_home)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    if (!o->native && !add_qemu(argv, o, paths, prog, env, guest_dirs)) {
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
