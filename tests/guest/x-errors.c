/* SPDX-License-Identifier: MIT */
/*
 * Would catch: X errors that the host's connection gets (GLX calls with bad
 * arguments) killing the program, getting lost, or reaching the guest's
 * handler with another error, request code or id than natively.
 */
#include "common.h"

static int seen;

static int handler(Display *display, XErrorEvent *event)
{
    (void)display;
    printf("  X error %d request %d.%d id 0x%lx\n", event->error_code,
           event->request_code, event->minor_code,
           event->resourceid < 0x1000 ? event->resourceid : 0);
    seen++;
    return 0;
}

/* Whatever the call before caused has arrived after this. */
static void settle(Display *display, const char *what, long result)
{
    XSync(display, False);
    printf("%s: %s, errors %d\n", what, result ? "something" : "nothing",
           seen);
    seen = 0;
}

static void contexts(Display *display, GLXFBConfig config)
{
    static const int too_new[] = { GLX_CONTEXT_MAJOR_VERSION_ARB, 9,
                                   GLX_CONTEXT_MINOR_VERSION_ARB, 9, None };
    static const int nonsense[] = { 0x7777, 1, None };
    static const int bad_profile[] = {
        GLX_CONTEXT_MAJOR_VERSION_ARB, 3, GLX_CONTEXT_MINOR_VERSION_ARB, 2,
        GLX_CONTEXT_PROFILE_MASK_ARB, 0x40, None };
    static const int bad_flags[] = { GLX_CONTEXT_FLAGS_ARB, 0x4000, None };
    static const int *const tries[] = { too_new, nonsense, bad_profile,
                                        bad_flags };
    static const char *const names[] = { "too new", "unknown attribute",
                                         "bad profile", "bad flags" };

    for (int i = 0; i < 4; i++) {
        GLXContext context = glXCreateContextAttribsARB(display, config, NULL,
                                                        True, tries[i]);

        settle(display, names[i], context != NULL);
        if (context)
            glXDestroyContext(display, context);
    }
}

static void drawables(struct window *w, GLXContext context)
{
    Bool made = glXMakeCurrent(w->display, 0x123, context);

    settle(w->display, "current on no drawable", made);
    glXMakeCurrent(w->display, None, NULL);
    settle(w->display, "current on nothing", 1);
    glXSwapBuffers(w->display, 0x123);
    settle(w->display, "swapping no drawable", 1);
    settle(w->display, "window on no window",
           glXCreateWindow(w->display, w->config, 0x123, NULL) != None);
    settle(w->display, "pixmap on no pixmap",
           glXCreatePixmap(w->display, w->config, 0x123, NULL) != None);
    settle(w->display, "context without current drawable",
           glXMakeCurrent(w->display, None, context));
    glXMakeCurrent(w->display, None, NULL);
    glXDestroyWindow(w->display, 0x456);
    settle(w->display, "destroying no GLX window", 1);
}

int main(void)
{
    struct window w;
    GLXContext context;

    open_window(&w, open_display(), 64, 64);
    XSetErrorHandler(handler);
    context = glXCreateContext(w.display, w.visual, NULL, True);
    contexts(w.display, w.config);
    drawables(&w, context);
    XDestroyWindow(w.display, 0x789);
    settle(w.display, "the guest's own error", 1);
    glXMakeCurrent(w.display, w.window, context);
    printf("still drawing: %d\n", glGetString(GL_RENDERER) != NULL);
    glXMakeCurrent(w.display, None, NULL);
    glXDestroyContext(w.display, context);
    close_window(&w);
    XCloseDisplay(w.display);
    return 0;
}
