/* SPDX-License-Identifier: MIT */
/*
 * Would catch: translated code that outlives the code it was made from, where
 * blocks are chained, jumps and returns looked up inline, or pages remapped.
 *
 *     code-changes [ROUNDS] | code-changes alias
 *
 * Code is written, executed, changed and executed again in the ways that
 * just-in-time compilers do it; each result is checked.  `alias` writes
 * through another mapping of the same memory than the one that is executed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

typedef uint32_t function(void);
typedef double float_function(double);

static long rounds = 20000;
static int wrong;

static void expect(const char *what, uint64_t is, uint64_t should)
{
    if (is != should && wrong++ < 10)
        printf("%s: %llx instead of %llx\n", what, (unsigned long long)is,
               (unsigned long long)should);
}

static unsigned char *map(size_t size, int protection)
{
    void *memory = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS,
                        -1, 0);

    if (memory == MAP_FAILED)
        exit(2);
    return memory;
}

/* mov $value, %eax; ret */
static size_t put_constant(unsigned char *at, uint32_t value)
{
    at[0] = 0xb8;
    memcpy(at + 1, &value, sizeof value);
    at[5] = 0xc3;
    return 6;
}

/* A function is overwritten again and again, and called each time. */
static void rewritten(unsigned char *code)
{
    for (uint32_t i = 0; i < (uint32_t)rounds; i++) {
        put_constant(code + 64, i * 2654435761u);
        expect("rewritten", ((function *)(code + 64))(), i * 2654435761u);
    }
}

/* Many functions call each other indirectly; one of them changes. */
static void chained(unsigned char *code)
{
    enum { COUNT = 64, STEP = 32 };
    uint32_t sum;

    for (int i = 0; i < COUNT; i++) {
        unsigned char *at = code + i * STEP;
        const void *next = code + (i + 1) * STEP;
        size_t n = 0;

        if (i == COUNT - 1) {
            put_constant(at, 1);
            continue;
        }
        /* mov $next, %rdx; sub $8, %rsp; call *%rdx; add $8, %rsp;
           add $imm, %eax; ret */
        memcpy(at, "\x48\xba", 2);
        memcpy(at + 2, &next, sizeof next);
        n = 10;
        memcpy(at + n, "\x48\x83\xec\x08\xff\xd2\x48\x83\xc4\x08\x05", 11);
        n += 11;
        memset(at + n, 0, 4);
        at[n + 4] = 0xc3;
    }
    sum = 1;
    for (long i = 0; i < rounds / 8; i++) {
        uint32_t *imm;
        uint32_t changed = (uint32_t)i % (COUNT - 1);

        imm = (uint32_t *)(code + changed * STEP + 21);
        sum += (uint32_t)i - *imm;
        *imm = (uint32_t)i;
        expect("chained", ((function *)code)(), sum);
    }
}

/* A loop changes an instruction of its own block, just ahead of itself. */
static void own_block(unsigned char *code)
{
    static const unsigned char loop[] = {
        0x31, 0xc0,                               /* xor %eax, %eax */
        0xb9, 0, 0, 0, 0,                         /* mov $rounds, %ecx */
        /* 7: */
        0x89, 0x0d, 0x02, 0, 0, 0,                /* mov %ecx, 2(%rip) */
        0x90,                                     /* nop */
        0x05, 0, 0, 0, 0,                         /* add $imm, %eax */
        0xff, 0xc9,                               /* dec %ecx */
        0x75, 0xf0,                               /* jne 7 */
        0xc3,                                     /* ret */
    };
    uint32_t turns = (uint32_t)rounds / 8;
    uint64_t n = turns;

    memcpy(code, loop, sizeof loop);
    memcpy(code + 3, &turns, sizeof turns);
    expect("own block", ((function *)code)(), (uint32_t)(n * (n + 1) / 2));
}

/* The same for a float instruction: addsd and subsd differ in one byte. */
static void float_block(unsigned char *code)
{
    static const unsigned char loop[] = {
        0xb9, 0, 0, 0, 0,                         /* mov $rounds, %ecx */
        0x66, 0x0f, 0xef, 0xc9,                   /* pxor %xmm1, %xmm1 */
        /* 9: */
        0x80, 0x35, 0x02, 0, 0, 0, 0x04,          /* xorb $4, 2(%rip) */
        0xf2, 0x0f, 0x58, 0xc8,                   /* addsd %xmm0, %xmm1 */
        0xf2, 0x0f, 0x58, 0xc8,                   /* addsd %xmm0, %xmm1 */
        0xff, 0xc9,                               /* dec %ecx */
        0x75, 0xed,                               /* jne 9 */
        0x0f, 0x28, 0xc1,                         /* movaps %xmm1, %xmm0 */
        0xc3,                                     /* ret */
    };
    uint32_t turns = (uint32_t)rounds / 8 | 1;
    double result;
    uint64_t bits, should;

    memcpy(code, loop, sizeof loop);
    memcpy(code + 1, &turns, sizeof turns);
    /* 0x58 is addsd and 0x5c subsd: every other turn adds nothing. */
    result = ((float_function *)code)(1.5);
    memcpy(&bits, &result, sizeof bits);
    result = 3.0 * (turns / 2);
    memcpy(&should, &result, sizeof should);
    expect("float block", bits, should);
}

