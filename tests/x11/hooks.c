/* SPDX-License-Identifier: MIT */
/*
 * Would catch: extension hooks (XESet*) that are not called, called with
 * other arguments, or whose previous value is not what it was; conversions
 * between wire and event, the guest's calling Xlib's own one; libXext's
 * bookkeeping of extensions (XextAddDisplay and its like).
 */
#include "common.h"

#include <X11/Xatom.h>
#include <X11/Xlibint.h>
#include <X11/Xproto.h>
#include <X11/extensions/Xext.h>
#include <X11/extensions/XShm.h>
#include <X11/extensions/extutil.h>

static Display *display;
static XExtCodes *codes;
static int created, freed, flushed, copied, closed, fonts;

static int on_create(Display *on, GC gc, XExtCodes *with)
{
    created += on == display && gc && with->extension == codes->extension;
    return 0;
}

static int on_copy(Display *on, GC gc, XExtCodes *with)
{
    copied += on == display && gc && with->extension == codes->extension;
    return 0;
}

static int on_free_gc(Display *on, GC gc, XExtCodes *with)
{
    freed += on == display && gc && with->extension == codes->extension;
    return 0;
}

static int on_flush(Display *on, GC gc, XExtCodes *with)
{
    flushed += on == display && gc && with->extension == codes->extension;
    return 0;
}

static int on_font(Display *on, XFontStruct *font, XExtCodes *with)
{
    (void)with;
    fonts += on == display && font->ascent > 0;
    return 0;
}

static int on_close(Display *on, XExtCodes *with)
{
    closed += on == display && with->extension == codes->extension;
    printf("closing: %d\n", closed);
    return 0;
}

static int on_error(Display *on, xError *error, XExtCodes *with, int *result)
{
    (void)with;
    printf("error hook: %d request %d id 0x%x, %s\n", error->errorCode,
           error->majorCode, error->resourceID,
           on == display ? "our display" : "another");
    *result = 0;
    return error->errorCode == BadWindow; /* dealt with */
}

static char *on_error_string(Display *on, int code, XExtCodes *with,
                             char *text, int size)
{
    (void)on;
    (void)with;
    if (code != 200)
        return NULL;
    snprintf(text, size, "error %d of ours", code);
    return text;
}

static void on_print(Display *on, XErrorEvent *event, void *file)
{
    fprintf(file, "  A line of the hook\n");
    printf("print hook: %d, our display: %d\n", event->error_code,
           on == display);
}

static int handler(Display *on, XErrorEvent *event)
{
    (void)on;
    printf("handler: %d\n", event->error_code);
    return 0;
}

static void graphics_contexts(void)
{
    Window root = DefaultRootWindow(display);
    GC one, two;
    XFontStruct *font;

    printf("nothing before: %d %d %d\n",
           !XESetCreateGC(display, codes->extension, on_create),
           !XESetCopyGC(display, codes->extension, on_copy),
           !XESetFreeGC(display, codes->extension, on_free_gc));
    printf("nothing before: %d %d %d\n",
           !XESetFlushGC(display, codes->extension, on_flush),
           !XESetCreateFont(display, codes->extension, on_font),
           !XESetFreeFont(display, codes->extension, on_font));
    one = XCreateGC(display, root, 0, NULL);
    two = XCreateGC(display, root, 0, NULL);
    XSetForeground(display, one, 5);
    XFlushGC(display, one);
    XCopyGC(display, one, GCForeground, two);
    XFreeGC(display, two);
    font = XLoadQueryFont(display, "fixed");
    if (font)
        XFreeFont(display, font);
    printf("created %d copied %d freed %d flushed %d fonts %d\n", created,
           copied, freed, flushed, fonts);
    printf("ours before: %d\n", XESetCreateGC(display, codes->extension,
                                              NULL) == on_create);
    XFreeGC(display, XCreateGC(display, root, 0, NULL));
    printf("created %d\n", created);
    XFreeGC(display, one);
}

static void errors(void)
{
    char text[80] = "";

    XSetErrorHandler(handler);
    printf("nothing before: %d %d\n",
           !XESetError(display, codes->extension, on_error),
           !XESetErrorString(display, codes->extension, on_error_string));
    XMapWindow(display, 0x1234);
    XFreePixmap(display, 0x1234);
    XSync(display, False);
    XGetErrorText(display, 200, text, sizeof(text));
    printf("text: %s\n", text);
    printf("ours before: %d %d\n",
           XESetError(display, codes->extension, NULL) == on_error,
           XESetErrorString(display, codes->extension, NULL) ==
           on_error_string);
}

typedef Bool (*to_event)(Display *, XEvent *, xEvent *);
typedef Status (*to_wire)(Display *, XEvent *, xEvent *);
static to_event xlibs_event;
static to_wire xlibs_wire;
static int converted;

