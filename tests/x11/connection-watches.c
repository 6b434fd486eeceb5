/* SPDX-License-Identifier: MIT */
/*
 * Would catch: connection watches that are not called, or called with other
 * data, when Xlib opens and closes a connection of its own; the list of such
 * connections, and the processing of what arrives on one.
 *
 * Xlib has no such connection by itself; like a library of extensions the
 * program registers one (X11/Xlibint.h).
 */
#include "common.h"

#include <X11/Xlibint.h>
#include <unistd.h>

static Display *display;
static int ends[2], read_bytes, watched;

static void watch(Display *on, XPointer data, int fd, Bool opening,
                  XPointer *watch_data)
{
    static char kept[] = "kept";

    printf("watch %s: our pipe %d, our display %d, opening %d, kept \"%s\"\n",
           data, fd == ends[0], on == display, opening,
           opening ? "" : *watch_data);
    if (opening)
        *watch_data = kept;
    watched++;
}

static void on_input(Display *on, int fd, XPointer data)
{
    char byte;

    if (on != display || fd != ends[0] || read(fd, &byte, 1) != 1)
        die("called with another connection");
    printf("input: %c, %s\n", byte, data);
    read_bytes++;
}

static void list(void)
{
    int *numbers = NULL, count = -1;

    printf("connections: %d", XInternalConnectionNumbers(display, &numbers,
                                                         &count));
    printf(" %d", count);
    for (int i = 0; i < count; i++)
        printf(" ours %d", numbers[i] == ends[0]);
    printf("\n");
    XFree(numbers);
}

int main(void)
{
    XEvent event;

    if (pipe(ends))
        die("no pipe");
    display = open_display();
    list();
    printf("added: %d\n", XAddConnectionWatch(display, watch, "one"));
    printf("registered: %d\n", _XRegisterInternalConnection(
           display, ends[0], on_input, "input's data"));
    list();
    printf("added: %d\n", XAddConnectionWatch(display, watch, "two"));
    if (write(ends[1], "xy", 2) != 2)
        die("cannot write");
    XProcessInternalConnection(display, ends[0]);
    /* Whoever waits for events has it processed, too. */
    printf("events: %d", XCheckMaskEvent(display, -1, &event));
    printf(", input %d\n", read_bytes);
    XRemoveConnectionWatch(display, watch, "one");
    _XUnregisterInternalConnection(display, ends[0]);
    list();
    XRemoveConnectionWatch(display, watch, "two");
    printf("%d calls\n", watched);
    XCloseDisplay(display);
    return 0;
}