/* Executable and writable in turn, as a careful compiler does. */
static void protected(void)
{
    unsigned char *code = map(PAGE, PROT_READ | PROT_WRITE);

    for (uint32_t i = 0; i < (uint32_t)rounds / 20; i++) {
        put_constant(code + 128, i);
        mprotect(code, PAGE, PROT_READ | PROT_EXEC);
        expect("protected", ((function *)(code + 128))(), i);
        mprotect(code, PAGE, PROT_READ | PROT_WRITE);
    }
    munmap(code, PAGE);
}

/* Other pages at the same address. */
static void remapped(void)
{
    unsigned char *code = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    unsigned char *other = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);

    for (uint32_t i = 0; i < (uint32_t)rounds / 20; i++) {
        put_constant(other, i);
        expect("moved here", ((function *)other)(), i);
        if (mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, code) !=
            code)
            exit(2);
        expect("moved", ((function *)code)(), i);
        put_constant(code, ~i);
        expect("after the move", ((function *)code)(), ~i);
        other = mmap(other, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    munmap(code, PAGE);
    munmap(other, PAGE);
}

/* A function that spans two pages, of which the second one changes. */
static void spanning(void)
{
    unsigned char *code = map(2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    unsigned char *at = code + PAGE - 3;

    for (uint32_t i = 0; i < (uint32_t)rounds / 10; i++) {
        uint32_t value = i * 0x01010101u;

        if (i % 3 == 0)
            at = code + PAGE - 1 - i % 5;
        put_constant(at, value);
        expect("spanning", ((function *)at)(), value);
        code[PAGE] ^= 0x40;
        if (at + 1 <= code + PAGE && at + 5 > code + PAGE)
            expect("its second page", ((function *)at)(),
                   value ^ 0x40u << 8 * (code + PAGE - at - 1));
    }
    munmap(code, 2 * PAGE);
}

/* read() puts the code there. */
static void read_in(unsigned char *code)
{
    int ends[2];

    if (pipe(ends))
        exit(2);
    for (uint32_t i = 0; i < (uint32_t)rounds / 20; i++) {
        unsigned char text[6];

        put_constant(text, i);
        if (write(ends[1], text, 6) != 6 || read(ends[0], code, 6) != 6)
            exit(2);
        expect("read", ((function *)code)(), i);
    }
    close(ends[0]);
    close(ends[1]);
}

/* One thread runs what another one replaces: old or new, and new in time. */
static unsigned char *shared_code;
static _Atomic uint32_t started, written, done;

static void *runner(void *unused)
{
    (void)unused;
    while (!atomic_load(&done)) {
        uint32_t low = atomic_load(&written);
        uint32_t value = ((function *)shared_code)();
        uint32_t high = atomic_load(&started);

        if (value < low || value > high) {
            expect("another thread's, too old or new", value, low);
            break;
        }
    }
    return NULL;
}

/* The number is in an aligned word, so that natively no half of it is seen. */
static void threads(void)
{
    pthread_t thread[3];

    shared_code = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    shared_code += 3; /* the number is at 4 */
    put_constant(shared_code, 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, runner, NULL);
    for (uint32_t i = 1; i < (uint32_t)rounds / 50; i++) {
        atomic_store(&started, i);
        atomic_store((_Atomic uint32_t *)(shared_code + 1), i);
        /* The processor may have the old one in its pipeline. */
        __asm__ volatile("cpuid" : : "a"(0), "c"(0)
                         : "rbx", "rdx", "memory");
        usleep(i % 64 ? 0 : 50);
        if (((function *)shared_code)() != i)
            expect("the writer's own", 0, i);
        /* The processors of the others may be a little behind. */
        atomic_store(&written, i > 2 ? i - 2 : 0);
    }
    atomic_store(&done, 1);
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
}

static void alias(void)
{
    int file = memfd_create("code", 0);
    unsigned char *writable, *code;

    if (file < 0 || ftruncate(file, PAGE))
        exit(2);
    writable = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    for (uint32_t i = 0; i < 100; i++) {
        put_constant(writable, i);
        expect("alias", ((function *)code)(), i);
    }
}

int main(int argc, char **argv)
{
    unsigned char *code = map(2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);

    if (argc > 1 && !strcmp(argv[1], "alias")) {
        alias();
    } else {
        if (argc > 1)
            rounds = strtol(argv[1], NULL, 0);
        rewritten(code);
        chained(code);
        own_block(code);
        float_block(code);
        protected();
        remapped();
        spanning();
        read_in(code);
        threads();
    }
    printf("%d wrong\n", wrong);
    return wrong != 0;
}
