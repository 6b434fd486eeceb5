/* SPDX-License-Identifier: MIT */
/*
 * Would catch: what goes wrong only where instructions meet in one translated
 * block: values that stay in host registers and are read as another type or
 * through memory, upper halves, SSE beside VEX encodings, flags of a
 * comparison that are used later, modes of MXCSR.
 *
 *     float-blocks [--flags] BLOCKS [SEED]
 *     float-blocks [--flags] --explain BLOCK [SEED]
 *
 * Makes random blocks of instructions, runs each with several sets of
 * registers, and prints a hash of all registers for every 64 blocks. With
 * --flags MXCSR's exception flags after each run are part of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct state {
    uint64_t ymm[16][4];
    uint64_t gpr[8]; /* rax, rcx, rdx, rsi, r8 to r11 */
    uint64_t memory[32]; /* rdi */
    uint32_t mxcsr, unused;
    uint64_t eflags;
};

_Static_assert(offsetof(struct state, gpr) == 512, "run_block");
_Static_assert(offsetof(struct state, memory) == 576, "run_block");
_Static_assert(offsetof(struct state, mxcsr) == 832, "run_block");
_Static_assert(offsetof(struct state, eflags) == 840, "run_block");

void run_block(struct state *state, const void *code);

__asm__(
    ".text\n"
    ".globl run_block\n"
    "run_block:\n"
    "    push %rbx\n"
    "    push %rbp\n"
    "    push %rbp\n"
    "    mov %rdi, %rbx\n"
    "    mov %rsi, %rbp\n"
    "    ldmxcsr 832(%rbx)\n"
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "    vmovdqu \\n*32(%rbx), %ymm\\n\n"
    ".endr\n"
    "    mov 512(%rbx), %rax\n"
    "    mov 520(%rbx), %rcx\n"
    "    mov 528(%rbx), %rdx\n"
    "    mov 536(%rbx), %rsi\n"
    "    mov 544(%rbx), %r8\n"
    "    mov 552(%rbx), %r9\n"
    "    mov 560(%rbx), %r10\n"
    "    mov 568(%rbx), %r11\n"
    "    lea 576(%rbx), %rdi\n"
    "    test $0, %al\n" /* the same flags each time */
    "    call *%rbp\n"
    "    pushfq\n"
    "    pop 840(%rbx)\n"
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "    vmovdqu %ymm\\n, \\n*32(%rbx)\n"
    ".endr\n"
    "    mov %rax, 512(%rbx)\n"
    "    mov %rcx, 520(%rbx)\n"
    "    mov %rdx, 528(%rbx)\n"
    "    mov %rsi, 536(%rbx)\n"
    "    mov %r8, 544(%rbx)\n"
    "    mov %r9, 552(%rbx)\n"
    "    mov %r10, 560(%rbx)\n"
    "    mov %r11, 568(%rbx)\n"
    "    stmxcsr 832(%rbx)\n"
    "    vzeroupper\n"
    "    pop %rbp\n"
    "    pop %rbp\n"
    "    pop %rbx\n"
    "    ret\n");

/* Random numbers: splitmix64. */

static uint64_t seed;

