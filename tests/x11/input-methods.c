/* SPDX-License-Identifier: MIT */
/*
 * Would catch: input methods, contexts, output methods and contexts whose
 * variable arguments (any number of them, nested lists) arrive otherwise than
 * natively; the callbacks in them that are not called, on another thread or
 * with other data; keys that give other text than natively.
 *
 *     input-methods local|server
 *
 * `local` uses the method that Xlib has itself; `server` xim-server.c's.
 */
#include "common.h"

#include <X11/XKBlib.h>
#include <X11/extensions/XTest.h>
#include <X11/keysym.h>
#include <locale.h>
#include <wchar.h>

enum { KEY_1 = 10, KEY_Q = 24, KEY_A = 38, KEY_S, KEY_D, KEY_F, KEY_G,
       KEY_H, KEY_Z = 52, KEY_X };

static Display *d;
static Window window;
static XIC context;
static int calls, text;

static void check(XIC ic, XPointer data, const char *expected)
{
    calls++;
    if (ic != context || strcmp(data, expected))
        die("%s got another context or \"%s\"", expected, data);
}

static int on_start(XIC ic, XPointer data, XPointer call)
{
    check(ic, data, "start");
    printf("preedit start, nothing: %d\n", call == NULL);
    return 20;
}

static void on_draw(XIC ic, XPointer data, XPointer call)
{
    XIMPreeditDrawCallbackStruct *draw = (void *)call;

    check(ic, data, "draw");
    printf("preedit draw: caret %d change %d+%d", draw->caret,
           draw->chg_first, draw->chg_length);
    if (draw->text)
        printf(" \"%.*s\" wide %d feedback %lx %lx", draw->text->length,
               draw->text->string.multi_byte, draw->text->encoding_is_wchar,
               draw->text->feedback[0], draw->text->feedback[2]);
    printf("\n");
}

static void on_caret(XIC ic, XPointer data, XPointer call)
{
    XIMPreeditCaretCallbackStruct *caret = (void *)call;

    check(ic, data, "caret");
    printf("preedit caret: %d %d %d\n", caret->position, caret->direction,
           caret->style);
    caret->position = 2;
}

static void on_done(XIC ic, XPointer data, XPointer call)
{
    check(ic, data, "done");
    printf("preedit done, nothing: %d\n", call == NULL);
}

static void on_status_start(XIC ic, XPointer data, XPointer call)
{
    check(ic, data, "status start");
    printf("status start, nothing: %d\n", call == NULL);
}

static void on_status_draw(XIC ic, XPointer data, XPointer call)
{
    XIMStatusDrawCallbackStruct *draw = (void *)call;

    check(ic, data, "status draw");
    if (draw->type == XIMTextType)
        printf("status draw: \"%.*s\"\n", draw->data.text->length,
               draw->data.text->string.multi_byte);
    else
        printf("status draw: bitmap 0x%lx\n", draw->data.bitmap);
}

static void on_status_done(XIC ic, XPointer data, XPointer call)
{
    check(ic, data, "status done");
    printf("status done, nothing: %d\n", call == NULL);
}

static int on_conversion(XIC ic, XPointer data, XPointer call)
{
    (void)call;
    check(ic, data, "conversion");
    return 0;
}

static void on_geometry(XIC ic, XPointer data, XPointer call)
{
    (void)call;
    check(ic, data, "geometry");
}

static void on_im_destroy(XIM im, XPointer data, XPointer call)
{
    calls++;
    printf("method destroyed: %s, %d %d\n", data, im != NULL, call == NULL);
}

static void on_ic_destroy(XIC ic, XPointer data, XPointer call)
{
    (void)call;
    check(ic, data, "context gone");
    printf("context destroyed\n");
}

static int instantiated;

static void on_instantiate(Display *on, XPointer data, XPointer call)
{
    (void)call;
    printf("instantiated: %s, our display %d\n", data, on == d);
    instantiated++;
}

static void lookup(XKeyEvent *event)
{
    char bytes[40], utf8[40];
    wchar_t wide[40];
    KeySym symbol = 0;
    Status status;
    int size = XmbLookupString(context, event, bytes, sizeof(bytes), &symbol,
                               &status);

    printf("key %d: %s %d", event->keycode, XKeysymToString(symbol)
           ? XKeysymToString(symbol) : "no symbol", status);
    if (status == XLookupChars || status == XLookupBoth) {
        printf(" \"%.*s\"", size, bytes);
        text++;
    }
    /* An input method's text is there once; a key's again. */
    if (event->keycode) {
        size = Xutf8LookupString(context, event, utf8, sizeof(utf8), NULL,
                                 &status);
        printf(" utf8 \"%.*s\"", size > 0 ? size : 0, utf8);
        size = XwcLookupString(context, event, wide, LENGTH(wide), NULL,
                               &status);
        printf(" wide %d %lx", size, size > 0 ? (long)wide[0] : 0);
        size = XLookupString(event, bytes, sizeof(bytes), NULL, NULL);
        printf(" plain %d", size);
    }
    printf("\n");
}

