/* SPDX-License-Identifier: MIT */
/*
 * The X display that the program draws on: the user's, or an Xvfb of our own
 * that only this user can reach.  Its number comes from the server itself
 * (-displayfd), so that nobody races for one; its cookie lies in memory and
 * is reached through /proc, so that nothing stays behind.
 */
#include "gangway.h"

#include <X11/Xlib.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_SECONDS = 30, STOP_SECONDS = 10 };

bool gw_display_usable(const char *name)
{
    Display *display = XOpenDisplay(name);

    if (display)
        XCloseDisplay(display);
    return display;
}

/* An authority file as Xauth(7) has it: one entry, for any host and display
 * (FamilyWild).  Returns its descriptor, or -1. */
static int make_authority(void)
{
    static const char head[] = "\xff\xff" "\0\0" "\0\0"
                               "\0\x12" "MIT-MAGIC-COOKIE-1" "\0\x10";
    char entry[sizeof head - 1 + 16];
    int fd = memfd_create("gangway-xauthority", MFD_CLOEXEC);

    memcpy(entry, head, sizeof head - 1);
    if (fd < 0 || getrandom(entry + sizeof head - 1, 16, 0) != 16 ||
        write(fd, entry, sizeof entry) != sizeof entry)
        return -1;
    return fd;
}

/* In the child: becomes Xvfb. */
static void exec_server(const char *xvfb, int displayfd, const char *screen,
                        const char *authority)
{
    g_autofree char *number = g_strdup_printf("%d", displayfd);
    int null = open("/dev/null", O_RDWR);

    /* Out of the terminal's reach: ^C is for the program; but gone when the
     * launcher is, however that ends. */
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execl(xvfb, "Xvfb", "-displayfd", number, "-screen", "0", screen,
          "-auth", authority, "-nolisten", "tcp", "-noreset", "+extension",
          "GLX", (char *)NULL);
    _exit(127);
}

/* Reads the display's number, a line, from the server; -1: it never came. */
static int read_number(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char text[16] = "";
    size_t length = 0;

    while (length < sizeof text - 1 && !strchr(text, '\n')) {
        ssize_t got;
        int ready = poll(&wait, 1, START_SECONDS * 1000);

        if (ready < 0 && errno == EINTR)
            continue;
        got = ready > 0 ? read(fd, text + length, sizeof text - 1 - length)
                        : 0;
        if (got <= 0)
            return -1;
        length += (size_t)got;
    }
    return (int)g_ascii_strtoll(text, NULL, 10);
}

/* A server that does not end by itself holds nobody up for long. */
static void stop_server(pid_t server)
{
    kill(server, SIGTERM);
    for (int i = 0; i < STOP_SECONDS * 100; i++) {
        if (waitpid(server, NULL, WNOHANG) == server)
            return;
        g_usleep(G_USEC_PER_SEC / 100);
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

static bool start_server(struct gw_display *d, const char *xvfb,
                         const char *screen)
{
    int ends[2], number;

    if (pipe(ends) < 0)
        return gw_fail(GW_EXIT_SETUP, "no pipe: %s", g_strerror(errno));
    d->server = fork();
    if (!d->server) {
        close(ends[0]);
        exec_server(xvfb, ends[1], screen, d->authority);
    }
    close(ends[1]);
    number = d->server > 0 ? read_number(ends[0]) : -1;
    close(ends[0]);
    if (number >= 0) {
        d->name = g_strdup_printf(":%d", number);
        return true;
    }
    if (d->server > 0)
        stop_server(d->server);
    d->server = 0;
    return gw_fail(GW_EXIT_SETUP, "%s -screen 0 %s did not start: run it by "
                   "hand to see why", xvfb, screen);
}

static bool start(struct gw_display *d, const struct gw_options *o,
                  const char *why)
{
    g_autofree char *xvfb = g_find_program_in_path("Xvfb");
    g_autofree char *screen = g_strdup_printf("%dx%dx24", o->width,
                                              o->height);
    int cookie = xvfb ? make_authority() : -1;

    if (!xvfb)
        return gw_fail(GW_EXIT_SETUP, "%s%sno Xvfb to start one: install "
                       "Debian's package xvfb", why, *why ? ", and " : "");
    if (cookie < 0)
        return gw_fail(GW_EXIT_SETUP, "no cookie for Xvfb: %s",
                       g_strerror(errno));
    d->authority = g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), cookie);
    if (!start_server(d, xvfb, screen))
        return false;
    g_setenv("DISPLAY", d->name, TRUE);
    g_setenv("XAUTHORITY", d->authority, TRUE);
    gw_say("%s%svirtual X server Xvfb %s (%dx%d)", why, *why ? ": " : "",
           d->name, o->width, o->height);
    return true;
}

bool gw_display_init(struct gw_display *d, const struct gw_options *o)
{
    const char *name = g_getenv("DISPLAY");

    *d = (struct gw_display){0};
    if (!strcmp(o->display, "none"))
        return true;
    if (!strcmp(o->display, "xvfb"))
        return start(d, o, "");
    if (strcmp(o->display, "auto")) {
        if (!gw_display_usable(o->display))
            return gw_fail(GW_EXIT_SETUP, "--display: cannot open the X "
                           "display '%s'; `--display xvfb` starts a virtual "
                           "one", o->display);
        g_setenv("DISPLAY", o->display, TRUE);
        return true;
    }
    if (!name || !*name)
        return start(d, o, "no display (DISPLAY is not set)");
    if (!gw_display_usable(NULL)) {
        g_autofree char *why =
            g_strdup_printf("cannot open the display %s", name);
        return start(d, o, why);
    }
    return true;
}

void gw_display_finish(struct gw_display *d)
{
    if (d->server > 0)
        stop_server(d->server);
    g_free(d->name);
    g_free(d->authority);
    *d = (struct gw_display){0};
}
