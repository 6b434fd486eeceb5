/* SPDX-License-Identifier: MIT */
/*
 * libpng with everything that a program can hand to it, for comparison with a
 * native run.
 * Catches: a callback that does not run, or with other arguments; a longjmp()
 * out of a callback after which libpng cannot be used; memory that one side
 * allocates and the other frees; FILEs read or written by the wrong libc.
 *
 *     png-test FOLDER [memory]
 *
 * Files are written to the folder; with "memory" allocations fail, too.  (A
 * guest with a larger jmp_buf than the host's has one allocation more.)
 */
/* Deprecated functions are exported, too. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#include <png.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 67, HEIGHT = 41 };

static const char *folder;
static int memory_fails;
/* One file name for each thread. */
static _Thread_local int thread;

static const char *path(const char *name)
{
    static _Thread_local char text[4096];

    snprintf(text, sizeof(text), "%s/%d-%s", folder, thread, name);
    return text;
}

static void say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list args;

    /* Eight threads at once would say it in any order. */
    if (!thread) {
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
    }
}

static uint32_t sum(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

struct buffer {
    uint8_t data[65536];
    size_t size, at;
    int calls;
};

static void write_fn(png_structp png, png_bytep data, size_t size)
{
    struct buffer *b = png_get_io_ptr(png);

    b->calls++;
    if (b->size + size > sizeof(b->data)) {
        png_error(png, "the buffer is full");
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void flush_fn(png_structp png)
{
    struct buffer *b = png_get_io_ptr(png);

    say("flush at %zu\n", b->size);
}

static void read_fn(png_structp png, png_bytep data, size_t size)
{
    struct buffer *b = png_get_io_ptr(png);

    b->calls++;
    if (b->size - b->at < size) {
        png_error(png, "the buffer is empty");
    }
    memcpy(data, b->data + b->at, size);
    b->at += size;
}

static void error_fn(png_structp png, png_const_charp message)
{
    say("error: %s, for %s\n", message, (char *)png_get_error_ptr(png));
    longjmp(png_jmpbuf(png), 3);
}

static void warn_fn(png_structp png, png_const_charp message)
{
    say("warning: %s, for %s\n", message, (char *)png_get_error_ptr(png));
}

struct pool {
    int allocated, freed;
    size_t largest;
    int fail_after;
};

static png_voidp malloc_fn(png_structp png, png_alloc_size_t size)
{
    struct pool *pool = png_get_mem_ptr(png);

    pool->allocated++;
    pool->largest = size > pool->largest ? size : pool->largest;
    return pool->fail_after && pool->allocated > pool->fail_after
        ? NULL : malloc(size);
}

static void free_fn(png_structp png, png_voidp memory)
{
    struct pool *pool = png_get_mem_ptr(png);

    pool->freed++;
    free(memory);
}

static void status_fn(png_structp png, png_uint_32 row, int pass)
{
    (void)png;
    if (row % 16 == 0) {
        say("row %u of pass %d\n", row, pass);
    }
}

static void invert_fn(png_structp png, png_row_infop info, png_bytep row)
{
    int *calls = png_get_user_transform_ptr(png);

    (*calls)++;
    if (*calls == 1) {
        say("transform: %u wide, %zu bytes, type %d, depth %d\n", info->width,
            info->rowbytes, info->color_type, info->bit_depth);
    }
    for (size_t i = 0; i < info->rowbytes; i++) {
        row[i] = ~row[i];
    }
}

static int chunk_fn(png_structp png, png_unknown_chunkp chunk)
{
    say("chunk %s of %zu bytes, sum %08x, for %s\n", chunk->name, chunk->size,
        sum(chunk->data, chunk->size), (char *)png_get_user_chunk_ptr(png));
    return 1;
}

static void fill(uint8_t *row, unsigned y, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        row[i] = (uint8_t)(i * 3 + y * 5 + (i * y) / 7);
    }
}

static void compose(png_structp png, png_infop info, int interlace)
{
    png_text text = { .compression = PNG_TEXT_COMPRESSION_NONE,
                      .key = (char *)"Title", .text = (char *)"A picture" };
    png_unknown_chunk chunk = { .name = "gwAb", .data = (png_bytep)"payload",
                                .size = 7, .location = PNG_HAVE_IHDR };

    png_set_IHDR(png, info, WIDTH, HEIGHT, 8, PNG_COLOR_TYPE_RGB, interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_gAMA(png, info, 1 / 2.2);
    png_set_text(png, info, &text, 1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, NULL, 0);
    png_set_unknown_chunks(png, info, &chunk, 1);
}

/* With all functions of the program's own. */
static void encode(struct buffer *b, int interlace)
{
    struct pool pool = { 0 };
    int calls = 0;
    png_structp png = png_create_write_struct_2(
        PNG_LIBPNG_VER_STRING, (void *)"encode", error_fn, warn_fn, &pool,
        malloc_fn, free_fn);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png))) {
        say("encode failed\n");
    } else {
        uint8_t row[WIDTH * 3];
        png_set_write_fn(png, b, write_fn, flush_fn);
        png_set_write_status_fn(png, status_fn);
        png_set_write_user_transform_fn(png, invert_fn);
        png_set_user_transform_info(png, &calls, 8, 3);
        png_set_flush(png, 10);
        compose(png, info, interlace);
        png_write_info(png, info);
        for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
            for (unsigned y = 0; y < HEIGHT; y++) {
                fill(row, y, sizeof(row));
                png_write_row(png, row);
            }
        }
        png_write_end(png, info);
    }
    png_destroy_write_struct(&png, &info);
    say("encoded: %zu bytes in %d calls, sum %08x, %d transforms, %s, "
        "%d leaked\n", b->size, b->calls, sum(b->data, b->size), calls,
        png ? "not gone" : "gone", pool.allocated - pool.freed);
}

