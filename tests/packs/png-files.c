/* SPDX-License-Identifier: MIT */
/*
 * Decodes PNG files, and damaged copies of them, and says what came of each.
 * Catches: pixels, messages or outcomes that differ from a native run.
 *
 *     png-files COPIES FILE...   copies of each; the same damage every time
 */
#include "files.h"

#include <png.h>
#include <setjmp.h>

/* What a damaged header may ask for at most. */
enum { LARGEST = 4096 };

static uint32_t sum(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

struct memory {
    const uint8_t *data;
    size_t size, at;
};

static void read_fn(png_structp png, png_bytep data, size_t size)
{
    struct memory *m = png_get_io_ptr(png);

    if (m->size - m->at < size) {
        png_error(png, "there is no more");
    }
    memcpy(data, m->data + m->at, size);
    m->at += size;
}

static void error_fn(png_structp png, png_const_charp message)
{
    printf("  error: %s\n", message);
    png_longjmp(png, 1);
}

static void warn_fn(png_structp png, png_const_charp message)
{
    (void)png;
    printf("  warning: %s\n", message);
}

/* From the file, or from memory. */
static void decode(FILE *file, struct memory *m)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL,
                                             error_fn, warn_fn);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png))) {
        printf("  failed\n");
    } else {
        uint32_t hash = 2166136261u;
        png_bytepp rows;
        png_textp text;
        int count;
        png_set_user_limits(png, LARGEST, LARGEST);
        if (file) {
            png_init_io(png, file);
        } else {
            png_set_read_fn(png, m, read_fn);
        }
        png_read_png(png, info, PNG_TRANSFORM_EXPAND, NULL);
        rows = png_get_rows(png, info);
        for (unsigned y = 0; y < png_get_image_height(png, info); y++) {
            hash = sum(hash, rows[y], png_get_rowbytes(png, info));
        }
        count = png_get_text(png, info, &text, NULL);
        for (int i = 0; i < count; i++) {
            hash = sum(hash, text[i].key, strlen(text[i].key));
            hash = sum(hash, text[i].text, text[i].text_length);
        }
        printf("  %ux%u type %d depth %d: %08x, %d texts\n",
               png_get_image_width(png, info),
               png_get_image_height(png, info),
               png_get_color_type(png, info), png_get_bit_depth(png, info),
               hash, count);
    }
    png_destroy_read_struct(&png, &info, NULL);
}

static void damage(uint8_t *data, size_t *size, uint32_t *state)
{
    uint32_t kind = step(state) >> 30;

    for (unsigned i = 0; i <= kind; i++) {
        step(state);
        data[(*state >> 3) % *size] ^= 1u << (*state & 7);
    }
    if (kind == 3) {
        *size -= *state % *size;
    }
}

static void whole(FILE *file)
{
    decode(file, NULL);
}

static void damaged(uint8_t *copy, size_t size, uint32_t *state)
{
    struct memory m = { copy, size, 0 };

    damage(copy, &m.size, state);
    decode(NULL, &m);
}

int main(int argc, char **argv)
{
    return decode_files(argc, argv, whole, damaged, NULL);
}
