/* SPDX-License-Identifier: MIT */
/*
 * Closing the program's windows, in the way a user would.  Which windows are
 * the program's, the X server knows: its X-Resource extension names the
 * process behind each, also for programs that tell a window manager nothing.
 */
#include "gangway.h"
#include "screen.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XRes.h>
#include <X11/keysym.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How deep window managers put a program's windows into frames of theirs. */
enum { MAX_DEPTH = 3 };

/* The process behind a window, 0 if the server cannot say. */
static pid_t owner(Display *display, Window window)
{
    XResClientIdSpec spec = {window, XRES_CLIENT_ID_PID_MASK};
    XResClientIdValue *values = NULL;
    long count = 0;
    pid_t pid = 0;

    if (XResQueryClientIds(display, 1, &spec, &count, &values) != Success)
        return 0;
    for (long i = 0; i < count; i++)
        if (XResGetClientIdType(&values[i]) == XRES_CLIENT_ID_PID)
            pid = XResGetClientPid(&values[i]);
    XResClientIdsDestroy(count, values);
    return pid;
}

/* The parent process, from the fourth word of /proc/PID/stat; the second may
 * hold anything but ends with the last parenthesis. */
static pid_t parent_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *end;
    int parent = 0;

    if (g_file_get_contents(path, &text, NULL, NULL) &&
        (end = strrchr(text, ')')))
        sscanf(end + 1, " %*c %d", &parent);
    return parent;
}

/* The program itself or something that it has started. */
static bool belongs(pid_t pid, pid_t program)
{
    while (pid > 1 && pid != program)
        pid = parent_of(pid);
    return pid == program;
}

static bool wants_delete(Display *display, Window window, Atom delete)
{
    Atom *protocols = NULL;
    int count = 0;
    bool wants = false;

    if (!XGetWMProtocols(display, window, &protocols, &count))
        return false;
    for (int i = 0; i < count; i++)
        wants |= protocols[i] == delete;
    XFree(protocols);
    return wants;
}

static void send_delete(Display *display, Window window, Atom delete)
{
    XEvent event = {.xclient = {.type = ClientMessage, .window = window,
                                .format = 32}};

    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
    event.xclient.data.l[0] = (long)delete;
    XSendEvent(display, window, False, NoEventMask, &event);
}

static void send_escape(Display *display, Window window)
{
    XEvent event = {.xkey = {.type = KeyPress, .window = window,
                             .root = DefaultRootWindow(display),
                             .same_screen = True}};

    event.xkey.keycode = XKeysymToKeycode(display, XK_Escape);
    XSendEvent(display, window, False, KeyPressMask, &event);
}

/* As a window manager would (ICCCM 4.2.8.1), where the program has made
 * itself ready for that; otherwise by the key that ends the small ones. */
static void ask_to_close(Display *display, Window window)
{
    Atom delete = XInternAtom(display, "WM_DELETE_WINDOW", False);

    if (wants_delete(display, window, delete))
        send_delete(display, window, delete);
    else
        send_escape(display, window);
}

static int close_below(Display *display, Window parent, pid_t program,
                       int depth)
{
    Window root, above, *children = NULL;
    unsigned count = 0;
    int asked = 0;

    if (depth > MAX_DEPTH ||
        !XQueryTree(display, parent, &root, &above, &children, &count))
        return 0;
    for (unsigned i = 0; i < count; i++) {
        if (!gw_window_visible(display, children[i]))
            continue;
        if (belongs(owner(display, children[i]), program)) {
            ask_to_close(display, children[i]);
            asked++;
        } else {
            asked += close_below(display, children[i], program, depth + 1);
        }
    }
    if (children)
        XFree(children);
    return asked;
}

static int close_windows(const void *argument)
{
    Display *display = gw_open_display();
    pid_t program = *(const pid_t *)argument;
    int base, error, major, minor, asked;

    if (!display || !XResQueryExtension(display, &base, &error) ||
        !XResQueryVersion(display, &major, &minor))
        return 1;
    asked = close_below(display, DefaultRootWindow(display), program, 0);
    XSync(display, False);
    return !asked;
}

bool gw_display_close_windows(pid_t program)
{
    return !gw_apart(close_windows, &program);
}
