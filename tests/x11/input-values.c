/* SPDX-License-Identifier: MIT */
/*
 * Would catch: callbacks that an input method or context was given and that
 * come back as other functions when it is asked for them, or cannot be set
 * once more; values that change the program's own structs; lists that are
 * empty, nested three deep or used twice.
 */
#include "common.h"

#include <locale.h>

static Bool on_context(XIC ic, XPointer data, XPointer call)
{
    (void)ic;
    (void)call;
    printf("called: %s\n", data);
    return True;
}

static void on_method(XIM im, XPointer data, XPointer call)
{
    (void)im;
    (void)call;
    printf("called: %s\n", data);
}

static void method(XIM im)
{
    XIMCallback given = {"a method's", on_method}, *back = NULL;
    char *bad = XSetIMValues(im, XNDestroyCallback, &given, NULL);

    printf("set: %s\n", bad ? bad : "all");
    printf("unchanged: %d\n", given.callback == on_method);
    bad = XGetIMValues(im, XNDestroyCallback, &back, NULL);
    printf("got: %s", bad ? bad : "all");
    printf(" ours %d \"%s\"\n", back && back->callback == on_method,
           back ? back->client_data : "");
    XFree(back);
}

static void ask(XIC ic, const char *what)
{
    XICCallback *gone = NULL, *start = NULL, *draw = NULL;
    XVaNestedList list = XVaCreateNestedList(
        0, XNPreeditStartCallback, &start, XNPreeditDrawCallback, &draw,
        NULL);
    char *bad = XGetICValues(ic, XNDestroyCallback, &gone,
                             XNPreeditAttributes, list, NULL);

    printf("%s: %s", what, bad ? bad : "all");
    printf(" gone %d start %d draw %d\n",
           gone && gone->callback == on_context,
           start && start->callback == on_context,
           draw && draw->callback == on_context);
    if (gone) {
        bad = XSetICValues(ic, XNDestroyCallback, gone, NULL);
        printf("set once more: %s\n", bad ? bad : "all");
        XFree(gone);
    }
    XFree(start);
    XFree(draw);
    XFree(list);
}

static XIC context(XIM im, Window window)
{
    XICCallback given = {"a context's", on_context};
    XVaNestedList inner = XVaCreateNestedList(
        0, XNPreeditStartCallback, &given, XNPreeditDrawCallback, &given,
        NULL);
    XVaNestedList middle = XVaCreateNestedList(
        0, XNPreeditDoneCallback, &given, XNVaNestedList, inner, NULL);
    XVaNestedList outer = XVaCreateNestedList(
        0, XNVaNestedList, middle, XNPreeditCaretCallback, &given, NULL);
    XIC ic = XCreateIC(im, XNInputStyle,
                       XIMPreeditNothing | XIMStatusNothing, XNClientWindow,
                       window, XNPreeditAttributes, outer, XNDestroyCallback,
                       &given, NULL);
    char *bad;

    if (!ic)
        die("no input context");
    printf("unchanged: %d\n", given.callback == on_context);
    ask(ic, "created");
    given.client_data = "another's";
    bad = XSetICValues(ic, XNPreeditAttributes, outer, XNDestroyCallback,
                       &given, NULL);
    printf("set again: %s\n", bad ? bad : "all");
    XFree(outer);
    XFree(middle);
    XFree(inner);
    return ic;
}

int main(void)
{
    Display *d;
    XIM im;
    XIC ic;
    XICCallback *back = NULL;
    char *bad;

    setlocale(LC_ALL, "");
    d = open_display();
    XSetLocaleModifiers("");
    im = XOpenIM(d, NULL, NULL, NULL);
    if (!im)
        die("no input method");
    method(im);
    ic = context(im, DefaultRootWindow(d));
    ask(ic, "set");
    bad = XGetICValues(ic, "noSuchValue", &back, XNDestroyCallback, &back,
                       NULL);
    printf("got: %s, and nothing: %d\n", bad ? bad : "all", back == NULL);
    printf("an empty list: %d\n", XVaCreateNestedList(0, NULL) == NULL);
    XDestroyIC(ic);
    printf("closed: %d\n", XCloseIM(im));
    XCloseDisplay(d);
    return 0;
}
