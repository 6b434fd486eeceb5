/* SPDX-License-Identifier: MIT */
/* From the words of the command line to a file that QEMU can load. */
#include "gangway.h"

#include <string.h>
#include <unistd.h>

/* Where programs are in a sysroot, whatever PATH names. */
static const char *const usual_dirs[] = {"/usr/bin", "/usr/sbin", NULL};
/* Where games are that PATH does not name. */
static const char *const game_dirs[] = {
    "/usr/games", "/usr/local/games", "/usr/libexec/xscreensaver", NULL};

/* The kernel's limit on interpreters that are scripts themselves. */
enum { MAX_NESTING = 4 };

static bool is_program(const char *path)
{
    return !access(path, X_OK) && !g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* `path` as seen with `sysroot` (may be NULL) as QEMU's -L.  New string. */
static char *below(const char *sysroot, const char *path)
{
    char *inside;

    if (!sysroot || *path != '/')
        return g_strdup(path);
    inside = g_build_filename(sysroot, path, NULL);
    if (g_file_test(inside, G_FILE_TEST_EXISTS))
        return inside;
    g_free(inside);
    return g_strdup(path);
}

static char *search(const char *const *dirs, const char *sysroot,
                    const char *name)
{
    for (; *dirs; dirs++) {
        char *path = g_build_filename(sysroot ? sysroot : "",
                                      **dirs ? *dirs : ".", name, NULL);
        if (is_program(path))
            return path;
        g_free(path);
    }
    return NULL;
}

static char *search_everywhere(const char *sysroot, const char *name)
{
    const char *variable = g_getenv("PATH");
    g_auto(GStrv) dirs = g_strsplit(variable ? variable : "/usr/bin:/bin",
                                    ":", -1);
    char *path = search((const char *const *)dirs, sysroot, name);

    if (!path)
        path = search(game_dirs, sysroot, name);
    return !path && sysroot ? search(usual_dirs, sysroot, name) : path;
}

/* Says what is not there.  `isa` may be NULL; `get`: fetching would help. */
static bool not_found(const struct gw_profile *profile, const char *name,
                      const char *sysroot, const struct gw_isa *isa, bool get)
{
    g_autofree char *option = isa && isa != &gw_isas[0]
        ? g_strdup_printf("--isa %s ", isa->name) : g_strdup("");

    if (profile && profile->package && get)
        return gw_fail(GW_EXIT_NOT_FOUND,
                       "no program '%s' here: `gangway get %s%s` fetches it "
                       "(Debian's package %s)", name, option, profile->name,
                       profile->package);
    if (profile && profile->package)
        return gw_fail(GW_EXIT_NOT_FOUND,
                       "no program '%s'%s%s: it is in Debian's package %s",
                       name, sysroot ? " in " : "", sysroot ? sysroot : "",
                       profile->package);
    if (sysroot)
        return gw_fail(GW_EXIT_NOT_FOUND,
                       "no program '%s' in the folders of PATH below %s",
                       name, sysroot);
    return gw_fail(GW_EXIT_NOT_FOUND,
                   "no program '%s': it has no profile (`gangway --list`) "
                   "and is neither in PATH nor in /usr/games; `gangway get "
                   "%sPACKAGE` fetches a package of Debian's", name, option);
}

/* The file that `name` means; one with a / need not exist.  New string, or
 * NULL. */
static char *find_file(const char *name, const char *sysroot)
{
    return strchr(name, '/') ? below(sysroot, name)
                             : search_everywhere(sysroot, name);
}

/* `path`, which it takes, if that can be run; else NULL with a message. */
static char *check_file(char *path)
{
    if (is_program(path))
        return path;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        gw_fail(GW_EXIT_NOT_FOUND, "no such program: %s", path);
    else if (g_file_test(path, G_FILE_TEST_IS_DIR))
        gw_fail(GW_EXIT_CANNOT_RUN, "%s is a folder, not a program", path);
    else
        gw_fail(GW_EXIT_CANNOT_RUN,
                "%s is not executable: `chmod +x` makes it so", path);
    g_free(path);
    return NULL;
}

/* Finds the file that `name` means; NULL with a message. */
static char *locate(const char *name, const char *sysroot)
{
    char *path = find_file(name, sysroot);

    if (path)
        return check_file(path);
    not_found(NULL, name, sysroot, NULL, false);
    return NULL;
}

/*
 * The words that "#!LINE" stands for: the interpreter and at most one
 * argument, as the kernel has it, but env(1) is looked through, because a
 * program that env starts would run outside of QEMU.
 */
static char **interpreter(const char *line, const char *script)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", 2);
    g_autofree char *base = words[0] ? g_path_get_basename(words[0]) : NULL;
    const char *rest = words[0] && words[1] ? g_strchug(words[1]) : "";
    char **inner = NULL;

    if (!words[0] || !*words[0]) {
        gw_fail(GW_EXIT_CANNOT_RUN, "%s names no interpreter after #!",
                script);
        return NULL;
    }
    if (strcmp(base, "env"))
        return g_strdupv((char *[]){words[0], *rest ? (char *)rest : NULL,
                                    NULL});
    if (g_str_has_prefix(rest, "-S"))
        g_shell_parse_argv(rest + 2, NULL, &inner, NULL);
    else if (*rest)
        inner = g_strdupv((char *[]){(char *)rest, NULL});
    if (inner && *inner[0] != '-' && !strchr(inner[0], '='))
        return inner;
    gw_fail(GW_EXIT_CANNOT_RUN, "%s: cannot follow '#!%s': name the "
            "interpreter on the command line", script, line);
    g_strfreev(inner);
    return NULL;
}

