/* SPDX-License-Identifier: MIT */
/*
 * games/NAME.conf: one `key = value` per line, # begins a comment line, no
 * key twice.  Anything else is an error that names file and line, because a
 * misspelt key would otherwise be a setting silently ignored.
 */
#include "gangway.h"

#include <stdio.h>
#include <string.h>

struct key {
    const char *name;
    bool (*set)(struct gw_profile *p, const char *value, GError **error);
};

#define TEXT(field)                                                         \
    static bool set_##field(struct gw_profile *p, const char *value,        \
                            GError **error)                                 \
    {                                                                       \
        (void)error;                                                        \
        p->field = g_strdup(value);                                         \
        return true;                                                        \
    }

TEXT(description)
TEXT(package)
TEXT(program)
TEXT(notes)
TEXT(packs)

static bool split(char ***out, const char *value, GError **error)
{
    g_strfreev(*out);
    *out = NULL;
    if (!*value) {
        *out = g_new0(char *, 1);
        return true;
    }
    return g_shell_parse_argv(value, NULL, out, error);
}

static bool split_env(char ***out, const char *value, GError **error)
{
    if (!split(out, value, error))
        return false;
    for (char **word = *out; *word; word++)
        if (**word == '=' || !strchr(*word, '=')) {
            g_set_error(error, G_SHELL_ERROR, G_SHELL_ERROR_FAILED,
                        "'%s' is not of the form NAME=VALUE", *word);
            return false;
        }
    return true;
}

static bool set_args(struct gw_profile *p, const char *value, GError **error)
{
    return split(&p->args, value, error);
}

static bool set_base_args(struct gw_profile *p, const char *value,
                          GError **error)
{
    return split(&p->base_args, value, error);
}

static bool set_env(struct gw_profile *p, const char *value, GError **error)
{
    return split_env(&p->env, value, error);
}

static bool set_demo_args(struct gw_profile *p, const char *value,
                          GError **error)
{
    return split(&p->demo_args, value, error);
}

static bool set_demo_env(struct gw_profile *p, const char *value,
                         GError **error)
{
    return split_env(&p->demo_env, value, error);
}

static bool set_demo_quit(struct gw_profile *p, const char *value,
                          GError **error)
{
    char *end;

    p->demo_quit = g_ascii_strtod(value, &end);
    if (end != value && !*end && p->demo_quit >= 0 && p->demo_quit < 1e6)
        return true;
    g_set_error(error, G_SHELL_ERROR, G_SHELL_ERROR_FAILED,
                "'%s' is not a number of seconds", value);
    return false;
}

/* Kept as text: those who check a run read it.  Only its form is checked. */
static bool set_expect(struct gw_profile *p, const char *value,
                       GError **error)
{
    if (g_regex_match_simple("^frames>=[0-9]+ exit=[0-9]+$", value, 0, 0)) {
        p->expect = g_strdup(value);
        return true;
    }
    g_set_error(error, G_SHELL_ERROR, G_SHELL_ERROR_FAILED,
                "'%s' is not of the form frames>=N exit=N", value);
    return false;
}

