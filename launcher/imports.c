/* SPDX-License-Identifier: MIT */
/* Every offset in an ELF file is checked against its length. */
#include "imports.h"

#include <string.h>

/* `size` bytes at `offset`, or NULL when the file ends before. */
static const void *at(const struct gw_image *m, uint64_t offset, uint64_t size)
{
    return offset <= m->size && size <= m->size - offset ? m->data + offset
                                                         : NULL;
}

static const Elf64_Shdr *section(const struct gw_image *m, uint64_t number)
{
    uint64_t size = sizeof(Elf64_Shdr);

    return number < m->head->e_shnum
        ? at(m, m->head->e_shoff + number * size, size) : NULL;
}

static const Elf64_Shdr *section_of_type(const struct gw_image *m, uint32_t type)
{
    for (unsigned i = 0; i < m->head->e_shnum; i++) {
        const Elf64_Shdr *s = section(m, i);
        if (s && s->sh_type == type)
            return s;
    }
    return NULL;
}

/* A string of the table that belongs to section `s`; NULL for none. */
static const char *text(const struct gw_image *m, const Elf64_Shdr *s,
                        uint64_t offset)
{
    const Elf64_Shdr *table = section(m, s->sh_link);
    const char *all = table ? at(m, table->sh_offset, table->sh_size) : NULL;

    return all && offset < table->sh_size &&
           memchr(all + offset, 0, table->sh_size - offset)
        ? all + offset : NULL;
}

/* Of the symbols for the dynamic linker. */
static char **symbols(const struct gw_image *m, bool imports)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const Elf64_Shdr *s = section_of_type(m, SHT_DYNSYM);
    uint64_t count = s ? s->sh_size / sizeof(Elf64_Sym) : 0;

    for (uint64_t i = 0; i < count; i++) {
        const Elf64_Sym *symbol =
            at(m, s->sh_offset + i * sizeof *symbol, sizeof *symbol);
        const char *name = symbol ? text(m, s, symbol->st_name) : NULL;

        /* Absolute ones are the names of symbol versions. */
        if (name && *name && symbol->st_shndx != SHN_ABS &&
            (symbol->st_shndx == SHN_UNDEF) == imports)
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
}

char **gw_image_imports(const struct gw_image *m)
{
    return symbols(m, true);
}

char **gw_image_exports(const struct gw_image *m)
{
    return symbols(m, false);
}

GPtrArray *gw_image_strings(const struct gw_image *m, int64_t tag)
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

bool gw_image_open(struct gw_image *m, const char *path)
{
    m->file = g_mapped_file_new(path, FALSE, NULL);
    if (!m->file)
        return false;
    m->data = g_mapped_file_get_contents(m->file);
    m->size = g_mapped_file_get_length(m->file);
    m->head = at(m, 0, sizeof *m->head);
    if (m->head && !memcmp(m->head->e_ident, ELFMAG, SELFMAG) &&
        m->head->e_ident[EI_CLASS] == ELFCLASS64)
        return true;
    gw_image_close(m);
    return false;
}

void gw_image_close(struct gw_image *m)
{
    g_mapped_file_unref(m->file);
}

char **gw_imports_of(const char *path)
{
    struct gw_image m;
    char **imports;

    if (!gw_image_open(&m, path))
        return NULL;
    imports = gw_image_imports(&m);
    gw_image_close(&m);
    return imports;
}

/*
 * What a library needs that builds requests itself, with the macros of
 * Xlibint.h.  They call functions through the Display and leave functions in
 * it, which the guest cannot share with the host.  Other names that begin with
 * _X are functions like any other, and have thunks.
 */
static const char *const private_parts[] = {
    "_XGetRequest", "_XLockMutex_fn", "_XUnlockMutex_fn", "_Xglobal_lock",
    "_XAsyncErrorHandler", "_XDeqAsyncHandler", "_XGetAsyncReply",
    "_XGetAsyncData",
};

const char *gw_private_x11(char **imports)
{
    for (size_t i = 0; i < G_N_ELEMENTS(private_parts); i++)
        if (g_strv_contains((const char *const *)imports, private_parts[i]))
            return private_parts[i];
    return NULL;
}
