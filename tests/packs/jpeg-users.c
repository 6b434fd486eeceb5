/* SPDX-License-Identifier: MIT */
/*
 * Libraries that have libjpeg's structs and functions in structs of their own:
 * SDL2_image and gdk-pixbuf, loaded late.  Catches: pixels and messages that
 * differ from a native run.
 *
 *     jpeg-users FILE...
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What is needed of their headers, which are not installed. */
struct surface {
    uint32_t flags;
    void *format;
    int width, height, pitch;
    uint8_t *pixels;
};

struct error {
    uint32_t domain;
    int code;
    char *message;
};

static struct surface *(*img_load)(const char *);
static const char *(*sdl_error)(void);
static void (*sdl_free)(struct surface *);
static void *(*pixbuf_new)(const char *, struct error **);
static void *(*pixbuf_scaled)(const char *, int, int, int, struct error **);
static int (*pixbuf_int[3])(const void *);
static uint8_t *(*pixbuf_pixels)(const void *);
static void (*unref)(void *);

static void *open_library(const char *name)
{
    void *library = dlopen(name, RTLD_NOW);

    if (!library) {
        printf("skipped: %s\n", dlerror());
        exit(77);
    }
    return library;
}

static void open_libraries(void)
{
    void *image = open_library("libSDL2_image-2.0.so.0");
    void *pixbuf = open_library("libgdk_pixbuf-2.0.so.0");

    *(void **)&img_load = dlsym(image, "IMG_Load");
    *(void **)&sdl_error = dlsym(image, "SDL_GetError");
    *(void **)&sdl_free = dlsym(image, "SDL_FreeSurface");
    *(void **)&pixbuf_new = dlsym(pixbuf, "gdk_pixbuf_new_from_file");
    *(void **)&pixbuf_scaled =
        dlsym(pixbuf, "gdk_pixbuf_new_from_file_at_scale");
    *(void **)&pixbuf_int[0] = dlsym(pixbuf, "gdk_pixbuf_get_width");
    *(void **)&pixbuf_int[1] = dlsym(pixbuf, "gdk_pixbuf_get_height");
    *(void **)&pixbuf_int[2] = dlsym(pixbuf, "gdk_pixbuf_get_rowstride");
    *(void **)&pixbuf_pixels = dlsym(pixbuf, "gdk_pixbuf_get_pixels");
    *(void **)&unref = dlsym(pixbuf, "g_object_unref");
}

static void show(const char *what, int width, int height, int pitch,
                 int bytes, const uint8_t *pixels)
{
    uint32_t hash = 2166136261u;

    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width * bytes; x++) {
            hash = (hash ^ pixels[(size_t)y * pitch + x]) * 16777619u;
        }
    }
    printf("  %s: %dx%d %08x\n", what, width, height, hash);
}

static void by_sdl(const char *path)
{
    struct surface *s = img_load(path);

    if (s) {
        /* All of a grey row, a third of an RGB one. */
        show("SDL2_image", s->width, s->height, s->pitch, 1, s->pixels);
        sdl_free(s);
    } else {
        printf("  SDL2_image: %s\n", sdl_error());
    }
}

/* Whole, or as an image of this width. */
static void by_pixbuf(const char *what, const char *path, int width)
{
    struct error *error = NULL;
    void *pixbuf = width ? pixbuf_scaled(path, width, 30, 0, &error)
                         : pixbuf_new(path, &error);

    if (pixbuf) {
        show(what, pixbuf_int[0](pixbuf), pixbuf_int[1](pixbuf),
             pixbuf_int[2](pixbuf), 3, pixbuf_pixels(pixbuf));
        unref(pixbuf);
    } else {
        printf("  %s: %s\n", what, error->message);
    }
}

int main(int argc, char **argv)
{
    open_libraries();
    for (int i = 1; i < argc; i++) {
        printf("%s\n", argv[i]);
        by_sdl(argv[i]);
        by_pixbuf("gdk-pixbuf", argv[i], 0);
        by_pixbuf("scaled", argv[i], 40);
    }
    return 0;
}
