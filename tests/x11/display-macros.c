/* SPDX-License-Identifier: MIT */
/*
 * Would catch: programs that walk the Display struct by Xlib's macros and
 * functions and find there another screen, visual, depth or format than
 * natively; data that Xlib answers in memory of its own.
 */
#include "common.h"

#include <X11/Xatom.h>
#include <fcntl.h>
#include <unistd.h>

static void say_visual(const char *what, const XVisualInfo *v)
{
    printf("%s: id 0x%lx screen %d depth %d class %d masks %lx %lx %lx "
           "map %d bits %d, its Visual %lx %d %d\n", what, v->visualid,
           v->screen, v->depth, v->class, v->red_mask, v->green_mask,
           v->blue_mask, v->colormap_size, v->bits_per_rgb,
           XVisualIDFromVisual(v->visual), v->visual->class,
           v->visual->map_entries);
}

static void connection(Display *d)
{
    printf("connection: socket %d protocol %d.%d vendor %s release %d\n",
           fcntl(ConnectionNumber(d), F_GETFD) >= 0, ProtocolVersion(d),
           ProtocolRevision(d), ServerVendor(d), VendorRelease(d));
    printf("order %d unit %d bit order %d pad %d queue %d few requests %d\n",
           ImageByteOrder(d), BitmapUnit(d), BitmapBitOrder(d), BitmapPad(d),
           QLength(d), NextRequest(d) - LastKnownRequestProcessed(d) < 10);
    printf("the same by functions: %d %d %d %d %d %d\n",
           XConnectionNumber(d) == ConnectionNumber(d),
           XServerVendor(d) == ServerVendor(d),
           !strcmp(XDisplayString(d), DisplayString(d)),
           XScreenCount(d) == ScreenCount(d),
           XRootWindow(d, 0) == RootWindow(d, 0),
           XDefaultVisual(d, 0) == DefaultVisual(d, 0));
    printf("largest requests %ld %ld, motion buffer %ld\n",
           XMaxRequestSize(d), XExtendedMaxRequestSize(d),
           XDisplayMotionBufferSize(d));
    printf("name %d\n", !strcmp(XDisplayName(NULL), DisplayString(d)));
}

static void screen(Display *d, Screen *s)
{
    printf("screen %d: %dx%d, %dx%d mm, depth %d cells %d planes %d\n",
           XScreenNumberOfScreen(s), WidthOfScreen(s), HeightOfScreen(s),
           WidthMMOfScreen(s), HeightMMOfScreen(s), DefaultDepthOfScreen(s),
           CellsOfScreen(s), PlanesOfScreen(s));
    printf("root 0x%lx map 0x%lx black %lx white %lx maps %d to %d\n",
           RootWindowOfScreen(s), DefaultColormapOfScreen(s),
           BlackPixelOfScreen(s), WhitePixelOfScreen(s),
           MinCmapsOfScreen(s), MaxCmapsOfScreen(s));
    printf("saves under %d, backing store %d, mask 0x%lx, ours %d %d\n",
           DoesSaveUnders(s), DoesBackingStore(s), EventMaskOfScreen(s),
           DisplayOfScreen(s) == d, s == ScreenOfDisplay(d, 0));
    for (int i = 0; i < s->ndepths; i++) {
        printf("depth %d:", s->depths[i].depth);
        for (int j = 0; j < s->depths[i].nvisuals; j++)
            printf(" %lx/%d", s->depths[i].visuals[j].visualid,
                   s->depths[i].visuals[j].class);
        printf("\n");
    }
}

static void lists(Display *d)
{
    int count;
    int *depths = XListDepths(d, 0, &count);
    XPixmapFormatValues *formats;

    for (int i = 0; i < count; i++)
        printf("listed depth %d\n", depths[i]);
    XFree(depths);
    formats = XListPixmapFormats(d, &count);
    for (int i = 0; i < count; i++)
        printf("format %d %d %d\n", formats[i].depth,
               formats[i].bits_per_pixel, formats[i].scanline_pad);
    XFree(formats);
}

