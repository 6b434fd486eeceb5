/* SPDX-License-Identifier: MIT */
/*
 * What every GL program does before anything is seen: connect, find a visual,
 * open a window, make a context current, draw a frame, show it.  How long the
 * process takes is the time that it took to start.
 */
#include "common.h"

int main(void)
{
    struct window w;
    GLXContext context;

    open_window(&w, open_display(), 300, 300);
    context = glXCreateNewContext(w.display, w.config, GLX_RGBA_TYPE, NULL,
                                  True);
    if (!context || !glXMakeCurrent(w.display, w.window, context))
        die("no GL context");
    glClearColor(0, 0.5, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glBegin(GL_TRIANGLES);
    glVertex2f(-1, -1);
    glVertex2f(1, -1);
    glVertex2f(0, 1);
    glEnd();
    glXSwapBuffers(w.display, w.window);
    glFinish();
    expect_no_error("first frame");
    return 0;
}
