/* SPDX-License-Identifier: MIT */
/*
 * Would catch: color spaces and sets of functions that a program adds to
 * Xcms, and its functions for gamut compression and white points, which are
 * not called, called with other values, or not given back as they were set.
 *
 *     color-spaces [set]    with a set of functions for screens, too
 */
#include "common.h"

#include <X11/Xcms.h>

static XcmsColorSpace space;
static int parsed, to, from, device_to, device_from, compressed, adjusted;

static int parse(char *text, XcmsColor *color)
{
    XcmsCIEXYZ *c = &color->spec.CIEXYZ;

    parsed++;
    color->format = space.id;
    return sscanf(text, "ourspace:%lf/%lf/%lf", &c->X, &c->Y, &c->Z) == 3;
}

static Status to_xyz(XcmsCCC ccc, XcmsColor *white, XcmsColor *colors,
                     unsigned count)
{
    to += ccc && white && count == 1;
    colors->spec.CIEXYZ.Y /= 2;
    colors->format = XcmsCIEXYZFormat;
    return XcmsSuccess;
}

static Status from_xyz(XcmsCCC ccc, XcmsColor *white, XcmsColor *colors,
                       unsigned count)
{
    from += ccc && white && count == 1;
    colors->spec.CIEXYZ.Y *= 2;
    colors->format = space.id;
    return XcmsSuccess;
}

static XcmsConversionProc steps_to[] = {to_xyz, NULL};
static XcmsConversionProc steps_from[] = {from_xyz, NULL};
static XcmsColorSpace space = {"ourspace", 0, parse, steps_to, steps_from, 1};

/* --- a device-dependent one, and the set that has it ------------------- */

static int parse_nothing(char *text, XcmsColor *color)
{
    (void)text;
    (void)color;
    return 0;
}

static Status from_device(XcmsCCC ccc, XcmsColor *c, unsigned count,
                          Bool *flags)
{
    XcmsRGB rgb = c->spec.RGB;

    (void)flags;
    device_to += ccc && count == 1;
    c->spec.CIEXYZ.X = rgb.red / 60000.0;
    c->spec.CIEXYZ.Y = rgb.green / 60000.0;
    c->spec.CIEXYZ.Z = rgb.blue / 60000.0;
    c->format = XcmsCIEXYZFormat;
    return XcmsSuccess;
}

static Status to_device(XcmsCCC ccc, XcmsColor *c, unsigned count, Bool *flags)
{
    XcmsCIEXYZ xyz = c->spec.CIEXYZ;

    (void)flags;
    device_from += ccc && count == 1;
    c->spec.RGB.red = xyz.X * 60000;
    c->spec.RGB.green = xyz.Y * 60000;
    c->spec.RGB.blue = xyz.Z * 60000;
    c->format = XcmsRGBFormat;
    return XcmsSuccess;
}

static XcmsDDConversionProc device_steps_to[] = {from_device, NULL};
static XcmsDDConversionProc device_steps_from[] = {to_device, NULL};
static XcmsColorSpace device_space = {
    "rgb", 0, parse_nothing,
    (XcmsFuncListPtr)(void *)device_steps_to,
    (XcmsFuncListPtr)(void *)device_steps_from, 1};
static XcmsColorSpace *device_spaces[] = {&device_space, NULL};
static Status init_screen(Display *d, int screen, XcmsPerScrnInfo *info);

static void free_screen(XPointer data)
{
    printf("screen freed: %s\n", data);
}

static XcmsFunctionSet set = {device_spaces, init_screen, free_screen};

static Status init_screen(Display *d, int screen, XcmsPerScrnInfo *info)
{
    static char data[] = "its data";

    printf("screen %d, %d\n", screen, d != NULL);
    info->functionSet = (XPointer)&set;
    info->screenData = data;
    info->screenWhitePt.spec.CIEXYZ = (XcmsCIEXYZ){0.95, 1, 1.08};
    info->screenWhitePt.format = XcmsCIEXYZFormat;
    info->state = XcmsInitSuccess;
    return XcmsSuccess;
}

/* --- compression and white points -------------------------------------- */