/* Handles events until `counter` has reached `wanted`. */
static void until(const int *counter, int wanted)
{
    while (*counter < wanted) {
        XEvent event;

        XNextEvent(d, &event);
        if (!XFilterEvent(&event, None) && event.type == KeyPress)
            lookup(&event.xkey);
    }
}

static void press(int key, Bool shift)
{
    int left = XKeysymToKeycode(d, XK_Shift_L);

    if (shift)
        XTestFakeKeyEvent(d, left, True, CurrentTime);
    XTestFakeKeyEvent(d, key, True, CurrentTime);
    XTestFakeKeyEvent(d, key, False, CurrentTime);
    if (shift)
        XTestFakeKeyEvent(d, left, False, CurrentTime);
    XFlush(d);
}

static void type(int key, Bool shift)
{
    press(key, shift);
    until(&text, text + 1);
}

static void about_method(XIM im)
{
    XIMStyles *styles = NULL;
    XIMValuesList *ims = NULL, *ics = NULL;
    char *bad;

    bad = XGetIMValues(im, XNQueryInputStyle, &styles, XNQueryIMValuesList,
                       &ims, XNQueryICValuesList, &ics, NULL);
    printf("unknown: %s\n", bad ? bad : "none");
    for (int i = 0; styles && i < styles->count_styles; i++)
        printf("style 0x%lx\n", styles->supported_styles[i]);
    for (int i = 0; ims && i < ims->count_values; i++)
        printf("IM value %s\n", ims->supported_values[i]);
    for (int i = 0; ics && i < ics->count_values; i++)
        printf("IC value %s\n", ics->supported_values[i]);
    XFree(styles);
    XFree(ims);
    XFree(ics);
    bad = XGetIMValues(im, "noSuchValue", &styles, NULL);
    printf("unknown: %s\n", bad ? bad : "none");
    printf("locale %s, our display %d\n", XLocaleOfIM(im),
           XDisplayOfIM(im) == d);
}

#define CALLBACK(name, function, data) \
    XICCallback name = {data, (XICProc)(void (*)(void))(function)}

/* Everything that XCreateIC() takes at once: lists in lists, 12 callbacks,
 * more arguments than registers. */
static void create(XIM im, XIMStyle style)
{
    static XRectangle area = {1, 2, 100, 20};
    static XPoint spot = {7, 8};
    CALLBACK(start, on_start, "start");
    CALLBACK(draw, on_draw, "draw");
    CALLBACK(caret, on_caret, "caret");
    CALLBACK(done, on_done, "done");
    CALLBACK(status_start, on_status_start, "status start");
    CALLBACK(status_draw, on_status_draw, "status draw");
    CALLBACK(status_done, on_status_done, "status done");
    CALLBACK(conversion, on_conversion, "conversion");
    CALLBACK(geometry, on_geometry, "geometry");
    CALLBACK(gone, on_ic_destroy, "context gone");
    CALLBACK(state, on_geometry, "state");
    XVaNestedList preedit = XVaCreateNestedList(
        0, XNPreeditStartCallback, &start, XNPreeditDrawCallback, &draw,
        XNPreeditCaretCallback, &caret, XNPreeditDoneCallback, &done,
        XNPreeditStateNotifyCallback, &state, XNArea, &area,
        XNSpotLocation, &spot, XNForeground, 1L, XNBackground, 2L, NULL);
    XVaNestedList outer = XVaCreateNestedList(
        0, XNVaNestedList, preedit, NULL);
    XVaNestedList status = XVaCreateNestedList(
        0, XNStatusStartCallback, &status_start, XNStatusDrawCallback,
        &status_draw, XNStatusDoneCallback, &status_done, NULL);

    context = XCreateIC(im, XNInputStyle, style, XNClientWindow, window,
                        XNFocusWindow, window, XNPreeditAttributes, outer,
                        XNStatusAttributes, status,
                        XNStringConversionCallback, &conversion,
                        XNGeometryCallback, &geometry, XNDestroyCallback,
                        &gone, XNResourceName, "input", XNResourceClass,
                        "Input", NULL);
    XFree(status);
    XFree(outer);
    XFree(preedit);
    printf("context: %d\n", context != NULL);
    if (!context)
        die("no input context");
}

static void about_context(XIM im)
{
    unsigned long mask = 0;
    XIMStyle style = 0;
    Window client = 0, focus = 0;
    char *bad;
    XPoint spot = {3, 4};
    XVaNestedList list;

    bad = XGetICValues(context, XNInputStyle, &style, XNClientWindow,
                       &client, XNFocusWindow, &focus, XNFilterEvents, &mask,
                       NULL);
    printf("unknown: %s; events 0x%lx style 0x%lx ours %d %d\n",
           bad ? bad : "none", mask, style, client == window,
           focus == window);
    printf("its method: %d\n", XIMOfIC(context) == im);
    list = XVaCreateNestedList(0, XNSpotLocation, &spot, NULL);
    bad = XSetICValues(context, XNPreeditAttributes, list, NULL);
    printf("set: %s\n", bad ? bad : "all");
    XFree(list);
    bad = XSetICValues(context, XNFocusWindow, window, "noSuchThing", 1,
                       NULL);
    printf("set: %s\n", bad ? bad : "all");
    XSelectInput(d, window, StructureNotifyMask | KeyPressMask |
                 KeyReleaseMask | FocusChangeMask | mask);
    XSetICFocus(context);
}

