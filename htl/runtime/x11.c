/* SPDX-License-Identifier: MIT */
#include "x11.h"
#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Drawables remembered as known to the server, per Display; a forgotten one
 * costs one more XSync(). */
#define KNOWN_DRAWABLES 64

/* Errors that wait for delivery, per Display; natively there is one handler
 * call each, and a flood of them is a broken program's. */
#define PENDING_ERRORS 64

struct connection {
    struct connection *next;
    void *guest;
    Display *host;
    XID known[KNOWN_DRAWABLES];
    unsigned known_next;
    XErrorEvent error[PENDING_ERRORS];
    unsigned errors;
};

/* Guards the list and everything in it; never held while guest code runs or
 * the server is waited for. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct connection *connections;
static bool thunked;

void gw_x11_thunked(void)
{
    __atomic_store_n(&thunked, true, __ATOMIC_RELEASE);
}

bool gw_x11_is_hosts(const void *connection)
{
    /* A program may be linked with an Xlib of its own, statically. */
    return connection && __atomic_load_n(&thunked, __ATOMIC_ACQUIRE) &&
           !gw_is_guest(connection);
}

static struct connection *find_guest(const void *guest)
{
    struct connection *c = connections;

    while (c && c->guest != guest) {
        c = c->next;
    }
    return c;
}

static struct connection *find_host(const Display *host)
{
    struct connection *c = connections;

    while (c && c->host != host) {
        c = c->next;
    }
    return c;
}

/* Keeps the error for the guest's own handler.  Runs inside libX11, which
 * allows no request here. */
static int on_error(Display *host, XErrorEvent *event)
{
    struct connection *c;

    pthread_mutex_lock(&lock);
    c = find_host(host);
    if (c && c->errors < PENDING_ERRORS) {
        c->error[c->errors++] = *event;
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

/* The server is gone.  The guest's own connection will notice and end the
 * program as it would natively; ours must not call exit() before. */
static void on_io_error(Display *host, void *unused)
{
    (void)host;
    (void)unused;
}

static void on_guest_closes(void *guest);

static void start(void)
{
    XInitThreads();
    XSetErrorHandler(on_error);
    gw_on_display_closed(on_guest_closes);
}

static struct connection *connect_like(void *guest)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct connection *c = calloc(1, sizeof(*c));

    pthread_once(&once, start);
    if (c) {
        c->guest = guest;
        c->host = XOpenDisplay(DisplayString((Display *)guest));
    }
    if (!c || !c->host) {
        gw_log("cannot open a second connection to the X server %s; is its "
               "number of clients exhausted, or XAUTHORITY unset?",
               DisplayString((Display *)guest));
        free(c);
        return NULL;
    }
    XSetIOErrorExitHandler(c->host, on_io_error, NULL);
    return c;
}

static struct connection *lookup(void *guest)
{
    struct connection *c;

    pthread_mutex_lock(&lock);
    c = find_guest(guest);
    pthread_mutex_unlock(&lock);
    return c;
}

/* Two threads may see a new Display at once; the second finds the first's. */
static struct connection *add(struct connection *fresh)
{
    struct connection *c;

    pthread_mutex_lock(&lock);
    c = find_guest(fresh->guest);
    if (!c) {
        fresh->next = connections;
        connections = c = fresh;
    }
    pthread_mutex_unlock(&lock);
    if (c != fresh) {
        XCloseDisplay(fresh->host);
        free(fresh);
    }
    return c;
}

static struct connection *connection_of(void *guest)
{
    struct connection *c = lookup(guest);

    if (!c && guest) {
        struct connection *fresh = connect_like(guest);
        c = fresh ? add(fresh) : NULL;
        if (c == fresh && c) {
            gw_guest_service(GW_SERVICE_WATCH_DISPLAY, (uintptr_t)guest, 0, 0);
        }
    }
    return c;
}

static void on_guest_closes(void *guest)
{
    struct connection **link, *c = NULL;

    pthread_mutex_lock(&lock);
    for (link = &connections; *link; link = &(*link)->next) {
        if ((*link)->guest == guest) {
            c = *link;
            *link = c->next;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    if (c) {
        XCloseDisplay(c->host);
        free(c);
    }
}

void *gw_x11_host_display(void *guest_display)
{
    struct connection *c;

    if (gw_x11_is_hosts(guest_display)) {
        return guest_display;
    }
    c = connection_of(guest_display);
    return c ? c->host : NULL;
}

void *gw_x11_guest_display(Display *host)
{
    struct connection *c;
    void *guest;

    pthread_mutex_lock(&lock);
    c = find_host(host);
    guest = c ? c->guest : gw_x11_is_hosts(host) ? host : NULL;
    pthread_mutex_unlock(&lock);
    return guest;
}

static bool is_known(struct connection *c, XID drawable)
{
    bool known = false;

    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < KNOWN_DRAWABLES && !known; i++) {
        known = c->known[i] == drawable;
    }
    if (!known) {
        c->known[c->known_next++ % KNOWN_DRAWABLES] = drawable;
    }
    pthread_mutex_unlock(&lock);
    return known;
}

void gw_x11_before_drawable(void *guest_display, XID drawable)
{
    struct connection *c;

    if (!drawable || gw_x11_is_hosts(guest_display)) {
        return;
    }
    c = connection_of(guest_display);
    if (c && !is_known(c, drawable)) {
        gw_guest_service(GW_SERVICE_XSYNC, (uintptr_t)guest_display, 0, 0);
    }
}

static bool next_error(struct connection *c, XErrorEvent *out)
{
    bool any;

    pthread_mutex_lock(&lock);
    any = c->errors > 0;
    if (any) {
        *out = c->error[0];
        c->errors--;
        memmove(&c->error[0], &c->error[1], c->errors * sizeof(c->error[0]));
    }
    pthread_mutex_unlock(&lock);
    return any;
}

static void deliver_errors(struct connection *c)
{
    void *guest = c->guest;
    XErrorEvent event;

    while (next_error(c, &event)) {
        event.display = guest;
        gw_guest_service(GW_SERVICE_XERROR, (uintptr_t)guest,
                         (uintptr_t)&event, 0);
    }
}

void gw_x11_after(void *guest_display)
{
    struct connection *c = lookup(guest_display);

    if (c) {
        if (!(gw_current_flags() & GW_FN_FRAME)) {
            XSync(c->host, False);
        }
        deliver_errors(c);
    }
}

void *gw_x11_guest_visual(void *guest_display, const XVisualInfo *host)
{
    if (!host) {
        return NULL;
    }
    if (gw_x11_is_hosts(guest_display)) {
        return gw_guest_copy(host, sizeof(*host));
    }
    return (void *)(uintptr_t)gw_guest_service(
        GW_SERVICE_XVISUAL, (uintptr_t)guest_display, host->screen,
        host->visualid);
}

/* For XFree(), as XGetVisualInfo()'s. */
static XVisualInfo *copy_visual(const XVisualInfo *guest)
{
    XVisualInfo *copy = malloc(sizeof(*copy));

    return copy ? memcpy(copy, guest, sizeof(*copy)) : NULL;
}

XVisualInfo *gw_x11_host_visual(void *guest_display, const XVisualInfo *guest)
{
    Display *host = gw_x11_host_display(guest_display);
    XVisualInfo template = { 0 };
    int count;

    if (!host || !guest) {
        return NULL;
    }
    if (gw_x11_is_hosts(guest_display)) {
        return copy_visual(guest);
    }
    template.visualid = guest->visualid;
    template.screen = guest->screen;
    return XGetVisualInfo(host, VisualIDMask | VisualScreenMask, &template,
                          &count);
}
