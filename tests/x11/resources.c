/* SPDX-License-Identifier: MIT */
/*
 * Would catch: resource databases: enumeration by callback with other names,
 * values or order, or a callback that cannot end it; command lines whose
 * parsing changes argc and argv otherwise; quarks and contexts.
 */
#include "common.h"

#include <X11/Xresource.h>

struct walk {
    int seen, stop_at;
};

static Bool visit(XrmDatabase *database, XrmBindingList bindings,
                  XrmQuarkList quarks, XrmRepresentation *type,
                  XrmValue *value, XPointer argument)
{
    struct walk *walk = (struct walk *)argument;

    printf("  ");
    for (int i = 0; quarks[i] != NULLQUARK; i++)
        printf("%s%s", bindings[i] == XrmBindTightly ? "." : "*",
               XrmQuarkToString(quarks[i]));
    printf(" (%s) = %.*s, database %d\n", XrmQuarkToString(*type),
           (int)value->size, value->addr, *database != NULL);
    return ++walk->seen == walk->stop_at;
}

static void enumerate(XrmDatabase database, const char *names, int mode,
                      int stop_at)
{
    XrmQuark quarks[8], classes[8];
    struct walk walk = {0, stop_at};
    Bool result;

    XrmStringToQuarkList(names, quarks);
    XrmStringToQuarkList(names, classes);
    result = XrmEnumerateDatabase(database, quarks, classes, mode, visit,
                                  (XPointer)&walk);
    printf("below \"%s\": %d seen, answer %d\n", names, walk.seen, result);
}

static void look_up(XrmDatabase database, const char *name,
                    const char *class)
{
    char *type = NULL;
    XrmValue value;

    if (XrmGetResource(database, name, class, &type, &value))
        printf("%s: %s \"%s\" size %u\n", name, type, value.addr,
               value.size);
    else
        printf("%s: nothing\n", name);
}

static XrmDatabase command_line(void)
{
    static XrmOptionDescRec options[] = {
        {"-geometry", ".geometry", XrmoptionSepArg, NULL},
        {"-bg", "*background", XrmoptionSepArg, NULL},
        {"-rv", "*reverseVideo", XrmoptionNoArg, "on"},
        {"-k", ".kiosk", XrmoptionStickyArg, NULL},
        {"-is", ".whole", XrmoptionIsArg, NULL},
        {"-xrm", NULL, XrmoptionResArg, NULL},
        {"-skip", NULL, XrmoptionSkipArg, NULL},
        {"-line", NULL, XrmoptionSkipLine, NULL},
    };
    char *argv[] = {"program", "-geometry", "10x10", "kept", "-rv", "-k5",
                    "-is", "-xrm", "*colour: red", "-skip", "me", "-bg",
                    "blue", "-unknown", "-line", "of", "rest", NULL};
    int argc = LENGTH(argv) - 1;
    XrmDatabase database = NULL;

    XrmParseCommand(&database, options, LENGTH(options), "prog", &argc, argv);
    printf("left:");
    for (int i = 0; i < argc; i++)
        printf(" %s", argv[i]);
    printf("\n");
    return database;
}

static void search_lists(XrmDatabase database)
{
    XrmName names[4];
    XrmClass classes[4];
    XrmHashTable list[100];
    XrmRepresentation type;
    XrmValue value;

    XrmStringToNameList("prog.window.button", names);
    XrmStringToClassList("Prog.Window.Button", classes);
    printf("search list: %d\n", XrmQGetSearchList(database, names, classes,
                                                  list, LENGTH(list)));
    if (XrmQGetSearchResource(list, XrmStringToName("colour"),
                              XrmStringToClass("Colour"), &type, &value))
        printf("found %s\n", value.addr);
}

static void contexts(Display *display)
{
    XContext context = XUniqueContext();
    XPointer found = NULL;
    static int data = 42;

    printf("saved: %d", XSaveContext(display, 99, context, (char *)&data));
    printf(" found: %d", XFindContext(display, 99, context, &found));
    printf(" ours: %d", found == (XPointer)&data);
    printf(" deleted: %d", XDeleteContext(display, 99, context));
    printf(" gone: %d\n", XFindContext(display, 99, context, &found));
}

int main(int argc, char **argv)
{
    Display *display;
    XrmDatabase database, other;
    const char *file = argc > 1 ? argv[1] : "/dev/null";

    XrmInitialize();
    database = XrmGetStringDatabase("prog*colour: green\n"
                                    "prog.window.title: A title\\nin two\n"
                                    "*font: fixed\n! a comment\n"
                                    "prog.?.button.colour: grey\n");
    other = command_line();
    XrmMergeDatabases(other, &database);
    XrmPutLineResource(&database, "prog.added: by line");
    XrmPutStringResource(&database, "prog.number", "17");
    look_up(database, "prog.window.title", "Prog.Window.Title");
    look_up(database, "prog.window.colour", "Prog.Window.Colour");
    look_up(database, "prog.window.button.colour",
            "Prog.Window.Button.Colour");
    look_up(database, "prog.kiosk", "Prog.Kiosk");
    look_up(database, "other.thing", "Other.Thing");
    enumerate(database, "", XrmEnumAllLevels, 0);
    enumerate(database, "prog", XrmEnumOneLevel, 0);
    enumerate(database, "prog.window", XrmEnumAllLevels, 2);
    search_lists(database);
    printf("quarks: %d %s\n", XrmStringToQuark("own") ==
           XrmStringToQuark("own"), XrmQuarkToString(XrmPermStringToQuark(
           "permanent")));
    XrmPutFileDatabase(database, file);
    other = XrmGetFileDatabase(file);
    printf("from its file: ");
    look_up(other, "prog.number", "Prog.Number");
    XrmDestroyDatabase(other);
    display = open_display();
    XrmSetDatabase(display, database);
    printf("the display's: %d\n", XrmGetDatabase(display) == database);
    printf("default: %s\n", XGetDefault(display, "prog", "number"));
    printf("locale: %s\n", XrmLocaleOfDatabase(database));
    contexts(display);
    XCloseDisplay(display);
    return 0;
}