/* Replaces the script prog->path by its interpreter. */
static bool follow_script(struct gw_program *prog, const char *line,
                          const char *sysroot)
{
    g_auto(GStrv) words = interpreter(line, prog->path);
    char *path = words ? locate(words[0], sysroot) : NULL;

    if (!path)
        return false;
    g_ptr_array_insert(prog->args, 0, prog->path);
    g_clear_pointer(&prog->argv0, g_free);
    for (guint i = g_strv_length(words) - 1; i > 0; i--)
        g_ptr_array_insert(prog->args, 0, g_strdup(words[i]));
    prog->path = path;
    return true;
}

/* Reads prog->path, through scripts, until it is an ELF file. */
static bool resolve(struct gw_program *prog, struct gw_elf *elf,
                    const char *sysroot)
{
    for (int depth = 0; depth <= MAX_NESTING; depth++) {
        bool good = gw_elf_read(elf, prog->path, NULL);

        if (good && elf->kind == GW_FILE_ELF)
            return true;
        if (good && elf->kind == GW_FILE_OTHER)
            good = gw_fail(GW_EXIT_CANNOT_RUN, "%s is neither an ELF program "
                           "nor a script (#!)", prog->path);
        good = good && follow_script(prog, elf->script, sysroot);
        gw_elf_finish(elf);
        if (!good)
            return false;
    }
    return gw_fail(GW_EXIT_CANNOT_RUN, "%s: too many interpreters that are "
                   "scripts themselves", prog->path);
}

