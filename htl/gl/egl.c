/* SPDX-License-Identifier: MIT */
/*
 * EGL functions that take objects of the window system, which EGL's types
 * hide: a native display may be an X11 Display, a native window is an XID or
 * a pointer to one.
 */
#define EGL_EGLEXT_PROTOTYPES
#include "gl-htl.h"
#include "runtime.h"
#include "x11.h"


#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Which guest Display an EGLDisplay was made from: EGL has a handful, and
 * keeps them until the process ends. */
struct origin {
    struct origin *next;
    EGLDisplay display;
    void *guest; /* NULL: not made from a Display of the guest's */
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct origin *origins;

static struct origin *find(EGLDisplay display)
{
    struct origin *o = origins;

    while (o && o->display != display) {
        o = o->next;
    }
    return o;
}

static void remember(EGLDisplay display, void *guest)
{
    struct origin *o;

    pthread_mutex_lock(&lock);
    o = find(display);
    if (!o && display != EGL_NO_DISPLAY && guest) {
        o = calloc(1, sizeof(*o));
        if (o) {
            o->display = display;
            o->next = origins;
            origins = o;
        }
    }
    if (o) {
        o->guest = guest;
    }
    pthread_mutex_unlock(&lock);
}

/* The guest Display behind an EGLDisplay, or NULL. */
static void *guest_of(EGLDisplay display)
{
    struct origin *o;
    void *guest;

    pthread_mutex_lock(&lock);
    o = find(display);
    guest = o ? o->guest : NULL;
    pthread_mutex_unlock(&lock);
    return guest;
}

/* Makes sure that the server knows a window or pixmap of the guest's. */
static void before_native(EGLDisplay display, XID native)
{
    void *guest = guest_of(display);

    if (guest) {
        gw_x11_before_drawable(guest, native);
    }
}

/* EGL_PLATFORM names what eglGetDisplay() is given; without it, it is a
 * Display wherever a program comes with an X11 connection. */
static bool native_is_x11(void)
{
    const char *platform = getenv("EGL_PLATFORM");

    return !platform || !strcmp(platform, "x11");
}

void gw_custom_eglGetDisplay(struct gw_args_eglGetDisplay *a)
{
    /* An EGLNativeDisplayType is a pointer or a small integer. */
    void *guest = (void *)(uintptr_t)a->display_id;
    bool x11 = guest && native_is_x11();
    void *native = x11 ? gw_x11_host_display(guest) : guest;

    a->ret = x11 && !native
        ? EGL_NO_DISPLAY
        : gw_gl_host(eglGetDisplay)((EGLNativeDisplayType)native);
    remember(a->ret, x11 ? guest : NULL);
}

/* What a platform's native display becomes on the host; false when only the
 * guest's own libraries could use it. */
static bool convert_native(EGLenum platform, void **native, void **guest)
{
    switch (platform) {
    case EGL_PLATFORM_X11_KHR:
        if (*native) {
            *guest = *native;
            *native = gw_x11_host_display(*guest);
            return *native != NULL;
        }
        return true;
    case EGL_PLATFORM_XCB_EXT:
        /* A connection does not tell its server; only the default one's
         * (NULL) is the same on both sides, and one that is the host's. */
        return !*native || gw_x11_is_hosts(*native);
    case EGL_PLATFORM_WAYLAND_KHR:
    case EGL_PLATFORM_GBM_KHR:
        return !*native;
    default:
        return true;
    }
}

static void refuse_platform(EGLenum platform)
{
    gw_log("EGL platform 0x%x takes an object of the guest's own libraries; "
           "the program gets no display of it", platform);
}

void gw_custom_eglGetPlatformDisplay(struct gw_args_eglGetPlatformDisplay *a)
{
    void *native = a->native_display, *guest = NULL;

    a->ret = EGL_NO_DISPLAY;
    if (!convert_native(a->platform, &native, &guest)) {
        refuse_platform(a->platform);
        return;
    }
    a->ret = gw_gl_host(eglGetPlatformDisplay)(a->platform, native,
                                               a->attrib_list);
    remember(a->ret, guest);
}

void gw_custom_eglGetPlatformDisplayEXT(
    struct gw_args_eglGetPlatformDisplayEXT *a)
{
    void *native = a->native_display, *guest = NULL;

