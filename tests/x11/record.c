/* SPDX-License-Identifier: MIT */
/*
 * Would catch: the Record extension's callback (libXtst), which comes while
 * the call that enabled it waits, or while replies are processed; data that
 * it frees through the library.
 */
#include "common.h"

#include <X11/Xproto.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/record.h>
#include <pthread.h>

enum { KEY = 38, PRESSES = 4 };

struct listener {
    Display *control;
    XRecordContext context;
    int presses, releases, starts, ends;
};

static void on_data(XPointer closure, XRecordInterceptData *data)
{
    struct listener *l = (struct listener *)closure;

    if (data->category == XRecordStartOfData)
        l->starts++;
    if (data->category == XRecordEndOfData)
        l->ends++;
    if (data->category == XRecordFromServer && data->data_len) {
        const xEvent *event = (const xEvent *)data->data;

        l->presses += event->u.u.type == KeyPress &&
                      event->u.u.detail == KEY;
        l->releases += event->u.u.type == KeyRelease;
    }
    XRecordFreeData(data);
    if (l->releases == PRESSES && l->control) {
        XRecordDisableContext(l->control, l->context);
        XFlush(l->control);
        l->control = NULL;
    }
}

static XRecordContext create(Display *control)
{
    XRecordRange *range = XRecordAllocRange();
    XRecordClientSpec clients = XRecordAllClients;
    XRecordContext context;

    range->device_events.first = KeyPress;
    range->device_events.last = KeyRelease;
    context = XRecordCreateContext(control, 0, &clients, 1, &range, 1);
    XFree(range);
    if (!context)
        die("no record context");
    XSync(control, False);
    return context;
}

static void press(Display *d)
{
    for (int i = 0; i < PRESSES; i++) {
        XTestFakeKeyEvent(d, KEY, True, CurrentTime);
        XTestFakeKeyEvent(d, KEY, False, CurrentTime);
    }
    XSync(d, False);
}

static void say(const char *how, const struct listener *l)
{
    printf("%s: %d presses %d releases, %d starts %d ends\n", how,
           l->presses, l->releases, l->starts, l->ends);
}

static void *press_when_enabled(void *argument)
{
    struct listener *l = argument;
    Display *d = open_display();
    XRecordState *state;

    for (int enabled = 0; !enabled; ) {
        if (!XRecordGetContext(d, l->context, &state))
            die("no state");
        enabled = state->enabled;
        XRecordFreeState(state);
    }
    press(d);
    XCloseDisplay(d);
    return NULL;
}

int main(void)
{
    Display *control, *data;
    struct listener l = {0};
    int major, minor;
    pthread_t thread;

    control = open_display();
    data = open_display();
    printf("Record: %d", XRecordQueryVersion(control, &major, &minor));
    printf(" %d.%d\n", major, minor);
    l.context = create(control);
    XRecordEnableContextAsync(data, l.context, on_data, (XPointer)&l);
    press(control);
    while (l.releases < PRESSES)
        XRecordProcessReplies(data);
    XRecordDisableContext(control, l.context);
    XSync(control, False);
    while (!l.ends)
        XRecordProcessReplies(data);
    say("processed", &l);
    l = (struct listener){.control = control, .context = l.context};
    pthread_create(&thread, NULL, press_when_enabled, &l);
    XRecordEnableContext(data, l.context, on_data, (XPointer)&l);
    pthread_join(thread, NULL);
    say("waited for", &l);
    XRecordFreeContext(control, l.context);
    XCloseDisplay(data);
    XCloseDisplay(control);
    return 0;
}
