/* SPDX-License-Identifier: MIT
 *
 * Indirect jumps, calls and returns, and jumps between pages, while the code
 * they lead to is changed, taken away, put back and executed by others.
 *
 * An emulator remembers where jumps lead.  Each part here makes it remember,
 * changes what is there, and looks whether the next jump sees the change.
 * It runs natively, too, and prints one line per part: "NAME ok".
 *
 *     jumps [--rounds N] [--only PART] [--libraries ONE TWO]
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
/* Calls between two changes: enough that every jump has been remembered. */
#define WARM 200

typedef int (*function)(void);

static int rounds = 100;
static const char *libraries[2];
static const char *part;

static void check(int true_, const char *what, long got, long wanted)
{
    if (!true_) {
        printf("%s FAILED: %s: %ld, expected %ld\n", part, what, got, wanted);
        fflush(stdout);
        _exit(1);
    }
}

#define SAME(got, wanted) \
    do { \
        long got_ = (got), wanted_ = (wanted); \
        check(got_ == wanted_, #got, got_, wanted_); \
    } while (0)

/* --- code that is made here -------------------------------------------- */

/* Room that one made function takes; none crosses a page. */
#define ROOM 16

static void flush(void *code)
{
    __builtin___clear_cache((char *)code, (char *)code + ROOM);
}

/* Writes a function that returns `value` (below 2000) over what is there.
 * Only one aligned word changes if such a function is there already, so that
 * others may run it meanwhile. */
static void put_return(char *code, int value)
{
#if defined __x86_64__
    /* nop; nop; nop; mov $value,%eax; ret: the value is an aligned word */
    static const unsigned char head[4] = {0x0f, 0x1f, 0x00, 0xb8};
    atomic_store((_Atomic uint32_t *)(code + 4), value);
    code[8] = (char)0xc3;
    if (memcmp(code, head, 4)) {
        memcpy(code, head, 4);
    }
#elif defined __aarch64__
    atomic_store((_Atomic uint32_t *)code, 0x52800000u | value << 5);
    ((uint32_t *)code)[1] = 0xd65f03c0u;
#elif defined __riscv
    atomic_store((_Atomic uint32_t *)code, 0x00000513u | value << 20);
    ((uint32_t *)code)[1] = 0x00008067u;
#else
#error "no code for this machine"
#endif
    flush(code);
}

/* Writes a jump to `target`, at most 512 KiB away. */
static void put_jump(char *code, const char *target)
{
    int32_t distance = (int32_t)(target - code);
#if defined __x86_64__
    distance -= 5;
    code[0] = (char)0xe9;
    memcpy(code + 1, &distance, 4);
#elif defined __aarch64__
    *(uint32_t *)code = 0x14000000u | ((uint32_t)distance >> 2 & 0x3ffffff);
#elif defined __riscv
    uint32_t d = (uint32_t)distance;
    *(uint32_t *)code = 0x6fu | (d >> 20 & 1) << 31 | (d >> 1 & 0x3ff) << 21 |
                        (d >> 11 & 1) << 20 | (d & 0xff000);
#endif
    flush(code);
}

static char *pages(int count)
{
    char *p = mmap(NULL, (size_t)count * PAGE, RWX,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(p != MAP_FAILED, "mmap", errno, 0);
    return p;
}

static void renew(char *page)
{
    char *p = mmap(page, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0);
    check(p == page, "mmap again", errno, 0);
}

/* Calls through a pointer; the call itself is always the same one. */
static __attribute__((noinline)) long call_often(function f, int times)
{
    long sum = 0;
    for (int i = 0; i < times; i++) {
        sum += ((function volatile)f)();
    }
    return sum;
}

/* --- faults ------------------------------------------------------------- */

static __thread sigjmp_buf *catcher;
static __thread void *fault_address;

static void on_fault(int signal_, siginfo_t *info, void *context)
{
    (void)context;
    if (!catcher) {
        static const char text[] = "unexpected fault\n";
        (void)!write(1, text, sizeof text - 1);
        signal(signal_, SIG_DFL);
        return;
    }
    fault_address = info->si_addr;
    siglongjmp(*catcher, 1);
}

/* Whether calling f faults at `at`. */
static int faults(function f, void *at)
{
    sigjmp_buf here;
    if (sigsetjmp(here, 1) == 0) {
        catcher = &here;
        call_often(f, 1);
        catcher = NULL;
        return 0;
    }
    catcher = NULL;
    return fault_address == at;
}

static void handle(int signal_, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(signal_, &action, NULL);
}

/* --- the parts ---------------------------------------------------------- */

static __attribute__((noinline)) int deep(int depth, function f)
{
    if (depth == 0) {
        return f();
    }
    return deep(depth - 1, f) + 1;
}

static int zero(void)
{
    return 0;
}

/* Many targets from one place, and returns to many places. */
static void part_many(void)
{
    enum { COUNT = 40000 };
    char *code = pages(COUNT * ROOM / PAGE + 1);
    for (int i = 0; i < COUNT; i++) {
        put_return(code + i * ROOM, i % 1999);
    }
    for (int round = 0; round < 3; round++) {
        long sum = 0, wanted = 0;
        for (int i = 0; i < COUNT; i++) {
            int which = (int)((i * 7919L + round) % COUNT);
            int got = (int)call_often((function)(code + which * ROOM), 1);
            SAME(got, which % 1999);
            sum += got;
            wanted += which % 1999;
        }
        SAME(sum, wanted);
    }
    SAME(deep(20000, zero), 20000);
    munmap(code, (COUNT * ROOM / PAGE + 1) * PAGE);
}

/* A function is changed by the thread that calls it. */
static void part_change(void)
{
    char *code = pages(1);
    for (int round = 0; round < rounds * 5; round++) {
        put_return(code, round % 1999);
        SAME(call_often((function)code, WARM), round % 1999 * (long)WARM);
    }
    munmap(code, PAGE);
}

/* A jump leads to another page, which is changed, replaced, forbidden. */
static void part_pages(void)
{
    char *code = pages(3);
    char *target = code + 2 * PAGE + 512;
    put_jump(code, target);
    for (int round = 0; round < rounds; round++) {
        put_return(target, round);
        SAME(call_often((function)code, WARM), round * (long)WARM);
        put_return(target, round + 1);
        SAME(call_often((function)code, WARM), (round + 1) * (long)WARM);

        renew(code + 2 * PAGE);
        put_return(target, round + 2);
        SAME(call_often((function)code, WARM), (round + 2) * (long)WARM);

        mprotect(code + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE);
        SAME(faults((function)code, target), 1);
        SAME(faults((function)target, target), 1);
        mprotect(code + 2 * PAGE, PAGE, RWX);
        SAME(call_often((function)code, WARM), (round + 2) * (long)WARM);
        SAME(call_often((function)target, WARM), (round + 2) * (long)WARM);

        munmap(code + 2 * PAGE, PAGE);
        SAME(faults((function)code, target), 1);
        SAME(faults((function)target, target), 1);
        renew(code + 2 * PAGE);
    }
    munmap(code, 3 * PAGE);
}

/* The jump itself is led elsewhere. */
static void part_redirect(void)
{
    char *code = pages(4);
    for (int i = 1; i < 4; i++) {
        put_return(code + i * PAGE, i);
    }
    for (int round = 0; round < rounds * 5; round++) {
        int to = 1 + round % 3;
        put_jump(code, code + to * PAGE);
        SAME(call_often((function)code, WARM), to * (long)WARM);
    }
    munmap(code, 4 * PAGE);
}

/* Other threads run what this one changes. */
struct shared {
    char *code;
    function entry;
    _Atomic int generation, seen[3], stop;
};

static struct shared *shared;

static void *caller(void *which)
{
    struct shared *s = shared;
    int me = (int)(intptr_t)which;
    while (!s->stop) {
        int before = s->generation;
        flush(s->code);
        int got = (int)call_often(s->entry, 1);
        int after = s->generation;
        /* One ahead is allowed: the code changes before the count does. */
        check(got >= before && got <= after + 1, "a thread's value", got,
              before);
        s->seen[me] = got;
    }
    return NULL;
}

static void part_threads(void)
{
    struct shared s = {.code = pages(2)};
    pthread_t threads[3];
    shared = &s;
    s.entry = (function)s.code;
    put_return(s.code + PAGE, 0);
    put_jump(s.code, s.code + PAGE);
    for (intptr_t i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, caller, (void *)i);
    }
    for (int round = 1; round <= rounds && round < 1999; round++) {
        put_return(s.code + PAGE, round);
        s.generation = round;
        for (int i = 0; i < 3; i++) {
            while (s.seen[i] < round) {
                usleep(50);
            }
        }
    }
    s.stop = 1;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    munmap(s.code, 2 * PAGE);
}

/* A thread loses the page that it runs, and gets it back. */
static _Atomic int lost, stop_losing;

static void *loser(void *code)
{
    while (!stop_losing) {
        sigjmp_buf here;
        if (sigsetjmp(here, 1) == 0) {
            catcher = &here;
            while (!stop_losing) {
                int got = (int)call_often((function)code, 1);
                check(got == 7 || got == 8, "a value", got, 7);
            }
        } else {
            long at = (char *)fault_address - (char *)code - PAGE;
            check(at >= 0 && at < ROOM, "a fault's place", at, 0);
            lost++;
        }
        catcher = NULL;
    }
    return NULL;
}

static void part_lose(void)
{
    char *code = pages(2);
    pthread_t threads[2];
    put_return(code + PAGE, 7);
    put_jump(code, code + PAGE);
    lost = stop_losing = 0;
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, loser, code);
    }
    for (int round = 0; round < rounds; round++) {
        int before = lost;
        mprotect(code + PAGE, PAGE, PROT_NONE);
        /* Whoever runs it must notice, however it came there. */
        while (lost < before + 2) {
            usleep(50);
        }
        mprotect(code + PAGE, PAGE, RWX);
        put_return(code + PAGE, 7 + round % 2);
        usleep(100);
    }
    stop_losing = 1;
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    munmap(code, 2 * PAGE);
}