static void font_output(void)
{
    XOM om = XOpenOM(d, NULL, NULL, NULL);
    XOMCharSetList charsets;
    XOMOrientation orientations;
    XOC oc;
    XFontSet set;
    char *bad, *base = NULL, *locale = NULL;
    Bool directional = 5;
    XOMFontInfo fonts;

    bad = XGetOMValues(om, XNRequiredCharSet, &charsets,
                       XNQueryOrientation, &orientations,
                       XNDirectionalDependentDrawing, &directional, NULL);
    printf("output method: unknown %s, %d character sets, %d orientations, "
           "%d, locale %s, our display %d\n", bad ? bad : "none",
           charsets.charset_count, orientations.num_orientation, directional,
           XLocaleOfOM(om), XDisplayOfOM(om) == d);
    bad = XSetOMValues(om, "noSuchValue", 1, NULL);
    printf("set: %s\n", bad ? bad : "all");
    oc = XCreateOC(om, XNBaseFontName,
                   "-misc-fixed-medium-r-normal--13-*,*", XNOrientation,
                   XOMOrientation_LTR_TTB, NULL);
    if (!oc)
        die("no output context");
    bad = XGetOCValues(oc, XNBaseFontName, &base, XNOMAutomatic, &directional,
                       XNFontInfo, &fonts, NULL);
    printf("output context: unknown %s, base \"%s\", %d fonts\n",
           bad ? bad : "none", base ? base : "", fonts.num_font);
    set = (XFontSet)oc;
    locale = XLocaleOfFontSet(set);
    printf("as a font set: %s, %d wide\n", locale,
           Xutf8TextEscapement(set, "abc", 3));
    bad = XSetOCValues(oc, XNOrientation, XOMOrientation_LTR_TTB, NULL);
    printf("set: %s, its method: %d\n", bad ? bad : "all",
           XOMOfOC(oc) == om);
    XDestroyOC(oc);
    printf("closed: %d\n", XCloseOM(om));
}

static XIM open_method(void)
{
    XIM im = XOpenIM(d, NULL, "input", "Input");

    if (!im)
        die("no input method");
    about_method(im);
    return im;
}

static void local(void)
{
    XIM im = open_method();

    create(im, XIMPreeditNothing | XIMStatusNothing);
    about_context(im);
    type(KEY_A, False);
    type(KEY_A, True);
    type(KEY_1, True);
    /* Multi_key " a gives a letter with two dots. */
    XChangeKeyboardMapping(d, KEY_X, 1, (KeySym[]){XK_Multi_key}, 1);
    XChangeKeyboardMapping(d, KEY_Z, 1, (KeySym[]){XK_quotedbl}, 1);
    XSync(d, False);
    press(KEY_X, False);
    press(KEY_Z, False);
    type(KEY_A, False);
    printf("reset: %d\n", XmbResetIC(context) == NULL);
    XUnsetICFocus(context);
    font_output();
    XDestroyIC(context);
    printf("closed: %d\n", XCloseIM(im));
}

static void server(void)
{
    XIMCallback destroy = {"the data", on_im_destroy};
    XIM im;
    int before;

    printf("registered: %d\n", XRegisterIMInstantiateCallback(
           d, NULL, "input", "Input", on_instantiate, "its data"));
    until(&instantiated, 1);
    printf("unregistered: %d\n", XUnregisterIMInstantiateCallback(
           d, NULL, "input", "Input", on_instantiate, "its data"));
    im = open_method();
    printf("set: %d\n", XSetIMValues(im, XNDestroyCallback, &destroy, NULL)
           == NULL);
    create(im, XIMPreeditCallbacks | XIMStatusCallbacks);
    about_context(im);
    press(KEY_A, False);
    until(&calls, 1);
    press(KEY_S, False);
    until(&calls, 2);
    press(KEY_D, False);
    until(&calls, 3);
    press(KEY_F, False);
    until(&calls, 4);
    before = calls;
    press(KEY_G, False);
    until(&calls, before + 4);
    type(KEY_H, False);
    type(KEY_Z, False); /* comes back from the method */
    before = calls;
    press(KEY_Q, False);
    until(&calls, before + 2);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        die("usage: %s local|server", argv[0]);
    printf("locale %s\n", setlocale(LC_ALL, ""));
    d = open_display();
    printf("modifiers \"%s\"\n", XSetLocaleModifiers(""));
    window = open_window(d, 50, 50, KeyPressMask | FocusChangeMask);
    if (!strcmp(argv[1], "local"))
        local();
    else
        server();
    printf("%d calls\n", calls);
    XCloseDisplay(d);
    return 0;
}
