/* SPDX-License-Identifier: MIT */
/*
 * Would catch: predicates that are called with another display, event or
 * argument than natively, more or less often, or from another thread; events
 * that are lost or come in another order; a predicate that cannot run while
 * XIfEvent() waits for the server.
 */
#include "common.h"

#include <pthread.h>

struct search {
    int wanted;         /* data.l[0] of a ClientMessage */
    int calls;
    pthread_t thread;
    Display *display;
};

static Display *display;
static Window window;
static Atom atom;

static Bool is_wanted(Display *on, XEvent *event, XPointer argument)
{
    struct search *search = (struct search *)argument;

    search->calls++;
    if (on != search->display || event->xany.display != search->display ||
        !pthread_equal(pthread_self(), search->thread))
        die("called with another display or on another thread");
    /* What macros read of the display is there. */
    if (event->xany.window == RootWindow(on, DefaultScreen(on)))
        return False;
    return event->type == ClientMessage &&
           event->xclient.message_type == atom &&
           event->xclient.data.l[0] == search->wanted;
}

static Bool is_never(Display *on, XEvent *event, XPointer argument)
{
    (void)on;
    (void)event;
    ++*(int *)argument;
    return False;
}

static void send(Display *by, int number)
{
    XEvent event = {.xclient = {
        .type = ClientMessage, .window = window, .message_type = atom,
        .format = 32, .data.l = {number, -number, 0x7fffffff}}};

    XSendEvent(by, window, False, NoEventMask, &event);
}

static void say(const char *how, Bool found, const XEvent *event,
                const struct search *search)
{
    printf("%s: found %d", how, found);
    if (found)
        printf(" number %ld %ld %ld sent %d", event->xclient.data.l[0],
               event->xclient.data.l[1], event->xclient.data.l[2],
               event->xclient.send_event);
    printf(", %d calls, %d left\n", search->calls,
           XQLength(display));
}

static void try(const char *how, int wanted)
{
    struct search search = {.wanted = wanted, .thread = pthread_self(),
                            .display = display};
    XPointer argument = (XPointer)&search;
    XEvent event;
    Bool found = True;

    if (!strcmp(how, "check"))
        found = XCheckIfEvent(display, &event, is_wanted, argument);
    else if (!strcmp(how, "peek"))
        XPeekIfEvent(display, &event, is_wanted, argument);
    else
        XIfEvent(display, &event, is_wanted, argument);
    say(how, found, &event, &search);
}

static void *send_later(void *argument)
{
    Display *other = open_display();

    (void)argument;
    for (int i = 90; i < 100; i++) {
        send(other, i);
        XSync(other, False);
    }
    XCloseDisplay(other);
    return NULL;
}

/* The predicate is asked for each event that arrives meanwhile. */
static void wait_for_another(const char *how)
{
    pthread_t thread;
    struct search search = {.wanted = 99, .thread = pthread_self(),
                            .display = display};
    XEvent event;

    pthread_create(&thread, NULL, send_later, NULL);
    if (!strcmp(how, "peek"))
        XPeekIfEvent(display, &event, is_wanted, (XPointer)&search);
    else
        XIfEvent(display, &event, is_wanted, (XPointer)&search);
    pthread_join(thread, NULL);
    printf("waiting, %s: number %ld, %d calls\n", how,
           event.xclient.data.l[0], search.calls);
    XSync(display, True);
}

int main(void)
{
    int asked = 0;
    XEvent event;

    display = open_display();
    window = open_window(display, 50, 50, NoEventMask);
    atom = XInternAtom(display, "GANGWAY_TEST", False);
    for (int i = 0; i < 10; i++)
        send(display, i);
    XSync(display, False);
    try("check", 4);
    try("check", 4);
    try("peek", 6);
    try("peek", 6);
    try("if", 6);
    try("if", 0);
    try("check", 9);
    printf("never: %d", XCheckIfEvent(display, &event, is_never,
                                      (XPointer)&asked));
    printf(" after %d calls\n", asked);
    while (XPending(display)) {
        XNextEvent(display, &event);
        printf("left: type %d number %ld\n", event.type,
               event.type == ClientMessage ? event.xclient.data.l[0] : -1);
    }
    wait_for_another("if");
    wait_for_another("peek");
    XCloseDisplay(display);
    return 0;
}