/* A library is closed, and another one takes its place. */
static void part_libraries(void)
{
    if (!libraries[0]) {
        return;
    }
    for (int round = 0; round < rounds; round++) {
        void *library = dlopen(libraries[round % 2], RTLD_NOW | RTLD_LOCAL);
        check(library != NULL, "dlopen", 0, 1);
        function answer = (function)dlsym(library, "answer");
        function far = (function)dlsym(library, "far_answer");
        check(answer && far, "dlsym", 0, 1);
        SAME(call_often(answer, WARM), (round % 2 + 1) * (long)WARM);
        SAME(call_often(far, WARM), (round % 2 + 1) * (long)WARM);
        dlclose(library);
    }
}

/* A child changes its copy of the code. */
static void part_fork(void)
{
    struct shared s = {.code = pages(2)};
    pthread_t thread;
    shared = &s;
    s.entry = (function)s.code;
    put_return(s.code + PAGE, 1);
    put_jump(s.code, s.code + PAGE);
    s.generation = 1;
    pthread_create(&thread, NULL, caller, (void *)0);
    for (int round = 0; round < rounds / 4 + 1; round++) {
        SAME(call_often(s.entry, WARM), WARM);
        pid_t child = fork();
        if (child == 0) {
            if (call_often(s.entry, WARM) != WARM) {
                _exit(2);
            }
            put_return(s.code + PAGE, 5);
            _exit(call_often(s.entry, WARM) == 5 * WARM ? 0 : 3);
        }
        int status = -1;
        waitpid(child, &status, 0);
        SAME(status, 0);
        SAME(call_often(s.entry, WARM), WARM);
    }
    s.stop = 1;
    pthread_join(thread, NULL);
    munmap(s.code, 2 * PAGE);
}

