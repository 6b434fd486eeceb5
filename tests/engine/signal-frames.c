/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a signal handler's frame whose registers are not those of the
 * interrupted instruction (values that generated code keeps in the host's
 * registers, MXCSR with its sticky flags), registers that a handler's return
 * does not restore, or changes of the frame that are lost.
 *
 *     signal-frames faults | timer
 *
 * The loop below keeps in each register what follows from its counter and the
 * address of the instruction: `steps` says how many of its additions have been
 * made.  So any frame can be checked, wherever the signal came.
 */
#include "mxcsr.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <time.h>

/*
 * stress_loop(count, pages, one): a turn of the loop adds 1 to the registers,
 * one after the other, with accesses in between that may fault.  rcx counts
 * the turns that are done.  rdi and on: pages[i], each may be inaccessible.
 */
void stress_loop(uint64_t turns, char *pages);
extern const char stress_begin[], stress_end[];
/* Address of each instruction of a turn. */
extern const char *const stress_at[];

__asm__(
    ".macro at\n"
    "7:\n"
    ".pushsection .data.rel.ro.stress_at, \"aw\"\n"
    ".quad 7b\n"
    ".popsection\n"
    ".endm\n"
    ".pushsection .data.rel.ro.stress_at, \"aw\"\n"
    ".globl stress_at\n"
    "stress_at:\n"
    ".popsection\n"
    ".text\n"
    ".globl stress_loop, stress_begin, stress_end\n"
    "stress_loop:\n"
    "    push %rbx\n"
    "    xor %ecx, %ecx\n"
    "    mov $1, %eax\n"
    "    cvtsi2sd %eax, %xmm1\n"
    "    movlhps %xmm1, %xmm1\n"
    "    xorps %xmm0, %xmm0\n"
    "    xorps %xmm2, %xmm2\n"
    "    xorps %xmm3, %xmm3\n"
    "    vxorps %ymm4, %ymm4, %ymm4\n"
    "    vbroadcastsd %xmm1, %ymm5\n"
    "    xorps %xmm6, %xmm6\n"
    "    cvtsd2ss %xmm1, %xmm7\n"
    "    xorps %xmm8, %xmm8\n"
    "    xor %ebx, %ebx\n"
    "    jmp stress_begin\n"
    "    .balign 16\n"
    "stress_begin:\n"
    "at; addsd %xmm1, %xmm0\n"           /* 0 */
    "at; mov (%rsi), %rax\n"             /* 1 may fault */
    "at; addpd %xmm1, %xmm2\n"           /* 2 */
    "at; movsd 4096(%rsi), %xmm9\n"      /* 3 may fault */
    "at; vaddpd %ymm5, %ymm4, %ymm4\n"   /* 4 */
    "at; addsd 8192(%rsi), %xmm3\n"      /* 5 may fault; adds 1 */
    "at; addss %xmm7, %xmm6\n"           /* 6 */
    "at; movaps %xmm2, 12288(%rsi)\n"    /* 7 may fault */
    "at; add $1, %rbx\n"                 /* 8 */
    "at; vfmadd231sd 16384(%rsi), %xmm1, %xmm8\n" /* 9 may fault; adds 1 */
    "at; add $1, %rcx\n"                 /* 10 */
    "at; cmp %rdi, %rcx\n"               /* 11 */
    "at; jne stress_begin\n"             /* 12 */
    "stress_end:\n"
    "    pop %rbx\n"
    "    vzeroupper\n"
    "    ret\n");

enum { STEPS = 13, PAGES = 5, PAGE = 4096, FIRST_FREE = 9 };

static volatile sig_atomic_t wrong, frames, inside;
static volatile sig_atomic_t at_step[STEPS];
static char *pages;
static uint32_t expected_mxcsr;

static void bad(const char *what, int step, uint64_t turn, double is,
                double should)
{
    if (wrong++ < 10)
        printf("step %d, turn %llu: %s is %.17g, should be %.17g\n", step,
               (unsigned long long)turn, what, is, should);
}

