/* SPDX-License-Identifier: MIT */
/*
 * What the guest test programs share: a window with a GLX context, and frames
 * written as PPM images one after the other into one file.
 *
 * A program prints what it found to stdout and its frames to the file that
 * its first argument names; the test runs it natively and under Gangway and
 * compares both byte for byte.  So nothing printed may depend on addresses,
 * time or process numbers.
 */
#ifndef GUEST_COMMON_H
#define GUEST_COMMON_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GL_GLEXT_PROTOTYPES
#define GLX_GLXEXT_PROTOTYPES
#include <GL/glx.h>
#include <GL/glext.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>

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

/* Fails the program when GL has an error pending; `where` names the place. */
__attribute__((unused))
static void expect_no_error(const char *where)
{
    GLenum error = glGetError();

    if (error != GL_NO_ERROR)
        die("%s: GL error 0x%04x", where, error);
}

struct window {
    Display *display;
    GLXFBConfig config;
    XVisualInfo *visual;
    Window window;
    Colormap colormap;
    int width, height;
};

__attribute__((unused))
static Display *open_display(void)
{
    Display *display = XOpenDisplay(NULL);

    if (!display)
        die("no X display");
    return display;
}

/* The first config with these attributes whose visual is 24 bits deep: the
 * same natively and under Gangway, because the order of configs is. */
__attribute__((unused))
static GLXFBConfig choose_config(Display *display, const int *attributes)
{
    int count = 0;
    GLXFBConfig *configs, chosen = NULL;

    configs = glXChooseFBConfig(display, DefaultScreen(display), attributes,
                                &count);
    for (int i = 0; i < count && !chosen; i++) {
        XVisualInfo *visual = glXGetVisualFromFBConfig(display, configs[i]);

        if (visual && visual->depth == 24)
            chosen = configs[i];
        if (visual)
            XFree(visual);
    }
    if (!chosen)
        die("no fitting GLX config");
    XFree(configs);
    return chosen;
}

__attribute__((unused))
static const int window_config[] = {
    GLX_DRAWABLE_TYPE, GLX_WINDOW_BIT, GLX_RENDER_TYPE, GLX_RGBA_BIT,
    GLX_DOUBLEBUFFER, True, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8,
    GLX_BLUE_SIZE, 8, GLX_DEPTH_SIZE, 24, GLX_STENCIL_SIZE, 8, None
};

/* Opens and maps a window on `display`; close with close_window(). */
__attribute__((unused))
static void open_window(struct window *w, Display *display, int width,
                        int height)
{
    XSetWindowAttributes attributes = { .event_mask = StructureNotifyMask };
    Window root = DefaultRootWindow(display);
    XEvent event;

    w->display = display;
    w->width = width;
    w->height = height;
    w->config = choose_config(display, window_config);
    w->visual = glXGetVisualFromFBConfig(display, w->config);
    w->colormap = XCreateColormap(display, root, w->visual->visual, AllocNone);
    attributes.colormap = w->colormap;
    w->window = XCreateWindow(display, root, 0, 0, width, height, 0,
                              w->visual->depth, InputOutput,
                              w->visual->visual,
                              CWColormap | CWBorderPixel | CWEventMask,
                              &attributes);
    XMapWindow(display, w->window);
    do
        XWindowEvent(display, w->window, StructureNotifyMask, &event);
    while (event.type != MapNotify);
}

__attribute__((unused))
static void close_window(struct window *w)
{
    XDestroyWindow(w->display, w->window);
    XFreeColormap(w->display, w->colormap);
    XFree(w->visual);
}

/* Appends the current read buffer to `out`. */
__attribute__((unused))
static void write_frame(FILE *out, int width, int height)
{
    size_t size = (size_t)width * height * 3;
    unsigned char *pixels = malloc(size);

    if (!pixels)
        die("out of memory");
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels);
    fprintf(out, "P6 %d %d 255\n", width, height);
    if (fwrite(pixels, 1, size, out) != size)
        die("cannot write the frame");
    free(pixels);
}

__attribute__((unused))
static FILE *open_frames(int argc, char **argv)
{
    FILE *out;

    if (argc < 2)
        die("usage: %s FRAMES-FILE", argv[0]);
    out = fopen(argv[1], "wb");
    if (!out)
        die("cannot write %s", argv[1]);
    return out;
}

__attribute__((unused))
static void close_frames(FILE *out)
{
    if (fclose(out))
        die("cannot write the frames");
}

#endif
