/* SPDX-License-Identifier: MIT */
/*
 * Does the host have a library?  Looked for where ld.so will look when a pack
 * in QEMU's process opens it.  The launcher's own dlopen() would not do: it
 * honours the LD_LIBRARY_PATH that is meant for the guest, and it runs the
 * library's constructors.
 */
#include "gangway.h"
#include "imports.h"

#include <string.h>

/* ld.so's cache, as glibc's sysdeps/generic/dl-cache.h has it; older files
 * begin with another format, and are not read. */
#define CACHE "/etc/ld.so.cache"
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

struct cache {
    char magic[sizeof CACHE_MAGIC - 1];
    uint32_t count, strings;
    uint32_t unused[5];
};

struct cache_entry {
    int32_t flags;
    uint32_t soname, path; /* offsets in the file */
    uint32_t os;
    uint64_t hwcap;
};

enum found { ABSENT, USABLE, BROKEN };

/* As ld.so: a library for another machine is passed over, a file that is no
 * library ends the search. */
static enum found look(const char *path, char **where)
{
    const struct gw_isa *isa = gw_isa_host();
    enum found found = USABLE;
    struct gw_image m;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return ABSENT;
    if (!gw_image_open(&m, path))
        return BROKEN;
    if (isa && m.head->e_machine != isa->machine)
        found = ABSENT;
    gw_image_close(&m);
    if (found == USABLE)
        *where = g_strdup(path);
    return found;
}

static enum found look_in(const char *folder, const char *soname, char **where)
{
    g_autofree char *path = g_build_filename(folder, soname, NULL);

    return *folder ? look(path, where) : ABSENT;
}

/* The LD_LIBRARY_PATH that is meant for QEMU only. */
static enum found look_in_path(const struct gw_options *o, const char *soname,
                               char **where)
{
    static const char variable[] = "LD_LIBRARY_PATH=";
    enum found found = ABSENT;

    for (guint i = 0; i < o->host_env->len; i++) {
        const char *word = o->host_env->pdata[i];
        g_auto(GStrv) folders = NULL;

        if (!g_str_has_prefix(word, variable))
            continue;
        folders = g_strsplit(word + strlen(variable), ":", -1);
        for (char **folder = folders; !found && *folder; folder++)
            found = look_in(*folder, soname, where);
    }
    return found;
}

/* A string of the cache, or "". */
static const char *text(const char *data, gsize size, uint32_t offset)
{
    return offset < size && memchr(data + offset, 0, size - offset)
        ? data + offset : "";
}

static enum found look_in_cache(const char *soname, char **where)
{
    GMappedFile *file = g_mapped_file_new(CACHE, FALSE, NULL);
    const char *data = file ? g_mapped_file_get_contents(file) : NULL;
    gsize size = file ? g_mapped_file_get_length(file) : 0;
    const struct cache *head = (const void *)data;
    const struct cache_entry *entry = (const void *)(head + 1);
    enum found found = ABSENT;

    if (size >= sizeof *head &&
        !memcmp(head->magic, CACHE_MAGIC, sizeof head->magic) &&
        head->count <= (size - sizeof *head) / sizeof *entry)
        for (uint32_t i = 0; !found && i < head->count; i++)
            if (!strcmp(text(data, size, entry[i].soname), soname))
                found = look(text(data, size, entry[i].path), where);
    if (file)
        g_mapped_file_unref(file);
    return found;
}

static enum found look_in_usual(const char *soname, char **where)
{
    static const char *const folders[] = {"/lib/%s", "/usr/lib/%s", "/lib64",
        "/usr/lib64", "/lib", "/usr/lib"};
    const struct gw_isa *isa = gw_isa_host();
    enum found found = ABSENT;

    for (size_t i = 0; !found && i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GString) folder = g_string_new(folders[i]);
        g_string_replace(folder, "%s", isa ? isa->triplet : ".", 0);
        found = look_in(folder->str, soname, where);
    }
    return found;
}

char *gw_host_library(const struct gw_options *o, const struct gw_paths *paths,
                      const char *soname)
{
    char *where = NULL;
    enum found found = look_in_path(o, soname, &where);

    found = found ? found : look_in(paths->host, soname, &where); /* $ORIGIN */
    found = found ? found : look_in_cache(soname, &where);
    found = found ? found : look_in_usual(soname, &where);
    return where;
}
