/* SPDX-License-Identifier: MIT */
/*
 * Would catch: memory that the guest frees and that is not its own: replies,
 * errors and events of xcb, results of Xlib, of a program that brings its own
 * malloc(); the guest's memory that a library frees with another free().
 *
 * The heap here is a plain one whose blocks carry a mark; free() of anything
 * else ends the program with a sentence.
 */
#include "common.h"

#include <X11/Xatom.h>
#include <X11/Xlib-xcb.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>
#include <xcb/randr.h>
#include <xcb/xcb.h>
#include <xcb/xcbext.h>
#include <xcb/xkb.h>

enum { HEAP = 64 << 20 };

struct block {
    uint64_t mark;
    size_t size;
};

static const uint64_t used = 0x47414e4757415921u, unused = ~0x47414e47u;
static char heap[HEAP] __attribute__((aligned(16)));
static atomic_size_t top;
static atomic_int freed;

/* What libraries find before the libc's. */
#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    size_t whole = (sizeof(struct block) + size + 15) & ~(size_t)15;
    size_t at = atomic_fetch_add(&top, whole);
    struct block *block = (struct block *)(heap + at);

    if (at + whole > HEAP) {
        errno = ENOMEM;
        return NULL;
    }
    block->mark = used;
    block->size = size;
    return block + 1;
}

static _Noreturn void refuse(const char *what)
{
    size_t length = strlen(what);

    if (write(2, what, length) != (ssize_t)length)
        _exit(4);
    _exit(3);
}

void free(void *pointer)
{
    struct block *block = (struct block *)pointer - 1;

    if (!pointer)
        return;
    if ((char *)pointer < heap || (char *)pointer >= heap + HEAP)
        refuse("free() of memory that is not ours\n");
    if (block->mark != used)
        refuse("free() of what is no block or freed already\n");
    block->mark = unused;
    freed++;
}

void *calloc(size_t count, size_t size)
{
    void *made = malloc(count * size);

    if (made)
        memset(made, 0, count * size);
    return made;
}

void *realloc(void *pointer, size_t size)
{
    void *made = malloc(size);

    if (made && pointer) {
        size_t old = ((struct block *)pointer - 1)->size;

        memcpy(made, pointer, old < size ? old : size);
        free(pointer);
    }
    return made;
}

void *memalign(size_t alignment, size_t size)
{
    (void)alignment;
    return malloc(size);
}

#pragma GCC visibility pop

static int count;

/* free() of one thing, which has to be ours. */
static void give_back(const char *what, void *pointer)
{
    int before = freed;

    if (!pointer) {
        printf("%s: nothing\n", what);
        return;
    }
    free(pointer);
    printf("%s: freed %d\n", what, freed - before);
    count++;
}

static void replies(xcb_connection_t *c, xcb_screen_t *screen,
                    xcb_window_t window)
{
    xcb_generic_error_t *error = NULL;
    xcb_generic_event_t *event;

    give_back("geometry", xcb_get_geometry_reply(
        c, xcb_get_geometry(c, window), &error));
    give_back("attributes", xcb_get_window_attributes_reply(
        c, xcb_get_window_attributes(c, window), NULL));
    give_back("extensions", xcb_list_extensions_reply(
        c, xcb_list_extensions(c), NULL));
    give_back("properties", xcb_get_property_reply(c, xcb_get_property(
        c, 0, screen->root, XCB_ATOM_RESOURCE_MANAGER, 0, 0, 99), NULL));
    give_back("randr", xcb_randr_get_screen_resources_reply(
        c, xcb_randr_get_screen_resources(c, screen->root), NULL));
    give_back("xkb", xcb_xkb_use_extension_reply(
        c, xcb_xkb_use_extension(c, 1, 0), NULL));
    give_back("no reply", xcb_get_geometry_reply(
        c, xcb_get_geometry(c, 0x1234), &error));
    give_back("its error", error);
    give_back("checked", xcb_request_check(
        c, xcb_map_window_checked(c, 0x1234)));
    xcb_map_window(c, 0x4321);
    free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
    event = xcb_poll_for_event(c);
    printf("event of type %d\n", event ? event->response_type : -1);
    give_back("unchecked error", event);
    event = NULL;
    xcb_change_property(c, XCB_PROP_MODE_REPLACE, window, XCB_ATOM_WM_NAME,
                        XCB_ATOM_STRING, 8, 4, "name");
    xcb_flush(c);
    give_back("event", xcb_wait_for_event(c));
    give_back("none queued", xcb_poll_for_queued_event(c));
}