static void decode(struct buffer *b, int fail_after)
{
    struct pool pool = { .fail_after = fail_after };
    int calls = 0;
    uint8_t *volatile pixels = NULL;
    png_structp png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, (void *)"decode", error_fn, warn_fn, &pool,
        malloc_fn, free_fn);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    b->at = 0;
    if (!info) {
        say("no struct\n");
    } else if (setjmp(png_jmpbuf(png))) {
        say("decode failed\n");
    } else {
        png_bytep rows[HEIGHT];
        png_set_read_fn(png, b, read_fn);
        png_set_read_status_fn(png, status_fn);
        png_set_read_user_chunk_fn(png, (void *)"decode", chunk_fn);
        png_set_read_user_transform_fn(png, invert_fn);
        png_set_user_transform_info(png, &calls, 0, 0);
        png_read_info(png, info);
        say("%ux%u, depth %d, type %d, interlace %d\n",
            png_get_image_width(png, info), png_get_image_height(png, info),
            png_get_bit_depth(png, info), png_get_color_type(png, info),
            png_get_interlace_type(png, info));
        png_set_interlace_handling(png);
        png_set_filler(png, 0x5a, PNG_FILLER_AFTER);
        png_read_update_info(png, info);
        pixels = malloc(HEIGHT * png_get_rowbytes(png, info));
        for (unsigned y = 0; y < HEIGHT; y++) {
            rows[y] = pixels + y * png_get_rowbytes(png, info);
        }
        png_read_image(png, rows);
        png_read_end(png, info);
        say("pixels %08x\n",
            sum(pixels, HEIGHT * png_get_rowbytes(png, info)));
    }
    free(pixels);
    png_destroy_read_struct(&png, &info, NULL);
    say("decoded in %d calls, %d transforms, largest %zu, %d leaked\n",
        b->calls, calls, pool.largest, pool.allocated - pool.freed);
}

struct progress {
    int infos, rows, ends;
    uint32_t hash;
    uint8_t rgb[HEIGHT][WIDTH * 3];
};

