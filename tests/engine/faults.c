/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a fault that reports another address or code than the
 * processor's, leaves registers changed, or half of a store done; and a state
 * of MXCSR that a load, a save or a restore gets wrong.
 *
 *     faults crossing | aligned | reserved | masks | save | signal | unmasked
 */
#include "mxcsr.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>

enum { PAGE = 4096 };

static sigjmp_buf back;
static siginfo_t seen;
static struct _libc_fpstate frame;
static uint32_t in_handler;
static char *page; /* the one after it is not there */

static void on_signal(int number, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;

    (void)number;
    in_handler = get_mxcsr();
    seen = *info;
    frame = *u->uc_mcontext.fpregs;
    siglongjmp(back, 1);
}

static void report(const char *what)
{
    long offset = (char *)seen.si_addr - page;

    printf("%s: signal %d, code %d", what, seen.si_signo, seen.si_code);
    if (seen.si_signo == SIGSEGV && seen.si_code != SI_KERNEL)
        printf(", at page +%ld", offset);
    printf(", xmm0 %08x.%08x.%08x.%08x\n", frame._xmm[0].element[3],
           frame._xmm[0].element[2], frame._xmm[0].element[1],
           frame._xmm[0].element[0]);
}

/* Runs one instruction with rdi = address, xmm0 = known, xmm1 = values. */
#define TRY(text, address) do { \
    static const uint32_t known[8] = {11, 22, 33, 44, 55, 66, 77, 88}; \
    static const uint32_t values[8] = {~0u, ~1u, ~2u, ~3u, 5, 6, 7, 8}; \
    if (!sigsetjmp(back, 1)) { \
        __asm__ volatile("vmovdqu %1, %%ymm0\n vmovdqu %2, %%ymm1\n" text \
                         : : "D"(address), "m"(known), "m"(values) \
                         : "memory", "xmm0", "xmm1"); \
        printf("%s: no signal\n", text); \
    } else { \
        report(text); \
    } \
} while (0)

static void tail(void)
{
    int changed = 0;

    for (int i = PAGE - 64; i < PAGE; i++)
        changed += page[i] != 0x5a;
    printf("    %d bytes before the border changed\n", changed);
    memset(page, 0x5a, PAGE);
}

#define STORE(text, address) do { TRY(text, address); tail(); } while (0)

static void crossing(void)
{
    for (volatile int left = 1; left < 16; left += left < 4 ? 1 : 4) {
        char *at = page + PAGE - left;

        printf("%d bytes left\n", left);
        TRY("movups (%%rdi), %%xmm0", at);
        TRY("addps -16(%%rdi), %%xmm0\n movdqu (%%rdi), %%xmm0", at);
        TRY("movsd (%%rdi), %%xmm0", at + (left > 8 ? left - 3 : 0));
        TRY("vmovups (%%rdi), %%xmm0", at);
        TRY("vaddps (%%rdi), %%xmm0, %%xmm0", at);
        TRY("vmovups (%%rdi), %%ymm0", at);
        TRY("vmovups (%%rdi), %%ymm0", at - 16);
        STORE("movups %%xmm1, (%%rdi)", at);
        STORE("vmovups %%xmm1, (%%rdi)", at);
        STORE("movsd %%xmm1, (%%rdi)", at + (left > 8 ? left - 3 : 0));
        STORE("vmovups %%ymm1, (%%rdi)", at - 16);
    }
}

static void aligned(void)
{
    char *at = page + 256;

    for (volatile int off = 0; off <= 16; off += 4) {
        printf("%d off\n", off);
        TRY("movaps (%%rdi), %%xmm0", at + off);
        TRY("movdqa (%%rdi), %%xmm0", at + off);
        TRY("movapd %%xmm1, (%%rdi)", at + off);
        TRY("addps (%%rdi), %%xmm1", at + off);
        TRY("mulsd (%%rdi), %%xmm1", at + off);
        TRY("sqrtpd (%%rdi), %%xmm1", at + off);
        TRY("movntps %%xmm1, (%%rdi)", at + off);
        TRY("vmovaps (%%rdi), %%xmm0", at + off);
        TRY("vmovaps (%%rdi), %%ymm0", at + off);
        TRY("vaddps (%%rdi), %%ymm0, %%ymm0", at + off);
        TRY("vmovdqa %%ymm1, (%%rdi)", at + off);
    }
}

static void reserved(void)
{
    for (volatile int bit = 16; bit < 32; bit++) {
        volatile uint32_t value = 0x1f80 | 1u << bit;

        /* AMD's misaligned mode. */
        if (bit == 17)
            continue;
        set_mxcsr(0x3f81);
        if (!sigsetjmp(back, 1)) {
            __asm__ volatile("ldmxcsr %0" : : "m"(value));
            printf("bit %d: no signal, mxcsr %x\n", bit, get_mxcsr());
        } else {
            printf("bit %d: signal %d, code %d, mxcsr %x\n", bit,
                   seen.si_signo, seen.si_code, frame.mxcsr);
        }
    }
}

/* What a division of one by three gives, which tells the mode. */
static uint32_t third(void)
{
    static const float one = 1, three = 3;
    uint32_t bits;

    __asm__ volatile("movss %1, %%xmm0\n divss %2, %%xmm0\n movd %%xmm0, %0"
                     : "=r"(bits) : "m"(one), "m"(three) : "xmm0");
    return bits;
}

