/* SPDX-License-Identifier: MIT */
/* What a program is linked with: its libraries, theirs, and what each of them
 * takes from others.  Reads ELF files; every offset is checked. */
#include "gangway.h"

#include <elf.h>
#include <string.h>

struct image {
    const char *data;
    gsize size;
    const Elf64_Ehdr *head;
};

struct walk {
    const struct gw_program *prog;
    char **guest_path;  /* of LD_LIBRARY_PATH */
    GHashTable *seen;   /* sonames and paths */
    GQueue *left;       /* paths, to be read */
};

/* `size` bytes at `offset`, or NULL when the file ends before. */
static const void *at(const struct image *m, uint64_t offset, uint64_t size)
{
    return offset <= m->size && size <= m->size - offset ? m->data + offset
                                                         : NULL;
}

static const Elf64_Shdr *section(const struct image *m, uint64_t number)
{
    uint64_t size = sizeof(Elf64_Shdr);

    return number < m->head->e_shnum
        ? at(m, m->head->e_shoff + number * size, size) : NULL;
}

static const Elf64_Shdr *section_of_type(const struct image *m, uint32_t type)
{
    for (unsigned i = 0; i < m->head->e_shnum; i++) {
        const Elf64_Shdr *s = section(m, i);
        if (s && s->sh_type == type)
            return s;
    }
    return NULL;
}

/* A string of the table that belongs to section `s`; NULL for none. */
static const char *text(const struct image *m, const Elf64_Shdr *s,
                        uint64_t offset)
{
    const Elf64_Shdr *table = section(m, s->sh_link);
    const char *all = table ? at(m, table->sh_offset, table->sh_size) : NULL;

    return all && offset < table->sh_size &&
           memchr(all + offset, 0, table->sh_size - offset)
        ? all + offset : NULL;
}

static char **imports_of(const struct image *m)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const Elf64_Shdr *s = section_of_type(m, SHT_DYNSYM);
    uint64_t count = s ? s->sh_size / sizeof(Elf64_Sym) : 0;

    for (uint64_t i = 0; i < count; i++) {
        const Elf64_Sym *symbol =
            at(m, s->sh_offset + i * sizeof *symbol, sizeof *symbol);
        const char *name = symbol ? text(m, s, symbol->st_name) : NULL;

        if (name && *name && symbol->st_shndx == SHN_UNDEF)
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
}

/* The dynamic section's strings with that tag, in order. */
static GPtrArray *dynamic_strings(const struct image *m, int64_t tag)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const Elf64_Shdr *s = section_of_type(m, SHT_DYNAMIC);
    uint64_t count = s ? s->sh_size / sizeof(Elf64_Dyn) : 0;

    for (uint64_t i = 0; i < count; i++) {
        const Elf64_Dyn *entry =
            at(m, s->sh_offset + i * sizeof *entry, sizeof *entry);
        const char *string = entry && entry->d_tag == tag
            ? text(m, s, entry->d_un.d_val) : NULL;

        if (string)
            g_ptr_array_add(found, g_strdup(string));
    }
    return found;
}

/* `folder`/`soname`, below the sysroot first; NULL when it is not there. */
static char *try_folder(const struct walk *w, const char *folder,
                        const char *soname)
{
    g_autofree char *inside = w->prog->sysroot
        ? g_build_filename(w->prog->sysroot, folder, soname, NULL) : NULL;
    g_autofree char *plain = g_build_filename(folder, soname, NULL);

    if (inside && g_file_test(inside, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&inside);
    return g_file_test(plain, G_FILE_TEST_IS_REGULAR)
        ? g_steal_pointer(&plain) : NULL;
}

/* Along a colon-separated path that a file of folder `origin` has. */
static char *try_path(const struct walk *w, const char *path,
                      const char *origin, const char *soname)
{
    g_auto(GStrv) folders = g_strsplit(path, ":", -1);
    char *found = NULL;

    for (char **folder = folders; !found && *folder; folder++) {
        g_autoptr(GString) name = g_string_new(*folder);
        g_string_replace(name, "${ORIGIN}", origin, 0);
        g_string_replace(name, "$ORIGIN", origin, 0);
        if (name->len)
            found = try_folder(w, name->str, soname);
    }
    return found;
}

static char *try_usual(const struct walk *w, const char *soname)
{
    static const char *const folders[] = {"/lib/%s", "/usr/lib/%s",
        "/usr/local/lib/%s", "/usr/%s/lib", "/lib64", "/usr/lib64", "/lib",
        "/usr/lib", "/usr/local/lib"};
    char *found = NULL;

    for (size_t i = 0; !found && i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GString) name = g_string_new(folders[i]);
        g_string_replace(name, "%s", w->prog->isa->triplet, 0);
        found = try_folder(w, name->str, soname);
    }
    return found;
}

static void find_needed(struct walk *w, const struct image *m,
                        const char *path)
{
    g_autoptr(GPtrArray) needed = dynamic_strings(m, DT_NEEDED);
    g_autoptr(GPtrArray) paths = dynamic_strings(m, DT_RUNPATH);
    g_autofree char *origin = g_path_get_dirname(path);

    if (!paths->len) {
        g_ptr_array_free(paths, TRUE);
        paths = dynamic_strings(m, DT_RPATH);
    }
    for (guint i = 0; i < needed->len; i++) {
        const char *soname = needed->pdata[i];
        char *found = NULL;

        if (!g_hash_table_add(w->seen, g_strdup(soname)))
            continue;
        for (guint k = 0; !found && k < paths->len; k++)
            found = try_path(w, paths->pdata[k], origin, soname);
        for (char **folder = w->guest_path; !found && *folder; folder++)
            found = try_path(w, *folder, origin, soname);
        found = found ? found : try_usual(w, soname);
        if (found)
            g_queue_push_tail(w->left, found);
    }
}

static bool visit(struct walk *w, const char *path, gw_library_fn *fn,
                  void *data)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
    struct image m = {0};
    bool more = true;

    if (!file)
        return true;
    m.data = g_mapped_file_get_contents(file);
    m.size = g_mapped_file_get_length(file);
    m.head = at(&m, 0, sizeof *m.head);
    if (m.head && !memcmp(m.head->e_ident, ELFMAG, SELFMAG) &&
        m.head->e_ident[EI_CLASS] == ELFCLASS64 &&
        m.head->e_machine == w->prog->isa->machine) {
        g_auto(GStrv) imports = imports_of(&m);
        more = fn(path, imports, data);
        find_needed(w, &m, path);
    }
    g_mapped_file_unref(file);
    return more;
}

void gw_needs_walk(const struct gw_program *prog, const char *guest_path,
                   gw_library_fn *fn, void *data)
{
    g_auto(GStrv) folders = g_strsplit(guest_path ? guest_path : "", ":", -1);
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct walk w = {prog, folders, seen, g_queue_new()};
    bool more = true;

    g_queue_push_tail(w.left, g_strdup(prog->path));
    while (more && !g_queue_is_empty(w.left)) {
        g_autofree char *path = g_queue_pop_head(w.left);
        more = visit(&w, path, fn, data);
    }
    g_queue_free_full(w.left, g_free);
}
