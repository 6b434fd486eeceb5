/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a guest's error handler that is not called, or called with
 * another error than natively; a previous handler that is not what was set
 * before or cannot be called; another message or exit status of Xlib's own
 * handlers; an I/O error handler that may not end the program its own way.
 *
 *     error-handlers own|default|previous|texts|io-own|io-default|io-exit
 */
#include "common.h"

#include <errno.h>
#include <setjmp.h>
#include <unistd.h>

static Display *display;
static jmp_buf back;

static int first(Display *on, XErrorEvent *event)
{
    printf("first: error %d request %d.%d id 0x%lx serial %lu type %d, %s\n",
           event->error_code, event->request_code, event->minor_code,
           event->resourceid, event->serial, event->type,
           on == display && event->display == display ? "our display"
                                                      : "another");
    return 0;
}

static int second(Display *on, XErrorEvent *event)
{
    char text[80];

    XGetErrorText(on, event->error_code, text, sizeof(text));
    printf("second: %s\n", text);
    return 0;
}

static void wrong(void)
{
    XMapWindow(display, 0x1234);
    XSync(display, False);
}

static void own(void)
{
    XErrorHandler xlibs = XSetErrorHandler(first), before;

    printf("Xlib has one: %d\n", xlibs != NULL);
    wrong();
    before = XSetErrorHandler(second);
    printf("before: %s\n", before == first ? "first" : "another");
    wrong();
    before = XSetErrorHandler(NULL);
    printf("before: %s\n", before == second ? "second" : "another");
    before = XSetErrorHandler(first);
    printf("NULL gives Xlib's: %d\n", before == xlibs);
    before = XSetErrorHandler(xlibs);
    printf("before: %s\n", before == first ? "first" : "another");
    before = XSetErrorHandler(first);
    printf("Xlib's comes back: %d\n", before == xlibs);
    XFreePixmap(display, 1);
    XChangeWindowAttributes(display, 2, 0, NULL);
    XSetInputFocus(display, DefaultRootWindow(display), 77, CurrentTime);
    XSync(display, False);
}

/* An error that nobody handles: the message, and status 1. */
static void unhandled(void)
{
    wrong();
    printf("still here\n");
}

static XErrorHandler xlibs;

static int wrapping(Display *on, XErrorEvent *event)
{
    printf("wrapping, then Xlib's\n");
    fflush(stdout);
    return xlibs(on, event);
}

/* The address that came back is called from a handler of our own. */
static void previous(void)
{
    xlibs = XSetErrorHandler(wrapping);
    wrong();
    printf("still here\n");
}

static void texts(void)
{
    char text[200];

    for (int i = 0; i < 20; i++) {
        XGetErrorText(display, i, text, sizeof(text));
        printf("%d: %s\n", i, text);
    }
    for (int i = 1; i < 128; i += 9) {
        char number[20];

        snprintf(number, sizeof(number), "%d", i);
        XGetErrorDatabaseText(display, "XRequest", number, "nothing", text,
                              sizeof(text));
        printf("request %d: %s\n", i, text);
    }
    XGetErrorDatabaseText(display, "Own", "thing", "the default", text,
                          sizeof(text));
    printf("%s\n", text);
}

static int io_handler(Display *on)
{
    printf("I/O error, %s\n", on == display ? "our display" : "another");
    fflush(stdout);
    _exit(3);
}

static int io_jump(Display *on)
{
    (void)on;
    longjmp(back, 1);
}

static void exit_handler(Display *on, void *data)
{
    printf("exit handler, %s, %s\n", (char *)data,
           on == display ? "our display" : "another");
}

static int io_return(Display *on)
{
    (void)on;
    printf("I/O error\n");
    return 0;
}

/* The server closes our connection, as it does when it ends. */
static void cut(void)
{
    Display *other = open_display();
    Window window = XCreateSimpleWindow(display, DefaultRootWindow(display),
                                        0, 0, 1, 1, 0, 0, 0);

    XSync(display, False);
    XKillClient(other, window);
    XSync(other, False);
    XCloseDisplay(other);
    XSync(display, False);
}

static void io_own(void)
{
    XIOErrorHandler before = XSetIOErrorHandler(io_jump), again;

    again = XSetIOErrorHandler(NULL);
    printf("%s\n", again == io_jump ? "ours" : "another");
    again = XSetIOErrorHandler(io_handler);
    printf("Xlib's comes back: %d\n", again == before);
    cut();
    printf("still here\n");
}

static void io_leaves(void)
{
    XSetIOErrorHandler(io_jump);
    if (!setjmp(back)) {
        cut();
        printf("no error\n");
    }
    printf("left by longjmp\n");
}

/* An exit handler lets the program go on without the connection. */
static void io_exit(void)
{
    XSetIOErrorHandler(io_return);
    XSetIOErrorExitHandler(display, exit_handler, "with data");
    cut();
    printf("going on\n");
    XCloseDisplay(display);
    display = open_display();
    printf("another display: %d\n", DefaultDepth(display, 0));
    XCloseDisplay(display);
}

static const struct { const char *name; void (*run)(void); } tries[] = {
    {"own", own}, {"default", unhandled}, {"previous", previous},
    {"texts", texts}, {"io-own", io_own}, {"io-default", cut},
    {"io-exit", io_exit}, {"io-leaves", io_leaves},
};

int main(int argc, char **argv)
{
    display = open_display();
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < LENGTH(tries); i++)
        if (argc > 1 && !strcmp(argv[1], tries[i].name)) {
            tries[i].run();
            return 0;
        }
    die("usage: %s own|default|previous|texts|io-...", argv[0]);
}