static void unchecked(xcb_connection_t *c)
{
    xcb_get_geometry_cookie_t cookie = xcb_get_geometry(c, 0x777);
    void *reply = NULL;
    xcb_generic_error_t *error = NULL;
    int answer;

    free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
    answer = xcb_poll_for_reply(c, cookie.sequence, &reply, &error);
    printf("polled: %d %d %d\n", answer, reply != NULL,
           error ? error->error_code : -1);
    give_back("polled error", error);
    cookie = xcb_get_geometry(c, 0x778);
    xcb_discard_reply(c, cookie.sequence);
    free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
    give_back("discarded", xcb_poll_for_event(c));
}

/* Xlib's own: XFree() takes what Xlib made; what we made goes back to us. */
static void xlib(void)
{
    Display *d = open_display();
    Window window = XCreateSimpleWindow(d, DefaultRootWindow(d), 0, 0, 9, 9,
                                        0, 0, 0);
    XSizeHints *hints = XAllocSizeHints();
    XImage *image;
    unsigned char *data = NULL;
    unsigned long items, left;
    Atom type;
    int format, before;

    hints->flags = PSize;
    XSetWMNormalHints(d, window, hints);
    XFree(hints);
    XGetWindowProperty(d, window, XA_WM_NORMAL_HINTS, 0, 99, False,
                       AnyPropertyType, &type, &format, &items, &left, &data);
    printf("hints: %lu items\n", items);
    XFree(data);
    before = freed;
    image = XCreateImage(d, DefaultVisual(d, 0), 24, ZPixmap, 0,
                         malloc(8 * 8 * 4), 8, 8, 32, 0);
    XPutPixel(image, 1, 1, 2);
    XDestroyImage(image);
    printf("our pixels came back: %d\n", freed > before);
    before = freed;
    XFree(malloc(10));
    printf("ours through XFree(): %d\n", freed > before);
    XGetWindowProperty(d, window, XA_WM_NORMAL_HINTS, 0, 99, False,
                       AnyPropertyType, &type, &format, &items, &left, &data);
    give_back("Xlib's through free()", data);
    give_back("hints through free()", XAllocWMHints());
    give_back("xcb beside Xlib", xcb_get_geometry_reply(XGetXCBConnection(d),
        xcb_get_geometry(XGetXCBConnection(d), window), NULL));
    XCloseDisplay(d);
}

/* What stands in a struct of ours. */
static void properties(void)
{
    char *words[] = {"one", "two"}, *names[2];
    XClassHint class = {words[0], words[1]};
    Atom atoms[] = {XA_STRING, XA_ATOM};
    Display *d = open_display();
    Window window = XCreateSimpleWindow(d, DefaultRootWindow(d), 0, 0, 9, 9,
                                        0, 0, 0);
    XTextProperty text;
    int before;

    XStringListToTextProperty(words, 2, &text);
    XSetWMName(d, window, &text);
    XSetWMIconName(d, window, &text);
    give_back("text", text.value);
    printf("converted: %d\n", XmbTextListToTextProperty(
        d, words, 2, XStringStyle, &text));
    XSetWMClientMachine(d, window, &text);
    give_back("converted text", text.value);
    printf("name: %d\n", XGetWMName(d, window, &text));
    give_back("name", text.value);
    printf("icon: %d\n", XGetWMIconName(d, window, &text));
    give_back("icon's name", text.value);
    printf("machine: %d\n", XGetWMClientMachine(d, window, &text));
    give_back("machine", text.value);
    printf("none: %d\n", XGetTextProperty(d, window, &text, XA_CUT_BUFFER0));
    give_back("no property", text.value);
    XSetClassHint(d, window, &class);
    printf("class: %d\n", XGetClassHint(d, window, &class));
    give_back("its name", class.res_name);
    give_back("its class", class.res_class);
    printf("atoms: %d\n", XGetAtomNames(d, atoms, 2, names));
    give_back("an atom's name", names[0]);
    before = freed;
    XFree(names[1]);
    printf("another's through XFree(): %d\n", freed > before);
    XCloseDisplay(d);
}

int main(void)
{
    xcb_connection_t *c = xcb_connect(NULL, NULL);
    xcb_screen_t *screen;
    xcb_window_t window;
    uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE;
    char *host = NULL;
    int display, number;

    if (xcb_connection_has_error(c))
        die("no connection");
    screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    window = xcb_generate_id(c);
    xcb_create_window(c, 0, window, screen->root, 0, 0, 9, 9, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual,
                      XCB_CW_EVENT_MASK, &mask);
    replies(c, screen, window);
    unchecked(c);
    printf("parsed %d", xcb_parse_display("there:7.2", &host, &display,
                                          &number));
    printf(" %s %d %d\n", host, display, number);
    give_back("host", host);
    xcb_disconnect(c);
    xlib();
    properties();
    printf("%d things freed\n", count);
    return 0;
}