static bool has_loader(const char *root, const char *interp)
{
    g_autofree char *path = g_build_filename(root, interp, NULL);

    /* By stat(): access() is a call for which QEMU's user mode ignores -L,
     * and this launcher may be running there. */
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* The nearest folder above `path` with the loader in it, or NULL.  A root's usr
 * has it too, where /lib and /usr/lib are one. */
static char *surrounding_root(const char *path, const char *interp)
{
    g_autofree char *real = g_canonicalize_filename(path, NULL);
    g_autofree char *dir = g_path_get_dirname(real);
    char *found = NULL;

    while (strcmp(dir, "/")) {
        char *parent = g_path_get_dirname(dir);

        if (has_loader(dir, interp)) {
            g_free(found);
            found = g_strdup(dir);
        } else if (found) {
            g_free(parent);
            break;
        }
        g_free(dir);
        dir = parent;
    }
    return found;
}

/* Is `name` in the root of a fetched program? */
static bool is_in_root(const char *root, const char *name)
{
    g_autofree char *path = strchr(name, '/')
        ? g_build_filename(root, name, NULL) : search_everywhere(root, name);

    return path && is_program(path);
}

/* The root in which the program `name` has been fetched for `isa`, or NULL; of
 * several the profile's.  New string. */
static char *fetched_root(const struct gw_isa *isa, const char *name,
                          const struct gw_profile *profile)
{
    g_auto(GStrv) packages = g_strsplit(
        profile && profile->package ? profile->package : "", " ", 2);
    g_auto(GStrv) names = gw_fetched_names(isa);

    if (packages[0]) {
        char *root = gw_fetched_root(isa, packages[0]);
        if (is_in_root(root, name))
            return root;
        g_free(root);
    }
    for (char **entry = names; *entry; entry++) {
        char *root = gw_fetched_root(isa, *entry);
        if (is_in_root(root, name))
            return root;
        g_free(root);
    }
    return NULL;
}

/* A script is taken for one of the machine's own ISA. */
static bool fits(const char *path, const struct gw_isa *isa)
{
    struct gw_elf elf;
    const struct gw_isa *found = gw_isa_host();

    if (!isa || !gw_elf_read(&elf, path, NULL))
        return true;
    if (elf.kind == GW_FILE_ELF)
        found = elf.isa;
    gw_elf_finish(&elf);
    return found == isa;
}

/* Where the program is to be looked for: the sysroot that was given, or the
 * root of a fetched program where the machine has none of its own that fits.
 * New string, or NULL. */
static char *choose_root(const struct gw_options *o, const char *name,
                         const struct gw_profile *profile)
{
    g_autofree char *own = find_file(name, o->sysroot);
    bool is_path = strchr(o->program[0], '/');
    char *root = NULL;

    if (o->sysroot || o->exec || o->native || is_path ||
        (own && is_program(own) && fits(own, o->isa)))
        return g_strdup(o->sysroot);
    for (size_t i = 0; !root && i < gw_isa_count; i++)
        if (!o->isa || o->isa == &gw_isas[i])
            root = fetched_root(&gw_isas[i], name, profile);
    return root;
}

/* Libraries of that ISA which have been fetched, or NULL. */
static char *fetched_libraries(const struct gw_elf *elf)
{
    g_auto(GStrv) names = gw_fetched_names(elf->isa);

    for (char **entry = names; *entry; entry++) {
        char *root = gw_fetched_root(elf->isa, *entry);
        if (has_loader(root, elf->interp))
            return root;
        g_free(root);
    }
    return NULL;
}

/* `must`: a sysroot given by the user has to fit; one that a guest's exec
 * has inherited may belong to another ISA. */
static bool find_sysroot(struct gw_program *prog, const struct gw_elf *elf,
                         const char *given, bool must)
{
    if (given && (must || !elf->interp || has_loader(given, elf->interp))) {
        if (elf->interp && !has_loader(given, elf->interp))
            return gw_fail(GW_EXIT_SETUP, "%s needs %s, which the sysroot %s "
                           "does not have", prog->path, elf->interp, given);
        prog->sysroot = g_strdup(given);
        return true;
    }
    if (!elf->interp || has_loader("/", elf->interp))
        return true;
    prog->sysroot = surrounding_root(prog->path, elf->interp);
    if (prog->sysroot)
        return true;
    prog->sysroot = gw_paths_sysroot(elf->isa);
    if (has_loader(prog->sysroot, elf->interp))
        return true;
    g_free(prog->sysroot);
    prog->sysroot = fetched_libraries(elf);
    if (prog->sysroot)
        return true;
    return gw_fail(GW_EXIT_SETUP,
                   "%s is an %s program and its libraries are not here (no "
                   "%s): `gangway get --isa %s PACKAGE` fetches Debian's "
                   "packages with theirs; or give --sysroot DIR", prog->path,
                   elf->isa->name, elf->interp, elf->isa->name);
}

static void add_args(struct gw_program *prog, char **words)
{
    for (; *words; words++)
        g_ptr_array_add(prog->args, g_strdup(*words));
}

static void choose_args(struct gw_program *prog, const struct gw_options *o)
{
    const struct gw_profile *p = prog->profile;
    char **words = o->program + (o->exec ? 2 : 1);

    prog->args = g_ptr_array_new_with_free_func(g_free);
    if (p)
        add_args(prog, p->base_args);
    if (p && !*words)
        words = o->demo && p->demo_args ? p->demo_args : p->args;
    add_args(prog, words);
}

static bool check_sysroot_option(const char *sysroot)
{
    if (!sysroot || g_file_test(sysroot, G_FILE_TEST_IS_DIR))
        return true;
    return gw_fail(GW_EXIT_USAGE, "--sysroot: %s is no folder; "
                   "`gangway get` fetches one (`gangway get --help`)",
                   sysroot);
}

/* Finds the file and what it is, `elf`, which is to be finished. */
static bool find_program(struct gw_program *prog, struct gw_elf *elf,
                         const struct gw_options *o, const char *root)
{
    const char *name = prog->profile ? prog->profile->program : o->program[0];
    char *path = find_file(name, root);

    if (!path || (prog->profile && !g_file_test(path, G_FILE_TEST_EXISTS))) {
        g_free(path);
        return not_found(prog->profile, name, o->sysroot, o->isa,
                         !o->sysroot && !o->native);
    }
    prog->path = check_file(path);
    if (!prog->path || !resolve(prog, elf, root))
        return false;
    prog->isa = elf->isa;
    if (!o->isa || o->isa == prog->isa)
        return true;
    gw_elf_finish(elf);
    return gw_fail(GW_EXIT_NOT_FOUND, "%s is an %s program: `gangway get "
                   "--isa %s %s` fetches the one for %s", prog->path,
                   prog->isa->name, o->isa->name,
                   prog->profile ? prog->profile->name : "PACKAGE",
                   o->isa->name);
}

bool gw_program_init(struct gw_program *prog, const struct gw_options *o,
                     const struct gw_paths *paths)
{
    const char *name = o->program[0];
    g_autofree char *root = NULL;
    struct gw_elf elf;
    bool found, good;

    *prog = (struct gw_program){0};
    if (!check_sysroot_option(o->sysroot))
        return false;
    prog->profile = o->exec ? NULL
                            : gw_profile_load(paths->games, name, &found);
    if (!o->exec && found && !prog->profile)
        return false;
    if (o->demo && !prog->profile)
        return gw_fail(GW_EXIT_USAGE, "--demo: there is no profile for '%s'; "
                       "`gangway --list` shows those there are", name);
    choose_args(prog, o);
    prog->argv0 = g_strdup(o->exec ? o->program[1] : NULL);
    root = choose_root(o, prog->profile ? prog->profile->program : name,
                       prog->profile);
    if (!find_program(prog, &elf, o, root))
        return false;
    good = o->native || find_sysroot(prog, &elf, root, !o->exec);
    gw_elf_finish(&elf);
    if (o->native && prog->isa != gw_isa_host())
        return gw_fail(GW_EXIT_CANNOT_RUN, "--native: %s is an %s program "
                       "and this machine runs another ISA", prog->path,
                       prog->isa->name);
    return good;
}

void gw_program_finish(struct gw_program *prog)
{
    g_free(prog->path);
    g_free(prog->argv0);
    g_free(prog->sysroot);
    if (prog->args)
        g_ptr_array_free(prog->args, TRUE);
    gw_profile_destroy(prog->profile);
}
