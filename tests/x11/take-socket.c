/* SPDX-License-Identifier: MIT */
/*
 * Would catch: xcb_take_socket(), whose callback gives the socket back when
 * somebody else writes a request: a callback that is not called, or that
 * cannot write itself; sequence numbers that go wrong afterwards.
 */
#include "common.h"

#include <xcb/xcb.h>
#include <xcb/xcbext.h>

struct owner {
    xcb_connection_t *connection;
    uint64_t sent;      /* sequence number of the last request */
    int noops, returned;
};

/* Called by xcb when another request is to be written: what we have queued
 * goes first. */
static void give_back(void *closure)
{
    struct owner *owner = closure;
    static uint32_t noops[16]; /* NoOperation: opcode 127, length 1 */
    struct iovec part = {noops, 4 * owner->noops};

    for (int i = 0; i < owner->noops; i++)
        noops[i] = 127 | 1 << 16;
    owner->returned++;
    if (owner->noops && !xcb_writev(owner->connection, &part, 1,
                                    owner->noops))
        die("xcb_writev fails");
    owner->noops = 0;
}

static void take(struct owner *owner, int noops)
{
    uint64_t before = owner->sent;

    if (!xcb_take_socket(owner->connection, give_back, owner, 0,
                         &owner->sent))
        die("the socket cannot be taken");
    printf("taken: %d requests later\n",
           before ? (int)(owner->sent - before) : 0);
    owner->noops = noops;
    owner->sent += noops;
}

static void ask(struct owner *owner)
{
    xcb_get_input_focus_cookie_t cookie =
        xcb_get_input_focus(owner->connection);
    xcb_get_input_focus_reply_t *reply =
        xcb_get_input_focus_reply(owner->connection, cookie, NULL);

    printf("%d returned; reply %d, %d requests later\n", owner->returned,
           reply != NULL, (int)(cookie.sequence - owner->sent));
    free(reply);
    owner->sent = cookie.sequence;
}

int main(void)
{
    struct owner owner = {.connection = xcb_connect(NULL, NULL)};

    if (xcb_connection_has_error(owner.connection))
        die("no connection");
    ask(&owner);
    take(&owner, 3);
    ask(&owner);
    ask(&owner);
    take(&owner, 0);
    ask(&owner);
    for (int i = 1; i < 5; i++) {
        take(&owner, i);
        xcb_flush(owner.connection);
    }
    ask(&owner);
    printf("error: %d\n", xcb_connection_has_error(owner.connection));
    xcb_disconnect(owner.connection);
    return 0;
}
