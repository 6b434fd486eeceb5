/* SPDX-License-Identifier: MIT */
/*
 * Would catch: client libraries of extensions (RandR, XInput, Cursor, Fixes,
 * Render, Xinerama, screen saver, video modes, Composite, Damage, Present,
 * Test, Record, Xkb, Shape, Sync) that have another display, another answer,
 * another event than natively.
 */
#include "common.h"

#include <X11/Xcursor/Xcursor.h>
#include <X11/XKBlib.h>
#include <X11/extensions/XInput2.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/Xcomposite.h>
#include <X11/extensions/Xdamage.h>
#include <X11/extensions/Xfixes.h>
#include <X11/extensions/Xinerama.h>
#include <X11/extensions/Xpresent.h>
#include <X11/extensions/Xrandr.h>
#include <X11/extensions/Xrender.h>
#include <X11/extensions/dpms.h>
#include <X11/extensions/scrnsaver.h>
#include <X11/extensions/shape.h>
#include <X11/extensions/sync.h>
#include <X11/extensions/xf86vmode.h>

static Display *d;
static Window window;

static int on_error(Display *on, XErrorEvent *event)
{
    char text[80];

    XGetErrorText(on, event->error_code, text, sizeof(text));
    printf("error: %s\n", text);
    return 0;
}

static void randr(void)
{
    XRRScreenResources *all = XRRGetScreenResources(d, DefaultRootWindow(d));
    XRROutputInfo *output;
    XRRCrtcInfo *crtc;
    XRRMonitorInfo *monitors;
    int count, major, minor;

    printf("RandR: %d", XRRQueryVersion(d, &major, &minor));
    printf(" %d.%d, %d outputs %d crtcs %d modes\n", major, minor,
           all->noutput, all->ncrtc, all->nmode);
    output = XRRGetOutputInfo(d, all, all->outputs[0]);
    crtc = XRRGetCrtcInfo(d, all, all->crtcs[0]);
    printf("output %.*s %d, crtc %dx%d, mode \"%s\"\n", output->nameLen,
           output->name, output->connection, crtc->width, crtc->height,
           all->modes[0].name);
    XRRFreeCrtcInfo(crtc);
    XRRFreeOutputInfo(output);
    XRRFreeScreenResources(all);
    monitors = XRRGetMonitors(d, DefaultRootWindow(d), True, &count);
    printf("%d monitors, the first %dx%d with %d outputs\n", count,
           monitors[0].width, monitors[0].height, monitors[0].noutput);
    XRRFreeMonitors(monitors);
}

/* A generic event: its data are fetched and freed by the guest. */
static void input(void)
{
    int opcode, event_base, error, count, major = 2, minor = 2;
    unsigned char bits[4] = {0};
    XIEventMask mask = {XIAllDevices, sizeof(bits), bits};
    XIDeviceInfo *devices;
    XEvent event;

    if (!XQueryExtension(d, "XInputExtension", &opcode, &event_base, &error))
        die("no XInput");
    printf("XInput: %d %d.%d\n", XIQueryVersion(d, &major, &minor), major,
           minor);
    devices = XIQueryDevice(d, XIAllDevices, &count);
    for (int i = 0; i < count; i++)
        printf("device %d \"%s\" use %d classes %d\n", devices[i].deviceid,
               devices[i].name, devices[i].use, devices[i].num_classes);
    XIFreeDeviceInfo(devices);
    XISetMask(bits, XI_RawMotion);
    XISetMask(bits, XI_RawKeyPress);
    mask.deviceid = XIAllMasterDevices;
    XISelectEvents(d, DefaultRootWindow(d), &mask, 1);
    XTestFakeRelativeMotionEvent(d, 3, 4, CurrentTime);
    XTestFakeKeyEvent(d, 38, True, CurrentTime);
    XTestFakeKeyEvent(d, 38, False, CurrentTime);
    for (int seen = 0; seen < 2; ) {
        XNextEvent(d, &event);
        if (event.xcookie.type != GenericEvent ||
            event.xcookie.extension != opcode ||
            !XGetEventData(d, &event.xcookie))
            continue;
        {
            XIRawEvent *raw = event.xcookie.data;

            printf("raw event %d detail %d valuators %d first %g\n",
                   raw->evtype, raw->detail, raw->valuators.mask_len,
                   raw->valuators.mask_len && raw->valuators.mask[0]
                   ? raw->raw_values[0] : 0);
        }
        seen++;
        XFreeEventData(d, &event.xcookie);
    }
    memset(bits, 0, sizeof(bits));
    XISelectEvents(d, DefaultRootWindow(d), &mask, 1);
}