static void on_info(png_structp png, png_infop info)
{
    struct progress *p = png_get_progressive_ptr(png);

    p->infos++;
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static void on_row(png_structp png, png_bytep row, png_uint_32 number,
                   int pass)
{
    struct progress *p = png_get_progressive_ptr(png);

    (void)pass;
    p->rows++;
    if (row) {
        png_progressive_combine_row(png, p->rgb[number], row);
    }
}

static void on_end(png_structp png, png_infop info)
{
    struct progress *p = png_get_progressive_ptr(png);
    png_textp text;
    int count = 0;

    p->ends++;
    png_get_text(png, info, &text, &count);
    for (int i = 0; i < count; i++) {
        say("text %s: %s\n", text[i].key, text[i].text);
    }
}

static void decode_by_parts(struct buffer *b)
{
    static _Thread_local struct progress p;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING,
                                             (void *)"parts", error_fn,
                                             warn_fn);
    png_infop info = png_create_info_struct(png);

    memset(&p, 0, sizeof(p));
    if (setjmp(png_jmpbuf(png))) {
        say("failed by parts\n");
    } else {
        png_set_progressive_read_fn(png, &p, on_info, on_row, on_end);
        for (size_t at = 0; at < b->size; at += 97) {
            png_process_data(png, info, b->data + at,
                             b->size - at < 97 ? b->size - at : 97);
        }
    }
    png_destroy_read_struct(&png, &info, NULL);
    say("by parts: %d infos, %d rows, %d ends, pixels %08x\n", p.infos,
        p.rows, p.ends, sum(p.rgb, sizeof(p.rgb)));
}

/* libpng's own functions for FILEs, memory and errors. */
static void by_file(void)
{
    FILE *file = fopen(path("file.png"), "w+b");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
                                              NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t **rows;

    fputs("before ", file);
    if (setjmp(png_jmpbuf(png))) {
        say("the file failed\n");
        return;
    }
    png_init_io(png, file);
    compose(png, info, PNG_INTERLACE_NONE);
    /* libpng frees what the program allocated. */
    rows = malloc(HEIGHT * sizeof(*rows));
    for (unsigned y = 0; y < HEIGHT; y++) {
        rows[y] = malloc(WIDTH * 3);
        fill(rows[y], y, WIDTH * 3);
    }
    png_set_rows(png, info, rows);
    png_data_freer(png, info, PNG_DESTROY_WILL_FREE_DATA, PNG_FREE_ROWS);
    png_write_png(png, info, PNG_TRANSFORM_BGR, NULL);
    png_write_flush(png);
    png_destroy_write_struct(&png, &info);
    fputs(" behind", file);
    say("the file has %ld bytes\n", ftell(file));

    fseek(file, 7, SEEK_SET);
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png))) {
        say("the file failed to read\n");
        return;
    }
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_EXPAND, NULL);
    free(png_malloc_default(png, 100));
    png_free_default(png, malloc(100));
    rows = png_get_rows(png, info);
    /* The program frees what libpng allocated. */
    png_data_freer(png, info, PNG_USER_WILL_FREE_DATA, PNG_FREE_ROWS);
    png_destroy_read_struct(&png, &info, NULL);
    say("the file's first row %08x, then at %ld\n", sum(rows[0], WIDTH * 3),
        ftell(file));
    for (unsigned y = 0; y < HEIGHT; y++) {
        free(rows[y]);
    }
    free(rows);
    fclose(file);
}

/* Errors that come by default: the message to stderr, and back by longjmp. */
static void cut_at(struct buffer *b, size_t size)
{
    FILE *file = fopen(path("cut.png"), "w+b");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL,
                                             NULL);
    png_infop info = png_create_info_struct(png);
    volatile int jumps = 0;

    fwrite(b->data, 1, size, file);
    rewind(file);
    if (setjmp(png_jmpbuf(png))) {
        jumps++;
        say("cut at %zu: ended\n", size);
    } else {
        png_init_io(png, file);
        png_read_png(png, info, 0, NULL);
        say("cut at %zu: read\n", size);
    }
    /* It can be used again, and freed. */
    if (jumps == 1 && !setjmp(png_jmpbuf(png))) {
        png_error(png, "once more");
    }
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
}

static void by_default(struct buffer *b)
{
    for (size_t cut = 20; cut < b->size; cut += b->size / 4) {
        cut_at(b, cut);
    }
}

