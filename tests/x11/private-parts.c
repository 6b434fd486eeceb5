/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a program that is written like an extension's library, with
 * Xlib's private macros (X11/Xlibint.h): they change the Display struct, call
 * through pointers in it and put handlers of the guest's into it.  With the
 * host's libX11 behind it that must end neither in a crash nor in silence.
 */
#include "common.h"

#include <X11/Xlibint.h>
#include <X11/Xproto.h>

static int replies;

/* Takes the replies that nobody waits for. */
static Bool on_reply(Display *dpy, xReply *reply, char *buffer, int length,
                     XPointer data)
{
    (void)dpy;
    (void)buffer;
    (void)length;
    replies += reply->generic.type == X_Reply && !strcmp(data, "ours");
    return reply->generic.type == X_Reply;
}

static Window focus(Display *dpy)
{
    xGetInputFocusReply reply;
    _X_UNUSED xReq *request;

    LockDisplay(dpy);
    GetEmptyReq(GetInputFocus, request);
    if (!_XReply(dpy, (xReply *)&reply, 0, xTrue))
        reply.focus = None;
    UnlockDisplay(dpy);
    SyncHandle();
    return reply.focus;
}

static void with_handler(Display *dpy)
{
    _XAsyncHandler async = {.next = dpy->async_handlers,
                            .handler = on_reply, .data = "ours"};
    _X_UNUSED xReq *request;

    LockDisplay(dpy);
    GetEmptyReq(GetInputFocus, request);
    dpy->async_handlers = &async;
    UnlockDisplay(dpy);
    XSync(dpy, False);
    LockDisplay(dpy);
    DeqAsyncHandler(dpy, &async);
    UnlockDisplay(dpy);
}

static XID new_id(Display *dpy)
{
    XID id;

    LockDisplay(dpy);
    id = XAllocID(dpy);
    UnlockDisplay(dpy);
    return id;
}

int main(void)
{
    Display *display = open_display();
    Window window = open_window(display, 20, 20, NoEventMask);
    XID first, second;

    printf("focus: ours %d\n", focus(display) == window);
    with_handler(display);
    printf("%d replies seen\n", replies);
    first = new_id(display);
    second = new_id(display);
    printf("ids follow: %d\n", first + 1 == second);
    XCloseDisplay(display);
    return 0;
}
