/* SPDX-License-Identifier: MIT */
/*
 * libpng's simplified interface with the guest's FILEs.  An image that is
 * read remembers its FILE until it has been read or freed.
 */
#include "png-host.h"

#include "gangway/lock.h"

#include <pthread.h>
#include <stdlib.h>

static ssize_t read_guest(void *guest, char *data, size_t size)
{
    return gw_guest_service(GW_SERVICE_FREAD, (uintptr_t)guest,
                            (uintptr_t)data, size);
}

static ssize_t write_guest(void *guest, const char *data, size_t size)
{
    return gw_guest_service(GW_SERVICE_FWRITE, (uintptr_t)guest,
                            (uintptr_t)data, size);
}

FILE *gw_png_file(void *guest)
{
    FILE *file = fopencookie(guest, "r+", (cookie_io_functions_t){
        .read = read_guest, .write = write_guest });

    if (file) {
        setvbuf(file, NULL, _IONBF, 0);
    }
    return file;
}

struct reading {
    struct reading *next;
    const void *image;
    FILE *file;
};

GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct reading *all;

/* The image is read no more. */
static void forget(const void *image)
{
    struct reading **link = &all, *found;

    pthread_mutex_lock(&lock);
    while (*link && (*link)->image != image) {
        link = &(*link)->next;
    }
    found = *link;
    if (found) {
        *link = found->next;
    }
    pthread_mutex_unlock(&lock);
    if (found) {
        fclose(found->file);
        free(found);
    }
}

static void remember(const void *image, FILE *file)
{
    struct reading *r = malloc(sizeof(*r));

    if (r) {
        *r = (struct reading){ .image = image, .file = file };
        pthread_mutex_lock(&lock);
        r->next = all;
        all = r;
        pthread_mutex_unlock(&lock);
    } /* else it stays open until the process ends */
}

void gw_custom_png_image_begin_read_from_stdio(
    struct gw_args_png_image_begin_read_from_stdio *a)
{
    png_imagep image = a->image;
    FILE *file = a->file ? gw_png_file(a->file) : NULL;

    forget(image);
    a->ret = gw_png_host(png_image_begin_read_from_stdio)(image, file);
    if (file && a->ret && image->opaque) {
        remember(image, file);
    } else if (file) {
        fclose(file);
    }
}

void gw_adjust_png_image_finish_read(struct gw_args_png_image_finish_read *a)
{
    forget(a->image);
}

void gw_adjust_png_image_free(struct gw_args_png_image_free *a)
{
    forget(a->image);
}

void gw_custom_png_image_write_to_stdio(
    struct gw_args_png_image_write_to_stdio *a)
{
    FILE *file = a->file ? gw_png_file(a->file) : NULL;

    a->ret = gw_png_host(png_image_write_to_stdio)(
        a->image, file, a->convert_to_8_bit, a->buffer, a->row_stride,
        a->colormap);
    if (file) {
        fclose(file);
    }
}
