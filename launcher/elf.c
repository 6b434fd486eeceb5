/* SPDX-License-Identifier: MIT */
/* What kind of file is this, and for which ISA?  Reads ELF headers itself:
 * every offset in them is checked against the file's length. */
#include "gangway.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * QEMU's default model offers everything that it can emulate; measurements
 * are in docs/compatibility.md.  On x86_64 two corrections are needed: `rep
 * stosb`, which glibc takes for memset where ERMS is offered, is a loop of
 * single bytes in QEMU; and Mesa's LLVM aborts on an AMD of unknown model
 * with these features, where it runs emulated.
 */
const struct gw_isa gw_isas[] = {
    {"x86_64", "x86_64-linux-gnu", "amd64",
     "max,-erms,-fsrm,vendor=GenuineIntel", EM_X86_64},
    {"aarch64", "aarch64-linux-gnu", "arm64", NULL, EM_AARCH64},
    {"riscv64", "riscv64-linux-gnu", "riscv64", NULL, EM_RISCV},
};
const size_t gw_isa_count = G_N_ELEMENTS(gw_isas);

static const struct gw_isa *isa_of_machine(uint16_t machine)
{
    for (size_t i = 0; i < gw_isa_count; i++)
        if (gw_isas[i].machine == machine)
            return &gw_isas[i];
    return NULL;
}

const struct gw_isa *gw_isa_host(void)
{
#if defined(__x86_64__)
    return isa_of_machine(EM_X86_64);
#elif defined(__aarch64__)
    return isa_of_machine(EM_AARCH64);
#elif defined(__riscv) && __riscv_xlen == 64
    return isa_of_machine(EM_RISCV);
#else
    return NULL;
#endif
}

struct view {
    const char *data;
    size_t size;
};

/* `count` objects of `size` bytes at `offset`, or NULL when the file ends
 * before. */
static const void *at(struct view v, uint64_t offset, uint64_t count,
                      uint64_t size)
{
    if (offset > v.size || (size && count > (v.size - offset) / size))
        return NULL;
    return v.data + offset;
}

static char *find_interp(struct view v, const Elf64_Ehdr *head)
{
    for (unsigned i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr ph;
        const void *entry = at(v, head->e_phoff + i * sizeof ph, 1,
                               sizeof ph);
        const char *text;

        if (!entry)
            return NULL;
        memcpy(&ph, entry, sizeof ph);
        if (ph.p_type != PT_INTERP)
            continue;
        text = at(v, ph.p_offset, ph.p_filesz, 1);
        return text ? g_strndup(text, ph.p_filesz) : NULL;
    }
    return NULL;
}

static bool section(struct view v, const Elf64_Ehdr *head, unsigned i,
                    Elf64_Shdr *out)
{
    const void *entry = at(v, head->e_shoff + i * sizeof *out, 1,
                           sizeof *out);

    if (entry)
        memcpy(out, entry, sizeof *out);
    return entry;
}

static bool table_has(struct view v, const Elf64_Shdr *symbols,
                      const Elf64_Shdr *strings, const char *name)
{
    const char *names = at(v, strings->sh_offset, strings->sh_size, 1);
    size_t need = strlen(name) + 1;

    for (uint64_t i = 0; names && i < symbols->sh_size / sizeof(Elf64_Sym);
         i++) {
        Elf64_Sym symbol;
        const void *entry = at(v, symbols->sh_offset + i * sizeof symbol, 1,
                               sizeof symbol);

        if (!entry)
            return false;
        memcpy(&symbol, entry, sizeof symbol);
        if (symbol.st_name < strings->sh_size &&
            strings->sh_size - symbol.st_name >= need &&
            !memcmp(names + symbol.st_name, name, need))
            return true;
    }
    return false;
}

static bool has_symbol(struct view v, const Elf64_Ehdr *head,
                       const char *name)
{
    for (unsigned i = 0; i < head->e_shnum; i++) {
        Elf64_Shdr symbols, strings;

        if (section(v, head, i, &symbols) && symbols.sh_type == SHT_DYNSYM &&
            section(v, head, symbols.sh_link, &strings))
            return table_has(v, &symbols, &strings, name);
    }
    return false;
}

