/* SPDX-License-Identifier: MIT */
/*
 * Which guest thunk libraries (GTLs) a program gets.  Those for all programs
 * lie in guest/ISA, those of an optional pack in guest/ISA/optional/PACK, so
 * the folders say what there is.  A library that the host lacks is the guest's
 * own, decided here: once the program runs, it is too late.
 */
#include "gangway.h"
#include "imports.h"

#include <string.h>
#include <unistd.h>

#define X11_PACK "x11" /* the pack of --x11=thunk */

/* What is used without being asked for; docs/performance.md has why. */
static const char *const automatic[] = {"freetype", "jpeg", "openal", "png",
                                        "zlib"};

/* Libraries of Gangway's own stand on what is there anyway. */
static bool is_ours(const char *soname)
{
    return g_str_has_prefix(soname, "libgw");
}

/* The files of a folder, sorted, without other names for them (libz.so for
 * libz.so.1); for g_strfreev(). */
static char **names_in(const char *folder)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *target = g_file_read_link(path, NULL);
        if (!target || strchr(target, '/'))
            g_ptr_array_add(names, g_strdup(name));
    }
    if (dir)
        g_dir_close(dir);
    gw_sort_names(names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
}

char **gw_packs_list(const struct gw_paths *paths, const struct gw_isa *isa)
{
    g_autofree char *dir = gw_paths_guest_dir(paths, isa);
    g_autofree char *optional = g_build_filename(dir, "optional", NULL);

    return names_in(optional);
}

/* Where the libraries of an optional pack are; new string. */
static char *pack_folder(const char *guest_dir, const char *name)
{
    return g_build_filename(guest_dir, "optional", name, NULL);
}

char **gw_pack_libraries(const struct gw_paths *paths,
                         const struct gw_isa *isa, const char *name)
{
    g_autofree char *dir = gw_paths_guest_dir(paths, isa);
    g_autofree char *folder = pack_folder(dir, name);

    return names_in(folder);
}

/* The libraries of the pack that the host lacks; for g_strfreev(). */
static char **missing(const struct gw_options *o,
                      const struct gw_paths *paths, char **sonames)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (char **name = sonames; *name; name++) {
        g_autofree char *file = gw_host_library(o, paths, *name);
        if (!is_ours(*name) && !file)
            g_ptr_array_add(names, g_strdup(*name));
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
}

struct search {
    char **names;
    const char *found;
};

static bool compare(const char *path, char **imports, void *data)
{
    struct search *s = data;
    g_autofree char *file = g_path_get_basename(path);

    (void)imports;
    for (char **name = s->names; !s->found && *name; name++)
        if (!strcmp(*name, file))
            s->found = *name;
    return !s->found;
}

/* The first of these libraries that the program is linked with, or NULL. */
static const char *first_needed(const struct gw_options *o,
                                const struct gw_program *prog, char **names)
{
    struct search s = {names, NULL};

    gw_needs_walk(prog, gw_guest_library_path(o), compare, &s);
    return s.found;
}

static void withhold(struct gw_gtls *g, char **names)
{
    for (char **name = names; *name; name++)
        g_ptr_array_add(g->withheld, g_strdup(*name));
}

/* Is there such a pack?  False: a message. */
static bool exists(const struct gw_gtls *g, const char *name,
                   const char *option)
{
    g_autofree char *folder = pack_folder(g->dirs->pdata[0], name);
    g_auto(GStrv) sonames = names_in(folder);

    return (*name && *sonames) ||
        gw_fail(GW_EXIT_USAGE, "%s: there is no pack '%s' for this ISA (no "
                "%s)", option, name, folder);
}

/*
 * Adds the folder of an optional pack.  Not where the host lacks all of its
 * libraries, or one that the program is linked with: the guest's own would
 * meet the host's objects in the others.  Else only what the host lacks is the
 * guest's.
 */