/* The upper half of a ymm register in a frame with XSAVE's area, or NULL. */
static const double *upper(const struct _libc_fpstate *fp, int reg)
{
    const uint32_t *software = (const uint32_t *)((const char *)fp + 464);
    const uint64_t *header = (const uint64_t *)((const char *)fp + 512);

    if (software[0] != 0x46505853 /* FP_XSTATE_MAGIC1 */ ||
        !(header[0] & 4))
        return NULL;
    return (const double *)((const char *)fp + 576 + 16 * reg);
}

static int step_of(uint64_t rip)
{
    for (int i = 0; i < STEPS; i++) {
        if (rip == (uint64_t)stress_at[i])
            return i;
    }
    return -1;
}

static void check_lanes(const ucontext_t *u, int step, uint64_t turn)
{
    const struct _libc_fpstate *fp = u->uc_mcontext.fpregs;
    const double *high;
    double value[2];
    float single;
    /* Register, lanes, the step after which it has counted this turn. */
    static const int counts[][3] = {{0, 1, 0}, {2, 2, 2}, {4, 2, 4},
                                    {3, 1, 5}, {8, 1, 9}};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        double should = (double)turn + (step > counts[i][2]);
        char name[8];

        memcpy(value, &fp->_xmm[counts[i][0]], sizeof value);
        snprintf(name, sizeof name, "xmm%d", counts[i][0]);
        for (int lane = 0; lane < 2; lane++) {
            double here = lane < counts[i][1] ? should : 0;

            if (value[lane] != here)
                bad(name, step, turn, value[lane], here);
        }
    }
    memcpy(&single, &fp->_xmm[6], sizeof single);
    if (single != (float)turn + (step > 6))
        bad("xmm6", step, turn, single, (float)turn + (step > 6));
    high = upper(fp, 4);
    if (!high)
        bad("ymm4's presence", step, turn, 0, 1);
    for (int lane = 0; high && lane < 2; lane++) {
        if (high[lane] != (double)turn + (step > 4))
            bad("ymm4", step, turn, high[lane], (double)turn + (step > 4));
    }
    memcpy(value, &fp->_xmm[1], sizeof value);
    if (value[0] != 1 || value[1] != 1)
        bad("xmm1", step, turn, value[0], 1);
}

static void check(const ucontext_t *u)
{
    const greg_t *r = u->uc_mcontext.gregs;
    int step = step_of((uint64_t)r[REG_RIP]);
    uint64_t turn;

    if ((uint64_t)r[REG_RIP] < (uint64_t)stress_begin ||
        (uint64_t)r[REG_RIP] >= (uint64_t)stress_end)
        return;
    if (step < 0) {
        wrong++;
        printf("rip lies within an instruction\n");
        return;
    }
    inside++;
    at_step[step]++;
    turn = (uint64_t)r[REG_RCX] - (step > 10);
    if ((uint64_t)r[REG_RBX] != turn + (step > 8))
        bad("rbx", step, turn, (double)r[REG_RBX],
            (double)turn + (step > 8));
    check_lanes(u, step, turn);
    if (u->uc_mcontext.fpregs->mxcsr != expected_mxcsr)
        bad("mxcsr", step, turn, u->uc_mcontext.fpregs->mxcsr,
            expected_mxcsr);
}

/* So that a register that is not restored is noticed. */
static void spoil(void)
{
    uint32_t mxcsr = 0x7f80 | 0x3d;

    __asm__ volatile("ldmxcsr %0\n"
                     "vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n"
                     "vmovdqa %%ymm0, %%ymm1\n vmovdqa %%ymm0, %%ymm2\n"
                     "vmovdqa %%ymm0, %%ymm3\n vmovdqa %%ymm0, %%ymm4\n"
                     "vmovdqa %%ymm0, %%ymm5\n vmovdqa %%ymm0, %%ymm6\n"
                     "vmovdqa %%ymm0, %%ymm7\n vmovdqa %%ymm0, %%ymm8\n"
                     "vzeroupper"
                     : : "m"(mxcsr) : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
                       "xmm5", "xmm6", "xmm7", "xmm8");
}

