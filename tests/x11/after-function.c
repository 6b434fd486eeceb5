/* SPDX-License-Identifier: MIT */
/*
 * Would catch: an after function that is not called after every call, or not
 * with its display; previous values of XSetAfterFunction() and XSynchronize()
 * that are not what was set or cannot be called; errors that are late
 * although the display is synchronous.
 */
#include "common.h"

static Display *display;
static int calls, errors;

static int after(Display *on)
{
    if (on != display)
        die("called with another display");
    return ++calls;
}

static int other_after(Display *on)
{
    (void)on;
    calls += 100;
    return 0;
}

static int on_error(Display *on, XErrorEvent *event)
{
    (void)on;
    (void)event;
    errors++;
    return 0;
}

static void say(const char *what)
{
    printf("%s: %d after calls, %d errors\n", what, calls, errors);
    calls = errors = 0;
}

/* Requests that cause one error and no reply. */
static void requests(void)
{
    XMapWindow(display, 0x1234);
    XNoOp(display);
    XBell(display, 0);
}

int main(void)
{
    int (*before)(Display *);
    int (*synchronous)(Display *);

    display = open_display();
    XSetErrorHandler(on_error);
    before = XSetAfterFunction(display, after);
    printf("nothing before: %d\n", before == NULL);
    requests();
    XInternAtom(display, "A_NAME_OF_OURS", False);
    XSync(display, False);
    say("after function");
    before = XSetAfterFunction(display, other_after);
    printf("the first before: %d\n", before == after);
    requests();
    XSync(display, False);
    say("another");
    before = XSynchronize(display, True);
    printf("the other before: %d\n", before == other_after);
    requests();
    say("synchronous");
    synchronous = XSetAfterFunction(display, after);
    printf("Xlib's own before: %d\n", synchronous != NULL);
    XMapWindow(display, 0x1234);
    printf("it can be called: ");
    synchronous(display);
    say("called");
    before = XSetAfterFunction(display, synchronous);
    printf("ours before: %d\n", before == after);
    requests();
    say("Xlib's own, set by hand");
    before = XSynchronize(display, False);
    printf("the same: %d\n", before == synchronous);
    requests();
    printf("asynchronous: %d errors yet\n", errors);
    XSync(display, False);
    say("and then");
    XCloseDisplay(display);
    return 0;
}
