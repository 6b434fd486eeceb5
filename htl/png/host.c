/* SPDX-License-Identifier: MIT */
/*
 * Where a program passes no function of its own, libpng takes one that uses
 * its libc: these do the same with the guest's FILEs and memory.
 */
#include "png-host.h"

/* As png_default_read_data() and its like (pngrio.c, pngwio.c, pngmem.c). */

static void read_file(png_structp png, png_bytep data, size_t length)
{
    if (png && gw_guest_service(GW_SERVICE_FREAD,
                                (uintptr_t)PNG_HOST(png_get_io_ptr)(png),
                                (uintptr_t)data, length) != length) {
        PNG_HOST(png_error)(png, "Read Error");
    }
}

static void write_file(png_structp png, png_bytep data, size_t length)
{
    if (png && gw_guest_service(GW_SERVICE_FWRITE,
                                (uintptr_t)PNG_HOST(png_get_io_ptr)(png),
                                (uintptr_t)data, length) != length) {
        PNG_HOST(png_error)(png, "Write Error");
    }
}

static void flush_file(png_structp png)
{
    if (png) {
        gw_guest_service(GW_SERVICE_FFLUSH,
                         (uintptr_t)PNG_HOST(png_get_io_ptr)(png), 0, 0);
    }
}

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return (void *)gw_guest_service(GW_SERVICE_MALLOC, size, 0, 0);
}

static void release(png_structp png, png_voidp memory)
{
    (void)png;
    gw_guest_service(GW_SERVICE_FREE, (uintptr_t)memory, 0, 0);
}

/* A guest function for the host, or the host's own in place of none. */
#define FUNCTION(type, guest, own)                                            \
    ((guest) ? (type)gw_closure_keep_local(&gw_png_pack,                      \
                                           gw_png_sig_##type, (guest))        \
             : (own))

static png_structp create(__typeof__(&png_create_read_struct_2) real,
                          struct gw_args_png_create_read_struct *a,
                          void *memory, void *malloc_fn, void *free_fn)
{
    return real(a->user_png_ver, a->error_ptr,
                FUNCTION(png_error_ptr, a->error_fn, NULL),
                FUNCTION(png_error_ptr, a->warn_fn, NULL), memory,
                FUNCTION(png_malloc_ptr, malloc_fn, allocate),
                FUNCTION(png_free_ptr, free_fn, release));
}

static png_structp reading(png_structp png)
{
    if (png) {
        PNG_HOST(png_set_read_fn)(png, NULL, read_file);
    }
    return png;
}

static png_structp writing(png_structp png)
{
    if (png) {
        PNG_HOST(png_set_write_fn)(png, NULL, write_file, flush_file);
    }
    return png;
}

/* The four have the same members first. */
#define CREATE(way, suffix, direction, memory, malloc_fn, free_fn)            \
    void gw_custom_png_create_##way##_struct##suffix(                         \
        struct gw_args_png_create_##way##_struct##suffix *a)                  \
    {                                                                         \
        struct gw_args_png_create_read_struct common = {                      \
            .user_png_ver = a->user_png_ver, .error_ptr = a->error_ptr,       \
            .error_fn = a->error_fn, .warn_fn = a->warn_fn,                   \
        };                                                                    \
        a->ret = direction(create(PNG_HOST(png_create_##way##_struct_2),      \
                                  &common, memory, malloc_fn, free_fn));      \
    }

CREATE(read, , reading, NULL, NULL, NULL)
CREATE(read, _2, reading, a->mem_ptr, a->malloc_fn, a->free_fn)
CREATE(write, , writing, NULL, NULL, NULL)
CREATE(write, _2, writing, a->mem_ptr, a->malloc_fn, a->free_fn)

void gw_custom_png_set_read_fn(struct gw_args_png_set_read_fn *a)
{
    gw_png_host(png_set_read_fn)(
        a->png_ptr, a->io_ptr,
        FUNCTION(png_rw_ptr, a->read_data_fn, read_file));
}

void gw_custom_png_set_write_fn(struct gw_args_png_set_write_fn *a)
{
    gw_png_host(png_set_write_fn)(
        a->png_ptr, a->io_ptr,
        FUNCTION(png_rw_ptr, a->write_data_fn, write_file),
        FUNCTION(png_flush_ptr, a->output_flush_fn, flush_file));
}

void gw_custom_png_set_mem_fn(struct gw_args_png_set_mem_fn *a)
{
    gw_png_host(png_set_mem_fn)(
        a->png_ptr, a->mem_ptr,
        FUNCTION(png_malloc_ptr, a->malloc_fn, allocate),
        FUNCTION(png_free_ptr, a->free_fn, release));
}

void gw_custom_png_malloc_default(struct gw_args_png_malloc_default *a)
{
    if (!a->png_ptr) {
        a->ret = NULL;
        return;
    }
    a->ret = a->size ? allocate(NULL, a->size) : NULL;
    if (!a->ret) {
        PNG_HOST(png_error)(a->png_ptr, "Out of Memory");
    }
}

void gw_custom_png_free_default(struct gw_args_png_free_default *a)
{
    if (a->png_ptr && a->ptr) {
        release(NULL, a->ptr);
    }
}