/* Calls Xlib's own conversion, then changes what it made. */
static Bool our_event(Display *on, XEvent *event, xEvent *wire)
{
    Bool good = xlibs_event(on, event, wire);

    converted++;
    event->xclient.data.l[4] = wire->u.clientMessage.u.l.longs0 + 1000;
    return good;
}

static Status our_wire(Display *on, XEvent *event, xEvent *wire)
{
    Status good = xlibs_wire(on, event, wire);

    converted += 100;
    wire->u.clientMessage.u.l.longs3 = 77;
    return good;
}

static void conversions(void)
{
    Window window = XCreateSimpleWindow(display, DefaultRootWindow(display),
                                        0, 0, 1, 1, 0, 0, 0);
    XEvent event = {.xclient = {
        .type = ClientMessage, .window = window, .format = 32,
        .message_type = XA_STRING, .data.l = {1, 2, 3, 4, 5}}};

    /* Xlib looks for its conversion to the wire when it first needs it. */
    XSendEvent(display, window, False, NoEventMask, &event);
    XSync(display, True);
    xlibs_event = XESetWireToEvent(display, ClientMessage, our_event);
    xlibs_wire = XESetEventToWire(display, ClientMessage, our_wire);
    printf("Xlib has its own: %d %d\n", xlibs_event != NULL,
           xlibs_wire != NULL);
    XSendEvent(display, window, False, NoEventMask, &event);
    XSync(display, False);
    XNextEvent(display, &event);
    printf("event: %ld %ld %ld %ld %ld converted %d\n",
           event.xclient.data.l[0], event.xclient.data.l[1],
           event.xclient.data.l[2], event.xclient.data.l[3],
           event.xclient.data.l[4], converted);
    printf("ours before: %d %d\n",
           XESetWireToEvent(display, ClientMessage, xlibs_event) == our_event,
           XESetEventToWire(display, ClientMessage, xlibs_wire) == our_wire);
    XSendEvent(display, window, False, NoEventMask, &event);
    XSync(display, False);
    XNextEvent(display, &event);
    printf("event: %ld %ld converted %d\n", event.xclient.data.l[3],
           event.xclient.data.l[4], converted);
}

static int ext_closed(Display *on, XExtCodes *with)
{
    (void)with;
    printf("extension closes, our display: %d\n", on == display);
    return 0;
}

static char *ext_string(Display *on, int code, XExtCodes *with, char *text,
                        int size)
{
    (void)on;
    snprintf(text, size, "%d of an extension, first error %s", code,
             code >= with->first_error ? "before" : "after");
    return text;
}

static void extensions(void)
{
    static char data[] = "its data";
    static XExtensionHooks hooks = {.close_display = ext_closed,
                                    .error_string = ext_string};
    XExtensionInfo *info = XextCreateExtension();
    XExtDisplayInfo *found = XextAddDisplay(info, display, "SHAPE", &hooks,
                                            2, data);
    char text[80] = "";

    printf("added: %d, codes %d, data \"%s\"\n", found != NULL,
           found && found->codes, found ? found->data : "");
    printf("found again: %d\n", XextFindDisplay(info, display) == found);
    XGetErrorText(display, found->codes->first_error, text, sizeof(text));
    printf("text: %s\n", text);
    printf("an extension that is not there: ");
    found = XextAddDisplay(info, display, "NO-SUCH-THING", &hooks, 0, NULL);
    printf("codes %d\n", found && found->codes);
    printf("removed: %d", XextRemoveDisplay(info, display));
    printf(" left %d\n", info->ndisplays);
    XextRemoveDisplay(info, display);
    XextDestroyExtension(info);
}

static int missing(Display *on, _Xconst char *name, _Xconst char *reason)
{
    printf("missing: %s, %s, our display: %d\n", name, reason,
           on == display);
    return 0;
}

/* Xlib's own handler prints an error, with the help of a hook, and ends. */
static void print_values(void)
{
    XShmSegmentInfo nothing = {.shmseg = 0x1234};

    display = open_display();
    codes = XAddExtension(display);
    XSetErrorHandler(NULL);
    XESetPrintErrorValues(display, codes->extension, on_print);
    XShmDetach(display, &nothing);
    XSync(display, False);
    printf("still here\n");
}

int main(void)
{
    XExtCodes *shape;

    display = open_display();
    codes = XAddExtension(display);
    printf("our extension: %d\n", codes->extension);
    shape = XInitExtension(display, "SHAPE");
    printf("SHAPE: %d first event %d first error %d\n", shape->extension,
           shape->first_event, shape->first_error);
    graphics_contexts();
    errors();
    conversions();
    extensions();
    printf("nothing before: %d\n", !XSetExtensionErrorHandler(missing));
    XMissingExtension(display, "NO-SUCH-THING");
    printf("ours before: %d\n", XSetExtensionErrorHandler(NULL) == missing);
    XESetCloseDisplay(display, codes->extension, on_close);
    XCloseDisplay(display);
    printf("closed %d\n", closed);
    print_values();
    return 0;
}