    a->ret = EGL_NO_DISPLAY;
    if (!convert_native(a->platform, &native, &guest)) {
        refuse_platform(a->platform);
        return;
    }
    a->ret = gw_gl_host(eglGetPlatformDisplayEXT)(a->platform, native,
                                                  a->attrib_list);
    remember(a->ret, guest);
}

void gw_custom_eglCreateWindowSurface(struct gw_args_eglCreateWindowSurface *a)
{
    before_native(a->dpy, a->win);
    a->ret = gw_gl_host(eglCreateWindowSurface)(a->dpy, a->config, a->win,
                                                a->attrib_list);
}

void gw_custom_eglCreatePixmapSurface(struct gw_args_eglCreatePixmapSurface *a)
{
    before_native(a->dpy, a->pixmap);
    a->ret = gw_gl_host(eglCreatePixmapSurface)(a->dpy, a->config, a->pixmap,
                                                a->attrib_list);
}

/* On X11 the platform functions take a pointer to the XID (EGL 1.5, 3.5.1);
 * only displays made from a guest Display get that far. */
static void before_pointer(EGLDisplay display, const void *native)
{
    if (guest_of(display) && native) {
        before_native(display, *(const XID *)native);
    }
}

void gw_custom_eglCreatePlatformWindowSurface(
    struct gw_args_eglCreatePlatformWindowSurface *a)
{
    before_pointer(a->dpy, a->native_window);
    a->ret = gw_gl_host(eglCreatePlatformWindowSurface)(
        a->dpy, a->config, a->native_window, a->attrib_list);
}

void gw_custom_eglCreatePlatformWindowSurfaceEXT(
    struct gw_args_eglCreatePlatformWindowSurfaceEXT *a)
{
    before_pointer(a->dpy, a->native_window);
    a->ret = gw_gl_host(eglCreatePlatformWindowSurfaceEXT)(
        a->dpy, a->config, a->native_window, a->attrib_list);
}

void gw_custom_eglCreatePlatformPixmapSurface(
    struct gw_args_eglCreatePlatformPixmapSurface *a)
{
    before_pointer(a->dpy, a->native_pixmap);
    a->ret = gw_gl_host(eglCreatePlatformPixmapSurface)(
        a->dpy, a->config, a->native_pixmap, a->attrib_list);
}

void gw_custom_eglCreatePlatformPixmapSurfaceEXT(
    struct gw_args_eglCreatePlatformPixmapSurfaceEXT *a)
{
    before_pointer(a->dpy, a->native_pixmap);
    a->ret = gw_gl_host(eglCreatePlatformPixmapSurfaceEXT)(
        a->dpy, a->config, a->native_pixmap, a->attrib_list);
}

void gw_custom_eglCopyBuffers(struct gw_args_eglCopyBuffers *a)
{
    before_native(a->dpy, a->target);
    a->ret = gw_gl_host(eglCopyBuffers)(a->dpy, a->surface, a->target);
}

void gw_custom_eglCreateImage(struct gw_args_eglCreateImage *a)
{
    if (a->target == EGL_NATIVE_PIXMAP_KHR) {
        before_native(a->dpy, (XID)(uintptr_t)a->buffer);
    }
    a->ret = gw_gl_host(eglCreateImage)(a->dpy, a->ctx, a->target, a->buffer,
                                        a->attrib_list);
}

void gw_custom_eglCreateImageKHR(struct gw_args_eglCreateImageKHR *a)
{
    if (a->target == EGL_NATIVE_PIXMAP_KHR) {
        before_native(a->dpy, (XID)(uintptr_t)a->buffer);
    }
    a->ret = gw_gl_host(eglCreateImageKHR)(a->dpy, a->ctx, a->target,
                                           a->buffer, a->attrib_list);
}

/* --- callbacks ---------------------------------------------------------- */

/* The one debug callback of the process; replaced under `lock`. */
static void *debug_closure;

void gw_custom_eglDebugMessageControlKHR(
    struct gw_args_eglDebugMessageControlKHR *a)
{
    void *closure = gw_closure_get(&gw_gl_pack, gw_gl_sig_EGLDEBUGPROCKHR,
                                   a->callback);
    void *old = closure;

    a->ret = gw_gl_host(eglDebugMessageControlKHR)(
        (EGLDEBUGPROCKHR)closure, a->attrib_list);
    if (a->ret == EGL_SUCCESS) {
        pthread_mutex_lock(&lock);
        old = debug_closure;
        debug_closure = closure;
        pthread_mutex_unlock(&lock);
    }
    gw_closure_put(old);
}

void gw_custom_eglQueryDebugKHR(struct gw_args_eglQueryDebugKHR *a)
{
    EGLAttrib *value = a->value;

    a->ret = gw_gl_host(eglQueryDebugKHR)(a->attribute, value);
    if (a->ret && a->attribute == EGL_DEBUG_CALLBACK_KHR && value) {
        *value = (EGLAttrib)gw_closure_target((void *)*value);
    }
}

/* A display keeps its functions for good (the extension has no way to take
 * them back), and so do we. */
void gw_custom_eglSetBlobCacheFuncsANDROID(
    struct gw_args_eglSetBlobCacheFuncsANDROID *a)
{
    gw_gl_host(eglSetBlobCacheFuncsANDROID)(
        a->dpy,
        (EGLSetBlobFuncANDROID)gw_closure_get(
            &gw_gl_pack, gw_gl_sig_EGLSetBlobFuncANDROID, a->set),
        (EGLGetBlobFuncANDROID)gw_closure_get(
            &gw_gl_pack, gw_gl_sig_EGLGetBlobFuncANDROID, a->get));
}

/* The caller will free() the string: it gets memory of its own. */
void gw_adjust_eglGetDisplayDriverConfig(
    struct gw_args_eglGetDisplayDriverConfig *a)
{
    char *host = a->ret;

    a->ret = host ? gw_guest_copy(host, strlen(host) + 1) : NULL;
    free(host);
}