static uint64_t draw(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static unsigned below(unsigned limit)
{
    return (unsigned)(draw() >> 33) % limit;
}

/* Instructions. */

enum form {
    TWO,     /* a destination that is a source, too; VEX: three operands */
    ONE,     /* one source */
    STORE,   /* to memory */
    TO_GPR,  /* an xmm register to a general one */
    OF_GPR,  /* a general one to an xmm, VEX: with an xmm source */
    MOVE_IN, /* a general one to an xmm */
    COMPARE, /* sets flags, a use of them follows */
    FUSED,   /* VEX only, three operands */
};

/* prefix: 0, 0x66, 0xf3, 0xf2; map: 1 is 0f, 2 is 0f 38, 3 is 0f 3a. */
static const struct insn {
    uint8_t prefix, map, opcode, form;
    bool imm, wide; /* wide: there is a 256-bit form */
    uint8_t imms;   /* how many values the immediate has, 0: all */
} insns[] = {
#define ARITHMETIC(op) \
    {0, 1, op, TWO, false, true, 0}, {0x66, 1, op, TWO, false, true, 0}, \
    {0xf3, 1, op, TWO, false, false, 0}, {0xf2, 1, op, TWO, false, false, 0}
    /* twice, as they matter most */
    ARITHMETIC(0x58), ARITHMETIC(0x59), ARITHMETIC(0x5c), ARITHMETIC(0x5e),
    ARITHMETIC(0x58), ARITHMETIC(0x59), ARITHMETIC(0x5c), ARITHMETIC(0x5e),
    ARITHMETIC(0x5d), ARITHMETIC(0x5f),
    {0xf3, 1, 0x51, TWO, false, false, 0}, /* sqrtss, sqrtsd */
    {0xf2, 1, 0x51, TWO, false, false, 0},
    {0, 1, 0x51, ONE, false, true, 0}, {0x66, 1, 0x51, ONE, false, true, 0},
    {0, 1, 0xc2, TWO, true, true, 8}, {0x66, 1, 0xc2, TWO, true, true, 8},
    {0xf3, 1, 0xc2, TWO, true, false, 8},
    {0xf2, 1, 0xc2, TWO, true, false, 8}, /* cmp */
    {0x66, 1, 0x7c, TWO, false, true, 0}, /* haddpd, haddps, addsub */
    {0xf2, 1, 0x7c, TWO, false, true, 0},
    {0x66, 1, 0xd0, TWO, false, true, 0},
    {0xf2, 1, 0xd0, TWO, false, true, 0},
    {0xf3, 1, 0x5a, TWO, false, false, 0}, /* cvtss2sd, cvtsd2ss */
    {0xf2, 1, 0x5a, TWO, false, false, 0},
    {0, 1, 0x5a, ONE, false, false, 0}, {0x66, 1, 0x5a, ONE, false, false, 0},
    {0, 1, 0x5b, ONE, false, true, 0}, {0x66, 1, 0x5b, ONE, false, true, 0},
    {0xf3, 1, 0x5b, ONE, false, true, 0},
    {0xf3, 1, 0xe6, ONE, false, false, 0},
    {0xf2, 1, 0xe6, ONE, false, false, 0},
    {0x66, 1, 0xe6, ONE, false, false, 0},
    {0xf3, 1, 0x2d, TO_GPR, false, false, 0}, /* cvt(t)s[sd]2si */
    {0xf2, 1, 0x2d, TO_GPR, false, false, 0},
    {0xf3, 1, 0x2c, TO_GPR, false, false, 0},
    {0xf2, 1, 0x2c, TO_GPR, false, false, 0},
    {0xf3, 1, 0x2a, OF_GPR, false, false, 0}, /* cvtsi2s[sd] */
    {0xf2, 1, 0x2a, OF_GPR, false, false, 0},
    {0, 1, 0x2e, COMPARE, false, false, 0},
    {0x66, 1, 0x2e, COMPARE, false, false, 0},
    {0, 1, 0x2f, COMPARE, false, false, 0},
    {0x66, 1, 0x2f, COMPARE, false, false, 0},
    {0x66, 3, 0x0a, TWO, true, false, 16}, /* round */
    {0x66, 3, 0x0b, TWO, true, false, 16},
    {0x66, 3, 0x08, ONE, true, true, 16},
    {0x66, 3, 0x09, ONE, true, true, 16},
    /* moves */
    {0xf3, 1, 0x10, TWO, false, false, 0},
    {0xf2, 1, 0x10, TWO, false, false, 0},
    {0, 1, 0x28, ONE, false, true, 0}, {0x66, 1, 0x28, ONE, false, true, 0},
    {0, 1, 0x10, ONE, false, true, 0}, {0x66, 1, 0x6f, ONE, false, true, 0},
    {0xf3, 1, 0x7e, ONE, false, false, 0}, /* movq */
    {0xf2, 1, 0x12, ONE, false, true, 0},  /* movddup, movs[lh]dup */
    {0xf3, 1, 0x12, ONE, false, true, 0},
    {0xf3, 1, 0x16, ONE, false, true, 0},
    {0, 1, 0x12, TWO, false, false, 0}, /* movhlps or movlps */
    {0, 1, 0x16, TWO, false, false, 0}, /* movlhps or movhps */
    {0, 1, 0x11, STORE, false, true, 0}, {0, 1, 0x13, STORE, false, false, 0},
    {0, 1, 0x17, STORE, false, false, 0},
    {0xf3, 1, 0x11, STORE, false, false, 0},
    {0xf2, 1, 0x11, STORE, false, false, 0},
    {0x66, 1, 0xd6, STORE, false, false, 0},
    {0xf3, 1, 0x7f, STORE, false, true, 0},
    {0x66, 1, 0x7e, TO_GPR, false, false, 1}, /* movd, movq */
    {0x66, 1, 0x6e, MOVE_IN, false, false, 0},
    {0, 1, 0x50, TO_GPR, false, false, 2}, /* movmsk */
    {0x66, 1, 0x50, TO_GPR, false, false, 2},
    /* logic, integers, shuffles */
    {0, 1, 0x54, TWO, false, true, 0}, {0x66, 1, 0x55, TWO, false, true, 0},
    {0, 1, 0x56, TWO, false, true, 0}, {0, 1, 0x57, TWO, false, true, 0},
    {0x66, 1, 0xef, TWO, false, true, 0}, {0x66, 1, 0xfe, TWO, false, true, 0},
    {0x66, 1, 0xd4, TWO, false, true, 0}, {0x66, 1, 0xdb, TWO, false, true, 0},
    {0, 1, 0x14, TWO, false, true, 0}, {0, 1, 0x15, TWO, false, true, 0},
    {0x66, 1, 0x14, TWO, false, true, 0},
    {0x66, 1, 0x15, TWO, false, true, 0},
    {0x66, 1, 0x62, TWO, false, true, 0},
    {0x66, 1, 0x6c, TWO, false, true, 0},
    {0, 1, 0xc6, TWO, true, true, 0}, {0x66, 1, 0xc6, TWO, true, true, 0},
    {0x66, 1, 0x70, ONE, true, true, 0}, {0xf2, 1, 0x70, ONE, true, true, 0},
    {0x66, 3, 0x0c, TWO, true, true, 0}, {0x66, 3, 0x0d, TWO, true, true, 0},
    {0x66, 3, 0x21, TWO, true, false, 0}, /* insertps */
    /* fused; imm says whether it is of doubles */
#define FUSE(op) \
    {0x66, 2, op, FUSED, false, true, 0}, {0x66, 2, op, FUSED, true, true, 0}
    FUSE(0x96), FUSE(0x98), FUSE(0x9a), FUSE(0x9c), FUSE(0x9e), FUSE(0xa7),
    FUSE(0xa8), FUSE(0xaa), FUSE(0xac), FUSE(0xb6), FUSE(0xb8), FUSE(0xbc),
#define FUSE_SCALAR(op) \
    {0x66, 2, op, FUSED, false, false, 0}, {0x66, 2, op, FUSED, true, false, 0}
    FUSE_SCALAR(0x99), FUSE_SCALAR(0x9b), FUSE_SCALAR(0xa9),
    FUSE_SCALAR(0xad), FUSE_SCALAR(0xb9), FUSE_SCALAR(0xbb),
    FUSE_SCALAR(0xbd), FUSE_SCALAR(0xbf),
};

static const uint8_t gprs[8] = {0, 1, 2, 6, 8, 9, 10, 11};

static unsigned char *at;

static void put(unsigned byte)
{
    *at++ = (unsigned char)byte;
}

/* modrm and what follows it: a register, or memory at rdi. */
static void put_operand(unsigned reg, unsigned rm, bool memory)
{
    if (!memory) {
        put(0xc0 | (reg & 7) << 3 | (rm & 7));
        return;
    }
    put(0x80 | (reg & 7) << 3 | 7);
    /* Aligned for what wants that, and within; scalars also elsewhere. */
    put(rm % 16 % 7 * 32 + (rm >> 4));
    put(0);
    put(0);
    put(0);
}

static void put_prefix(unsigned prefix, unsigned map, bool vex, bool wide,
                       bool w, unsigned reg, unsigned vvvv, unsigned rm)
{
    static const uint8_t pp[] = {[0x66 & 15] = 1, [0xf3 & 15] = 2,
                                 [0xf2 & 15] = 3, [8] = 0};

    if (vex) {
        put(0xc4);
        put((reg & 8 ? 0 : 0x80) | 0x40 | (rm & 8 ? 0 : 0x20) | map);
        put((w ? 0x80 : 0) | (~vvvv & 15) << 3 | (wide ? 4 : 0) |
            (prefix ? pp[prefix == 0x66 ? 6 : prefix & 15] : 0));
        return;
    }
    if (prefix)
        put(prefix);
    put(0x40 | (w ? 8 : 0) | (reg & 8 ? 4 : 0) | (rm & 8 ? 1 : 0));
    put(0x0f);
    if (map == 2)
        put(0x38);
    if (map == 3)
        put(0x3a);
}

static void put_flags_use(void)
{
    unsigned reg = gprs[below(8)], condition = below(16);

    switch (below(3)) {
    case 0: /* setcc */
        put(0x40 | (reg & 8 ? 1 : 0));
        put(0x0f);
        put(0x90 | condition);
        put(0xc0 | (reg & 7));
        return;
    case 1: /* cmovcc from rdx */
        put(0x48 | (reg & 8 ? 4 : 0));
        put(0x0f);
        put(0x40 | condition);
        put(0xc0 | (reg & 7) << 3 | 2);
        return;
    default: /* jcc over not %reg */
        put(0x70 | condition);
        put(3);
        put(0x48 | (reg & 8 ? 1 : 0));
        put(0xf7);
        put(0xd0 | (reg & 7));
        return;
    }
}

/* mov or add, of registers or memory */
static void put_integer(void)
{
    static const uint8_t opcodes[] = {0x01, 0x03, 0x89, 0x8b};
    unsigned reg = gprs[below(8)], rm = gprs[below(8)];
    bool memory = below(2);

    put(0x48 | (reg & 8 ? 4 : 0) | (!memory && rm & 8 ? 1 : 0));
    put(opcodes[below(4)]);
    put_operand(reg, memory ? below(7) + (8 * below(3) << 4) : rm, memory);
}

/* A place in memory: scalar accesses and VEX ones (but for moves that say
   otherwise) need no alignment. */
static unsigned place(const struct insn *i, bool vex)
{
    bool any = i->prefix == 0xf3 || i->prefix == 0xf2 || i->form == STORE;

    if (i->opcode == 0x28 || (i->opcode == 0x6f && i->prefix == 0x66))
        any = false;
    else if (vex)
        any = true;
    /* haddps and its like are packed. */
    else if (i->opcode == 0x7c || i->opcode == 0xd0 || i->opcode == 0x5b ||
             i->opcode == 0xe6 || i->opcode == 0x70 || i->opcode == 0x12 ||
             i->opcode == 0x16)
        any = false;
    return below(7) + (any && below(2) ? 4 * below(4) << 4 : 0);
}

static void put_insn(const struct insn *i)
{
    bool vex = below(2) || i->form == FUSED, wide = vex && i->wide && below(2);
    bool memory = below(4) == 0, w = false;
    unsigned reg = below(16), rm = below(16), vvvv = 0;

    /* Few registers at a time, so that values are used again. */
    reg = below(3) ? reg % 4 : reg;
    rm = below(3) ? rm % 4 : rm;
    switch (i->form) {
    case TWO:
        vvvv = below(2) ? below(4) : below(16);
        /* movss and movsd from memory have two operands. */
        if (memory && i->opcode == 0x10)
            vvvv = 0;
        break;
    case FUSED:
        vvvv = below(16) % (below(2) ? 4 : 16);
        w = i->imm;
        break;
    case STORE:
        memory = true;
        break;
    case TO_GPR:
        w = i->imms != 2 && below(2);
        memory = memory && !i->imms;
        reg = gprs[below(8)];
        break;
    case OF_GPR:
    case MOVE_IN:
        w = below(2);
        rm = gprs[below(8)];
        vvvv = i->form == OF_GPR ? below(16) : 0;
        break;
    default:
        break;
    }
    /* movd and movq have the xmm register in reg. */
    if (i->form == TO_GPR && i->opcode == 0x7e) {
        unsigned xmm = rm;

        rm = reg;
        reg = xmm;
    }
    put_prefix(i->prefix, i->map, vex, wide, w, reg, vvvv, memory ? 0 : rm);
    put(i->opcode);
    put_operand(reg, memory ? place(i, vex) : rm, memory);
    if (i->imm && i->form != FUSED)
        put(below(i->imms ? i->imms : 256));
    if (i->form == COMPARE) {
        if (below(3) == 0)
            put_insn(&insns[0]); /* keeps the flags */
        put_flags_use();
    }
}

static size_t make_block(unsigned char *code)
{
    unsigned length = 2 + below(below(8) ? 24 : 120);

    at = code;
    for (unsigned i = 0; i < length; i++) {
        if (below(12) == 0)
            put_integer();
        else
            put_insn(&insns[below(sizeof insns / sizeof *insns)]);
    }
    put(0xc3);
    return (size_t)(at - code);
}

/* Values: small numbers mostly, as those stay numbers. */

static uint64_t random_double(void)
{
    uint64_t r = draw();

    switch (r & 15) {
    case 0: return r << 32 | r >> 32;
    case 1: return (r & 0x8000000000000000) | (r & 0x2000 ? 0x7ff0000000000000
                                                          : 0);
    case 2: return (r >> 12) & 0x800fffffffffffff; /* denormal */
    case 3: return 0x7ff0000000000000 | (r & 0x800fffffffffffff);
    default:
        return (r & 0x800fffffffffff00) |
               (0x3ff0000000000000 + ((r & 0xf00) << 44) -
                0x0080000000000000);
    }
}

static uint64_t random_singles(void)
{
    uint64_t r = draw(), q = draw();

    switch (q & 15) {
    case 0: return r;
    case 1: return r & 0x80000000807fffff; /* one is zero, one denormal */
    case 2: return (r & 0x807fffff807fffff) | 0x7f8000003f800000;
    default:
        return (r & 0x807fffff807fffff) + 0x3c0000003c000000 +
               (q & 0x0700000007000000);
    }
}

static void make_state(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 16; i++) {
        bool singles = below(2);

        for (int j = 0; j < 4; j++)
            s->ymm[i][j] = singles ? random_singles() : random_double();
    }
    for (int i = 0; i < 8; i++)
        s->gpr[i] = draw() >> below(64);
    for (int i = 0; i < 32; i++)
        s->memory[i] = below(2) ? random_singles() : random_double();
    /* Half of them in the usual mode. */
    s->mxcsr = 0x1f80;
    if (below(2))
        s->mxcsr |= below(4) << 13 | below(2) << 15 | below(2) << 6 |
                    (below(4) ? 0 : below(64));
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9fb21c651e98df25;
    return hash ^ hash >> 29;
}

