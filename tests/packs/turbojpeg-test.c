/* SPDX-License-Identifier: MIT */
/*
 * All of libturbojpeg that is special under Gangway: buffers that either side
 * has allocated and either side frees, filters that take structs by value,
 * nest, fail and leave by longjmp(), messages of each thread's own.  What it
 * prints must be the same natively.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <turbojpeg.h>

#include "../lib/resident.h"

enum { WIDTH = 150, HEIGHT = 110, PAD = 4 };
/* Calls in a row, and by how many KiB the process may grow meanwhile. */
enum { AGAIN = 2000, GROWTH = 1024 };

static unsigned char pixels[WIDTH * HEIGHT * 4];

static void fill(void)
{
    unsigned x = 1;

    for (unsigned i = 0; i < sizeof(pixels); i++) {
        x = x * 1103515245 + 12345;
        pixels[i] = (unsigned char)(i / 4 % WIDTH + (x >> 28) +
                                    (i % 4) * (i / WIDTH / 4));
    }
}

static unsigned long hash(const void *data, size_t size)
{
    const unsigned char *p = data;
    unsigned long h = 14695981039346656037UL;

    while (size--) {
        h = (h ^ *p++) * 1099511628211UL;
    }
    return h;
}

static void show(const char *what, int result, const void *data, size_t size)
{
    printf("%s: %d %zu %016lx\n", what, result, size, hash(data, size));
}

static void complain(const char *what, tjhandle handle, int result)
{
    printf("%s: %d [%s] [%s] %d\n", what, result, tjGetErrorStr2(handle),
           tjGetErrorStr(), handle ? tjGetErrorCode(handle) : 0);
}

/* --- buffers ------------------------------------------------------------ */

/* One image of each subsampling; the program frees them with free(). */
static unsigned char *jpeg[TJ_NUMSAMP];
static unsigned long jpeg_size[TJ_NUMSAMP];

static void compress(void)
{
    for (int s = 0; s < TJ_NUMSAMP; s++) {
        tjhandle handle = tjInitCompress();
        int result = tjCompress2(
            handle, pixels, WIDTH, 0, HEIGHT, s == TJSAMP_411 ? TJPF_CMYK :
            TJPF_RGBX, &jpeg[s], &jpeg_size[s], s, 70 + s,
            s % 2 ? TJFLAG_PROGRESSIVE : TJFLAG_ACCURATEDCT);
        show("compressed", result, jpeg[s], jpeg_size[s]);
        tjDestroy(handle);
    }
}

/* The program's own buffer, large enough, too small, and not to be replaced.
 * Each with a handle of its own: it remembers the buffer that it has made. */
static void whose(void)
{
    for (int i = 0; i < 8; i++) {
        unsigned long size = i % 2 || i & 4 ? 100000 : 600;
        unsigned char *mine = i & 2 ? tjAlloc(size) : malloc(size);
        unsigned char *buffer = mine;
        tjhandle handle = tjInitCompress();
        int result = tjCompress2(handle, pixels, WIDTH, 0, HEIGHT, TJPF_BGRA,
                                 &buffer, &size, TJSAMP_422, 90,
                                 i & 4 ? TJFLAG_NOREALLOC : 0);
        printf("%s, ", buffer == mine ? "mine" : "another");
        if (result) {
            complain("own buffer", handle, result);
        } else {
            show("own buffer", result, buffer, size);
        }
        if (buffer != mine) {
            free(mine);
        }
        if (i % 3) {
            tjFree(buffer);
        } else {
            free(buffer);
        }
        tjDestroy(handle);
    }
    tjFree(NULL);
}

/* The library's own buffer, used again and outgrown. */
static void again(void)
{
    tjhandle handle = tjInitCompress();
    unsigned char *buffer = NULL;
    unsigned long size = 0;

    for (int quality = 1; quality <= 100; quality += 33) {
        int result = tjCompress2(handle, pixels, WIDTH, 0, HEIGHT, TJPF_RGBX,
                                 &buffer, &size, TJSAMP_444, quality, 0);
        show("again", result, buffer, size);
    }
    buffer = realloc(buffer, size * 20);
    show("reallocated", 0, buffer, size);
    tjFree(buffer);
    tjDestroy(handle);
}

/* --- the rest of the interface ------------------------------------------ */

