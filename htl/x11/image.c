/* SPDX-License-Identifier: MIT */
/*
 * Images.  A guest's XImage is the guest's memory, and its six functions are
 * guest addresses: stubs for the host's functions that the library put there,
 * or the guest's own.  Host functions get a copy with functions of the host's
 * (gw_x11_image()), so that no image is changed which other threads may use.
 */
#include "runtime.h"
#include "x11-htl.h"
#include "x11-layout.h"

#include <X11/ImUtil.h>
#include <X11/Xutil.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static XImage *guests(XImage *copy)
{
    return ((struct gw_x11_image *)copy)->guest;
}

_Static_assert(offsetof(struct gw_x11_image, image) == 0, "guests()");

/* The host calls a function that the guest put into its image. */
#define CALL_GUEST(member, image, ...)                                        \
    struct gw_cb_XImage_##member b = {                                        \
        .cb.run = gw_x11_pack.guest_unpackers[gw_x11_sig_XImage_##member],    \
        .cb.target = guests(image)->f.member,                                 \
        .p0 = guests(image), __VA_ARGS__                                      \
    };                                                                        \
    gw_call_guest(&b.cb);                                                     \
    return b.ret

static unsigned long call_get_pixel(XImage *image, int x, int y)
{
    CALL_GUEST(get_pixel, image, .p1 = x, .p2 = y);
}

static int call_put_pixel(XImage *image, int x, int y, unsigned long pixel)
{
    CALL_GUEST(put_pixel, image, .p1 = x, .p2 = y, .p3 = pixel);
}

static XImage *call_sub_image(XImage *image, int x, int y, unsigned width,
                              unsigned height)
{
    CALL_GUEST(sub_image, image, .p1 = x, .p2 = y, .p3 = width, .p4 = height);
}

static int call_add_pixel(XImage *image, long value)
{
    CALL_GUEST(add_pixel, image, .p1 = value);
}

/* The functions of one kind of image, for both sides.  They never change, so
 * each thread remembers those of the image that it used last. */
static _Thread_local struct {
    struct funcs guest, host;
} last;

static void *host_function(int signature, const void *guest, void *otherwise)
{
    void *host = gw_pack_host_function(&gw_x11_pack, signature, guest);

    return host ? host : guest ? otherwise : NULL;
}