static bool add_pack(struct gw_gtls *g, const struct gw_options *o,
                     const struct gw_paths *paths,
                     const struct gw_program *prog, const char *name,
                     const char *option)
{
    g_autofree char *folder = pack_folder(g->dirs->pdata[0], name);
    g_auto(GStrv) sonames = names_in(folder), lacking = NULL;
    const char *needed;

    if (!exists(g, name, option))
        return false;
    lacking = missing(o, paths, sonames);
    needed = *lacking ? first_needed(o, prog, lacking) : NULL;
    if (needed || (*lacking && (o->no_intercept || g_strv_equal(
            (const char *const *)lacking, (const char *const *)sonames)))) {
        /* Programs that it starts say so again only where it matters. */
        if (needed || !o->exec)
            gw_say("%s: this machine has no %s: the guest's own library is "
                   "used instead", option, needed ? needed : *lacking);
        return true;
    }
    if (*lacking && !o->exec) {
        g_autofree char *list = g_strjoinv(", ", lacking);
        gw_say("%s: this machine has no %s: for that, the guest's own is "
               "used", option, list);
    }
    withhold(g, lacking);
    g_ptr_array_add(g->dirs, g_steal_pointer(&folder));
    return true;
}

/* --- packs that nobody asked for ------------------------------------------ */

bool gw_pack_is_automatic(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(automatic); i++)
        if (!strcmp(automatic[i], name))
            return true;
    return false;
}

/* What the file gives others, as a set; empty for NULL. */
static GHashTable *exports_of(const char *path)
{
    GHashTable *set =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct gw_image m;

    if (path && gw_image_open(&m, path)) {
        g_autofree char **names = gw_image_exports(&m);
        for (char **name = names; *name; name++)
            g_hash_table_add(set, *name);
        gw_image_close(&m);
    }
    return set;
}

/* Adds to `set` what is in `all` and not in `some`. */
static void add_difference(GHashTable *set, GHashTable *all, GHashTable *some)
{
    GHashTableIter i;
    void *name;

    g_hash_table_iter_init(&i, all);
    while (g_hash_table_iter_next(&i, &name, NULL))
        if (!g_hash_table_contains(some, name))
            g_hash_table_add(set, g_strdup(name));
}

struct want {
    GHashTable *symbols; /* that somebody lacks */
    char *found;         /* one of them that the program takes, or NULL */
};

static bool take(const char *path, char **imports, void *data)
{
    struct want *w = data;

    (void)path;
    for (char **name = imports; !w->found && *name; name++)
        if (g_hash_table_contains(w->symbols, *name))
            w->found = g_strdup(*name);
    return !w->found;
}

/* PACK/SONAME/SYMBOL/SYMBOL..., as the plugin reads it; new string. */
static char *lacking_text(const char *pack, const char *soname,
                          GHashTable *symbols)
{
    GString *text = g_string_new(pack);
    GHashTableIter i;
    void *name;

    g_string_append_printf(text, "/%s", soname);
    g_hash_table_iter_init(&i, symbols);
    while (g_hash_table_iter_next(&i, &name, NULL))
        g_string_append_printf(text, "/%s", (char *)name);
    return g_string_free(text, FALSE);
}

/*
 * Has the host's library all that the program takes from its own, and has
 * ours?  What the three of them have is compared first: where they are of one
 * version the program need not be looked at.  NULL, or what is wrong; new
 * string.  Adds to `later` what libraries may miss that are loaded later.
 */
static char *misfit(const struct gw_options *o, const struct gw_paths *paths,
                    const struct gw_program *prog, const char *folder,
                    const char *soname, GPtrArray *later)
{
    const char *guest_path = gw_guest_library_path(o);
    g_autofree char *ours = g_build_filename(folder, soname, NULL);
    g_autofree char *host = gw_host_library(o, paths, soname);
    g_autofree char *guest = gw_guest_library(prog, guest_path, soname);
    g_autoptr(GHashTable) stubs = exports_of(ours);
    g_autoptr(GHashTable) hosts = exports_of(host);
    /* On a machine of the guest's ISA they are often one file. */
    g_autoptr(GHashTable) guests = host && !g_strcmp0(guest, host)
        ? g_hash_table_ref(hosts) : exports_of(guest);
    g_autoptr(GHashTable) lacking = exports_of(NULL);
    g_autofree char *pack = g_path_get_basename(folder);
    struct want w = {lacking, NULL};
    char *text = NULL;

    if (!host)
        return g_strdup_printf("this machine has no %s", soname);
    add_difference(lacking, stubs, hosts);
    add_difference(lacking, guests, stubs);
    if (g_hash_table_size(lacking))
        gw_needs_walk(prog, guest_path, take, &w);
    if (w.found)
        text = g_strdup_printf("the program takes %s from %s, which this "
                               "machine's has not", w.found, soname);
    else if (g_hash_table_size(lacking))
        g_ptr_array_add(later, lacking_text(pack, soname, lacking));
    g_free(w.found);
    return text;
}

