/* SPDX-License-Identifier: MIT */
/*
 * Decodes JPEG files, and damaged copies of them, and says what came of each.
 * Catches: pixels, messages or outcomes that differ from a native run, and
 * memory that a decoder which failed has left behind.
 *
 *     jpeg-files COPIES FILE...   copies of each; the same damage every time
 */
#include "../lib/resident.h"
#include "files.h"

#include <setjmp.h>
#include <stdbool.h>

#include <jpeglib.h>

/* What a damaged header may ask for at most. */
enum { LARGEST = 2048 };
/* Failures in a row, and by how many KiB the process may grow meanwhile. */
enum { AGAIN = 3000, GROWTH = 1024 };

struct errors {
    struct jpeg_error_mgr pub;
    jmp_buf escape;
    bool quiet;
};

static void leave(j_common_ptr cinfo)
{
    struct errors *e = (struct errors *)cinfo->err;

    cinfo->err->output_message(cinfo);
    if (!e->quiet) {
        printf("  failed\n");
    }
    longjmp(e->escape, 1);
}

static void say(j_common_ptr cinfo)
{
    char text[JMSG_LENGTH_MAX];

    cinfo->err->format_message(cinfo, text);
    if (!((struct errors *)cinfo->err)->quiet) {
        printf("  %s\n", text);
    }
}

static uint32_t sum(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

static uint32_t pixels(j_decompress_ptr d)
{
    uint32_t hash = 2166136261u;
    size_t width = d->output_width * d->output_components;
    JSAMPARRAY row = d->mem->alloc_sarray((j_common_ptr)d, JPOOL_IMAGE, width,
                                          1);

    while (d->output_scanline < d->output_height) {
        jpeg_read_scanlines(d, row, 1);
        hash = sum(hash, row[0], width);
    }
    for (jpeg_saved_marker_ptr m = d->marker_list; m; m = m->next) {
        hash = sum(hash, m->data, m->data_length);
    }
    return hash;
}

static void read_image(j_decompress_ptr d)
{
    uint32_t hash;

    jpeg_save_markers(d, JPEG_COM, 0xffff);
    jpeg_save_markers(d, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(d, TRUE);
    if (d->image_width > LARGEST || d->image_height > LARGEST) {
        return;
    }
    jpeg_start_decompress(d);
    hash = pixels(d);
    jpeg_finish_decompress(d);
    if (!((struct errors *)d->err)->quiet) {
        printf("  %ux%u %d components%s: %08x, %ld warnings\n",
               d->image_width, d->image_height, d->num_components,
               d->progressive_mode ? ", progressive" : "", hash,
               d->err->num_warnings);
    }
}

/* From the file, or from memory. */
static void decode(FILE *file, const uint8_t *data, size_t size, bool quiet)
{
    struct jpeg_decompress_struct d;
    struct errors e = { .quiet = quiet };

    d.err = jpeg_std_error(&e.pub);
    e.pub.error_exit = leave;
    e.pub.output_message = say;
    jpeg_create_decompress(&d);
    if (!setjmp(e.escape)) {
        if (file) {
            jpeg_stdio_src(&d, file);
        } else {
            jpeg_mem_src(&d, data, size);
        }
        read_image(&d);
    }
    jpeg_destroy_decompress(&d);
}

static uint32_t next(uint32_t *state)
{
    return step(state) >> 3;
}

/* Bits flipped, cut short, or the length of a marker changed. */
static void damage(uint8_t *data, size_t *size, uint32_t *state)
{
    uint32_t kind = next(state) >> 26, at = next(state) % *size;

    if (kind % 4 == 0) {
        *size = at + 1;
    } else if (kind % 4 == 1) {
        while (at + 4 < *size && (data[at] != 0xff || data[at + 1] < 0xc0)) {
            at++;
        }
        data[at + 4 < *size ? at + 3 : 3] ^= 1u << (next(state) & 7);
    } else {
        for (unsigned i = 0; i <= kind; i += 4) {
            data[next(state) % *size] ^= 1u << (next(state) & 7);
        }
    }
}

/* Without its end, a file is a warning; without its tables, a failure. */
static void again(const uint8_t *data, size_t size)
{
    long before = 0, grown;

    for (int i = 0; i < 2 * AGAIN; i++) {
        if (i == AGAIN) {
            before = resident();
        }
        decode(NULL, data, i % 2 ? 100 : size < 2000 ? size / 2 : 1000, true);
    }
    grown = resident() - before;
    if (grown > GROWTH) {
        printf("  grown by %ld KiB\n", grown);
    }
}

static void whole(FILE *file)
{
    decode(file, NULL, 0, false);
}

static void damaged(uint8_t *copy, size_t size, uint32_t *state)
{
    damage(copy, &size, state);
    decode(NULL, copy, size, false);
}

int main(int argc, char **argv)
{
    return decode_files(argc, argv, whole, damaged, again);
}
