/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a thread that waits for another one, which reads the
 * connection, and does not get its signals meanwhile; one of two waiting
 * threads that is never woken.
 */
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { ALARMS = 20 };

static Display *display;
static Window window;
static pthread_t main_thread;
static volatile sig_atomic_t alarms, on_main;
static int wake[2];

static void on_alarm(int number)
{
    (void)number;
    on_main += pthread_equal(pthread_self(), main_thread) != 0;
    if (++alarms == ALARMS && write(wake[1], "", 1) != 1)
        _exit(4);
}

static void *read_one(void *event)
{
    XNextEvent(display, event);
    return NULL;
}

/* One event for each, when the alarms have come. */
static void *end_waits(void *unused)
{
    XEvent event = {.xclient = {.type = ClientMessage, .window = window,
                                .format = 8}};
    Display *other;
    char byte;

    (void)unused;
    if (read(wake[0], &byte, 1) != 1)
        die("no byte");
    other = open_display();
    XSendEvent(other, window, False, NoEventMask, &event);
    XSendEvent(other, window, False, NoEventMask, &event);
    XCloseDisplay(other);
    return NULL;
}

/* All threads but the first have SIGALRM blocked. */
int main(void)
{
    struct itimerval timer = {{0, 20000}, {0, 20000}}, none = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = on_alarm};
    pthread_t reader, ender;
    XEvent mine, theirs;
    sigset_t alarm_only;

    XInitThreads();
    display = open_display();
    window = open_window(display, 9, 9, NoEventMask);
    main_thread = pthread_self();
    if (pipe(wake))
        die("no pipe");
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    pthread_create(&reader, NULL, read_one, &theirs);
    /* Most likely it reads the connection when this thread asks for events. */
    usleep(200000);
    pthread_create(&ender, NULL, end_waits, NULL);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    XNextEvent(display, &mine);
    setitimer(ITIMER_REAL, &none, NULL);
    pthread_join(reader, NULL);
    pthread_join(ender, NULL);
    printf("events %d %d, alarms while waiting: %d\n", mine.type,
           theirs.type, on_main >= ALARMS);
    XCloseDisplay(display);
    return 0;
}