static uint64_t hash_state(uint64_t hash, const struct state *s, bool flags)
{
    const uint64_t *words = (const uint64_t *)s;

    for (size_t i = 0; i < offsetof(struct state, mxcsr) / 8; i++)
        hash = mix(hash, words[i]);
    hash = mix(hash, s->eflags & 0x8d5);
    return mix(hash, s->mxcsr & (flags ? 0xffff : 0xffc0));
}

static void print_state(const char *when, const struct state *s)
{
    printf("%s: mxcsr %04x eflags %03x\n", when, s->mxcsr,
           (unsigned)(s->eflags & 0x8d5));
    for (int i = 0; i < 16; i++)
        printf("  ymm%-2d %016" PRIx64 ".%016" PRIx64 ".%016" PRIx64
               ".%016" PRIx64 "\n", i, s->ymm[i][3], s->ymm[i][2],
               s->ymm[i][1], s->ymm[i][0]);
    for (int i = 0; i < 8; i++)
        printf("  gpr%-2d %016" PRIx64 "\n", gprs[i], s->gpr[i]);
    for (int i = 0; i < 32; i += 2)
        printf("  +%-3d  %016" PRIx64 ".%016" PRIx64 "\n", i * 8,
               s->memory[i + 1], s->memory[i]);
}

