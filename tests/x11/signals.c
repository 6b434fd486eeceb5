/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a program that waits for events in the host and so does not
 * get its signals: handlers that run late or never, SIGTERM that does not end
 * it, a handler's longjmp out of the wait.
 *
 *     signals alarm-xlib|alarm-xcb|leave|wait-xlib|wait-xcb
 *
 * The last two print "waiting" and wait to be ended from outside.
 */
#include "common.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>
#include <xcb/xcb.h>

enum { ALARMS = 5 };

static volatile sig_atomic_t alarms;
static sigjmp_buf back;
static int wake[2];

static void on_alarm(int number)
{
    (void)number;
    alarms++;
    if (write(wake[1], "", 1) != 1)
        _exit(4);
}

static void on_alarm_leave(int number)
{
    (void)number;
    siglongjmp(back, 1);
}

static void each_20_ms(void (*handler)(int))
{
    struct itimerval timer = {{0, 20000}, {0, 20000}};
    struct sigaction action = {.sa_handler = handler,
                               .sa_flags = SA_RESTART};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void stop_timer(void)
{
    struct itimerval timer = {{0, 0}, {0, 0}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A child of ours, with a connection of its own, ends the wait after the
 * alarms have come. */
static void end_wait_later(Window window)
{
    if (fork())
        return;
    for (int i = 0; i < ALARMS; i++) {
        char byte;

        if (read(wake[0], &byte, 1) != 1)
            _exit(1);
    }
    {
        Display *d = open_display();
        XEvent event = {.xclient = {.type = ClientMessage,
                                    .window = window, .format = 8}};

        XSendEvent(d, window, False, NoEventMask, &event);
        XCloseDisplay(d);
    }
    _exit(0);
}

static void alarm_xlib(void)
{
    Display *display;
    Window window;
    XEvent event;

    if (pipe(wake))
        die("no pipe");
    display = open_display();
    window = open_window(display, 9, 9, NoEventMask);
    end_wait_later(window);
    each_20_ms(on_alarm);
    XNextEvent(display, &event);
    stop_timer();
    printf("event %d after alarms: %d\n", event.type, alarms >= ALARMS);
    XCloseDisplay(display);
}

static void alarm_xcb(void)
{
    xcb_connection_t *c;
    xcb_window_t window;
    xcb_generic_event_t *event;
    xcb_screen_t *screen;

    if (pipe(wake))
        die("no pipe");
    c = xcb_connect(NULL, NULL);
    screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    window = xcb_generate_id(c);
    xcb_create_window(c, 0, window, screen->root, 0, 0, 9, 9, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, 0, 0, NULL);
    free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
    end_wait_later(window);
    each_20_ms(on_alarm);
    event = xcb_wait_for_event(c);
    stop_timer();
    printf("event %d after alarms: %d\n", event->response_type & 127,
           alarms >= ALARMS);
    free(event);
    xcb_disconnect(c);
}

/* Nobody may use the display after such a thing, but another one. */
static void leave(void)
{
    Display *display = open_display();
    XEvent event;

    if (!sigsetjmp(back, 1)) {
        each_20_ms(on_alarm_leave);
        XNextEvent(display, &event);
        printf("an event\n");
    }
    stop_timer();
    printf("left\n");
    display = open_display();
    printf("another display: depth %d\n", DefaultDepth(display, 0));
    XCloseDisplay(display);
}

static void wait_xlib(void)
{
    Display *display = open_display();
    XEvent event;

    printf("waiting\n");
    fflush(stdout);
    XNextEvent(display, &event);
}

static void wait_xcb(void)
{
    xcb_connection_t *c = xcb_connect(NULL, NULL);

    printf("waiting\n");
    fflush(stdout);
    free(xcb_wait_for_event(c));
}

static const struct { const char *name; void (*run)(void); } tries[] = {
    {"alarm-xlib", alarm_xlib}, {"alarm-xcb", alarm_xcb}, {"leave", leave},
    {"wait-xlib", wait_xlib}, {"wait-xcb", wait_xcb},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < LENGTH(tries); i++)
        if (argc > 1 && !strcmp(argv[1], tries[i].name)) {
            tries[i].run();
            return 0;
        }
    die("usage: %s alarm-xlib|alarm-xcb|leave|wait-xlib|wait-xcb", argv[0]);
}