static const struct key keys[] = {
    {"description", set_description}, /* one line, for --list */
    {"package", set_package},         /* Debian's */
    {"program", set_program},         /* name or path; default: NAME */
    {"base-args", set_base_args},     /* before whatever other arguments */
    {"args", set_args},               /* for a start without any */
    {"env", set_env},
    {"demo-args", set_demo_args}, /* instead of args: a run that draws and
                                     ends by itself */
    {"demo-env", set_demo_env},   /* in addition to env */
    {"demo-quit", set_demo_quit}, /* seconds, as --quit-after */
    {"expect", set_expect},       /* of the demo: frames>=N exit=N */
    {"notes", set_notes},
    {"packs", set_packs},         /* as --packs, where that is not given */
};

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (!strcmp(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static char *key_names(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", keys[i].name);
    return g_strdup(text->str);
}

/* Handles one line, which it may change; `seen` has a bit per key. */
static bool parse_line(struct gw_profile *p, char *line, unsigned number,
                       uint32_t *seen)
{
    g_autoptr(GError) error = NULL;
    char *equals = strchr(line, '=');
    const struct key *key;
    uint32_t bit;

    if (!*g_strstrip(line) || *line == '#')
        return true;
    if (!equals)
        return gw_fail(GW_EXIT_USAGE, "%s:%u: no '=' in this line", p->path,
                       number);
    *equals = '\0';
    key = find_key(g_strstrip(line));
    if (!key) {
        g_autofree char *names = key_names();
        return gw_fail(GW_EXIT_USAGE, "%s:%u: unknown key '%s'; there are "
                       "%s", p->path, number, line, names);
    }
    bit = 1u << (key - keys);
    if (*seen & bit)
        return gw_fail(GW_EXIT_USAGE, "%s:%u: '%s' is there twice", p->path,
                       number, line);
    *seen |= bit;
    if (!key->set(p, g_strstrip(equals + 1), &error))
        return gw_fail(GW_EXIT_USAGE, "%s:%u: %s: %s", p->path, number, line,
                       error->message);
    return true;
}

static struct gw_profile *create(const char *path, const char *name)
{
    struct gw_profile *p = g_new0(struct gw_profile, 1);

    p->path = g_strdup(path);
    p->name = g_strdup(name);
    p->base_args = g_new0(char *, 1);
    p->args = g_new0(char *, 1);
    p->env = g_new0(char *, 1);
    p->demo_env = g_new0(char *, 1);
    p->demo_quit = -1;
    return p;
}

static struct gw_profile *parse(const char *path, const char *name,
                                char *text)
{
    struct gw_profile *p = create(path, name);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    uint32_t seen = 0;

    for (unsigned i = 0; lines[i]; i++)
        if (!parse_line(p, lines[i], i + 1, &seen)) {
            gw_profile_destroy(p);
            return NULL;
        }
    if (!p->program)
        p->program = g_strdup(name);
    return p;
}

struct gw_profile *gw_profile_load(const char *dir, const char *name,
                                   bool *found)
{
    g_autofree char *file = g_strconcat(name, ".conf", NULL);
    g_autofree char *path = g_build_filename(dir, file, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    *found = false;
    if (strchr(name, '/'))
        return NULL;
    if (!g_file_get_contents(path, &text, NULL, &error)) {
        *found = !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
        if (*found)
            gw_fail(GW_EXIT_USAGE, "%s", error->message);
        return NULL;
    }
    *found = true;
    return parse(path, name, text);
}

void gw_profile_destroy(struct gw_profile *p)
{
    if (!p)
        return;
    g_free(p->name);
    g_free(p->path);
    g_free(p->description);
    g_free(p->package);
    g_free(p->program);
    g_free(p->expect);
    g_free(p->notes);
    g_free(p->packs);
    g_strfreev(p->base_args);
    g_strfreev(p->args);
    g_strfreev(p->env);
    g_strfreev(p->demo_args);
    g_strfreev(p->demo_env);
    g_free(p);
}

static bool print_profile(const char *dir, const char *name)
{
    bool found;
    struct gw_profile *p = gw_profile_load(dir, name, &found);

    if (!p)
        return false;
    printf("%-20s %-18s %s\n", p->name, p->package ? p->package : "-",
           p->description ? p->description : "");
    gw_profile_destroy(p);
    return true;
}

bool gw_profile_list(const char *dir)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    GDir *entries = g_dir_open(dir, 0, &error);
    const char *entry;
    bool good = true;

    if (!entries)
        return gw_fail(GW_EXIT_SETUP, "%s", error->message);
    while ((entry = g_dir_read_name(entries)))
        if (g_str_has_suffix(entry, ".conf"))
            g_ptr_array_add(names, g_strndup(entry, strlen(entry) - 5));
    g_dir_close(entries);
    gw_sort_names(names);
    printf("%-20s %-18s %s\n", "NAME", "PACKAGE", "DESCRIPTION");
    for (guint i = 0; i < names->len; i++)
        good &= print_profile(dir, names->pdata[i]);
    return good;
}