/* Signals come while jumps are made, and their handlers jump, too. */
static char *signal_code;
static _Atomic int alarms, left;

static void on_alarm(int signal_, siginfo_t *info, void *context)
{
    (void)signal_;
    (void)info;
    (void)context;
    SAME(call_often((function)signal_code, 3), 33);
    alarms++;
    if (catcher && alarms % 2) {
        left++;
        siglongjmp(*catcher, 1);
    }
}

static void part_signals(void)
{
    struct itimerval timer = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    char *code = pages(2);
    signal_code = code + PAGE;
    put_return(signal_code, 11);
    put_jump(code, signal_code);
    alarms = left = 0;
    handle(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (alarms < rounds) {
        sigjmp_buf here;
        if (sigsetjmp(here, 1) == 0) {
            catcher = &here;
            for (int i = 0; i < 50; i++) {
                SAME(call_often((function)code, WARM), 11 * (long)WARM);
                SAME(deep(200, (function)code), 211);
            }
        }
        catcher = NULL;
    }
    setitimer(ITIMER_REAL, &off, NULL);
    signal(SIGALRM, SIG_IGN);
    check(left > 0, "left by longjmp", left, 1);
    munmap(code, 2 * PAGE);
}

#if defined __x86_64__
/* A trap after each instruction (TF) is no property of the code: what ran
 * without it must be found again with it, and the other way round. */
static _Atomic int steps;

static void on_trap(int signal_, siginfo_t *info, void *context)
{
    (void)signal_;
    (void)info;
    (void)context;
    steps++;
}

static __attribute__((noinline)) int stepped(function f)
{
    int value;
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq\n\t"
                     "call *%1\n\t"
                     "pushfq; andq $~0x100, (%%rsp); popfq"
                     : "=a"(value) : "r"(f)
                     : "memory", "cc", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
                       "r10", "r11");
    return value;
}

