/* SPDX-License-Identifier: MIT */
/*
 * libxcb-image's images: a struct that the caller reads, writes and may
 * free(), with pixels that it may have given.  All of it becomes the guest's
 * memory, so that there is one place to free it from.
 */
#include "runtime.h"
#include "x11-htl.h"

#include <malloc.h>
#include <stdlib.h>
#include <xcb/xcb.h>
#include <xcb/xcb_image.h>

/* A new image of the library's; `given` is not the library's memory. */
static void *guest_image(xcb_image_t *image, const void *given)
{
    uint8_t *base = image ? image->base : NULL;

    if (base && base != given) {
        uint8_t *copy = gw_guest_copy(base, malloc_usable_size(base));

        if (image->data) {
            image->data = copy + (image->data - base);
        }
        image->base = copy;
        free(base);
    }
    return gw_guest_take(image);
}

void gw_adjust_xcb_image_create(struct gw_args_xcb_image_create *a)
{
    a->ret = guest_image(a->ret, a->base);
}

void gw_adjust_xcb_image_create_native(
    struct gw_args_xcb_image_create_native *a)
{
    a->ret = guest_image(a->ret, a->base);
}

void gw_adjust_xcb_image_create_from_bitmap_data(
    struct gw_args_xcb_image_create_from_bitmap_data *a)
{
    a->ret = guest_image(a->ret, NULL);
}

void gw_adjust_xcb_image_get(struct gw_args_xcb_image_get *a)
{
    a->ret = guest_image(a->ret, NULL);
}

void gw_adjust_xcb_image_subimage(struct gw_args_xcb_image_subimage *a)
{
    a->ret = guest_image(a->ret, a->base);
}

/* The same image where it is native already. */
void gw_adjust_xcb_image_native(struct gw_args_xcb_image_native *a)
{
    if (a->ret != a->image) {
        a->ret = guest_image(a->ret, NULL);
    }
}
