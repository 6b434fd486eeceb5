/* SPDX-License-Identifier: MIT */
/*
 * Would catch: shared-memory images whose segment the host does not have, is
 * told another address of, or whose functions and ownership differ; the
 * completion event's conversion from the wire.
 */
#include "common.h"

#include <X11/extensions/XShm.h>
#include <sys/ipc.h>
#include <sys/shm.h>

enum { WIDTH = 64, HEIGHT = 48 };

static void attach(Display *display, XImage *image, XShmSegmentInfo *info)
{
    info->shmid = shmget(IPC_PRIVATE, (size_t)image->bytes_per_line *
                         image->height, IPC_CREAT | 0600);
    if (info->shmid < 0)
        die("no shared memory");
    info->shmaddr = image->data = shmat(info->shmid, NULL, 0);
    info->readOnly = False;
    printf("attached: %d\n", XShmAttach(display, info));
    XSync(display, False);
    shmctl(info->shmid, IPC_RMID, NULL);
}

static void pattern(XImage *image, int seed)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            XPutPixel(image, x, y, (x * seed + y * 7) & 0xffffff);
}

static void put(Display *display, Window window, XImage *image)
{
    GC gc = XCreateGC(display, window, 0, NULL);
    int completion = XShmGetEventBase(display) + ShmCompletion;
    XEvent event;

    for (int seed = 1; seed < 4; seed++) {
        XShmCompletionEvent *done = (XShmCompletionEvent *)&event;

        pattern(image, seed);
        XShmPutImage(display, window, gc, image, 0, 0, 0, 0, WIDTH, HEIGHT,
                     True);
        do
            XNextEvent(display, &event);
        while (event.type != completion);
        printf("completed: offset %lu code %d.%d window %d\n", done->offset,
               done->major_code, done->minor_code,
               done->drawable == window);
        say_pixels(display, window, WIDTH, HEIGHT, "put");
    }
    XFreeGC(display, gc);
}

static void get(Display *display, Window window, XImage *image)
{
    GC gc = XCreateGC(display, window, 0, NULL);

    XSetForeground(display, gc, 0x00ff8040);
    XFillRectangle(display, window, gc, 10, 10, 30, 20);
    memset(image->data, 0, (size_t)image->bytes_per_line * image->height);
    printf("got: %d", XShmGetImage(display, window, image, 0, 0, AllPlanes));
    printf(" inside %lx outside %lx\n", XGetPixel(image, 20, 20),
           XGetPixel(image, 60, 40));
    XFreeGC(display, gc);
}

static void pixmap(Display *display, Window window, XShmSegmentInfo *info)
{
    Pixmap shared;
    GC gc = XCreateGC(display, window, 0, NULL);

    printf("pixmaps: format %d\n", XShmPixmapFormat(display));
    shared = XShmCreatePixmap(display, window, info->shmaddr, info, WIDTH,
                              HEIGHT, 24);
    XSetForeground(display, gc, 0x00123456);
    XFillRectangle(display, shared, gc, 0, 0, WIDTH, 1);
    XSync(display, False);
    printf("drawn into our memory: %x\n", *(uint32_t *)info->shmaddr &
           0xffffff);
    XFreePixmap(display, shared);
    XFreeGC(display, gc);
}

int main(void)
{
    Display *display = open_display();
    Window window = open_window(display, WIDTH, HEIGHT, NoEventMask);
    XShmSegmentInfo info;
    XImage *image;
    int major, minor;
    Bool pixmaps;

    printf("extension: %d", XShmQueryExtension(display));
    printf(" %d", XShmQueryVersion(display, &major, &minor, &pixmaps));
    printf(" %d.%d pixmaps %d\n", major, minor, pixmaps);
    image = XShmCreateImage(display, DefaultVisual(display, 0), 24, ZPixmap,
                            NULL, &info, WIDTH, HEIGHT);
    if (!image)
        die("no shared image");
    printf("image: %d bytes a line, ours: %d\n", image->bytes_per_line,
           image->obdata == (char *)&info);
    attach(display, image, &info);
    put(display, window, image);
    get(display, window, image);
    if (pixmaps)
        pixmap(display, window, &info);
    printf("detached: %d\n", XShmDetach(display, &info));
    XDestroyImage(image);
    XSync(display, False);
    memset(info.shmaddr, 1, 16); /* the memory is still ours */
    shmdt(info.shmaddr);
    XCloseDisplay(display);
    return 0;
}
