/* SPDX-License-Identifier: MIT */
/*
 * GLX functions whose arguments or results belong to one side's libX11:
 * visuals hold a pointer into their Display, arrays are freed with XFree(),
 * and a Display that comes back must be the guest's.
 */
#define GL_GLEXT_PROTOTYPES
#define GLX_GLXEXT_PROTOTYPES
#include "gl-htl.h"
#include "runtime.h"
#include "x11.h"

#include <GL/glx.h>

/* A visual for the guest in place of the host's, which is freed. */
static void *give_visual(void *dpy, XVisualInfo *host)
{
    void *guest = gw_x11_guest_visual(dpy, host);

    if (host) {
        XFree(host);
    }
    gw_x11_after(dpy);
    return guest;
}

void gw_custom_glXChooseVisual(struct gw_args_glXChooseVisual *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_visual(a->dpy, gw_gl_host(glXChooseVisual)(
                                     dpy, a->screen, a->attribList));
}

void gw_custom_glXGetVisualFromFBConfig(
    struct gw_args_glXGetVisualFromFBConfig *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_visual(
        a->dpy, gw_gl_host(glXGetVisualFromFBConfig)(dpy, a->config));
}

void gw_custom_glXGetVisualFromFBConfigSGIX(
    struct gw_args_glXGetVisualFromFBConfigSGIX *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_visual(
        a->dpy, gw_gl_host(glXGetVisualFromFBConfigSGIX)(dpy, a->config));
}

void gw_custom_glXCreateContext(struct gw_args_glXCreateContext *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);
    XVisualInfo *vis = gw_x11_host_visual(a->dpy, a->vis);

    a->ret = gw_gl_host(glXCreateContext)(dpy, vis, a->shareList, a->direct);
    if (vis) {
        XFree(vis);
    }
    gw_x11_after(a->dpy);
}

void gw_custom_glXGetConfig(struct gw_args_glXGetConfig *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);
    XVisualInfo *vis = gw_x11_host_visual(a->dpy, a->visual);

    a->ret = vis ? gw_gl_host(glXGetConfig)(dpy, vis, a->attrib, a->value)
                 : GLX_BAD_VISUAL;
    if (vis) {
        XFree(vis);
    }
    gw_x11_after(a->dpy);
}

void gw_custom_glXCreateGLXPixmap(struct gw_args_glXCreateGLXPixmap *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);
    XVisualInfo *vis = gw_x11_host_visual(a->dpy, a->visual);

    gw_x11_before_drawable(a->dpy, a->pixmap);
    a->ret = gw_gl_host(glXCreateGLXPixmap)(dpy, vis, a->pixmap);
    if (vis) {
        XFree(vis);
    }
    gw_x11_after(a->dpy);
}

void gw_custom_glXCreateGLXPixmapMESA(struct gw_args_glXCreateGLXPixmapMESA *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);
    XVisualInfo *vis = gw_x11_host_visual(a->dpy, a->visual);

    gw_x11_before_drawable(a->dpy, a->pixmap);
    a->ret = gw_gl_host(glXCreateGLXPixmapMESA)(dpy, vis, a->pixmap, a->cmap);
    if (vis) {
        XFree(vis);
    }
    gw_x11_after(a->dpy);
}

void gw_custom_glXGetFBConfigFromVisualSGIX(
    struct gw_args_glXGetFBConfigFromVisualSGIX *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);
    XVisualInfo *vis = gw_x11_host_visual(a->dpy, a->vis);

    a->ret = vis ? gw_gl_host(glXGetFBConfigFromVisualSGIX)(dpy, vis) : NULL;
    if (vis) {
        XFree(vis);
    }
    gw_x11_after(a->dpy);
}

/* The guest will XFree() the array: it gets memory of its own. */
static void *give_configs(void *dpy, GLXFBConfig *host, const int *count)
{
    void *guest = host ? gw_guest_copy(host, *count * sizeof(*host)) : NULL;

    if (host) {
        XFree(host);
    }
    gw_x11_after(dpy);
    return guest;
}

void gw_custom_glXChooseFBConfig(struct gw_args_glXChooseFBConfig *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_configs(a->dpy, gw_gl_host(glXChooseFBConfig)(
                                      dpy, a->screen, a->attrib_list,
                                      a->nelements), a->nelements);
}

void gw_custom_glXChooseFBConfigSGIX(struct gw_args_glXChooseFBConfigSGIX *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_configs(a->dpy, gw_gl_host(glXChooseFBConfigSGIX)(
                                      dpy, a->screen, a->attrib_list,
                                      a->nelements), a->nelements);
}

void gw_custom_glXGetFBConfigs(struct gw_args_glXGetFBConfigs *a)
{
    Display *dpy = gw_x11_host_display(a->dpy);

    a->ret = give_configs(a->dpy, gw_gl_host(glXGetFBConfigs)(
                                      dpy, a->screen, a->nelements),
                          a->nelements);
}

void gw_custom_glXGetCurrentDisplay(struct gw_args_glXGetCurrentDisplay *a)
{
    a->ret = gw_x11_guest_display(gw_gl_host(glXGetCurrentDisplay)());
}

void gw_custom_glXGetCurrentDisplayEXT(
    struct gw_args_glXGetCurrentDisplayEXT *a)
{
    a->ret = gw_x11_guest_display(gw_gl_host(glXGetCurrentDisplay)());
}

/* The font is the guest's; the Display is the current context's. */
void gw_custom_glXUseXFont(struct gw_args_glXUseXFont *a)
{
    void *dpy = gw_x11_guest_display(gw_gl_host(glXGetCurrentDisplay)());

    if (dpy) {
        gw_x11_before_drawable(dpy, a->font);
    }
    gw_gl_host(glXUseXFont)(a->font, a->first, a->count, a->list);
}