static void decompress(void)
{
    tjhandle handle = tjInitDecompress();
    int width, height, samp, space, count;
    tjscalingfactor *factors = tjGetScalingFactors(&count);
    unsigned char *out = tjAlloc(WIDTH * HEIGHT * 16);

    for (int s = 0; s < TJ_NUMSAMP; s++) {
        tjDecompressHeader3(handle, jpeg[s], jpeg_size[s], &width, &height,
                            &samp, &space);
        printf("header %d %d %d %d\n", width, height, samp, space);
        for (int i = s; i < count; i += TJ_NUMSAMP) {
            int w = TJSCALED(width, factors[i]);
            int h = TJSCALED(height, factors[i]);
            int format = space == TJCS_YCCK ? TJPF_CMYK : s % 2 ? TJPF_ARGB
                                                               : TJPF_BGR;
            show("decompressed", tjDecompress2(
                handle, jpeg[s], jpeg_size[s], out, w, 0, h, format,
                TJFLAG_BOTTOMUP), out, w * h * tjPixelSize[format]);
        }
    }
    tjFree(out);
    tjDestroy(handle);
}

/* An image as planes, together and apart, and back. */
static void planes(int samp)
{
    unsigned long size = tjBufSizeYUV2(WIDTH, PAD, HEIGHT, samp);
    unsigned char *yuv = tjAlloc(size), *buffer = NULL;
    unsigned char *plane[3], *out = malloc(WIDTH * HEIGHT * 3);
    int strides[3] = { 0 };
    unsigned long jpeg_bytes = 0;
    tjhandle c = tjInitCompress(), d = tjInitDecompress();

    for (int i = 0; i < 3; i++) {
        printf("plane %lu %d %d\n", tjPlaneSizeYUV(i, WIDTH, 0, HEIGHT, samp),
               tjPlaneWidth(i, WIDTH, samp), tjPlaneHeight(i, HEIGHT, samp));
        plane[i] = calloc(WIDTH, HEIGHT * 2);
    }
    show("encoded", tjEncodeYUV3(c, pixels, WIDTH, 0, HEIGHT, TJPF_RGBX, yuv,
                                 PAD, samp, 0), yuv, size);
    tjEncodeYUVPlanes(c, pixels, WIDTH, 0, HEIGHT, TJPF_RGBX, plane, strides,
                      samp, 0);
    show("encoded apart", 0, plane[0], WIDTH * HEIGHT);
    show("decoded", tjDecodeYUV(d, yuv, PAD, samp, out, WIDTH, 0, HEIGHT,
                                TJPF_RGB, 0), out, WIDTH * HEIGHT * 3);
    show("decoded apart", tjDecodeYUVPlanes(
        d, (const unsigned char **)plane, strides, samp, out, WIDTH, 0, HEIGHT,
        TJPF_RGB, 0), out, WIDTH * HEIGHT * 3);
    tjCompressFromYUV(c, yuv, WIDTH, PAD, HEIGHT, samp, &buffer, &jpeg_bytes,
                      80, 0);
    show("from planes", 0, buffer, jpeg_bytes);
    tjCompressFromYUVPlanes(c, (const unsigned char **)plane, WIDTH, strides,
                            HEIGHT, samp, &buffer, &jpeg_bytes, 90, 0);
    show("from planes apart", 0, buffer, jpeg_bytes);
    show("to planes", tjDecompressToYUV2(d, buffer, jpeg_bytes, yuv, WIDTH,
                                         PAD, HEIGHT, 0), yuv, size);
    show("to planes apart", tjDecompressToYUVPlanes(
        d, buffer, jpeg_bytes, plane, WIDTH, strides, HEIGHT, 0), plane[0],
        WIDTH * HEIGHT);
    for (int i = 0; i < 3; i++) {
        free(plane[i]);
    }
    free(yuv);
    free(out);
    tjFree(buffer);
    tjDestroy(c);
    tjDestroy(d);
}