/* An automatic pack is used as a whole or not at all. */
static void add_automatic(struct gw_gtls *g, const struct gw_options *o,
                          const struct gw_paths *paths,
                          const struct gw_program *prog, const char *name)
{
    g_autofree char *folder = pack_folder(g->dirs->pdata[0], name);
    g_auto(GStrv) sonames = names_in(folder);
    g_autofree char *why = *sonames ? NULL : g_strdup("it is not built");
    guint known = g->lacking->len;

    for (char **soname = sonames; !why && *soname; soname++)
        why = misfit(o, paths, prog, folder, *soname, g->lacking);
    if (!why) {
        g_ptr_array_add(g->dirs, g_steal_pointer(&folder));
        return;
    }
    g_ptr_array_set_size(g->lacking, known);
    if (o->verbose)
        gw_say("the pack %s is not used: %s", name, why);
}

/* What the words of --packs or of a profile say of a pack. */
static bool has_word(char **words, const char *sign, const char *name)
{
    g_autofree char *word = g_strconcat(sign, name, NULL);

    return g_strv_contains((const char *const *)words, word);
}

static bool only_signed(char **words)
{
    for (char **word = words; *word; word++)
        if (**word != '+' && **word != '-')
            return false;
    return true;
}

static bool add_packs(struct gw_gtls *g, const struct gw_options *o,
                      const struct gw_paths *paths,
                      const struct gw_program *prog)
{
    const char *list = o->packs ? o->packs
                       : prog->profile && prog->profile->packs
                           ? prog->profile->packs : "auto";
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    bool by_default = only_signed(words) || has_word(words, "", "auto");
    bool good = true;

    for (size_t i = 0; by_default && i < G_N_ELEMENTS(automatic); i++)
        if (!has_word(words, "-", automatic[i]) &&
            !has_word(words, "+", automatic[i]) &&
            !has_word(words, "", automatic[i]))
            add_automatic(g, o, paths, prog, automatic[i]);
    for (char **word = words; good && *word; word++) {
        g_autofree char *option = g_strconcat("--packs=", *word, NULL);
        if (**word == '-')
            good = exists(g, *word + 1, option);
        else if (strcmp(*word, "auto") && strcmp(*word, "none"))
            good = add_pack(g, o, paths, prog, *word + (**word == '+'),
                            option);
    }
    if (good && gw_x11_is_thunked(o, prog))
        good = add_pack(g, o, paths, prog, X11_PACK, "--x11=thunk");
    return good;
}

bool gw_gtls_init(struct gw_gtls *g, const struct gw_options *o,
                  const struct gw_paths *paths, const struct gw_program *prog)
{
    g_autofree char *dir = gw_paths_guest_dir(paths, prog->isa);
    g_autofree char *gl = g_build_filename(dir, "libGL.so.1", NULL);

    g->dirs = g_ptr_array_new_with_free_func(g_free);
    g->withheld = g_ptr_array_new_with_free_func(g_free);
    g->lacking = g_ptr_array_new_with_free_func(g_free);
    if (o->native || o->no_passthrough)
        return true;
    if (access(gl, R_OK))
        return gw_fail(GW_EXIT_SETUP, "no guest libraries for %s programs: "
                       "%s is not there; `make` builds them when "
                       "a compiler for that ISA is installed "
                       "(`scripts/install-deps`); --no-passthrough runs "
                       "without them", prog->isa->name, gl);
    g_ptr_array_add(g->dirs, g_steal_pointer(&dir));
    return add_packs(g, o, paths, prog);
}

void gw_gtls_finish(struct gw_gtls *g)
{
    if (g->dirs)
        g_ptr_array_free(g->dirs, TRUE);
    if (g->withheld)
        g_ptr_array_free(g->withheld, TRUE);
    if (g->lacking)
        g_ptr_array_free(g->lacking, TRUE);
}

bool gw_gtls_have_x11(const char *dir)
{
    return g_str_has_suffix(dir, "/" X11_PACK);
}
