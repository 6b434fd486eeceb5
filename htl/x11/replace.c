/* SPDX-License-Identifier: MIT */
/*
 * A library calls another one's function through a slot that the loader has
 * filled in (a relocation of its dynamic section).  These slots are found and
 * filled in again.
 */
#include "replace.h"
#include "runtime.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
    const char *name;
    void *function;
} replaced[] = {
    { "poll", gw_x11_poll },
    { "pthread_cond_init", gw_x11_cond_init },
    { "pthread_cond_destroy", gw_x11_cond_destroy },
    { "pthread_cond_wait", gw_x11_cond_wait },
    { "pthread_cond_signal", gw_x11_cond_wake },
    { "pthread_cond_broadcast", gw_x11_cond_wake },
    { "exit", gw_x11_exit },
    { "free", gw_x11_free },
    { "realloc", gw_x11_realloc },
    { "reallocarray", gw_x11_reallocarray },
    { "setlocale", gw_x11_setlocale },
    { "getenv", gw_x11_getenv },
};

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
        gw_log("the host's X11 libraries cannot be made to wait in the "
               "guest: signals may have to wait for them");
        return;
    }
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    if (sealed) {
        mprotect(page, size, PROT_READ);
    }
}

static void *replacement(const char *name)
{
    for (size_t i = 0; i < sizeof(replaced) / sizeof(*replaced); i++) {
        if (!strcmp(name, replaced[i].name)) {
            return replaced[i].function;
        }
    }
    return NULL;
}

static void replace_in(const struct image *image, const Elf64_Rela *table,
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
        function =
            replacement(image->strings + image->symbols[symbol].st_name);
        if (function) {
            store(image, (void **)(image->base + r->r_offset), function);
        }
    }
}

/* libX11.so.6, libXext.so.6, libxcb.so.1, libxcb-randr.so.0 ... */
static bool is_family(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    return !strncmp(name, "libX", 4) || !strncmp(name, "libxcb", 6);
}

static int visit(struct dl_phdr_info *info, size_t size, void *unused)
{
    struct image image;

    (void)size;
    (void)unused;
    if (is_family(info->dlpi_name) && read_image(&image, info)) {
        replace_in(&image, image.tables[0], image.sizes[0]);
        replace_in(&image, image.tables[1], image.sizes[1]);
    }
    return 0;
}

void gw_x11_replace(void)
{
    dl_iterate_phdr(visit, NULL);
}
