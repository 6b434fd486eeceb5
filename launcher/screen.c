/* SPDX-License-Identifier: MIT */
/*
 * What the launcher does on the display while the program runs.  Each
 * operation is a process of its own: libX11 ends the process it is in when
 * the server goes away, and a server that hangs must not hold up signals.
 */
#include "gangway.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ignore_error(Display *display, XErrorEvent *event)
{
    (void)display;
    (void)event;
    return 0;
}

/* Windows come and go meanwhile; a request about one that has gone is no
 * reason to stop. */
static Display *open_display(const char *name)
{
    XSetErrorHandler(ignore_error);
    return XOpenDisplay(name);
}

/* Calls `visit` for each visible top-level window; how many said true. */
static int each_window(Display *display, bool (*visit)(Display *, Window))
{
    Window root, parent, *children = NULL;
    unsigned count = 0;
    int hits = 0;

    if (!XQueryTree(display, DefaultRootWindow(display), &root, &parent,
                    &children, &count))
        return 0;
    for (unsigned i = 0; i < count; i++) {
        XWindowAttributes a;
        if (XGetWindowAttributes(display, children[i], &a) &&
            a.map_state == IsViewable && a.class == InputOutput)
            hits += visit(display, children[i]);
    }
    if (children)
        XFree(children);
    return hits;
}

static bool any(Display *display, Window window)
{
    (void)display;
    (void)window;
    return true;
}

static uint8_t channel(unsigned long pixel, unsigned long mask)
{
    unsigned shift = mask ? (unsigned)__builtin_ctzl(mask) : 0;
    unsigned long top = mask >> shift;

    return top ? (uint8_t)(((pixel & mask) >> shift) * 255 / top) : 0;
}

static uint8_t *convert(XImage *image)
{
    uint8_t *rgb = g_malloc((gsize)image->width * (gsize)image->height * 3);
    uint8_t *out = rgb;

    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++) {
            unsigned long pixel = XGetPixel(image, x, y);
            *out++ = channel(pixel, image->red_mask);
            *out++ = channel(pixel, image->green_mask);
            *out++ = channel(pixel, image->blue_mask);
        }
    return rgb;
}

static bool write_png(const char *file, const uint8_t *rgb, int width,
                      int height)
{
    g_autofree char *part = g_strconcat(file, ".part", NULL);
    png_image png = {.version = PNG_IMAGE_VERSION, .width = (unsigned)width,
                     .height = (unsigned)height, .format = PNG_FORMAT_RGB,
                     .flags = PNG_IMAGE_FLAG_FAST};

    if (!png_image_write_to_file(&png, part, 0, rgb, 0, NULL))
        return gw_fail(GW_EXIT_SETUP, "cannot write %s: %s", part,
                       png.message);
    if (rename(part, file))
        return gw_fail(GW_EXIT_SETUP, "cannot write %s: %s", file,
                       g_strerror(errno));
    return true;
}

/* 0 done, 1 failed with a message, 2 nothing to be seen */
static int take_screenshot(const char *file)
{
    Display *display = open_display(NULL);
    XWindowAttributes root;
    XImage *image;
    bool good;

    if (!display)
        return gw_fail(GW_EXIT_SETUP, "no screenshot: cannot open the "
                       "display"), 1;
    if (!each_window(display, any))
        return 2;
    XGetWindowAttributes(display, DefaultRootWindow(display), &root);
    image = XGetImage(display, DefaultRootWindow(display), 0, 0,
                      (unsigned)root.width, (unsigned)root.height, AllPlanes,
                      ZPixmap);
    if (!image)
        return gw_fail(GW_EXIT_SETUP, "no screenshot: the display gives no "
                       "image of its root window"), 1;
    good = write_png(file, convert(image), image->width, image->height);
    return good ? 0 : 1;
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

static bool send_delete(Display *display, Window window, Atom delete)
{
    XEvent event = {.xclient = {.type = ClientMessage, .window = window,
                                .format = 32}};

    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
    event.xclient.data.l[0] = (long)delete;
    return XSendEvent(display, window, False, NoEventMask, &event);
}

static bool send_escape(Display *display, Window window)
{
    XEvent event = {.xkey = {.type = KeyPress, .window = window,
                             .root = DefaultRootWindow(display),
                             .same_screen = True}};

    event.xkey.keycode = XKeysymToKeycode(display, XK_Escape);
    return XSendEvent(display, window, False, KeyPressMask, &event);
}

/* As a window manager would (ICCCM 4.2.8.1), where the program has made
 * itself ready for that; otherwise by the key that ends the small ones. */
static bool ask_to_close(Display *display, Window window)
{
    Atom delete = XInternAtom(display, "WM_DELETE_WINDOW", False);
    bool asked = wants_delete(display, window, delete)
                     ? send_delete(display, window, delete)
                     : send_escape(display, window);

    XSync(display, False);
    return asked;
}

static int close_windows(const char *unused)
{
    Display *display = open_display(NULL);

    (void)unused;
    return display && each_window(display, ask_to_close) ? 0 : 1;
}

/* Runs work(argument) in a child of at most ten seconds; its status. */
static int apart(int (*work)(const char *), const char *argument)
{
    pid_t child = fork();
    int status = 0;

    if (!child) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        alarm(10);
        _exit(work(argument));
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum gw_shot gw_display_screenshot(const char *file)
{
    switch (apart(take_screenshot, file)) {
    case 0:
        return GW_SHOT_TAKEN;
    case 2:
        return GW_SHOT_EMPTY;
    default:
        return GW_SHOT_FAILED;
    }
}

bool gw_display_close_windows(void)
{
    return !apart(close_windows, NULL);
}
