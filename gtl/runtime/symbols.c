/* SPDX-License-Identifier: MIT */
/*
 * Finds functions in the guest's loaded libraries, in whatever scope they
 * were loaded, with nothing but dl_iterate_phdr() and the ELF format.
 */
#include "runtime.h"

#include <link.h>

#pragma weak dl_iterate_phdr

struct wanted {
    const char *soname;
    const char *name;
    void *found;
};

/* What a dynamic section says about its library; glibc has relocated the
 * addresses on most ISAs, but not on all (RISC-V). */
struct dynamic {
    const char *strings;
    const Elf64_Sym *symbols;
    const uint32_t *hash;
    const uint32_t *gnu_hash;
    const char *soname;
};

/* Link-time or run-time address: which one is told by its size. */
static const void *address(const struct dl_phdr_info *info, Elf64_Addr value)
{
    return (const void *)(value < info->dlpi_addr ? value + info->dlpi_addr
                                                  : value);
}

static const Elf64_Dyn *dynamic_section(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            return (const void *)(info->dlpi_addr +
                                  info->dlpi_phdr[i].p_vaddr);
        }
    }
    return NULL;
}

static bool read_dynamic(const struct dl_phdr_info *info, struct dynamic *out)
{
    const Elf64_Dyn *d = dynamic_section(info);
    Elf64_Xword soname = 0;

    *out = (struct dynamic){ 0 };
    for (; d && d->d_tag != DT_NULL; d++) {
        const void *at = address(info, d->d_un.d_ptr);
        switch (d->d_tag) {
        case DT_STRTAB:
            out->strings = at;
            break;
        case DT_SYMTAB:
            out->symbols = at;
            break;
        case DT_HASH:
            out->hash = at;
            break;
        case DT_GNU_HASH:
            out->gnu_hash = at;
            break;
        case DT_SONAME:
            soname = d->d_un.d_val;
            break;
        }
    }
    out->soname = out->strings && soname ? out->strings + soname : NULL;
    return out->soname && out->symbols;
}

/* The number of symbols, from whichever hash table there is. */
static uint32_t symbol_count(const struct dynamic *dyn)
{
    const uint32_t *buckets, *chains;
    uint32_t last = 0;

    if (dyn->hash) {
        return dyn->hash[1];
    }
    if (!dyn->gnu_hash) {
        return 0;
    }
    buckets = dyn->gnu_hash + 4 + dyn->gnu_hash[2] * 2;
    chains = buckets + dyn->gnu_hash[0];
    for (uint32_t i = 0; i < dyn->gnu_hash[0]; i++) {
        last = buckets[i] > last ? buckets[i] : last;
    }
    if (last < dyn->gnu_hash[1]) {
        return dyn->gnu_hash[1];
    }
    while (!(chains[last - dyn->gnu_hash[1]] & 1)) {
        last++;
    }
    return last + 1;
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct wanted *wanted = arg;
    struct dynamic dyn;
    uint32_t count;

    (void)size;
    if (!read_dynamic(info, &dyn) || !gw_equal(dyn.soname, wanted->soname)) {
        return 0;
    }
    /* In order: this runs a handful of times in a program's life. */
    count = symbol_count(&dyn);
    for (uint32_t i = 0; i < count && !wanted->found; i++) {
        const Elf64_Sym *s = &dyn.symbols[i];
        if (s->st_shndx != SHN_UNDEF &&
            ELF64_ST_TYPE(s->st_info) == STT_FUNC &&
            gw_equal(dyn.strings + s->st_name, wanted->name)) {
            wanted->found = (void *)(info->dlpi_addr + s->st_value);
        }
    }
    return wanted->found != NULL;
}

void *gw_guest_symbol(const char *soname, const char *name)
{
    struct wanted wanted = { soname, name, NULL };

    if (dl_iterate_phdr) {
        dl_iterate_phdr(visit, &wanted);
    }
    return wanted.found;
}