/* What older programs have. */
static void old(void)
{
    unsigned char *out = malloc(TJBUFSIZE(WIDTH, HEIGHT));
    unsigned char *yuv = malloc(TJBUFSIZEYUV(WIDTH, HEIGHT, TJSAMP_422));
    unsigned long size = 0, planes = tjBufSizeYUV(WIDTH, HEIGHT, TJSAMP_422);
    int width = 0, height = 0, samp = 0;
    tjhandle c = tjInitCompress(), d = tjInitDecompress();

    printf("sizes %lu %lu %lu %lu\n", TJBUFSIZE(WIDTH, HEIGHT),
           tjBufSize(WIDTH, HEIGHT, TJSAMP_444), planes,
           TJBUFSIZEYUV(WIDTH, HEIGHT, TJSAMP_422));
    tjCompress(c, pixels, WIDTH, 0, HEIGHT, 4, out, &size, TJSAMP_422, 60, 0);
    show("old compressed", 0, out, size);
    tjDecompressHeader(d, out, size, &width, &height);
    tjDecompressHeader2(d, out, size, &width, &height, &samp);
    printf("old header %d %d %d\n", width, height, samp);
    show("old to planes", tjDecompressToYUV(d, out, size, yuv, 0), yuv,
         planes);
    show("old encoded", tjEncodeYUV(c, pixels, WIDTH, 0, HEIGHT, 4, yuv,
                                    TJSAMP_422, 0), yuv, planes);
    show("old encoded 2", tjEncodeYUV2(c, pixels, WIDTH, 0, HEIGHT, TJPF_XBGR,
                                       yuv, TJSAMP_422, 0), yuv, planes);
    free(yuv);
    yuv = malloc(WIDTH * HEIGHT * 3);
    show("old decompressed", tjDecompress(d, out, size, yuv, WIDTH, 0, HEIGHT,
                                          3, 0), yuv, WIDTH * HEIGHT * 3);
    free(yuv);
    free(out);
    tjDestroy(c);
    tjDestroy(d);
}

static void files(const char *name)
{
    int width, height, format = TJPF_UNKNOWN;
    unsigned char *read;

    printf("saved %d\n", tjSaveImage(name, pixels, WIDTH, 0, HEIGHT, TJPF_RGBX,
                                     0));
    read = tjLoadImage(name, &width, 1, &height, &format, 0);
    printf("format %d, ", format);
    show("loaded", 0, read, width * height * tjPixelSize[format]);
    free(read);
    read = tjLoadImage("/nowhere/at-all.bmp", &width, 1, &height, &format, 0);
    complain("missing", NULL, read != NULL);
}

/* --- transforms --------------------------------------------------------- */

static jmp_buf escape;

struct filtered {
    const char *name;
    int calls, fail_at;
    bool leave, nest;
};

static int filter(short *coefficients, tjregion array, tjregion plane,
                  int component, int index, tjtransform *transform);

static void transform_one(const char *name, struct filtered *f)
{
    tjhandle handle = tjInitTransform();
    unsigned char *buffer[2] = { NULL, NULL };
    unsigned long size[2] = { 0, 0 };
    tjtransform t[2];

    memset(t, 0, sizeof(t));
    t[0].op = TJXOP_HFLIP;
    t[0].options = TJXOPT_TRIM;
    t[1].op = TJXOP_ROT90;
    t[1].options = TJXOPT_CROP | TJXOPT_PROGRESSIVE;
    t[1].r = (tjregion){ 16, 16, 64, 48 };
    t[1].data = f;
    t[1].customFilter = f ? filter : NULL;
    if (!setjmp(escape)) {
        int result = tjTransform(handle, jpeg[TJSAMP_420],
                                 jpeg_size[TJSAMP_420], 2, buffer, size, t, 0);
        complain(name, handle, result);
        for (int i = 0; i < 2 && !result; i++) {
            show(name, t[i].options, buffer[i], size[i]);
        }
        tjFree(buffer[0]);
        free(buffer[1]);
    } else {
        printf("%s: left\n", name);
    }
    printf("destroyed %d\n", tjDestroy(handle));
}

static int filter(short *coefficients, tjregion array, tjregion plane,
                  int component, int index, tjtransform *transform)
{
    struct filtered *f = transform->data;

    f->calls++;
    if (f->calls < 4) {
        printf("%s: %d %d %d %d of %d %d %d %d, %d %d, first %d op %d\n",
               f->name, array.x, array.y, array.w, array.h, plane.x, plane.y,
               plane.w, plane.h, component, index, coefficients[0],
               transform->op);
    }
    if (f->nest && f->calls == 1) {
        transform_one("inside", &(struct filtered){ .name = "inside" });
    }
    if (f->leave && f->calls == 2) {
        longjmp(escape, 1);
    }
    for (int i = 0; i < array.w * array.h; i += 3) {
        coefficients[i] = -coefficients[i];
    }
    return f->calls == f->fail_at ? -1 : 0;
}

static void transforms(void)
{
    tjhandle handle = tjInitTransform();

    transform_one("plain", NULL);
    transform_one("filtered", &(struct filtered){ .name = "filtered" });
    transform_one("failing",
                  &(struct filtered){ .name = "failing", .fail_at = 3 });
    transform_one("nested",
                  &(struct filtered){ .name = "nested", .nest = true });
    transform_one("leaving",
                  &(struct filtered){ .name = "leaving", .leave = true });
    complain("none", handle, tjTransform(handle, jpeg[0], jpeg_size[0], 0,
                                         NULL, NULL, NULL, 0));
    tjDestroy(handle);
}

