/* SPDX-License-Identifier: MIT */
/*
 * Would catch: glXGetProcAddress answering something for an unknown name (its
 * caller would jump there), a host address, different addresses for the same
 * name, NULL for what the host has, or a function that differs from the one
 * exported; and the same for dlsym, which is how loaders like GLAD and libepoxy
 * find things.  For unknown names libglvnd answers a function that does
 * nothing, Gangway NULL: the test expects those lines to differ.
 */
#include "common.h"

#include <dlfcn.h>

typedef void (*function)(void);

static const char *const known[] = {
    "glClear", "glDrawArrays", "glXSwapBuffers", "glXCreateContextAttribsARB",
    "glXGetProcAddress", "glXGetProcAddressARB", "glBindVertexArray",
    "glDispatchCompute", "glTextureStorage2D", "glSpecializeShaderARB",
    "glDebugMessageCallback", "glProgramUniform1d", "glXSwapIntervalMESA",
    "glBlendEquationSeparateEXT", "glPointParameterfvEXT", "glMapBufferARB",
    "glGetGraphicsResetStatusARB", "glXQueryRendererIntegerMESA",
};

static const char *const unknown[] = {
    "", "gl", "glNoSuchFunction", "glClearX", "glxSwapBuffers", "malloc",
    "glXNoSuchFunction", "eglNoSuchFunction", "vkCreateInstance",
    "XOpenDisplay", "glClear@", "_glClear",
};

static function find(const char *name)
{
    return glXGetProcAddressARB((const GLubyte *)name);
}

static void current(struct window *w, GLXContext context)
{
    if (!glXMakeCurrent(w->display, w->window, context))
        die("no context");
}

static void call_through_pointers(void)
{
    void (*clear_color)(GLfloat, GLfloat, GLfloat, GLfloat) =
        (void *)find("glClearColor");
    const GLubyte *(*get_string)(GLenum) = (void *)find("glGetString");
    void (*get_floats)(GLenum, GLfloat *) = (void *)find("glGetFloatv");
    GLfloat colour[4];

    clear_color(0.25f, 0.5f, 0.75f, 1);
    get_floats(GL_COLOR_CLEAR_VALUE, colour);
    printf("%g %g %g %g\n%s\n", colour[0], colour[1], colour[2], colour[3],
           get_string(GL_RENDERER));
}

int main(void)
{
    struct window w;
    GLXContext context;
    void *library = dlopen("libGL.so.1", RTLD_LAZY | RTLD_LOCAL);

    /* Also before any context or Display exists. */
    printf("early %d\n", find("glClear") != NULL);
    for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
        printf("%s: %d, again the same %d\n", known[i],
               find(known[i]) != NULL, find(known[i]) == find(known[i]));
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
        printf("unknown '%s': %d\n", unknown[i], find(unknown[i]) != NULL);
    if (!library)
        die("dlopen: %s", dlerror());
    printf("dlsym glClear %d, glNoSuchFunction %d, same as linked %d\n",
           dlsym(library, "glClear") != NULL,
           dlsym(library, "glNoSuchFunction") != NULL,
           dlsym(library, "glClear") == (void *)glClear);
    open_window(&w, open_display(), 64, 64);
    context = glXCreateContext(w.display, w.visual, NULL, True);
    current(&w, context);
    call_through_pointers();
    glXMakeCurrent(w.display, None, NULL);
    glXDestroyContext(w.display, context);
    close_window(&w);
    XCloseDisplay(w.display);
    return 0;
}
