/* SPDX-License-Identifier: MIT */
/*
 * The X display that the program draws on: the user's, or an Xvfb of our own
 * that only this user can reach.  A child of ours has the display's sockets and
 * becomes the server when somebody connects, so a program that draws nothing
 * gets no server; the sockets are handed over as to a service of systemd's
 * (sd_listen_fds(3)).  An Xvfb that knows nothing of this is started at once,
 * and chooses its number itself (-displayfd).  The cookie lies in memory and is
 * reached through /proc, so that nothing stays behind.
 */
#include "gangway.h"
#include "imports.h"

#include <X11/Xlib.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_FOLDER "/tmp/.X11-unix"

enum { START_SECONDS = 30, STOP_SECONDS = 10, DISPLAYS = 1000 };
enum { FIRST_HANDED = 3 }; /* SD_LISTEN_FDS_START */

/* A server that is to be started. */
struct plan {
    const char *xvfb;   /* NULL: there is none */
    const char *screen; /* "1280x720x24" */
    const char *why;    /* or "" */
};

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

/* In a child: out of the terminal's reach, as ^C is for the program; but gone
 * when the launcher is, however that ends. */
static void detach(pid_t launcher)
{
    int null = open("/dev/null", O_RDWR);

    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != launcher)
        _exit(0);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
}

/* In a child: becomes Xvfb.  `which`: its number, or how it is to tell it. */
static void exec_server(const struct plan *plan, const char *authority,
                        const char *const which[2])
{
    dup2(STDOUT_FILENO, STDERR_FILENO);
    execl(plan->xvfb, "Xvfb", "-screen", "0", plan->screen, "-auth",
          authority, "-nolisten", "tcp", "-noreset", "+extension", "GLX",
          which[0], which[1], (char *)NULL);
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

static void set_name(struct gw_display *d, int number)
{
    d->name = g_strdup_printf(":%d", number);
    g_setenv("DISPLAY", d->name, TRUE);
    g_setenv("XAUTHORITY", d->authority, TRUE);
}

static void say_which(const char *name, const struct plan *plan)
{
    g_autofree char *size = g_strndup(plan->screen,
                                      strlen(plan->screen) - strlen("x24"));

    gw_say("%s%svirtual X server Xvfb %s (%s)", plan->why,
           *plan->why ? ": " : "", name, size);
}

static bool start_at_once(struct gw_display *d, const struct plan *plan)
{
    pid_t launcher = getpid();
    int ends[2], number;

    if (pipe(ends) < 0)
        return gw_fail(GW_EXIT_SETUP, "no pipe: %s", g_strerror(errno));
    d->server = fork();
    if (!d->server) {
        g_autofree char *fd = g_strdup_printf("%d", ends[1]);
        close(ends[0]);
        detach(launcher);
        exec_server(plan, d->authority,
                    (const char *const[]){"-displayfd", fd});
    }
    close(ends[1]);
    number = d->server > 0 ? read_number(ends[0]) : -1;
    close(ends[0]);
    if (number >= 0) {
        set_name(d, number);
        say_which(d->name, plan);
        return true;
    }
    if (d->server > 0)
        stop_server(d->server);
    d->server = 0;
    return gw_fail(GW_EXIT_SETUP, "%s -screen 0 %s did not start: run it by "
                   "hand to see why", plan->xvfb, plan->screen);
}

/* --- a server that starts when it is wanted ------------------------------ */

/* Does it take over sockets? */
static bool can_be_handed(const char *xvfb)
{
    g_auto(GStrv) imports = gw_imports_of(xvfb);

    return imports && g_strv_contains((const char *const *)imports,
                                      "sd_listen_fds");
}

/* The length of a socket's address, which is abstract when it begins with a
 * zero byte. */
static socklen_t address_size(const char *path)
{
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                       strlen(path + 1));
}

