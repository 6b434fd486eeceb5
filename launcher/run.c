/* SPDX-License-Identifier: MIT */
/*
 * Starts the program, and ends as it ends.  The launcher has nothing to do
 * while the program runs but to pass signals on and, where asked, to take a
 * screenshot or to end the run; so it sleeps in sigtimedwait().
 */
#include "gangway.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long after having been asked politely the program gets SIGTERM, and
 * how long after that SIGKILL. */
static const double grace = 6, patience = 10;

struct run {
    const struct gw_options *o;
    pid_t child;
    double next_shot, next_quit; /* seconds since the start; < 0: never */
    int quit_step;               /* how hard we have pressed already */
    bool shot;                   /* a screenshot has been written */
    struct timespec start;
};

static double now(const struct run *r)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)(t.tv_sec - r->start.tv_sec) +
           (double)(t.tv_nsec - r->start.tv_nsec) / 1e9;
}

static void signals_of_interest(sigset_t *set)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGCHLD};

    sigemptyset(set);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        sigaddset(set, signals[i]);
}

/* execve(), with the sentence for when it fails. */
static int become(char **argv, char **envp)
{
    execve(argv[0], argv, envp);
    gw_fail(GW_EXIT_CANNOT_RUN, "cannot run %s: %s", argv[0],
            g_strerror(errno));
    return GW_EXIT_CANNOT_RUN;
}

static void take_screenshot(struct run *r)
{
    bool once = r->o->screenshot_at >= 0;
    enum gw_shot shot = gw_display_screenshot(r->o->screenshot);

    if (shot == GW_SHOT_TAKEN)
        r->shot = true;
    /* Without a time the latest wins, because nobody knows when a program
     * will end; with one, wait until there is something to see. */
    r->next_shot = once && shot == GW_SHOT_TAKEN ? -1 : now(r) + 1;
    if (shot == GW_SHOT_FAILED)
        r->next_shot = -1;
}

static void press_to_quit(struct run *r)
{
    switch (r->quit_step++) {
    case 0:
        if (gw_display_close_windows(r->child)) {
            r->next_quit = now(r) + grace;
            return;
        }
        r->quit_step++;
        /* fall through */
    case 1:
        kill(r->child, SIGTERM);
        r->next_quit = now(r) + patience;
        return;
    default:
        gw_say("the program did not end %g seconds after SIGTERM: killing "
               "it", patience);
        kill(r->child, SIGKILL);
        r->next_quit = -1;
    }
}

/* Time until the next thing to do; a long time when there is none. */
static struct timespec until_next(const struct run *r)
{
    double at = now(r) + 3600, left;

    if (r->next_shot >= 0)
        at = MIN(at, r->next_shot);
    if (r->next_quit >= 0)
        at = MIN(at, r->next_quit);
    left = MAX(at - now(r), 0);
    return (struct timespec){(time_t)left,
                             (long)((left - (double)(time_t)left) * 1e9)};
}

static void handle_signal(struct run *r, const siginfo_t *info)
{
    /* What the terminal sends, it sends to the program as well. */
    if (info->si_signo != SIGCHLD && info->si_code != SI_KERNEL)
        kill(r->child, info->si_signo);
}

static int wait_for_end(struct run *r)
{
    sigset_t set;
    int status;

    signals_of_interest(&set);
    for (;;) {
        struct timespec left = until_next(r);
        siginfo_t info;

        if (waitpid(r->child, &status, WNOHANG) == r->child)
            return status;
        if (sigtimedwait(&set, &info, &left) > 0)
            handle_signal(r, &info);
        if (r->next_shot >= 0 && now(r) >= r->next_shot)
            take_screenshot(r);
        if (r->next_quit >= 0 && now(r) >= r->next_quit)
            press_to_quit(r);
    }
}

static bool start_child(struct run *r, char **argv, char **envp)
{
    sigset_t set, before;

    signals_of_interest(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    r->child = fork();
    if (!r->child) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        _exit(become(argv, envp));
    }
    return r->child > 0 || gw_fail(GW_EXIT_SETUP, "cannot start a process: "
                                   "%s", g_strerror(errno));
}

static void say_about_screenshot(const struct run *r)
{
    if (!r->o->screenshot)
        return;
    if (r->shot)
        gw_say("screenshot: %s", r->o->screenshot);
    else
        gw_say("no screenshot: the program showed no window%s",
               r->o->screenshot_at >= 0 ? " then or later" : "");
}

int gw_run(char **argv, char **envp, const struct gw_options *o,
           const struct gw_display *d, double quit_after, bool stay)
{
    struct run r = {.o = o, .next_shot = -1, .next_quit = quit_after};
    int status;

    if (!stay && !d->server && !o->screenshot && quit_after < 0)
        return W_EXITCODE(become(argv, envp), 0);
    clock_gettime(CLOCK_MONOTONIC, &r.start);
    if (o->screenshot)
        r.next_shot = MAX(o->screenshot_at, 0);
    if (!start_child(&r, argv, envp))
        return W_EXITCODE(GW_EXIT_SETUP, 0);
    status = wait_for_end(&r);
    say_about_screenshot(&r);
    /* Ended by the signal that --quit-after sent: as asked. */
    if (r.quit_step == 2 && WIFSIGNALED(status) &&
        WTERMSIG(status) == SIGTERM)
        return 0;
    return status;
}

int gw_leave_as(int wait_status)
{
    struct rlimit none = {0, 0};
    sigset_t set;

    if (!WIFSIGNALED(wait_status))
        return WEXITSTATUS(wait_status);
    /* One core, the program's, is enough. */
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(wait_status), SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, WTERMSIG(wait_status));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(WTERMSIG(wait_status));
    return 128 + WTERMSIG(wait_status);
}
