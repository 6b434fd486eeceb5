/* SPDX-License-Identifier: MIT */
/*
 * Would catch: data that a program hangs on displays, screens, visuals, GCs
 * and fonts and that is not found again, or that Xlib frees otherwise than
 * natively: with the program's function, once, and with its free().
 */
#include "common.h"

static int elements; /* that were not freed */

static int on_free(XExtData *data)
{
    printf("freed: %d %s\n", data->number, (char *)data->private_data);
    free(data->private_data);
    elements--;
    return 0;
}

static XExtData *hang(XExtData **list, int number, const char *text,
                      int (*freed)(XExtData *))
{
    XExtData *data = calloc(1, sizeof(*data));

    data->number = number;
    data->private_data = strdup(text);
    data->free_private = freed;
    elements += freed != NULL;
    XAddToExtensionList(list, data);
    printf("%s: found %d\n", text, XFindOnExtensionList(list, number) == data);
    return data;
}

static void walk(XExtData **list)
{
    for (XExtData *data = *list; data; data = data->next)
        printf("on the list: %d %s\n", data->number,
               (char *)data->private_data);
}

int main(void)
{
    Display *d = open_display();
    int number = XAddExtension(d)->extension;
    XEDataObject object;
    XFontStruct *font;
    XExtData **list, *first, *own = NULL;
    GC gc = XCreateGC(d, DefaultRootWindow(d), 0, NULL);

    object.gc = gc;
    list = XEHeadOfExtensionList(object);
    first = hang(list, number, "of a GC", on_free);
    hang(list, number + 1, "another of it", on_free);
    hang(list, number + 2, "without a function", NULL);
    walk(list);
    printf("none: %d\n", XFindOnExtensionList(list, number + 9) == NULL);
    free(first->private_data);
    first->private_data = strdup("changed");
    XFreeGC(d, gc);
    printf("%d left\n", elements);

    object.display = d;
    hang(XEHeadOfExtensionList(object), number, "of the display", on_free);
    object.screen = DefaultScreenOfDisplay(d);
    hang(XEHeadOfExtensionList(object), number, "of the screen", on_free);
    object.visual = DefaultVisual(d, 0);
    hang(XEHeadOfExtensionList(object), number, "of the visual", on_free);
    font = XLoadQueryFont(d, "fixed");
    if (font) {
        object.font = font;
        hang(XEHeadOfExtensionList(object), number, "of a font", on_free);
        XFreeFont(d, font);
    }
    printf("%d left\n", elements);

    /* A list that is nobody's but ours. */
    hang(&own, 5, "our own", on_free);
    hang(&own, 6, "our own, too", on_free);
    walk(&own);
    XCloseDisplay(d);
    printf("%d left\n", elements);
    return 0;
}
