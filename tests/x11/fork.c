/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a forked child that disturbs its parent's connection, or that
 * cannot open one of its own; exec from a program with a display.
 */
#include "common.h"

#include <sys/wait.h>
#include <unistd.h>
#include <xcb/xcb.h>

static int wait_for(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child)
        die("no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int own_connection(void)
{
    Display *d = open_display();
    xcb_connection_t *c = xcb_connect(NULL, NULL);
    Pixmap pixmap = XCreatePixmap(d, DefaultRootWindow(d), 9, 9, 24);
    GC gc = XCreateGC(d, pixmap, 0, NULL);
    XImage *image;
    int answer = DefaultDepth(d, 0);

    XSetForeground(d, gc, 0x000007);
    XFillRectangle(d, pixmap, gc, 0, 0, 9, 9);
    image = XGetImage(d, pixmap, 0, 0, 9, 9, AllPlanes, ZPixmap);
    answer += XGetPixel(image, 3, 3);
    XDestroyImage(image);
    answer += xcb_connection_has_error(c);
    xcb_disconnect(c);
    XCloseDisplay(d);
    return answer;
}

int main(void)
{
    Display *d = open_display();
    Window window = open_window(d, 20, 20, NoEventMask);
    pid_t child;

    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        child = fork();
        if (!child)
            _exit(own_connection());
        printf("child %d: %d\n", i, wait_for(child));
        say_pixels(d, window, 20, 20, "parent");
    }
    child = fork();
    if (!child)
        _exit(7); /* uses nothing */
    printf("idle child: %d\n", wait_for(child));
    child = fork();
    if (!child) {
        close(ConnectionNumber(d));
        execlp("true", "true", NULL);
        _exit(127);
    }
    printf("exec: %d\n", wait_for(child));
    say_pixels(d, window, 20, 20, "parent");
    XCloseDisplay(d);
    return 0;
}
