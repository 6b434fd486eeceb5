/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signals.h"
#include "guest-memory.h"
#include "registry.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define SIGNALS 65
#define FRAMES 64

/* initial-exec: read in a signal handler, where nothing may be allocated. */
static __thread bool is_cpu __attribute__((tls_model("initial-exec")));

static int64_t rt_sigaction;         /* the guest's system call number */
static struct sigaction qemus[SIGNALS]; /* the handlers behind ours */
static bool guest_handles[SIGNALS];  /* the guest has a handler or ignores */

void gw_signals_init(const char *target)
{
    void *frame[1];

    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    rt_sigaction = strcmp(target, "x86_64") ? 134 : 13;
    /* Loads the unwinder now: a handler must not. */
    backtrace(frame, 1);
}

void gw_signals_cpu_thread(void)
{
    is_cpu = true;
}

bool gw_is_cpu_thread(void)
{
    return is_cpu;
}

static bool is_fault(int sig, const siginfo_t *info)
{
    return info->si_code > 0 &&
           (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
            sig == SIGILL || sig == SIGTRAP);
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        return;
    }
}

static void explain(int sig)
{
    void *frames[FRAMES];
    char line[256], call[160] = "a thread of the host's own";

    if (gw_crash_hooks_found) {
        gw_crash_hooks_found->describe(call, sizeof(call));
    }
    snprintf(line, sizeof(line), "gangway: signal %d (%s) in host code, in "
             "%s; the host's stack:\n", sig, sigabbrev_np(sig), call);
    say(line);
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
}

/* Sends the signal on and never takes one of its kind here again. */
static void send_on(int sig, siginfo_t *info, ucontext_t *context)
{
    for (int s = 1; s < SIGRTMIN; s++) {
        sigaddset(&context->uc_sigmask, s);
    }
    sigaddset(&context->uc_sigmask, sig);
    sigdelset(&context->uc_sigmask, SIGSEGV);
    sigdelset(&context->uc_sigmask, SIGBUS);
    /* The kernel lets only a process's first thread repeat what somebody else
     * has sent (EPERM); then the signal goes on without its origin. */
    if (syscall(SYS_rt_sigqueueinfo, getpid(), sig, info) != 0) {
        kill(getpid(), sig);
    }
}

/*
 * A fault of a CPU's thread: is it the host function's?  QEMU write-protects
 * guest pages that hold translated code, so a fault on memory that can be
 * read may be one that it resolves.
 */
static bool is_host_functions(const siginfo_t *info)
{
    char byte;

    return gw_crash_hooks_found &&
           gw_crash_hooks_found->describe(NULL, 0) &&
           !gw_host_read((uintptr_t)info->si_addr, &byte, 1);
}

/*
 * Natively the guest's handler would run now.  QEMU takes a fault outside of
 * translated code for its own and ends, so the call ends instead, and the
 * guest gets the signal right behind it.
 */
static void give_to_guest(int sig, const ucontext_t *context)
{
    pthread_sigmask(SIG_SETMASK, &context->uc_sigmask, NULL);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
    gw_crash_hooks_found->abandon();
}

static uintptr_t *program_counter(ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t *)&context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t *)&context->uc_mcontext.pc;
#elif defined(__riscv)
    return (uintptr_t *)&context->uc_mcontext.__gregs[REG_PC];
#else
#error "where does a signal's context have the program counter?"
#endif
}

/* The runtime looks at memory that may be gone. */
static bool is_probe(ucontext_t *context)
{
    uintptr_t *pc = program_counter(context);

    if (!gw_crash_hooks_found ||
        *pc != (uintptr_t)gw_crash_hooks_found->probe_load) {
        return false;
    }
    *pc = (uintptr_t)gw_crash_hooks_found->probe_failed;
    return true;
}

static void handle(int sig, siginfo_t *info, void *context)
{
    if (is_fault(sig, info) && is_probe(context)) {
        return;
    }
    if (is_cpu) {
        if (is_fault(sig, info) && is_host_functions(info)) {
            if (guest_handles[sig]) {
                give_to_guest(sig, context);
            }
            explain(sig);
        }
        qemus[sig].sa_sigaction(sig, info, context);
    } else if (is_fault(sig, info)) {
        explain(sig);
        /* Returning faults again, now with the default action. */
        signal(sig, SIG_DFL);
    } else {
        int saved = errno; /* of the library's code that was interrupted */
        send_on(sig, info, context);
        errno = saved;
    }
}

void gw_signals_hook(void)
{
    struct sigaction now;

    for (int sig = 1; sig < SIGNALS; sig++) {
        if (sigaction(sig, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
            now.sa_sigaction != handle) {
            qemus[sig] = now;
            now.sa_sigaction = handle;
            sigaction(sig, &now, NULL);
        }
    }
}

/* struct sigaction of the guest begins with the handler on every ISA. */
void gw_signals_before_syscall(int64_t num, uint64_t a1, uint64_t a2)
{
    uint64_t handler;

    if (num == rt_sigaction && a1 > 0 && a1 < SIGNALS &&
        gw_guest_read(a2, &handler, sizeof(handler))) {
        guest_handles[a1] = handler != (uintptr_t)SIG_DFL;
    }
}

void gw_signals_after_syscall(int64_t num)
{
    if (num == rt_sigaction) {
        gw_signals_hook();
    }
}
