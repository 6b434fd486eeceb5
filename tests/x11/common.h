/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share.  Each prints what it found to
 * stdout; it runs natively and under Gangway, and both have to print the
 * same.  So nothing printed may depend on addresses, time or ids, and waiting
 * is always for an event, never for a time.
 */
#ifndef X11_COMMON_H
#define X11_COMMON_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 1, 2), noreturn, unused))
static void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

__attribute__((unused))
static Display *open_display(void)
{
    Display *display = XOpenDisplay(NULL);

    if (!display)
        die("no X display");
    return display;
}

/* A window at (0, 0) that is on the screen and has the focus; its MapNotify
 * and the FocusIn, if asked for, have been read. */
__attribute__((unused))
static Window open_window(Display *display, int width, int height, long mask)
{
    Window window = XCreateSimpleWindow(
        display, DefaultRootWindow(display), 0, 0, width, height, 0,
        BlackPixel(display, 0), WhitePixel(display, 0));
    XEvent event;

    XSelectInput(display, window, StructureNotifyMask | mask);
    XMapWindow(display, window);
    do
        XWindowEvent(display, window, StructureNotifyMask, &event);
    while (event.type != MapNotify);
    XSetInputFocus(display, window, RevertToParent, CurrentTime);
    XSync(display, False);
    while (XCheckWindowEvent(display, window, FocusChangeMask, &event))
        ;
    return window;
}

/* FNV-1a: tells whether pixels or texts are the same. */
__attribute__((unused))
static uint64_t hash(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    uint64_t value = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++)
        value = (value ^ bytes[i]) * 0x100000001b3u;
    return value;
}

/* Of what is in a drawable now. */
__attribute__((unused))
static void say_pixels(Display *display, Drawable drawable, int width,
                       int height, const char *what)
{
    XImage *image = XGetImage(display, drawable, 0, 0, width, height,
                              AllPlanes, ZPixmap);

    if (!image)
        die("%s: no image", what);
    printf("%s: pixels %016llx\n", what, (unsigned long long)
           hash(image->data, (size_t)image->bytes_per_line * height));
    XDestroyImage(image);
}

#endif
