/* SPDX-License-Identifier: MIT */
/*
 * Would catch: the host's libX11 in another locale than the guest's program:
 * texts converted otherwise, other characters looked up for keys, font sets
 * that miss or measure other characters, lists that cannot be freed.
 */
#include "common.h"

#include <locale.h>
#include <wchar.h>

static char *texts[] = {"plain", "gr\303\274\303\237e", "\342\202\254 10",
                        "\316\261\316\262"};

static void say_property(const char *how, int result, XTextProperty *p,
                         Display *d)
{
    char *encoding = result >= 0 ? XGetAtomName(d, p->encoding) : NULL;

    printf("%s: %d", how, result);
    if (encoding) {
        printf(" %s format %d items %lu:", encoding, p->format, p->nitems);
        for (unsigned long i = 0; i < p->nitems; i++)
            printf("%02x", p->value[i]);
        XFree(encoding);
        XFree(p->value);
    }
    printf("\n");
}

static void to_properties(Display *d)
{
    static const XICCEncodingStyle styles[] = {
        XStringStyle, XCompoundTextStyle, XTextStyle, XStdICCTextStyle,
        XUTF8StringStyle};

    for (size_t i = 0; i < LENGTH(styles); i++) {
        XTextProperty p = {0};
        int result = XmbTextListToTextProperty(d, texts, LENGTH(texts),
                                               styles[i], &p);

        say_property("mb", result, &p, d);
        result = Xutf8TextListToTextProperty(d, texts, LENGTH(texts),
                                             styles[i], &p);
        say_property("utf8", result, &p, d);
    }
}

static void from_property(Display *d)
{
    XTextProperty p;
    char **list;
    wchar_t **wide;
    int count, result;

    if (Xutf8TextListToTextProperty(d, texts, LENGTH(texts),
                                    XCompoundTextStyle, &p) < 0)
        die("no text property");
    result = XmbTextPropertyToTextList(d, &p, &list, &count);
    printf("mb list: %d, %d texts:", result, count);
    for (int i = 0; i < count; i++)
        printf(" %016llx", (unsigned long long)hash(list[i],
                                                    strlen(list[i])));
    printf("\n");
    XFreeStringList(list);
    result = XwcTextPropertyToTextList(d, &p, &wide, &count);
    printf("wc list: %d, %d texts:", result, count);
    for (int i = 0; i < count; i++)
        printf(" %016llx", (unsigned long long)hash(
               wide[i], wcslen(wide[i]) * sizeof(wchar_t)));
    printf("\n");
    XwcFreeStringList(wide);
    result = Xutf8TextPropertyToTextList(d, &p, &list, &count);
    printf("utf8 list: %d", result);
    for (int i = 0; i < count; i++)
        printf(" %s", list[i]);
    printf("\n");
    XFreeStringList(list);
    XFree(p.value);
}

static void font_set(Display *d)
{
    char **missing, *default_text;
    int count, names;
    XFontSet set = XCreateFontSet(d, "-misc-fixed-medium-r-normal--13-*,*",
                                  &missing, &count, &default_text);
    XRectangle ink, logical;
    XFontSetExtents *extents;
    XFontStruct **fonts;
    char **font_names;
    Pixmap pixmap;
    GC gc;

    printf("font set: %d, %d missing\n", set != NULL, count);
    XFreeStringList(missing);
    if (!set)
        return;
    extents = XExtentsOfFontSet(set);
    printf("largest %dx%d at %d,%d, default \"%s\", locale %s\n",
           extents->max_logical_extent.width,
           extents->max_logical_extent.height,
           extents->max_logical_extent.x, extents->max_logical_extent.y,
           default_text, XLocaleOfFontSet(set));
    names = XFontsOfFontSet(set, &fonts, &font_names);
    for (int i = 0; i < names; i++)
        printf("font %s ascent %d\n", font_names[i], fonts[i]->ascent);
    printf("base names: %s\n", XBaseFontNameListOfFontSet(set));
    printf("context dependent %d directional %d, orientation %d\n",
           XContextDependentDrawing(set), XDirectionalDependentDrawing(set),
           XContextualDrawing(set));
    pixmap = XCreatePixmap(d, DefaultRootWindow(d), 200, 60, 24);
    gc = XCreateGC(d, pixmap, 0, NULL);
    XFillRectangle(d, pixmap, gc, 0, 0, 200, 60);
    XSetForeground(d, gc, WhitePixel(d, 0));
    for (size_t i = 0; i < LENGTH(texts); i++) {
        int size = strlen(texts[i]);

        printf("escapement %d %d", XmbTextEscapement(set, texts[i], size),
               Xutf8TextEscapement(set, texts[i], size));
        Xutf8TextExtents(set, texts[i], size, &ink, &logical);
        printf(" ink %dx%d logical %dx%d\n", ink.width, ink.height,
               logical.width, logical.height);
        XmbDrawString(d, pixmap, set, gc, 2, 12 + 12 * i, texts[i], size);
        Xutf8DrawImageString(d, pixmap, set, gc, 80, 12 + 12 * i, texts[i],
                             size);
        XwcDrawString(d, pixmap, set, gc, 150, 12 + 12 * i, L"\u00e4\u20ac",
                      2);
    }
    say_pixels(d, pixmap, 200, 60, "drawn");
    XFreeGC(d, gc);
    XFreePixmap(d, pixmap);
    XFreeFontSet(d, set);
}

static void use(Display *d, const char *locale)
{
    printf("-- %s: %d, supported %d\n", locale,
           setlocale(LC_ALL, locale) != NULL, XSupportsLocale());
    printf("modifiers \"%s\"\n", XSetLocaleModifiers(""));
    printf("default string \"%s\"\n", XDefaultString());
    to_properties(d);
    from_property(d);
    font_set(d);
}

int main(void)
{
    Display *d;

    d = open_display();
    use(d, "C");
    use(d, "C.UTF-8");
    use(d, "");
    use(d, "C");
    XCloseDisplay(d);
    return 0;
}