static void cursors(void)
{
    XcursorImage *image = XcursorImageCreate(4, 4);
    Cursor cursor;
    XFixesCursorImage *shown;

    printf("cursors: ARGB %d size %d theme \"%s\"\n", XcursorSupportsARGB(d),
           XcursorGetDefaultSize(d), XcursorGetTheme(d));
    for (int i = 0; i < 16; i++)
        image->pixels[i] = 0xff000000u | i * 0x0f0f0f;
    image->xhot = 1;
    image->yhot = 0;
    cursor = XcursorImageLoadCursor(d, image);
    XcursorImageDestroy(image);
    XWarpPointer(d, None, window, 0, 0, 0, 0, 5, 5);
    XDefineCursor(d, window, cursor);
    XSync(d, False);
    shown = XFixesGetCursorImage(d);
    printf("shown: %dx%d at %d,%d, hot %d,%d, pixel %lx\n", shown->width,
           shown->height, shown->x, shown->y, shown->xhot, shown->yhot,
           shown->pixels[5]);
    XFree(shown);
    XFreeCursor(d, cursor);
    XUndefineCursor(d, window);
}

static void regions(void)
{
    XRectangle rectangles[] = {{0, 0, 10, 10}, {5, 5, 20, 3}}, bounds;
    XserverRegion region = XFixesCreateRegion(d, rectangles, 2);
    int count;
    XRectangle *list = XFixesFetchRegionAndBounds(d, region, &count,
                                                  &bounds);

    printf("region: %d rectangles within %dx%d\n", count, bounds.width,
           bounds.height);
    XFree(list);
    XFixesDestroyRegion(d, region);
    XFixesDestroyRegion(d, 0x1234);
    XSync(d, False);
    XShapeCombineRectangles(d, window, ShapeBounding, 0, 0, rectangles, 2,
                            ShapeSet, Unsorted);
    list = XShapeGetRectangles(d, window, ShapeBounding, &count, &(int){0});
    printf("shape: %d rectangles\n", count);
    XFree(list);
    XShapeCombineMask(d, window, ShapeBounding, 0, 0, None, ShapeSet);
}

static void render(void)
{
    Pixmap pixmap = XCreatePixmap(d, window, 32, 32, 24);
    XRenderPictFormat *format = XRenderFindVisualFormat(
        d, DefaultVisual(d, 0));
    Picture picture = XRenderCreatePicture(d, pixmap, format, 0, NULL);
    XRenderColor colour = {0x8000, 0x4000, 0x2000, 0xffff};
    XLinearGradient line = {{0, 0}, {XDoubleToFixed(32), 0}};
    XFixed stops[] = {0, XDoubleToFixed(1)};
    XRenderColor ends[] = {{0xffff, 0, 0, 0x8000}, {0, 0, 0xffff, 0xffff}};
    Picture gradient = XRenderCreateLinearGradient(d, &line, stops, ends, 2);
    XTransform turn = {{{0, XDoubleToFixed(1), 0},
                        {XDoubleToFixed(-1), 0, XDoubleToFixed(32)},
                        {0, 0, XDoubleToFixed(1)}}};

    printf("Render: depth %d red mask %d, ARGB %d\n", format->depth,
           format->direct.redMask,
           XRenderFindStandardFormat(d, PictStandardARGB32)->depth);
    XRenderFillRectangle(d, PictOpSrc, picture, &colour, 0, 0, 32, 32);
    XRenderSetPictureTransform(d, gradient, &turn);
    XRenderComposite(d, PictOpOver, gradient, None, picture, 0, 0, 0, 0, 2,
                     2, 28, 20);
    say_pixels(d, pixmap, 32, 32, "rendered");
    XRenderFreePicture(d, gradient);
    XRenderFreePicture(d, picture);
    XFreePixmap(d, pixmap);
}

static void screens(void)
{
    XScreenSaverInfo *info = XScreenSaverAllocInfo();
    int count, dot_clock, base, error;
    XineramaScreenInfo *list = XineramaQueryScreens(d, &count);
    XF86VidModeModeLine mode;

    printf("Xinerama: active %d, %d screens, %dx%d\n", XineramaIsActive(d),
           count, list ? list[0].width : 0, list ? list[0].height : 0);
    XFree(list);
    printf("screen saver: %d", XScreenSaverQueryInfo(
           d, DefaultRootWindow(d), info));
    printf(" state %d kind %d\n", info->state, info->kind);
    XFree(info);
    if (XF86VidModeQueryExtension(d, &base, &error)) {
        printf("mode line: %d", XF86VidModeGetModeLine(d, 0, &dot_clock,
                                                       &mode));
        printf(" %dx%d\n", mode.hdisplay, mode.vdisplay);
    } else {
        printf("no mode lines\n");
    }
    printf("DPMS: %d\n", DPMSQueryExtension(d, &base, &error));
}

