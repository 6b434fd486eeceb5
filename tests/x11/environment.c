/* SPDX-License-Identifier: MIT */
/*
 * Would catch: what a program changes in its environment or in its locale
 * after its first X11 call and that Xlib does not see, as it asks another
 * libc.
 */
#include "common.h"

#include <X11/Xcursor/Xcursor.h>
#include <locale.h>

static void say_display(const char *what)
{
    Display *d = XOpenDisplay(NULL);

    printf("%s: %s\n", what, d ? "opened" : "none");
    if (d)
        XCloseDisplay(d);
}

static void say_locale(const char *name)
{
    const char *now = setlocale(LC_CTYPE, name);

    printf("locale %s: %d, X supports it: %d\n", name, now != NULL,
           XSupportsLocale());
}

static void say_modifiers(const char *value)
{
    const char *now;

    setenv("XMODIFIERS", value, 1);
    now = XSetLocaleModifiers("");
    printf("modifiers \"%s\"\n", now ? now : "refused");
}

/* As Xlib makes it of the text in this locale. */
static void say_text(Display *d)
{
    char text[] = "gr\303\274n", *list[] = {text};
    XTextProperty property;
    int status = XmbTextListToTextProperty(d, list, 1, XStdICCTextStyle,
                                           &property);

    printf("text: %d,", status);
    for (unsigned long i = 0; status >= 0 && i < property.nitems; i++)
        printf(" %02x", property.value[i]);
    printf("\n");
    if (status >= 0)
        XFree(property.value);
}

int main(void)
{
    char *name = strdup(XDisplayName(NULL));
    Display *d;

    say_display("as it was");
    setenv("DISPLAY", ":there.is.none", 1);
    printf("the name: %s\n", XDisplayName(NULL));
    say_display("another");
    unsetenv("DISPLAY");
    printf("the name: \"%s\"\n", XDisplayName(NULL));
    say_display("unset");
    setenv("DISPLAY", name, 1);
    say_display("as before");

    say_locale("C.UTF-8");
    say_modifiers("@im=first");
    say_modifiers("@im=second");
    say_modifiers("");
    d = open_display();
    say_text(d);
    say_locale("C");
    say_text(d);
    say_locale("C.UTF-8");
    say_text(d);

    setenv("XCURSOR_PATH", "/nowhere:/not/there", 1);
    printf("cursors: %s\n", XcursorLibraryPath());
    setenv("XCURSOR_SIZE", "37", 1);
    setenv("XCURSOR_THEME", "ours", 1);
    printf("size %d theme %s\n", XcursorGetDefaultSize(d),
           XcursorGetTheme(d));
    XCloseDisplay(d);
    free(name);
    return 0;
}