/* Alignment checks (AC) are one of QEMU's flags of a block, too. */
static __attribute__((noinline)) int with_ac(function f)
{
    int value;
    __asm__ volatile("pushfq; orq $0x40000, (%%rsp); popfq\n\t"
                     "call *%1\n\t"
                     "pushfq; andq $~0x40000, (%%rsp); popfq"
                     : "=a"(value) : "r"(f)
                     : "memory", "cc", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
                       "r10", "r11");
    return value;
}

static void part_flags(void)
{
    char *code = pages(2);
    handle(SIGTRAP, on_trap);
    put_return(code + PAGE, 21);
    put_jump(code, code + PAGE);
    for (int round = 0; round < rounds; round++) {
        SAME(call_often((function)code, WARM), 21 * (long)WARM);
        steps = 0;
        SAME(stepped((function)code), 21);
        /* call, jmp, nop, mov, ret, pushf, and, popf */
        SAME(steps, 8);
        SAME(with_ac((function)code), 21);
        SAME(call_often((function)(code + PAGE), WARM), 21 * (long)WARM);
    }
    signal(SIGTRAP, SIG_DFL);
    munmap(code, 2 * PAGE);
}
#endif

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"many", part_many},       {"change", part_change},
    {"pages", part_pages},     {"redirect", part_redirect},
    {"threads", part_threads}, {"lose", part_lose},
    {"libraries", part_libraries}, {"fork", part_fork},
    {"signals", part_signals},
#if defined __x86_64__
    {"flags", part_flags},
#endif
};

int main(int argc, char **argv)
{
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--rounds") && i + 1 < argc) {
            rounds = atoi(argv[++i]);
        } else if (!strcmp(argv[i], "--only") && i + 1 < argc) {
            only = argv[++i];
        } else if (!strcmp(argv[i], "--libraries") && i + 2 < argc) {
            libraries[0] = argv[++i];
            libraries[1] = argv[++i];
        } else {
            fprintf(stderr, "usage: jumps [--rounds N] [--only PART] "
                            "[--libraries ONE TWO]\n");
            return 2;
        }
    }
    handle(SIGSEGV, on_fault);
    handle(SIGBUS, on_fault);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        part = parts[i].name;
        if (only && strcmp(only, part)) {
            continue;
        }
        parts[i].run();
        printf("%s ok\n", part);
        fflush(stdout);
    }
    return 0;
}
