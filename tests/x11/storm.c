/* SPDX-License-Identifier: MIT */
/*
 * Would catch: memory that each event, property, error, image or callback
 * leaves behind, on the guest's or on the host's side.
 *
 *     storm SECONDS
 *
 * Sends itself events and reads them for that long, in rounds of the same
 * work, and says at the end whether the heap and the resident set grew after
 * the first tenth; by how much it says on stderr, when it did.
 */
#include "common.h"
#include "../lib/resident.h"

#include <X11/Xatom.h>
#include <X11/Xlib-xcb.h>
#include <X11/Xresource.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>
#include <xcb/xcb.h>

enum { BURST = 200, HEAP_SLACK = 64 << 10, RSS_SLACK = 6 << 10 };

static Display *display;
static Window window;
static Atom atom;
static int errors;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int on_error(Display *on, XErrorEvent *event)
{
    (void)on;
    errors += event->error_code == BadWindow;
    return 0;
}

static Bool last(Display *on, XEvent *event, XPointer argument)
{
    (void)on;
    return event->type == ClientMessage &&
           event->xclient.data.l[0] == *(long *)argument;
}

static void events(void)
{
    XEvent event = {.xclient = {.type = ClientMessage, .window = window,
                                .message_type = atom, .format = 32}};
    long wanted = BURST - 1;

    for (int i = 0; i < BURST; i++) {
        event.xclient.data.l[0] = i;
        XSendEvent(display, window, False, NoEventMask, &event);
    }
    XSync(display, False);
    for (int i = 0; i < BURST / 2; i++)
        XNextEvent(display, &event);
    XIfEvent(display, &event, last, (XPointer)&wanted);
    XSync(display, True);
}

static void replies(void)
{
    unsigned char *data;
    unsigned long items, left;
    Atom type;
    int format;
    xcb_connection_t *c = XGetXCBConnection(display);

    XStoreName(display, window, "storm");
    XGetWindowProperty(display, window, XA_WM_NAME, 0, 9, False,
                       AnyPropertyType, &type, &format, &items, &left, &data);
    XFree(data);
    for (int i = 0; i < 20; i++)
        free(xcb_get_geometry_reply(c, xcb_get_geometry(c, window), NULL));
    XMapWindow(display, 0x1234);
    XSync(display, False);
}

static void objects(void)
{
    XImage *image = XGetImage(display, window, 0, 0, 16, 16, AllPlanes,
                              ZPixmap), *part;
    XrmDatabase database = XrmGetStringDatabase("a.b: c\n");

    part = XSubImage(image, 1, 1, 8, 8);
    XPutPixel(part, 1, 1, XGetPixel(image, 2, 2));
    XDestroyImage(part);
    XDestroyImage(image);
    XrmDestroyDatabase(database);
    XFreeGC(display, XCreateGC(display, window, 0, NULL));
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0, start = now();
    size_t heap = 0, heap_after;
    long rss = 0, rss_after, rounds = 0;

    if (seconds <= 0)
        die("usage: %s SECONDS", argv[0]);
    display = open_display();
    XSetErrorHandler(on_error);
    window = open_window(display, 32, 32, NoEventMask);
    atom = XInternAtom(display, "GANGWAY_STORM", False);
    for (; now() - start < seconds || rounds < 20; rounds++) {
        if (!heap && now() - start >= seconds / 10 && rounds >= 10) {
            heap = mallinfo2().uordblks;
            rss = resident();
        }
        events();
        replies();
        objects();
    }
    heap_after = mallinfo2().uordblks;
    rss_after = resident();
    printf("an error each round: %d\n", errors == rounds);
    printf("the heap grew: %d, the process grew: %d\n",
           heap_after > heap + HEAP_SLACK, rss_after > rss + RSS_SLACK);
    if (heap_after > heap + HEAP_SLACK || rss_after > rss + RSS_SLACK)
        fprintf(stderr, "%ld rounds: heap %zu to %zu bytes, resident %ld to "
                "%ld KiB\n", rounds, heap, heap_after, rss, rss_after);
    XCloseDisplay(display);
    return 0;
}
