/* SPDX-License-Identifier: MIT */
/*
 * A guest with 256-bit vectors all over: in loops, before system calls, before
 * indirect calls and jumps, beside helpers of QEMU's (division of 128 bits,
 * x87), and in a handler for a fault that such a block raises.
 * Beside clean-upper-plugin.c, which looks what it leaves behind.
 *
 * `clean-upper look` says whether the processor it runs on tells clean upper
 * halves from dirty ones.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define AVX2 __attribute__((target("avx2"), noinline))

static sigjmp_buf again;
static __m256i kept;
static double value = 1;
static volatile int *volatile nowhere = (volatile int *)(intptr_t)16;

AVX2 static void wide(void)
{
    kept = _mm256_add_epi32(kept, _mm256_set1_epi32(3));
}

static void plain(void)
{
    getppid();
}

/* One block: wide arithmetic, then an instruction that QEMU has a helper for. */
AVX2 static double with_helper(long double x)
{
    kept = _mm256_xor_si256(kept, _mm256_set1_epi32(5));
    return (double)(x / 3.0L);
}

AVX2 static void with_fault(volatile int *nowhere)
{
    kept = _mm256_sub_epi8(kept, _mm256_set1_epi8(1));
    *nowhere = 1;
}

static void handler(int signal)
{
    (void)signal;
    siglongjmp(again, 1);
}

/* Bit 2 of XINUSE, see clean-upper-plugin.c; needs CPUID.(13,1).EAX[2]. */
AVX2 static int processor_tells(void)
{
    unsigned int a, b, c, d, clean, dirty, high;

    if (!__get_cpuid_count(13, 1, &a, &b, &c, &d) || !(a & 4))
        return 0;
    __asm__ volatile("vzeroupper; xgetbv" : "=a"(clean), "=d"(high) : "c"(1));
    __asm__ volatile("vpcmpeqd %%ymm1, %%ymm1, %%ymm1; xgetbv; vzeroupper"
                     : "=a"(dirty), "=d"(high) : "c"(1) : "xmm1");
    return !(clean & 4) && (dirty & 4);
}

static void step(int i)
{
    void (*volatile calls[])(void) = { wide, plain, wide };

    calls[i % 3]();
    value = with_helper(value + i);
    if (sigsetjmp(again, 1) == 0)
        with_fault(nowhere);
}

int main(int argc, char **argv)
{
    unsigned int sum = 0;

    (void)argv;
    if (!__builtin_cpu_supports("avx2")) {
        puts("no AVX2");
        return 1;
    }
    if (argc > 1)
        return !processor_tells();
    signal(SIGSEGV, handler);
    for (int i = 0; i < 3000; i++)
        step(i);
    for (size_t i = 0; i < sizeof(kept); i++)
        sum += ((unsigned char *)&kept)[i];
    printf("%u %.6f\n", sum, value);
    return 0;
}
