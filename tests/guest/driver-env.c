/* SPDX-License-Identifier: MIT */
/*
 * Would catch: driver settings that the program itself makes with setenv and
 * unsetenv before its first GL call (engines and launchers do) reaching only
 * the guest's environment, not the host's driver; putenv'ed ones too; and
 * settings that are none of the driver's leaking to the host.
 */
#include "common.h"

int main(void)
{
    static char with_putenv[] = "MESA_GLSL_VERSION_OVERRIDE=120";
    struct window w;
    GLXContext context;

    setenv("MESA_GL_VERSION_OVERRIDE", "2.1", 1);
    putenv(with_putenv);
    /* The test sets this one outside; gone means gone. */
    unsetenv("MESA_EXTENSION_OVERRIDE");
    open_window(&w, open_display(), 64, 64);
    context = glXCreateContext(w.display, w.visual, NULL, True);
    glXMakeCurrent(w.display, w.window, context);
    printf("%s\n%s\n", glGetString(GL_VERSION),
           glGetString(GL_SHADING_LANGUAGE_VERSION));
    printf("GL_ARB_sync %d\n",
           strstr((const char *)glGetString(GL_EXTENSIONS), "GL_ARB_sync ") !=
           NULL);
    glXMakeCurrent(w.display, None, NULL);
    glXDestroyContext(w.display, context);
    close_window(&w);
    XCloseDisplay(w.display);
    return 0;
}