/* --- errors ------------------------------------------------------------- */

static void damaged(int times)
{
    tjhandle handle = tjInitDecompress();
    unsigned char *copy = malloc(jpeg_size[0]);
    unsigned char *out = malloc(WIDTH * HEIGHT * 3);
    unsigned x = 7, refused = 0;
    unsigned long h = 0;

    for (int i = 0; i < times; i++) {
        unsigned long size = jpeg_size[0];
        int result;
        memcpy(copy, jpeg[0], size);
        for (int k = 0; k < 3; k++) {
            x = x * 1664525 + 1013904223;
            copy[(x >> 3) % size] ^= 1 << (x & 7);
        }
        size = i % 4 ? size : (x >> 3) % size + 1;
        memset(out, 0, WIDTH * HEIGHT * 3);
        result = tjDecompress2(handle, copy, size, out, WIDTH, 0, HEIGHT,
                               TJPF_RGB, i % 8 ? 0 : TJFLAG_STOPONWARNING);
        if (result) {
            refused++;
            h = h * 31 + hash(tjGetErrorStr2(handle),
                              strlen(tjGetErrorStr2(handle)));
            h += tjGetErrorCode(handle);
        }
        h = h * 31 + hash(out, WIDTH * HEIGHT * 3);
    }
    printf("damaged: %u of %d refused, %016lx\n", refused, times, h);
    free(copy);
    free(out);
    tjDestroy(handle);
}

static pthread_barrier_t barrier;

static void *work(void *arg)
{
    int number = *(int *)arg;
    tjhandle handle = tjInitCompress();
    char *text;

    for (int i = 0; i < 20; i++) {
        unsigned char *buffer = NULL;
        unsigned long size = 0;
        tjCompress2(handle, pixels, WIDTH, 0, HEIGHT, TJPF_RGBX, &buffer,
                    &size, number % TJ_NUMSAMP, 10 + i, 0);
        *(unsigned long *)arg = hash(buffer, size);
        free(buffer);
    }
    if (number % 2) {
        tjBufSize(0, 0, 0);
    } else {
        tjPlaneWidth(7, 1, 0);
    }
    pthread_barrier_wait(&barrier);
    text = malloc(100);
    snprintf(text, 100, "%016lx %s", *(unsigned long *)arg, tjGetErrorStr());
    tjDestroy(handle);
    return text;
}

static void threads(void)
{
    pthread_t thread[8];
    unsigned long number[8];

    pthread_barrier_init(&barrier, NULL, 8);
    for (int i = 0; i < 8; i++) {
        number[i] = i;
        pthread_create(&thread[i], NULL, work, &number[i]);
    }
    for (int i = 0; i < 8; i++) {
        void *text;
        pthread_join(thread[i], &text);
        printf("thread %d: %s\n", i, (char *)text);
        free(text);
    }
}

/* --- growth ------------------------------------------------------------- */

static int same(short *coefficients, tjregion array, tjregion plane,
                int component, int index, tjtransform *transform)
{
    (void)coefficients, (void)array, (void)plane, (void)index;
    return component == 2 && transform->op ? -1 : 0;
}

static void churn(int i)
{
    tjhandle handle = tjInitTransform();
    unsigned char *buffer = i % 2 ? malloc(100) : NULL, *given = buffer;
    unsigned long size = i % 2 ? 100 : 0;
    tjtransform t = { .op = i % 4, .r = { 0, 0, 32, 32 },
                      .options = TJXOPT_CROP, .customFilter = same };

    tjTransform(handle, jpeg[TJSAMP_420], jpeg_size[TJSAMP_420], 1, &buffer,
                &size, &t, 0);
    if (buffer != given) {
        free(given);
    }
    tjFree(buffer);
    tjDestroy(handle);
}

static void growth(void)
{
    long before = 0, grown;

    for (int i = 0; i < 2 * AGAIN; i++) {
        if (i == AGAIN) {
            before = resident();
        }
        churn(i);
    }
    grown = resident() - before;
    if (grown > GROWTH) {
        printf("grown by %ld KiB\n", grown);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE-TO-WRITE.ppm\n", argv[0]);
        return 2;
    }
    fill();
    compress();
    whose();
    again();
    decompress();
    planes(TJSAMP_420);
    planes(TJSAMP_GRAY);
    planes(TJSAMP_411);
    old();
    files(argv[1]);
    transforms();
    damaged(2000);
    threads();
    growth();
    for (int s = 0; s < TJ_NUMSAMP; s++) {
        free(jpeg[s]);
    }
    return 0;
}