static void visuals(Display *d)
{
    XVisualInfo wanted = {.screen = 0, .depth = 24, .class = TrueColor}, one;
    int count;
    XVisualInfo *all = XGetVisualInfo(d, VisualScreenMask, &wanted, &count);
    XColor colour = {.pixel = 0x123456}, exact;

    printf("%d visuals\n", count);
    for (int i = 0; i < count; i += 7)
        say_visual("visual", &all[i]);
    XFree(all);
    all = XGetVisualInfo(d, VisualDepthMask | VisualClassMask, &wanted,
                         &count);
    printf("%d of depth 24\n", count);
    XFree(all);
    if (XMatchVisualInfo(d, 0, 24, TrueColor, &one))
        say_visual("matched", &one);
    printf("default is the first: %d\n", one.visual == DefaultVisual(d, 0));
    XQueryColor(d, DefaultColormap(d, 0), &colour);
    printf("colour %04x %04x %04x\n", colour.red, colour.green, colour.blue);
    XAllocNamedColor(d, DefaultColormap(d, 0), "SteelBlue", &colour, &exact);
    printf("SteelBlue %06lx %04x\n", colour.pixel, exact.red);
    printf("parsed %d", XParseColor(d, DefaultColormap(d, 0),
                                    "rgbi:0.5/0.25/1.0", &colour));
    printf(" %04x %04x %04x\n", colour.red, colour.green, colour.blue);
    printf("CIE %d", XParseColor(d, DefaultColormap(d, 0),
                                 "CIELab:50/20/20", &colour));
    printf(" %04x %04x %04x\n", colour.red, colour.green, colour.blue);
}

static void properties(Display *d)
{
    Window window = XCreateSimpleWindow(d, DefaultRootWindow(d), 0, 0, 9, 9,
                                        0, 0, 0);
    long numbers[] = {1, -2, 0x7fffffff};
    unsigned char *data = NULL;
    unsigned long items, left;
    Atom type;
    int format, count;
    char **names = XListExtensions(d, &count);
    Atom *list;

    printf("%d extensions, the first %s\n", count, names[0]);
    XFreeExtensionList(names);
    XChangeProperty(d, window, XA_WM_HINTS, XA_INTEGER, 32, PropModeReplace,
                    (unsigned char *)numbers, 3);
    XGetWindowProperty(d, window, XA_WM_HINTS, 0, 100, False, AnyPropertyType,
                       &type, &format, &items, &left, &data);
    printf("property: type %lu format %d items %lu left %lu:", type, format,
           items, left);
    for (unsigned long i = 0; i < items; i++)
        printf(" %ld", ((long *)data)[i]);
    printf("\n");
    XFree(data);
    XStoreName(d, window, "a name");
    list = XListProperties(d, window, &count);
    printf("%d properties\n", count);
    XFree(list);
    XFetchName(d, window, (char **)&data);
    printf("name \"%s\"\n", data);
    XFree(data);
    XDestroyWindow(d, window);
}

static void names(Display *d)
{
    char *wanted[] = {"ONE_OF_OURS", "PRIMARY", "WM_NAME"}, *found[3];
    Atom atoms[3];
    char *name;
    int count, fonts;
    char **list;
    XFontStruct *info;

    printf("atoms: %d", XInternAtoms(d, wanted, 3, False, atoms));
    printf(" %lu %lu", atoms[1], atoms[2]);
    printf(" %d", XGetAtomNames(d, atoms, 3, found));
    for (int i = 0; i < 3; i++) {
        printf(" %s", found[i]);
        XFree(found[i]);
    }
    name = XGetAtomName(d, XA_CUT_BUFFER0);
    printf(" %s\n", name);
    XFree(name);
    list = XListFontsWithInfo(d, "*fixed*", 5, &fonts, &info);
    for (int i = 0; list && i < fonts; i++)
        printf("font %s: %d %d properties %d\n", list[i], info[i].ascent,
               info[i].max_bounds.width, info[i].n_properties);
    if (list)
        XFreeFontInfo(list, info, fonts);
    list = XGetFontPath(d, &count);
    printf("%d font folders\n", count);
    XFreeFontPath(list);
}

int main(void)
{
    Display *d = open_display(), *second = open_display();

    connection(d);
    for (int i = 0; i < ScreenCount(d); i++)
        screen(d, ScreenOfDisplay(d, i));
    lists(d);
    visuals(d);
    properties(d);
    names(d);
    printf("two displays differ: %d\n",
           ConnectionNumber(d) != ConnectionNumber(second));
    XCloseDisplay(second);
    XCloseDisplay(d);
    printf("no display there: %d\n", XOpenDisplay(":9999") == NULL);
    return 0;
}
