/* SPDX-License-Identifier: MIT */
/*
 * Would catch: GLX drawables that are no windows: a pbuffer, and a pixmap
 * which the guest's X connection created a moment before the host uses it
 * (BadDrawable or BadPixmap when the guest's requests were not flushed), and
 * what GL drew into the pixmap not being there for the guest's XGetImage.
 */
#include "common.h"

enum { SIZE = 128 };

static void draw(int which)
{
    glViewport(0, 0, SIZE, SIZE);
    glClearColor(0.5f, 0.25f, 0.125f * which, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glBegin(GL_TRIANGLE_FAN);
    for (int i = 0; i < 7; i++) {
        glColor3ub(40 * i, 255 - 30 * i, 60 * which);
        glVertex2f((i % 3 - 1) * 0.8f, (i / 3 - 1) * 0.7f);
    }
    glEnd();
    expect_no_error("draw");
}

static void pbuffer(Display *display, FILE *out)
{
    static const int wanted[] = {
        GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT, GLX_RENDER_TYPE, GLX_RGBA_BIT,
        GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, None
    };
    static const int size[] = { GLX_PBUFFER_WIDTH, SIZE, GLX_PBUFFER_HEIGHT,
                                SIZE, GLX_PRESERVED_CONTENTS, True, None };
    GLXFBConfig config = choose_config(display, wanted);
    GLXPbuffer buffer = glXCreatePbuffer(display, config, size);
    GLXContext context = glXCreateNewContext(display, config, GLX_RGBA_TYPE,
                                             NULL, True);
    unsigned int width = 0, height = 0;

    if (!glXMakeContextCurrent(display, buffer, buffer, context))
        die("the pbuffer cannot be made current");
    draw(1);
    glXQueryDrawable(display, buffer, GLX_WIDTH, &width);
    glXQueryDrawable(display, buffer, GLX_HEIGHT, &height);
    printf("pbuffer %u x %u\n", width, height);
    write_frame(out, SIZE, SIZE);
    glXMakeContextCurrent(display, None, None, NULL);
    glXDestroyContext(display, context);
    glXDestroyPbuffer(display, buffer);
}

static void write_pixmap(Display *display, Pixmap pixmap, FILE *out)
{
    XImage *image = XGetImage(display, pixmap, 0, 0, SIZE, SIZE, AllPlanes,
                              ZPixmap);

    if (!image)
        die("XGetImage");
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            unsigned long pixel = XGetPixel(image, x, y);

            fprintf(out, "%06lx%c", pixel & 0xffffff,
                    x == SIZE - 1 ? '\n' : ' ');
        }
    XDestroyImage(image);
}

static void pixmap(Display *display, FILE *out)
{
    static const int wanted[] = {
        GLX_DRAWABLE_TYPE, GLX_PIXMAP_BIT, GLX_RENDER_TYPE, GLX_RGBA_BIT,
        GLX_DOUBLEBUFFER, False, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8,
        GLX_BLUE_SIZE, 8, None
    };
    GLXFBConfig config = choose_config(display, wanted);
    GLXContext context = glXCreateNewContext(display, config, GLX_RGBA_TYPE,
                                             NULL, True);
    Pixmap pixmap = XCreatePixmap(display, DefaultRootWindow(display), SIZE,
                                  SIZE, 24);
    GLXPixmap drawable = glXCreatePixmap(display, config, pixmap, NULL);

    if (!glXMakeCurrent(display, drawable, context))
        die("the pixmap cannot be made current");
    draw(2);
    write_frame(out, SIZE, SIZE);
    glFinish();
    glXWaitGL();
    write_pixmap(display, pixmap, out);
    glXMakeCurrent(display, None, NULL);
    glXDestroyPixmap(display, drawable);
    XFreePixmap(display, pixmap);
    glXDestroyContext(display, context);
}

int main(int argc, char **argv)
{
    FILE *out = open_frames(argc, argv);
    Display *display = open_display();

    pbuffer(display, out);
    pixmap(display, out);
    XCloseDisplay(display);
    close_frames(out);
    return 0;
}
