/* SPDX-License-Identifier: MIT */
/*
 * What the guest frees is the guest's memory: visuals, arrays of configs, and
 * the one EGL result that is freed with free().
 *
 * Would catch: a pointer of the host's malloc() in the guest's free(), which
 * ends the program at once or corrupts its heap.
 */
#include "common.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>

enum { ROUNDS = 200 };

static unsigned long sum(const void *data, size_t size)
{
    unsigned long hash = 5381;

    for (size_t i = 0; i < size; i++)
        hash = hash * 33 + ((const unsigned char *)data)[i];
    return hash;
}

static void free_visuals(Display *display)
{
    int attributes[] = { GLX_RGBA, GLX_DOUBLEBUFFER, None };
    int count = 0;

    for (int i = 0; i < ROUNDS; i++) {
        XVisualInfo *v = glXChooseVisual(display, DefaultScreen(display),
                                         attributes);
        count += v != NULL && v->visual != NULL;
        XFree(v);
    }
    printf("visuals %d\n", count);
}

static void free_configs(Display *display)
{
    int all = 0, chosen = 0, visuals = 0, n;
    int attributes[] = { GLX_DOUBLEBUFFER, True, None };

    for (int i = 0; i < ROUNDS; i++) {
        GLXFBConfig *c = glXGetFBConfigs(display, DefaultScreen(display), &n);
        XVisualInfo *v = glXGetVisualFromFBConfig(display, c[n - 1]);
        all += n;
        visuals += v != NULL;
        if (v)
            XFree(v);
        XFree(c);
        XFree(glXChooseFBConfig(display, DefaultScreen(display), attributes,
                                &n));
        chosen += n;
    }
    printf("configs %d chosen %d visuals %d\n", all, chosen, visuals);
}

static void free_driver_config(Display *display)
{
    EGLDisplay egl = eglGetDisplay((EGLNativeDisplayType)display);
    PFNEGLGETDISPLAYDRIVERCONFIGPROC get =
        (PFNEGLGETDISPLAYDRIVERCONFIGPROC)eglGetProcAddress(
            "eglGetDisplayDriverConfig");

    if (!eglInitialize(egl, NULL, NULL))
        die("eglInitialize: 0x%x", eglGetError());
    for (int i = 0; i < ROUNDS; i++) {
        char *text = get ? get(egl) : NULL;
        if (i == 0 && text)
            printf("driver config %zu %lx\n", strlen(text),
                   sum(text, strlen(text)));
        free(text);
    }
    eglTerminate(egl);
}

int main(void)
{
    Display *display = open_display();

    free_visuals(display);
    free_configs(display);
    free_driver_config(display);
    XCloseDisplay(display);
    return 0;
}