static bool read_elf(struct gw_elf *elf, struct view v, const char *path,
                     const char *symbol)
{
    const Elf64_Ehdr *head = (const void *)v.data;

    if (v.size < sizeof *head)
        return gw_fail(GW_EXIT_CANNOT_RUN, "%s: the ELF header is cut off",
                       path);
    if (head->e_ident[EI_CLASS] != ELFCLASS64)
        return gw_fail(GW_EXIT_CANNOT_RUN,
                       "%s is a 32-bit program: Gangway runs 64-bit ones "
                       "only; take the program's 64-bit build", path);
    if (head->e_ident[EI_DATA] != ELFDATA2LSB)
        return gw_fail(GW_EXIT_CANNOT_RUN,
                       "%s is a big-endian program: Gangway's guests share "
                       "their memory with the host and must be "
                       "little-endian", path);
    if (head->e_type != ET_EXEC && head->e_type != ET_DYN)
        return gw_fail(GW_EXIT_CANNOT_RUN,
                       "%s is an ELF file but no program (type %u)", path,
                       head->e_type);
    elf->isa = isa_of_machine(head->e_machine);
    if (!elf->isa)
        return gw_fail(GW_EXIT_CANNOT_RUN,
                       "%s is a program for ELF machine %u: Gangway knows "
                       "x86_64, aarch64 and riscv64", path, head->e_machine);
    elf->interp = find_interp(v, head);
    elf->has_symbol = symbol && has_symbol(v, head, symbol);
    return true;
}

static char *first_line(struct view v)
{
    const char *end = memchr(v.data, '\n', v.size);

    return g_strstrip(g_strndup(v.data + 2, (end ? (gsize)(end - v.data)
                                                 : v.size) - 2));
}

bool gw_elf_read(struct gw_elf *elf, const char *path, const char *symbol)
{
    g_autoptr(GError) error = NULL;
    GMappedFile *file = g_mapped_file_new(path, FALSE, &error);
    struct view v;
    bool good = true;

    *elf = (struct gw_elf){.kind = GW_FILE_OTHER};
    if (!file)
        return gw_fail(GW_EXIT_CANNOT_RUN, "cannot read %s", error->message);
    v = (struct view){g_mapped_file_get_contents(file),
                      g_mapped_file_get_length(file)};
    if (v.size >= EI_NIDENT && !memcmp(v.data, ELFMAG, SELFMAG)) {
        elf->kind = GW_FILE_ELF;
        good = read_elf(elf, v, path, symbol);
    } else if (v.size > 2 && !memcmp(v.data, "#!", 2)) {
        elf->kind = GW_FILE_SCRIPT;
        elf->script = first_line(v);
    }
    g_mapped_file_unref(file);
    return good;
}

void gw_elf_finish(struct gw_elf *elf)
{
    g_free(elf->interp);
    g_free(elf->script);
    *elf = (struct gw_elf){0};
}

/* exit_group(0) */
static const uint32_t *exit_code(uint16_t machine)
{
    static const uint32_t x86_64[] = {
        0x0000e7b8, 0x90ff3100, 0x9090050f}; /* mov eax,231; xor edi,edi;
                                                nop; syscall; nop; nop */
    static const uint32_t aarch64[] = {
        0xd2800000, 0xd2800bc8, 0xd4000001}; /* mov x0,0; mov x8,94; svc 0 */
    static const uint32_t riscv64[] = {
        0x00000513, 0x05e00893, 0x00000073}; /* li a0,0; li a7,94; ecall */

    return machine == EM_X86_64 ? x86_64
           : machine == EM_AARCH64 ? aarch64 : riscv64;
}

int gw_elf_make_true(const struct gw_isa *isa)
{
    const uint64_t base = 0x400000;
    struct {
        Elf64_Ehdr head;
        Elf64_Phdr load;
        uint32_t code[3];
    } file = {
        .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                             ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC, .e_machine = isa->machine,
                 .e_version = EV_CURRENT, .e_ehsize = sizeof file.head,
                 .e_phoff = sizeof file.head, .e_phnum = 1,
                 .e_phentsize = sizeof file.load},
        .load = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = base,
                 .p_paddr = base, .p_filesz = sizeof file,
                 .p_memsz = sizeof file, .p_align = 0x1000},
    };
    int fd = memfd_create("gangway-true", 0);

    file.head.e_entry = base + ((char *)file.code - (char *)&file);
    memcpy(file.code, exit_code(isa->machine), sizeof file.code);
    if (fd >= 0 && write(fd, &file, sizeof file) != sizeof file) {
        close(fd);
        fd = -1;
    }
    return fd;
}