static void composite(void)
{
    int base, error;
    XRectangle area;
    Pixmap content;
    Damage damage;
    XEvent event;
    GC gc = XCreateGC(d, window, 0, NULL);

    XCompositeRedirectWindow(d, window, CompositeRedirectAutomatic);
    content = XCompositeNameWindowPixmap(d, window);
    printf("Composite: %d\n", content != None);
    XDamageQueryExtension(d, &base, &error);
    damage = XDamageCreate(d, window, XDamageReportNonEmpty);
    XFillRectangle(d, window, gc, 3, 4, 5, 6);
    do
        XNextEvent(d, &event);
    while (event.type != base + XDamageNotify);
    area = ((XDamageNotifyEvent *)&event)->area;
    printf("damage: %d,%d %dx%d\n", area.x, area.y, area.width, area.height);
    say_pixels(d, content, 60, 40, "content");
    XDamageDestroy(d, damage);
    XFreePixmap(d, content);
    XCompositeUnredirectWindow(d, window, CompositeRedirectAutomatic);
    XFreeGC(d, gc);
}

static void present(void)
{
    int opcode, base, error;
    Pixmap pixmap = XCreatePixmap(d, window, 60, 40, 24);
    GC gc = XCreateGC(d, pixmap, 0, NULL);
    XEvent event;

    if (!XPresentQueryExtension(d, &opcode, &base, &error)) {
        printf("no Present\n");
        return;
    }
    XSetForeground(d, gc, 0x3366cc);
    XFillRectangle(d, pixmap, gc, 0, 0, 60, 40);
    XPresentSelectInput(d, window, PresentCompleteNotifyMask);
    XPresentPixmap(d, window, pixmap, 77, None, None, 0, 0, None, None, None,
                   PresentOptionAsync | PresentOptionCopy, 0, 0, 0, NULL, 0);
    for (;;) {
        XNextEvent(d, &event);
        if (event.xcookie.type != GenericEvent ||
            event.xcookie.extension != opcode)
            continue;
        if (XGetEventData(d, &event.xcookie)) {
            XPresentCompleteNotifyEvent *done = event.xcookie.data;

            printf("Present: serial %u kind %d, our window %d\n",
                   done->serial_number, done->kind, done->window == window);
            XFreeEventData(d, &event.xcookie);
            break;
        }
    }
    say_pixels(d, window, 60, 40, "presented");
    XFreeGC(d, gc);
    XFreePixmap(d, pixmap);
}

static void keyboard(void)
{
    XkbDescPtr map = XkbGetMap(d, XkbAllClientInfoMask, XkbUseCoreKbd);
    XkbStateRec state;
    int major = XkbMajorVersion, minor = XkbMinorVersion, reason, base, error;
    Bool supported = False;

    printf("Xkb: %d %d.%d", XkbLibraryVersion(&major, &minor), major, minor);
    printf(" %d\n", XkbQueryExtension(d, &reason, &base, &error, &major,
                                      &minor));
    XkbGetNames(d, XkbAllNamesMask, map);
    printf("keys %d to %d, types %d, group \"%s\"\n", map->min_key_code,
           map->max_key_code, map->map->num_types,
           map->names->groups[0] ? "named" : "");
    XkbGetState(d, XkbUseCoreKbd, &state);
    printf("state: group %d mods %d\n", state.group, state.mods);
    printf("repeat: %d", XkbSetDetectableAutoRepeat(d, True, &supported));
    printf(" %d\n", supported);
    for (int i = 10; i < 60; i += 7)
        printf("key %d: %s\n", i, XKeysymToString(
               XkbKeycodeToKeysym(d, i, 0, 1)));
    XkbFreeKeyboard(map, 0, True);
}

static void counters(void)
{
    int base, error, major, minor, count;
    XSyncSystemCounter *list;
    XSyncCounter counter;
    XSyncValue value;

    printf("Sync: %d", XSyncQueryExtension(d, &base, &error));
    printf(" %d", XSyncInitialize(d, &major, &minor));
    list = XSyncListSystemCounters(d, &count);
    printf(" %d.%d, %d counters\n", major, minor, count);
    XSyncFreeSystemCounterList(list);
    XSyncIntToValue(&value, 41);
    counter = XSyncCreateCounter(d, value);
    XSyncIntToValue(&value, 1);
    XSyncChangeCounter(d, counter, value);
    XSyncQueryCounter(d, counter, &value);
    printf("counter: %d\n", XSyncValueLow32(value));
    XSyncDestroyCounter(d, counter);
}

int main(void)
{
    d = open_display();
    XSetErrorHandler(on_error);
    window = open_window(d, 60, 40, NoEventMask);
    randr();
    input();
    cursors();
    regions();
    render();
    screens();
    composite();
    present();
    keyboard();
    counters();
    XCloseDisplay(d);
    return 0;
}
