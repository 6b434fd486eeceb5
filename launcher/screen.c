/* SPDX-License-Identifier: MIT */
/*
 * What the launcher does on the display while the program runs.  Each
 * operation is a process of its own: libX11 ends the process it is in when
 * the server goes away, and a server that hangs must not hold up signals.
 */
#include "gangway.h"
#include "screen.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
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
Display *gw_open_display(void)
{
    XSetErrorHandler(ignore_error);
    return XOpenDisplay(NULL);
}

bool gw_window_visible(Display *display, Window window)
{
    XWindowAttributes a;

    return XGetWindowAttributes(display, window, &a) &&
           a.map_state == IsViewable && a.class == InputOutput;
}

static bool any_window(Display *display)
{
    Window root, parent, *children = NULL;
    unsigned count = 0;
    bool any = false;

    if (!XQueryTree(display, DefaultRootWindow(display), &root, &parent,
                    &children, &count))
        return false;
    for (unsigned i = 0; i < count; i++)
        any |= gw_window_visible(display, children[i]);
    if (children)
        XFree(children);
    return any;
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
static int take_screenshot(const void *argument)
{
    const char *file = argument;
    Display *display = gw_open_display();
    XWindowAttributes root;
    XImage *image;
    bool good;

    if (!display)
        return gw_fail(GW_EXIT_SETUP, "no screenshot: cannot open the "
                       "display"), 1;
    if (!any_window(display))
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

int gw_apart(int (*work)(const void *), const void *argument)
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
    switch (gw_apart(take_screenshot, file)) {
    case 0:
        return GW_SHOT_TAKEN;
    case 2:
        return GW_SHOT_EMPTY;
    default:
        return GW_SHOT_FAILED;
    }
}
