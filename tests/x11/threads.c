/* SPDX-License-Identifier: MIT */
/*
 * Would catch: eight threads on one display (XInitThreads) that deadlock,
 * lose replies or events or get each other's; a thread that waits for events
 * and so keeps the others from their calls.
 */
#include "common.h"

#include <X11/Xatom.h>
#include <pthread.h>

enum { THREADS = 8, ROUNDS = 150 };

static Display *display;
static Window window;
static Atom atom;

struct worker {
    pthread_t thread;
    int number;
    long sum;
};

static void exchange(struct worker *w, Window own, int round)
{
    char name[40], *found = NULL;
    long value = w->number * 1000 + round;
    unsigned long items, left;
    unsigned char *data;
    Atom type;
    int format;

    snprintf(name, sizeof(name), "GANGWAY_%d_%d", w->number, round % 10);
    found = XGetAtomName(display, XInternAtom(display, name, False));
    if (!found || strcmp(found, name))
        die("thread %d got %s", w->number, found);
    XFree(found);
    XChangeProperty(display, own, XA_WM_HINTS, XA_INTEGER, 32,
                    PropModeReplace, (unsigned char *)&value, 1);
    XGetWindowProperty(display, own, XA_WM_HINTS, 0, 1, False, XA_INTEGER,
                       &type, &format, &items, &left, &data);
    if (items != 1 || *(long *)data != value)
        die("thread %d got another's property", w->number);
    w->sum += *(long *)data;
    XFree(data);
}

static void *work(void *argument)
{
    struct worker *w = argument;
    Window own = XCreateSimpleWindow(display, DefaultRootWindow(display), 0,
                                     0, 5, 5, 0, 0, 0);
    XEvent event = {.xclient = {.type = ClientMessage, .window = window,
                                .message_type = atom, .format = 32}};

    for (int i = 0; i < ROUNDS; i++) {
        exchange(w, own, i);
        event.xclient.data.l[0] = w->number;
        XSendEvent(display, window, False, NoEventMask, &event);
        if (i % 10 == 0) {
            XLockDisplay(display);
            XNoOp(display);
            XSync(display, False);
            XUnlockDisplay(display);
        }
    }
    XDestroyWindow(display, own);
    XFlush(display);
    return NULL;
}

int main(void)
{
    struct worker workers[THREADS] = {0};
    int events[THREADS] = {0};
    XEvent event;

    printf("threads: %d\n", XInitThreads());
    display = open_display();
    window = open_window(display, 20, 20, NoEventMask);
    atom = XInternAtom(display, "GANGWAY_THREADS", False);
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    /* This thread waits for events meanwhile. */
    for (int i = 0; i < THREADS * ROUNDS; ) {
        XNextEvent(display, &event);
        if (event.type != ClientMessage)
            continue;
        events[event.xclient.data.l[0]]++;
        i++;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        printf("thread %d: sum %ld, %d events\n", i, workers[i].sum,
               events[i]);
    }
    XCloseDisplay(display);
    return 0;
}
