/* SPDX-License-Identifier: MIT */
/*
 * The host's OpenGL, GLX, EGL and OpenGL ES libraries.  With GLVND they share
 * one dispatch, so a function found in one works with contexts of any.
 */
#include "gl-htl.h"
#include "runtime.h"

#include <dlfcn.h>
#include <string.h>

typedef void *(*get_proc)(const char *name);

struct library {
    const char *soname;
    const char *get_proc; /* its function that finds others, or NULL */
    void *handle;
    get_proc find;
};

/* In the order in which functions are looked for. */
enum { GL, GLX, OPENGL, EGL, GLES2, GLES1, LIBRARIES };
static struct library libraries[LIBRARIES] = {
    [GL] = { "libGL.so.1", "glXGetProcAddressARB", NULL, NULL },
    [GLX] = { "libGLX.so.0", "glXGetProcAddressARB", NULL, NULL },
    [OPENGL] = { "libOpenGL.so.0", NULL, NULL, NULL },
    [EGL] = { "libEGL.so.1", "eglGetProcAddress", NULL, NULL },
    [GLES2] = { "libGLESv2.so.2", NULL, NULL, NULL },
    [GLES1] = { "libGLESv1_CM.so.1", NULL, NULL, NULL },
};

static void open_library(struct library *lib)
{
    lib->handle = dlopen(lib->soname, RTLD_NOW | RTLD_LOCAL);
    if (!lib->handle) {
        gw_verbose("%s: missing on the host (%s)", lib->soname, dlerror());
        return;
    }
    gw_verbose("%s: the host's", lib->soname);
    if (lib->get_proc) {
        lib->find = (get_proc)dlsym(lib->handle, lib->get_proc);
    }
}

bool gw_gl_open(void)
{
    bool any = false;

    for (int i = 0; i < LIBRARIES; i++) {
        open_library(&libraries[i]);
        any = any || libraries[i].handle;
    }
    if (!any) {
        gw_log("this machine has no OpenGL library: install the package "
               "libgl1 (and libegl1, libgles2 for EGL programs)");
    }
    return any;
}

/* Preloaded layers, such as a HUD, come first, as they would natively. */
static void *find_exported(const char *name)
{
    void *proc = dlsym(RTLD_DEFAULT, name);

    for (int i = 0; i < LIBRARIES && !proc; i++) {
        if (libraries[i].handle) {
            proc = dlsym(libraries[i].handle, name);
        }
    }
    return proc;
}

void *gw_gl_resolve(const char *name)
{
    void *proc = find_exported(name);
    bool egl = !strncmp(name, "egl", 3);

    /* GLX knows nothing of EGL's functions, yet answers for any name. */
    if (!proc && libraries[EGL].find && (egl || !libraries[GL].find)) {
        proc = libraries[EGL].find(name);
    }
    if (!proc && !egl && libraries[GL].find) {
        proc = libraries[GL].find(name);
    }
    return proc;
}

void gw_custom_glXGetProcAddress(struct gw_args_glXGetProcAddress *a)
{
    a->ret = a->procName ? gw_pack_guest_proc(&gw_gl_pack, a->procName) : NULL;
}

void gw_custom_glXGetProcAddressARB(struct gw_args_glXGetProcAddressARB *a)
{
    a->ret = a->procName ? gw_pack_guest_proc(&gw_gl_pack, a->procName) : NULL;
}

void gw_custom_eglGetProcAddress(struct gw_args_eglGetProcAddress *a)
{
    a->ret = a->procname ? gw_pack_guest_proc(&gw_gl_pack, a->procname) : NULL;
}