int main(int argc, char **argv)
{
    static struct state state __attribute__((aligned(64)));
    bool flags = argc > 1 && !strcmp(argv[1], "--flags");
    bool explain = argc > 1 + flags && !strcmp(argv[1 + flags], "--explain");
    char **rest = argv + 1 + flags + explain;
    unsigned long first, end, start;
    unsigned char *code;
    uint64_t hash = 0;

    if (!*rest)
        return 2;
    end = strtoul(rest[0], NULL, 0);
    start = rest[1] ? strtoul(rest[1], NULL, 0) : 0;
    first = explain ? end : 0;
    end += explain;
    code = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return 2;
    for (unsigned long block = first; block < end; block++) {
        /* Each block in a place of its own, for a while. */
        unsigned char *here = code + block % 256 * 4096;
        size_t size;

        seed = (start << 32) + block * 0x2545f4914f6cdd1d;
        size = make_block(here);
        if (explain) {
            for (size_t i = 0; i < size; i++)
                printf("%s0x%02x", i ? "," : ".byte ", here[i]);
            putchar('\n');
        }
        for (int run = 0; run < 12; run++) {
            make_state(&state);
            if (explain)
                print_state("before", &state);
            run_block(&state, here);
            if (explain)
                print_state("after", &state);
            hash = hash_state(hash, &state, flags);
        }
        if (block % 64 == 63 || block + 1 == end) {
            printf("blocks to %lu: %016" PRIx64 "\n", block, hash);
            hash = 0;
        }
    }
    return 0;
}