/* Every control and flag bit comes back as it was loaded. */
static void masks(void)
{
    uint64_t hash = 0;

    for (uint32_t value = 0; value < 0x10000; value++) {
        set_mxcsr(value);
        if (get_mxcsr() != value)
            printf("%x came back as %x\n", value, get_mxcsr());
        /* Masked, and with the flags that this value has. */
        if ((value & 0x1f80) == 0x1f80)
            hash = hash * 31 + third() + get_mxcsr();
    }
    set_mxcsr(0x1f80);
    printf("all values of mxcsr: %016llx\n", (unsigned long long)hash);
}

static char area[2][4096] __attribute__((aligned(64)));

static uint32_t area_mxcsr(const char *from)
{
    uint32_t value;

    memcpy(&value, from + 24, sizeof value);
    return value;
}

static void save(void)
{
    uint64_t hash = 0;

    for (uint32_t value = 0x1f80; value < 0x10000; value += 37) {
        uint32_t loaded = value | 0x1f80, other = 0x9fbf, spare;

        set_mxcsr(loaded);
        __asm__ volatile("movd %1, %%xmm3\n fxsave64 %0"
                         : "=m"(area[0]) : "r"(value) : "xmm3");
        set_mxcsr(other);
        __asm__ volatile("pxor %%xmm3, %%xmm3\n fxrstor64 %1\n"
                         "movd %%xmm3, %0"
                         : "=r"(spare) : "m"(area[0]) : "xmm3");
        if (spare != value || get_mxcsr() != loaded ||
            area_mxcsr(area[0]) != loaded)
            printf("fxrstor: %x as %x\n", loaded, get_mxcsr());
        hash = hash * 31 + third() + get_mxcsr();
        set_mxcsr(loaded);
        __asm__ volatile("movd %1, %%xmm3\n vpbroadcastd %%xmm3, %%ymm3\n"
                         "xsave64 %0" : "=m"(area[1])
                         : "r"(value), "a"(7), "d"(0) : "xmm3");
        set_mxcsr(other);
        __asm__ volatile("vpxor %%ymm3, %%ymm3, %%ymm3\n xrstor64 %1\n"
                         "vextracti128 $1, %%ymm3, %%xmm3\n movd %%xmm3, %0"
                         : "=r"(spare) : "m"(area[1]), "a"(7), "d"(0)
                         : "xmm3");
        if (spare != value || get_mxcsr() != loaded ||
            area_mxcsr(area[1]) != loaded)
            printf("xrstor: %x as %x, %x as %x\n", loaded, get_mxcsr(), value,
                   spare);
        hash = hash * 31 + third() + get_mxcsr();
    }
    set_mxcsr(0x1f80);
    __asm__ volatile("vzeroupper");
    printf("saved and restored: %016llx\n", (unsigned long long)hash);
}

/* A handler begins with the default, and its frame has the flags. */
static void in_signal(void)
{
    for (int i = 0; i < 4; i++) {
        uint32_t mode = 0x1f80 | (uint32_t)i << 13;

        set_mxcsr(mode);
        if (!sigsetjmp(back, 1)) {
            uint32_t bits = third();

            __asm__ volatile("" : : "r"(bits));
            __builtin_trap();
        }
        set_mxcsr(0x1f80);
        printf("mode %x: signal %d, the frame's mxcsr %x\n", mode,
               seen.si_signo, frame.mxcsr);
        printf("  in the handler: mxcsr %x\n", in_handler);
    }
}

/* Exceptions that are not masked: a signal, and flags in the frame. */
static void unmasked(void)
{
    static const struct {
        const char *name;
        uint32_t mask, a, b;
    } cases[] = {
        {"invalid", 0x0080, 0x7f800000, 0x7f800000},
        {"denormal", 0x0100, 0x00000001, 0x3f800000},
        {"divided by zero", 0x0200, 0x3f800000, 0},
        {"overflow", 0x0400, 0x7f7fffff, 0x00800000},
        {"underflow", 0x0800, 0x00800000, 0x7f7fffff},
        {"inexact", 0x1000, 0x3f800000, 0x40400000},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t bits;

        set_mxcsr(0x1f80 & ~cases[i].mask);
        if (!sigsetjmp(back, 1)) {
            __asm__ volatile("movd %1, %%xmm0\n movd %2, %%xmm1\n"
                             "divss %%xmm1, %%xmm0\n movd %%xmm0, %0"
                             : "=r"(bits) : "r"(cases[i].a), "r"(cases[i].b)
                             : "xmm0", "xmm1");
            uint32_t mxcsr = get_mxcsr();
            set_mxcsr(0x1f80);
            printf("%s: no signal, %08x, mxcsr %x\n", cases[i].name, bits,
                   mxcsr);
        } else {
            set_mxcsr(0x1f80);
            printf("%s: signal %d, code %d, mxcsr %x, xmm0 %08x\n",
                   cases[i].name, seen.si_signo, seen.si_code, frame.mxcsr,
                   frame._xmm[0].element[0]);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {
        {"crossing", crossing}, {"aligned", aligned}, {"reserved", reserved},
        {"masks", masks}, {"save", save}, {"signal", in_signal},
        {"unmasked", unmasked},
    };
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO};

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < 5; i++)
        sigaction(signals[i], &action, NULL);
    page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || munmap(page + PAGE, PAGE))
        return 2;
    memset(page, 0x5a, PAGE);
    for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
        if (!strcmp(argv[1], parts[i].name)) {
            parts[i].run();
            return 0;
        }
    }
    return 2;
}
