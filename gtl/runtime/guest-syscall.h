/* SPDX-License-Identifier: MIT */
/*
 * System calls of the guest, without its libc.  One block per ISA: the call
 * itself and the numbers of those that the runtime makes.
 */
#ifndef GANGWAY_GUEST_SYSCALL_H
#define GANGWAY_GUEST_SYSCALL_H

#if defined(__x86_64__)
#define GW_ISA "x86_64"
#define GW_NR_WRITE 1
#define GW_NR_EXIT_GROUP 231
#define GW_NR_MPROTECT 10
#define GW_NR_PPOLL 271
#define GW_NR_FUTEX 202
#define GW_NR_MINCORE 27
static inline long gw_syscall(long n, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long ret;

    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return ret;
}
#elif defined(__aarch64__)
#define GW_ISA "aarch64"
#define GW_NR_WRITE 64
#define GW_NR_EXIT_GROUP 94
#define GW_NR_MPROTECT 226
#define GW_NR_PPOLL 73
#define GW_NR_FUTEX 98
#define GW_NR_MINCORE 232
static inline long gw_syscall(long n, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;

    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
                     : "memory");
    return x0;
}
#elif defined(__riscv) && __riscv_xlen == 64
#define GW_ISA "riscv64"
#define GW_NR_WRITE 64
#define GW_NR_EXIT_GROUP 94
#define GW_NR_MPROTECT 226
#define GW_NR_PPOLL 73
#define GW_NR_FUTEX 98
#define GW_NR_MINCORE 232
static inline long gw_syscall(long n, long a, long b, long c, long d)
{
    register long a7 __asm__("a7") = n;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;

    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a7), "r"(a1), "r"(a2), "r"(a3)
                     : "memory");
    return a0;
}
#else
#error "no system calls for this guest ISA: add them here"
#endif

/* errno values, the same on all ISAs. */
#define GW_EINVAL 22
#define GW_ENOSYS 38
#define GW_ENOTSUP 95

#endif