static Status compress(XcmsCCC ccc, XcmsColor *colors, unsigned count,
                       unsigned index, Bool *flags)
{
    (void)flags;
    compressed += ccc && index < count;
    colors[index].spec.CIEXYZ = (XcmsCIEXYZ){0.3, 0.3, 0.3};
    colors[index].format = XcmsCIEXYZFormat;
    return XcmsSuccess;
}

static Status adjust(XcmsCCC ccc, XcmsColor *before, XcmsColor *after,
                     XcmsColorFormat format, XcmsColor *colors,
                     unsigned count, Bool *flags)
{
    (void)flags;
    adjusted += ccc && before && after && colors && count == 1;
    printf("white %.2f to %.2f, format %lx\n", before->spec.CIEXYZ.Y,
           after->spec.CIEXYZ.Y, format);
    return XcmsSuccess;
}

static void say(const char *what, Status status, const XcmsColor *c)
{
    printf("%s: %d format %lx", what, status, c->format);
    if (c->format == XcmsRGBFormat)
        printf(" %d %d %d", c->spec.RGB.red, c->spec.RGB.green,
               c->spec.RGB.blue);
    else
        printf(" %.4f %.4f %.4f", c->spec.CIEXYZ.X, c->spec.CIEXYZ.Y,
               c->spec.CIEXYZ.Z);
    printf("\n");
}

static void convert(XcmsCCC ccc, const char *what, XcmsColorFormat format)
{
    XcmsColor color = {.format = XcmsCIEXYZFormat,
                       .spec.CIEXYZ = {0.9, 0.1, 0.9}};
    Status status = XcmsConvertColors(ccc, &color, 1, format, NULL);

    say(what, status, &color);
}

static void contexts(Display *d, XcmsCCC ccc)
{
    XcmsColor white = {.format = XcmsCIEXYZFormat,
                       .spec.CIEXYZ = {0.9, 1, 0.9}};
    XcmsCompressionProc before = XcmsSetCompressionProc(ccc, compress, NULL);
    XcmsCCC own = XcmsCreateCCC(d, 0, DefaultVisual(d, 0), &white, compress,
                                NULL, adjust, NULL);

    convert(ccc, "compressed", XcmsRGBFormat);
    printf("one before: %d, ours before: %d\n", before != NULL,
           XcmsSetCompressionProc(ccc, before, NULL) == compress);
    convert(ccc, "as before", XcmsRGBFormat);
    printf("none before: %d", XcmsSetWhiteAdjustProc(
           ccc, XcmsCIELabWhiteShiftColors, NULL) == NULL);
    printf(" Xlib's before: %d\n", XcmsSetWhiteAdjustProc(
           ccc, NULL, NULL) == XcmsCIELabWhiteShiftColors);
    convert(own, "with ours", XcmsRGBFormat);
    XcmsFreeCCC(own);
}

int main(int argc, char **argv)
{
    XcmsColor exact = {0}, screen = {0};
    Display *d;
    XcmsCCC ccc;
    Status status;

    (void)argv;
    printf("added: %d", XcmsAddColorSpace(&space));
    printf(" as %lx\n", space.id);
    if (argc > 2) { /* the last is a file's name that is not needed */
        printf("set added: %d", XcmsAddFunctionSet(&set));
        printf(" as %lx\n", device_space.id);
    }
    d = open_display();
    status = XcmsLookupColor(d, DefaultColormap(d, 0), "ourspace:0.2/0.6/0.4",
                             &exact, &screen, XcmsRGBFormat);
    say("exact", status, &exact);
    say("screen", status, &screen);
    ccc = XcmsCCCOfColormap(d, DefaultColormap(d, 0));
    convert(ccc, "to ours", space.id);
    printf("prefix %s, format %d\n", XcmsPrefixOfFormat(space.id),
           XcmsFormatOfPrefix("ourspace") == space.id);
    contexts(d, ccc);
    XCloseDisplay(d);
    printf("parsed %d to %d from %d device %d %d compressed %d adjusted %d\n",
           parsed, to, from, device_to, device_from, compressed, adjusted);
    return 0;
}
