/* SPDX-License-Identifier: MIT */
/*
 * A library calls another one's function through a slot that the loader has
 * filled in (a relocation of its dynamic section).  These slots are found and
 * filled in again.
 */
#include "runtime.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, ADDRESS = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, ADDRESS = R_AARCH64_GLOB_DAT };
#elif defined(__riscv)
enum { JUMP_SLOT = R_RISCV_JUMP_SLOT, ADDRESS = R_RISCV_64 };
#else
#error "which relocations are for functions of other libraries?"
#endif

/* A loaded library. */
struct image {
    uintptr_t base;
    const char *strings;
    const Elf64_Sym *symbols;
    const Elf64_Rela *tables[2];
    size_t sizes[2]; /* bytes */
    uintptr_t sealed, sealed_end; /* read-only since it was relocated */
};

/* glibc has relocated the addresses on most CPUs, but not on all (RISC-V). */
static const void *address(const struct image *image, Elf64_Addr value)
{
    return (const void *)(value < image->base ? value + image->base : value);
}

static void read_dynamic(struct image *image, const Elf64_Dyn *d)
{
    for (; d->d_tag != DT_NULL; d++) {
        switch (d->d_tag) {
        case DT_STRTAB:
            image->strings = address(image, d->d_un.d_ptr);
            break;
        case DT_SYMTAB:
            image->symbols = address(image, d->d_un.d_ptr);
            break;
        case DT_RELA:
            image->tables[0] = address(image, d->d_un.d_ptr);
            break;
        case DT_RELASZ:
            image->sizes[0] = d->d_un.d_val;
            break;
        case DT_JMPREL:
            image->tables[1] = address(image, d->d_un.d_ptr);
            break;
        case DT_PLTRELSZ:
            image->sizes[1] = d->d_un.d_val;
            break;
        }
    }
}

static bool read_image(struct image *image, const struct dl_phdr_info *info)
{
    *image = (struct image){ .base = info->dlpi_addr };
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *p = &info->dlpi_phdr[i];
        uintptr_t at = image->base + p->p_vaddr;
        if (p->p_type == PT_DYNAMIC) {
            read_dynamic(image, (const void *)at);
        } else if (p->p_type == PT_GNU_RELRO) {
            image->sealed = at;
            image->sealed_end = at + p->p_memsz;
        }
    }
    return image->strings && image->symbols;
}

static void store(const struct image *image, void **slot, void *function)
{
    uintptr_t size = sysconf(_SC_PAGESIZE), at = (uintptr_t)slot;
    void *page = (void *)(at & -size);
    bool sealed = at >= (image->sealed & -size) && at < image->sealed_end;

    if (__atomic_load_n(slot, __ATOMIC_RELAXED) == function) {
        return;
    }
    if (sealed && mprotect(page, size, PROT_READ | PROT_WRITE)) {
        gw_log("a function of the host's libraries cannot be replaced: %m");
        return;
    }
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    if (sealed) {
        mprotect(page, size, PROT_READ);
    }
}

/* Whose libraries, and what they get. */
struct request {
    bool (*is_meant)(const char *path, const void *data);
    const void *data;
    const struct gw_replacement *functions;
};

static void *replacement(const struct request *request, const char *name)
{
    const struct gw_replacement *r = request->functions;

    while (r->name && strcmp(name, r->name)) {
        r++;
    }
    return r->function;
}

static void replace_in(const struct image *image,
                       const struct request *request, const Elf64_Rela *table,
                       size_t size)
{
    for (size_t i = 0; i < size / sizeof(*table); i++) {
        const Elf64_Rela *r = &table[i];
        unsigned type = ELF64_R_TYPE(r->r_info);
        unsigned long symbol = ELF64_R_SYM(r->r_info);
        void *function;

        if ((type != JUMP_SLOT && type != ADDRESS) || !symbol) {
            continue;
        }
        function = replacement(
            request, image->strings + image->symbols[symbol].st_name);
        if (function) {
            store(image, (void **)(image->base + r->r_offset), function);
        }
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    const struct request *request = data;
    struct image image;

    (void)size;
    if (request->is_meant(info->dlpi_name, request->data) &&
        read_image(&image, info)) {
        replace_in(&image, request, image.tables[0], image.sizes[0]);
        replace_in(&image, request, image.tables[1], image.sizes[1]);
    }
    return 0;
}

void gw_replace(bool (*is_meant)(const char *path, const void *data),
                const void *data, const struct gw_replacement *functions)
{
    dl_iterate_phdr(visit, &(struct request){ is_meant, data, functions });
}
