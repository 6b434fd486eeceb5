/* SPDX-License-Identifier: MIT */
/*
 * Would catch: Xlib and xcb on one connection that do not see each other's
 * requests, or events that come to the wrong one of them.
 */
#include "common.h"

#include <X11/Xlib-xcb.h>
#include <xcb/shape.h>
#include <xcb/xcb.h>
#include <xcb/xcbext.h>

static void properties(Display *d, xcb_connection_t *c, Window window)
{
    xcb_get_property_reply_t *reply;
    char *name = NULL;

    XStoreName(d, window, "by Xlib");
    reply = xcb_get_property_reply(c, xcb_get_property(
        c, 0, window, XCB_ATOM_WM_NAME, XCB_ATOM_STRING, 0, 99), NULL);
    printf("xcb reads \"%.*s\"\n", xcb_get_property_value_length(reply),
           (char *)xcb_get_property_value(reply));
    free(reply);
    xcb_change_property(c, XCB_PROP_MODE_REPLACE, window, XCB_ATOM_WM_NAME,
                        XCB_ATOM_STRING, 8, 6, "by xcb");
    XFetchName(d, window, &name);
    printf("Xlib reads \"%s\"\n", name);
    XFree(name);
}

static void drawing(Display *d, xcb_connection_t *c, Window window)
{
    GC gc = XCreateGC(d, window, 0, NULL);
    xcb_gcontext_t id = XGContextFromGC(gc);
    xcb_rectangle_t rectangles[] = {{4, 4, 9, 9}, {20, 3, 5, 22}};
    uint32_t colour = 0x00ff8000;

    XSetForeground(d, gc, 0x0000ff);
    XFillRectangle(d, window, gc, 0, 0, 40, 3);
    XFlushGC(d, gc);
    xcb_change_gc(c, id, XCB_GC_FOREGROUND, &colour);
    xcb_poly_fill_rectangle(c, window, id, LENGTH(rectangles), rectangles);
    XDrawLine(d, window, gc, 0, 0, 39, 39);
    say_pixels(d, window, 40, 40, "drawn by both");
    XFreeGC(d, gc);
}

static void events(Display *d, xcb_connection_t *c, Window window)
{
    xcb_client_message_event_t sent = {
        .response_type = XCB_CLIENT_MESSAGE, .format = 32, .window = window,
        .type = XCB_ATOM_STRING, .data.data32 = {1, 2, 3, 4, 5}};
    xcb_generic_event_t *event;
    XEvent own;

    xcb_send_event(c, 0, window, 0, (char *)&sent);
    XSync(d, False);
    XNextEvent(d, &own);
    printf("Xlib's event: type %d %ld %ld\n", own.type,
           own.xclient.data.l[0], own.xclient.data.l[4]);
    XSetEventQueueOwner(d, XCBOwnsEventQueue);
    xcb_send_event(c, 0, window, 0, (char *)&sent);
    xcb_flush(c);
    event = xcb_wait_for_event(c);
    printf("xcb's event: type %d %u\n", event->response_type & 127,
           ((xcb_client_message_event_t *)event)->data.data32[3]);
    free(event);
    xcb_map_window(c, 0x1234);
    xcb_flush(c);
    event = xcb_wait_for_event(c);
    printf("xcb's error: %d\n", ((xcb_generic_error_t *)event)->error_code);
    free(event);
}

static void setup(Display *d, xcb_connection_t *c)
{
    const xcb_setup_t *s = xcb_get_setup(c);
    xcb_screen_iterator_t screens = xcb_setup_roots_iterator(s);
    xcb_depth_iterator_t depths;
    int visuals = 0;

    printf("socket: %d, vendor %.*s, largest %d, error %d\n",
           xcb_get_file_descriptor(c) == ConnectionNumber(d),
           xcb_setup_vendor_length(s), xcb_setup_vendor(s),
           xcb_get_maximum_request_length(c) > 65535,
           xcb_connection_has_error(c));
    for (depths = xcb_screen_allowed_depths_iterator(screens.data);
         depths.rem; xcb_depth_next(&depths)) {
        xcb_visualtype_iterator_t v =
            xcb_depth_visuals_iterator(depths.data);

        for (; v.rem; xcb_visualtype_next(&v))
            visuals += v.data->bits_per_rgb_value == 8;
    }
    printf("root %d, %d visuals, %d screens, rest %d\n",
           screens.data->root == DefaultRootWindow(d), visuals,
           xcb_setup_roots_length(s), screens.rem);
    printf("shape: opcode %d first event %d\n",
           xcb_get_extension_data(c, &xcb_shape_id)->major_opcode,
           xcb_get_extension_data(c, &xcb_shape_id)->first_event);
}

int main(void)
{
    Display *d = open_display();
    xcb_connection_t *c = XGetXCBConnection(d);
    Window window = open_window(d, 40, 40, NoEventMask);

    setup(d, c);
    properties(d, c, window);
    drawing(d, c, window);
    events(d, c, window);
    XCloseDisplay(d);
    return 0;
}