#define HOST(member, otherwise)                                               \
    host_function(gw_x11_sig_XImage_##member, guest->member, otherwise)

static __attribute__((noinline)) void find_host(const struct funcs *guest)
{
    struct funcs host = {
        .create_image = guest->create_image
            ? gw_pack_real(&gw_x11_pack, gw_x11_id_XCreateImage) : NULL,
        /* No function destroys an image that it was given but those for it,
         * see destroy(). */
        .destroy_image = HOST(destroy_image, NULL),
        .get_pixel = HOST(get_pixel, call_get_pixel),
        .put_pixel = HOST(put_pixel, call_put_pixel),
        .sub_image = HOST(sub_image, call_sub_image),
        .add_pixel = HOST(add_pixel, call_add_pixel),
    };

    last.host = host;
    last.guest = *guest;
}

#define GUEST(member)                                                         \
    gw_pack_guest_function(&gw_x11_pack, gw_x11_sig_XImage_##member,          \
                           (void *)host->member)

static __attribute__((noinline)) void find_guest(const struct funcs *host)
{
    struct funcs guest = {
        .create_image = gw_x11_pack.guest_stubs[gw_x11_id_XCreateImage],
        .destroy_image = GUEST(destroy_image),
        .get_pixel = GUEST(get_pixel),
        .put_pixel = GUEST(put_pixel),
        .sub_image = GUEST(sub_image),
        .add_pixel = GUEST(add_pixel),
    };

    last.guest = guest;
    last.host = *host;
}

static void to_host(struct funcs *f)
{
    if (memcmp(&last.guest, f, sizeof(*f))) {
        find_host(f);
    }
    *f = last.host;
}

static void to_guest(struct funcs *f)
{
    if (memcmp(&last.host, f, sizeof(*f))) {
        find_guest(f);
    }
    *f = last.guest;
}

void *gw_x11_image(void *guest, struct gw_x11_image *copy)
{
    if (!guest) {
        return NULL;
    }
    copy->image = *(XImage *)guest;
    copy->guest = guest;
    to_host(&copy->image.f);
    return copy;
}

/* An image that the library made becomes the guest's; its pixels do if they
 * are the library's.  One that a guest's function made is the guest's. */
static void *made(XImage *image, bool pixels)
{
    if (!image || gw_is_guest(image)) {
        return image;
    }
    to_guest(&image->f);
    if (pixels) {
        image->data = gw_guest_take(image->data);
    }
    return gw_guest_take(image);
}

void gw_adjust_XCreateImage(struct gw_args_XCreateImage *a)
{
    a->ret = made(a->ret, false);
}

void gw_adjust_XShmCreateImage(struct gw_args_XShmCreateImage *a)
{
    a->ret = made(a->ret, false);
}

void gw_adjust_XGetImage(struct gw_args_XGetImage *a)
{
    a->ret = made(a->ret, true);
}

void gw_adjust_XSubImage(struct gw_args_XSubImage *a)
{
    a->ret = made(a->ret, true);
}

void gw_adjust_gw_host_XImage_sub_image_00(
    struct gw_args_gw_host_XImage_sub_image_00 *a)
{
    a->ret = made(a->ret, true);
}

void gw_adjust_gw_host_XImage_sub_image_01(
    struct gw_args_gw_host_XImage_sub_image_01 *a)
{
    a->ret = made(a->ret, true);
}

/* The image that it was given. */
void gw_adjust_XGetSubImage(struct gw_args_XGetSubImage *a)
{
    a->ret = a->ret ? a->p8 : NULL;
}

/* Of what the guest has built, the functions may be anything before. */
void gw_custom_XInitImage(struct gw_args_XInitImage *a)
{
    XImage image = *(XImage *)a->p0;

    a->ret = gw_x11_host(XInitImage)(&image);
    if (a->ret) {
        to_guest(&image.f);
        *(XImage *)a->p0 = image;
    }
}

void gw_custom__XInitImageFuncPtrs(struct gw_args__XInitImageFuncPtrs *a)
{
    XImage image = *(XImage *)a->image;

    gw_x11_host(_XInitImageFuncPtrs)(&image);
    to_guest(&image.f);
    ((XImage *)a->image)->f = image.f;
}

/* The library's function frees what it is given, so the copy is its own; what
 * hangs on it is found to be the guest's (memory.c). */
static int destroy(XImage *guest, int (*function)(XImage *))
{
    XImage *copy = malloc(sizeof(*copy));
    int result;

    if (!copy) {
        return 0;
    }
    *copy = *guest;
    to_host(&copy->f);
    result = function(copy);
    gw_guest_service(GW_SERVICE_FREE, (uintptr_t)guest, 0, 0);
    return result;
}

void gw_custom_XDestroyImage(struct gw_args_XDestroyImage *a)
{
    struct gw_x11_image copy;

    gw_x11_image(a->image, &copy);
    a->ret = copy.image.f.destroy_image
        ? destroy(a->image, copy.image.f.destroy_image)
        : gw_x11_call_guest(copy.guest->f.destroy_image, copy.guest, NULL,
                            NULL);
}

void gw_custom_gw_host_XImage_destroy_image_00(
    struct gw_args_gw_host_XImage_destroy_image_00 *a)
{
    a->ret = destroy(
        a->p0, gw_x11_real[gw_x11_id_gw_host_XImage_destroy_image_00]);
}

void gw_custom_gw_host_XImage_destroy_image_01(
    struct gw_args_gw_host_XImage_destroy_image_01 *a)
{
    a->ret = destroy(
        a->p0, gw_x11_real[gw_x11_id_gw_host_XImage_destroy_image_01]);
}