/* A socket that listens there, or -1. */
static int listen_at(const struct sockaddr_un *address)
{
    socklen_t size = address_size(address->sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && (bind(fd, (const void *)address, size) < 0 ||
                    listen(fd, SOMAXCONN) < 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The file of a server that is dead. */
static bool is_left_over(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool left = fd >= 0 &&
        connect(fd, (const void *)address,
                address_size(address->sun_path)) < 0 &&
        errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return left;
}

/*
 * Takes display `number`, as X servers do: the abstract socket first, which
 * only one can have, then the one in the file system.
 */
static bool take_number(struct gw_display *d, int number, int fds[2])
{
    struct sockaddr_un named = {.sun_family = AF_UNIX};
    struct sockaddr_un abstract = named;
    g_autofree char *lock = g_strdup_printf("/tmp/.X%d-lock", number);
    struct stat st;

    g_snprintf(named.sun_path, sizeof named.sun_path, SOCKET_FOLDER "/X%d",
               number);
    g_snprintf(abstract.sun_path + 1, sizeof abstract.sun_path - 1, "%s",
               named.sun_path);
    if (g_file_test(lock, G_FILE_TEST_EXISTS))
        return false;
    fds[0] = listen_at(&abstract);
    if (fds[0] < 0)
        return false;
    if (is_left_over(&named))
        unlink(named.sun_path);
    fds[1] = listen_at(&named);
    if (fds[1] < 0 || stat(named.sun_path, &st) < 0) {
        close(fds[0]);
        return false;
    }
    d->socket = g_strdup(named.sun_path);
    d->socket_inode = st.st_ino;
    return true;
}

static int take_any(struct gw_display *d, int fds[2])
{
    if (!mkdir(SOCKET_FOLDER, 01777))
        chmod(SOCKET_FOLDER, 01777);
    for (int number = 0; number < DISPLAYS; number++)
        if (take_number(d, number, fds))
            return number;
    return -1;
}

/* In the child: waits for the first who connects, and becomes the server. */
static void wait_and_serve(const struct gw_display *d, const struct plan *plan,
                           const int fds[2], pid_t launcher)
{
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    struct pollfd wait[] = {{.fd = fds[0], .events = POLLIN},
                            {.fd = fds[1], .events = POLLIN}};
    int high[2];

    detach(launcher);
    while (poll(wait, 2, -1) < 0 && errno == EINTR) {
    }
    if (!plan->xvfb) {
        gw_say("%s%sno Xvfb to start one: install Debian's package xvfb",
               plan->why, *plan->why ? ", and " : "");
        _exit(0);
    }
    say_which(d->name, plan);
    g_setenv("LISTEN_PID", pid, TRUE);
    g_setenv("LISTEN_FDS", "2", TRUE);
    for (int i = 0; i < 2; i++)
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_HANDED + 2);
    for (int i = 0; i < 2; i++)
        dup2(high[i], FIRST_HANDED + i);
    exec_server(plan, d->authority, (const char *const[]){d->name, NULL});
}

/* False: there are no sockets to be had, and nothing was done. */
static bool start_when_wanted(struct gw_display *d, const struct plan *plan)
{
    pid_t launcher = getpid();
    int fds[2], number = take_any(d, fds);

    if (number < 0)
        return false;
    set_name(d, number);
    d->server = fork();
    if (!d->server)
        wait_and_serve(d, plan, fds, launcher);
    close(fds[0]);
    close(fds[1]);
    return true;
}

static bool start(struct gw_display *d, const struct gw_options *o,
                  const char *why)
{
    g_autofree char *xvfb = g_find_program_in_path("Xvfb");
    g_autofree char *screen = g_strdup_printf("%dx%dx24", o->width,
                                              o->height);
    struct plan plan = {xvfb, screen, why};
    int cookie = make_authority();

    if (cookie < 0)
        return gw_fail(GW_EXIT_SETUP, "no cookie for Xvfb: %s",
                       g_strerror(errno));
    d->authority = g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), cookie);
    if ((!xvfb || can_be_handed(xvfb)) && start_when_wanted(d, &plan))
        return true;
    if (!xvfb)
        return gw_fail(GW_EXIT_SETUP, "%s%sno Xvfb to start one: install "
                       "Debian's package xvfb", why, *why ? ", and " : "");
    return start_at_once(d, &plan);
}

static bool use_named(const char *name)
{
    if (!gw_display_usable(name))
        return gw_fail(GW_EXIT_SETUP, "--display: cannot open the X display "
                       "'%s'; `--display xvfb` starts a virtual one", name);
    g_setenv("DISPLAY", name, TRUE);
    return true;
}

/* A run that nobody watches needs a display that is there. */
static bool is_unattended(const struct gw_options *o)
{
    return o->demo || o->screenshot || o->quit_after >= 0;
}

/* A program that draws says what it says natively, one that does not needs no
 * display; so what is missing is no error of ours. */
static bool use_users(struct gw_display *d, const struct gw_options *o)
{
    const char *name = g_getenv("DISPLAY");
    bool unattended = is_unattended(o);

    if (!name || !*name) {
        if (unattended)
            return start(d, o, "no display (DISPLAY is not set)");
        if (o->verbose)
            gw_say("no display: DISPLAY is not set; `--display xvfb` gives a "
                   "virtual one");
        return true;
    }
    if (gw_display_usable(NULL))
        return true;
    if (unattended)
        return gw_fail(GW_EXIT_SETUP, "cannot open the X display '%s', which "
                       "DISPLAY names; `--display xvfb` starts a virtual one",
                       name);
    gw_say("the X display '%s', which DISPLAY names, does not answer; "
           "`--display xvfb` gives a virtual one", name);
    return true;
}

bool gw_display_init(struct gw_display *d, const struct gw_options *o)
{
    *d = (struct gw_display){0};
    if (!strcmp(o->display, "none"))
        return true;
    if (!strcmp(o->display, "xvfb"))
        return start(d, o, "");
    if (!strcmp(o->display, "auto"))
        return use_users(d, o);
    return use_named(o->display);
}

/* Our Xvfb, or the child that waits for its start. */
static void finish_server(const struct gw_display *d)
{
    struct stat st;
    int status;

    if (waitpid(d->server, &status, WNOHANG) != d->server)
        stop_server(d->server);
    else if (status)
        gw_say("the virtual X server %s has ended with status %d: run Xvfb by "
               "hand to see why", d->name,
               WIFEXITED(status) ? WEXITSTATUS(status)
                                 : 128 + WTERMSIG(status));
    /* A server leaves alone what it was handed. */
    if (d->socket && !stat(d->socket, &st) && st.st_ino == d->socket_inode)
        unlink(d->socket);
}

void gw_display_finish(struct gw_display *d)
{
    if (d->server > 0)
        finish_server(d);
    g_free(d->name);
    g_free(d->authority);
    g_free(d->socket);
    *d = (struct gw_display){0};
}