static int locked = -1;
static unsigned next_lock = 1;

/* Makes another page inaccessible, now and then at another place. */
static void lock_one(void)
{
    locked = (int)(next_lock = next_lock * 1103515245 + 12345) >> 16 & 7;
    locked = locked < 0 ? -locked : locked;
    locked %= PAGES;
    mprotect(pages + locked * PAGE, PAGE, PROT_NONE);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    frames++;
    check(u);
    if (number == SIGSEGV) {
        static const int faulting[PAGES] = {1, 3, 5, 7, 9};
        int step = step_of((uint64_t)u->uc_mcontext.gregs[REG_RIP]);

        if (info->si_addr != pages + locked * PAGE ||
            step != faulting[locked] || info->si_code != SEGV_ACCERR) {
            printf("fault at page %d: si_addr +%ld, step %d, code %d\n",
                   locked, (long)((char *)info->si_addr - pages), step,
                   info->si_code);
            exit(1);
        }
        mprotect(pages + locked * PAGE, PAGE, PROT_READ | PROT_WRITE);
    }
    spoil();
}

/* A fault in a later turn needs somebody who locks while the loop runs. */
static void on_timer(int number, siginfo_t *info, void *context)
{
    int old = locked;

    (void)number;
    (void)info;
    frames++;
    check(context);
    /* Unlocked by the fault, unless it did not come yet. */
    mprotect(pages + (old < 0 ? 0 : old) * PAGE, PAGE,
             PROT_READ | PROT_WRITE);
    lock_one();
    spoil();
}

static void install(int number, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO};

    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void ones(void)
{
    const double one = 1;

    for (int i = 0; i < PAGES; i++)
        memcpy(pages + i * PAGE, &one, sizeof one);
}

static void run_faults(void)
{
    static const uint32_t modes[] = {0x1f80, 0x3f80, 0x5fa0, 0x7f91, 0x9fc0,
                                     0xff80};

    for (int i = 0; i < 1200; i++) {
        expected_mxcsr = modes[i % 6];
        set_mxcsr(expected_mxcsr);
        lock_one();
        stress_loop(1 + (unsigned)i % 5, pages);
        if (get_mxcsr() != expected_mxcsr)
            bad("mxcsr after the loop", 0, (uint64_t)i, get_mxcsr(),
                expected_mxcsr);
        set_mxcsr(0x1f80);
        mprotect(pages + locked * PAGE, PAGE, PROT_READ | PROT_WRITE);
        ones();
    }
    printf("%d faults, %d in the loop\n", (int)frames, (int)inside);
}

static void run_timer(void)
{
    struct itimerval every = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    time_t end = time(NULL) + 6;
    int turns = 0;

    install(SIGALRM, on_timer);
    while (time(NULL) < end) {
        expected_mxcsr = turns++ & 1 ? 0x1f80 : 0x7fa0;
        set_mxcsr(expected_mxcsr);
        setitimer(ITIMER_REAL, &every, NULL);
        stress_loop(200000, pages);
        setitimer(ITIMER_REAL, &never, NULL);
        set_mxcsr(0x1f80);
        if (locked >= 0)
            mprotect(pages + locked * PAGE, PAGE, PROT_READ | PROT_WRITE);
        ones();
    }
    /* How many came is chance. */
    printf("%s signals, %s of them in the loop\n",
           frames > 200 ? "many" : "few", inside > 100 ? "many" : "few");
    fprintf(stderr, "%d signals, %d in the loop:", (int)frames, (int)inside);
    for (int i = 0; i < STEPS; i++)
        fprintf(stderr, " %d", (int)at_step[i]);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return 2;
    ones();
    install(SIGSEGV, on_fault);
    if (!strcmp(argv[1], "faults"))
        run_faults();
    else
        run_timer();
    printf("%d wrong\n", (int)wrong);
    return wrong != 0;
}