static void damaged(struct buffer *b)
{
    static _Thread_local struct buffer copy;
    uint32_t state = 12345;

    for (int i = 0; i < 60; i++) {
        copy = *b;
        copy.calls = 0;
        for (int k = 0; k < 1 + i % 3; k++) {
            state = state * 1664525 + 1013904223;
            copy.data[8 + state % (copy.size - 8)] ^= 1u << (state >> 29);
        }
        decode(&copy, 0);
    }
    for (int i = 1; memory_fails && i < 12; i++) {
        copy = *b;
        copy.calls = 0;
        decode(&copy, i);
    }
}

static void simplified(struct buffer *b)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    static _Thread_local uint8_t pixels[HEIGHT * WIDTH * 4];
    FILE *file;

    if (png_image_begin_read_from_memory(&image, b->data, b->size)) {
        image.format = PNG_FORMAT_RGBA;
        png_image_finish_read(&image, NULL, pixels, 0, NULL);
    }
    say("memory: \"%s\" %ux%u %08x\n", image.message, image.width,
        image.height, sum(pixels, sizeof(pixels)));

    memset(&image, 0, sizeof(image));
    image.version = PNG_IMAGE_VERSION;
    image.width = WIDTH;
    image.height = HEIGHT;
    image.format = PNG_FORMAT_RGBA;
    file = fopen(path("simple.png"), "w+b");
    fputs("in front ", file);
    say("written: %d\n", png_image_write_to_stdio(&image, file, 0, pixels, 0,
                                                  NULL));
    fputs("behind", file);
    say("%ld bytes\n", ftell(file));
    fseek(file, 9, SEEK_SET);
    memset(&image, 0, sizeof(image));
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_stdio(&image, file)) {
        image.format = PNG_FORMAT_BGR;
        png_image_finish_read(&image, NULL, pixels, 0, NULL);
    }
    say("stdio: \"%s\" %08x at %ld\n", image.message,
        sum(pixels, sizeof(pixels)), ftell(file));
    fseek(file, 9, SEEK_SET);
    if (png_image_begin_read_from_stdio(&image, file)) {
        png_image_free(&image);
    }
    rewind(file);
    say("no picture: %d", png_image_begin_read_from_stdio(&image, file));
    say(" \"%s\"\n", image.message);
    fclose(file);
    memset(&image, 0, sizeof(image));
    image.version = PNG_IMAGE_VERSION;
    say("no file: %d", png_image_begin_read_from_file(&image, "/nowhere"));
    say(" \"%s\"\n", image.message);
    image.version = 9;
    say("version: %d", png_image_begin_read_from_memory(&image, b->data, 9));
    say(" \"%s\"\n", image.message);
}

static void *work(void *number)
{
    static _Thread_local struct buffer plain, interlaced;

    thread = (int)(intptr_t)number;
    encode(&plain, PNG_INTERLACE_NONE);
    encode(&interlaced, PNG_INTERLACE_ADAM7);
    decode(&plain, 0);
    decode(&interlaced, 0);
    decode_by_parts(&plain);
    decode_by_parts(&interlaced);
    by_file();
    simplified(&plain);
    damaged(&interlaced);
    if (!thread) {
        by_default(&plain);
    }
    memset(&plain, 0, sizeof(plain));
    plain.size = sizeof(plain.data) - 50;
    encode(&plain, PNG_INTERLACE_NONE);
    return (void *)(uintptr_t)sum(interlaced.data, interlaced.size);
}

int main(int argc, char **argv)
{
    pthread_t threads[8];
    void *first, *result;

    folder = argc > 1 ? argv[1] : ".";
    memory_fails = argc > 2 && !strcmp(argv[2], "memory");
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("libpng %s, header %s\n", png_get_libpng_ver(NULL),
           png_get_header_ver(NULL));
    first = work((void *)0);
    for (intptr_t i = 0; i < 8; i++) {
        if (pthread_create(&threads[i], NULL, work, (void *)(i + 1))) {
            return 2;
        }
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], &result);
        printf("thread %d: %s\n", i, result == first ? "the same" : "differs");
    }
    return 0;
}
