/* SPDX-License-Identifier: MIT */
/*
 * Would catch: XImage's six functions, called as functions and through the
 * macros, that answer otherwise than natively or crash: images that Xlib
 * made, that the guest built itself, that came from the server, that hold
 * functions of the guest's; two threads using one image's functions.
 */
#include "common.h"

#include <pthread.h>

enum { WIDTH = 37, HEIGHT = 11 };

static Display *display;
static int gets, puts_, destroys;

/* The same calls through the macros, which use the pointers in the image, and
 * as functions, which the library exports. */
struct calls {
    const char *name;
    unsigned long (*get)(XImage *, int, int);
    int (*put)(XImage *, int, int, unsigned long);
    XImage *(*sub)(XImage *, int, int, unsigned, unsigned);
    int (*add)(XImage *, long);
    int (*destroy)(XImage *);
};

static unsigned long macro_get(XImage *i, int x, int y)
{
    return XGetPixel(i, x, y);
}

static int macro_put(XImage *i, int x, int y, unsigned long pixel)
{
    return XPutPixel(i, x, y, pixel);
}

static XImage *macro_sub(XImage *i, int x, int y, unsigned w, unsigned h)
{
    return XSubImage(i, x, y, w, h);
}

static int macro_add(XImage *i, long value)
{
    return XAddPixel(i, value);
}

static int macro_destroy(XImage *i)
{
    return XDestroyImage(i);
}

#undef XGetPixel
#undef XPutPixel
#undef XSubImage
#undef XAddPixel
#undef XDestroyImage
extern unsigned long XGetPixel(XImage *, int, int);
extern int XPutPixel(XImage *, int, int, unsigned long);
extern XImage *XSubImage(XImage *, int, int, unsigned, unsigned);
extern int XAddPixel(XImage *, long);
extern int XDestroyImage(XImage *);

static const struct calls both[] = {
    {"macros", macro_get, macro_put, macro_sub, macro_add, macro_destroy},
    {"functions", XGetPixel, XPutPixel, XSubImage, XAddPixel, XDestroyImage},
};

struct kind {
    int depth, format, pad, byte_order, bit_order, unit;
};

static const struct kind kinds[] = {
    {1, XYBitmap, 8, LSBFirst, LSBFirst, 8},
    {1, XYBitmap, 32, MSBFirst, MSBFirst, 32},
    {1, XYPixmap, 16, LSBFirst, MSBFirst, 16},
    {4, XYPixmap, 32, LSBFirst, LSBFirst, 32},
    {4, ZPixmap, 8, LSBFirst, LSBFirst, 8},
    {8, ZPixmap, 8, MSBFirst, LSBFirst, 8},
    {8, XYPixmap, 8, MSBFirst, MSBFirst, 8},
    {15, ZPixmap, 16, LSBFirst, LSBFirst, 16},
    {16, ZPixmap, 32, MSBFirst, LSBFirst, 32},
    {24, ZPixmap, 32, LSBFirst, LSBFirst, 32},
    {24, ZPixmap, 32, MSBFirst, MSBFirst, 32},
    {24, XYPixmap, 32, LSBFirst, LSBFirst, 32},
    {32, ZPixmap, 32, LSBFirst, LSBFirst, 32},
};

static uint64_t image_hash(XImage *image)
{
    int planes = image->format == ZPixmap ? 1 : image->depth;

    return hash(image->data, (size_t)image->bytes_per_line * image->height *
                             planes);
}

static XImage *build(const struct kind *kind)
{
    XImage *image = XCreateImage(display, DefaultVisual(display, 0),
                                 kind->depth, kind->format, 0, NULL, WIDTH,
                                 HEIGHT, kind->pad, 0);

    if (!image)
        die("no image of depth %d", kind->depth);
    image->byte_order = kind->byte_order;
    image->bitmap_bit_order = kind->bit_order;
    image->bitmap_unit = kind->unit;
    image->data = calloc(kind->format == ZPixmap ? 1 : kind->depth,
                         (size_t)image->bytes_per_line * HEIGHT);
    return image;
}

/* An image that no function of Xlib's made: a struct of the guest's own. */
static void build_ourselves(XImage *image, const struct kind *kind)
{
    memset(image, 0, sizeof(*image));
    image->width = WIDTH;
    image->height = HEIGHT;
    image->format = kind->format;
    image->depth = kind->depth;
    image->byte_order = kind->byte_order;
    image->bitmap_bit_order = kind->bit_order;
    image->bitmap_unit = kind->unit;
    image->bitmap_pad = kind->pad;
    image->bits_per_pixel = kind->format != ZPixmap ? 1 :
                            kind->depth == 4 ? 4 : kind->depth == 8 ? 8 :
                            kind->depth <= 16 ? 16 : 32;
    image->data = calloc(kind->depth, 8 * WIDTH * HEIGHT);
    if (!XInitImage(image))
        die("XInitImage of depth %d fails", kind->depth);
}

static void fill(XImage *image, const struct calls *calls)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            calls->put(image, x, y, (unsigned long)x * 0x10307 + y * 0x511);
}

static unsigned long sum(XImage *image, const struct calls *calls)
{
    unsigned long value = 0;

    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            value = value * 31 + calls->get(image, x, y);
    return value;
}

static void use(XImage *image, const struct calls *calls)
{
    XImage *part;

    fill(image, calls);
    printf(" %016llx", (unsigned long long)image_hash(image));
    printf(" %lx", sum(image, calls));
    part = calls->sub(image, 3, 2, 20, 5);
    printf(" part %dx%d bytes %d: %lx", part->width, part->height,
           part->bytes_per_line, sum(part, calls));
    calls->add(part, 3);
    printf(" plus 3: %lx\n", sum(part, calls));
    calls->destroy(part);
}

static void all_kinds(void)
{
    for (size_t i = 0; i < LENGTH(kinds); i++)
        for (size_t c = 0; c < LENGTH(both); c++) {
            XImage ours, *theirs = build(&kinds[i]);

            printf("depth %d format %d, %s:", kinds[i].depth,
                   kinds[i].format, both[c].name);
            use(theirs, &both[c]);
            both[c].destroy(theirs);
            build_ourselves(&ours, &kinds[i]);
            printf("built by ourselves:");
            use(&ours, &both[c]);
            free(ours.data);
        }
}

/* Functions of the guest's in an image that Xlib made. */
static unsigned long our_get(XImage *image, int x, int y)
{
    gets++;
    return image->width == WIDTH ? (unsigned long)(x + 100 * y) : 0;
}

static int our_put(XImage *image, int x, int y, unsigned long pixel)
{
    puts_++;
    ((uint32_t *)image->data)[y * WIDTH + x] = ~pixel;
    return 1;
}

static int our_destroy(XImage *image)
{
    destroys++;
    free(image->data);
    free(image->obdata);
    image->data = NULL;
    return 7;
}

static void own_functions(void)
{
    static const struct kind kind = {24, ZPixmap, 32, LSBFirst, LSBFirst, 32};

    for (size_t c = 0; c < LENGTH(both); c++) {
        const struct calls *calls = &both[c];
        XImage *image = build(&kind), *part;
        struct funcs before = image->f;
        unsigned long all;

        gets = puts_ = destroys = 0;
        image->f.get_pixel = our_get;
        image->f.put_pixel = our_put;
        fill(image, calls);
        all = sum(image, calls);
        printf("own functions, %s: %lx %016llx gets %d puts %d\n",
               calls->name, all,
               (unsigned long long)image_hash(image), gets, puts_);
        /* Xlib's sub_image and add_pixel use ours. */
        part = calls->sub(image, 1, 1, 5, 5);
        printf("part: gets %d puts %d first 0x%x\n", gets, puts_,
               *(uint32_t *)part->data);
        calls->destroy(part);
        printf("they are still ours: %d %d\n",
               image->f.get_pixel == our_get, image->f.put_pixel == our_put);
        image->f.get_pixel = before.get_pixel;
        printf("Xlib's again: %lx\n", calls->get(image, 4, 4));
        image->f.destroy_image = our_destroy;
        printf("destroyed: %d", calls->destroy(image));
        printf(", %d calls\n", destroys);
        image->f = before;
        printf("by Xlib: %d\n", calls->destroy(image));
    }
}

/* Functions that one image got are called on another one, directly. */
static void borrowed(void)
{
    static const struct kind kind = {32, ZPixmap, 32, LSBFirst, LSBFirst, 32};
    XImage *one = build(&kind), *other = build(&kind);
    XImage *(*create)(Display *, Visual *, unsigned, int, int, char *,
                      unsigned, unsigned, int, int) = one->f.create_image;
    XImage *made;

    one->f.put_pixel(other, 2, 2, 0xfedcba98);
    printf("borrowed: %lx", other->f.get_pixel(other, 2, 2));
    printf(" the same: %d\n", one->f.get_pixel == other->f.get_pixel);
    made = create(display, DefaultVisual(display, 0), 24, ZPixmap, 0,
                  malloc(32 * 32 * 4), 32, 32, 32, 0);
    printf("created: %dx%d %d\n", made->width, made->height,
           made->bytes_per_line);
    made->f.destroy_image(made);
    one->f.destroy_image(one);
    other->f.destroy_image(other);
}

static void with_server(void)
{
    Window root = DefaultRootWindow(display);

    for (int depth = 1; depth <= 32; depth += depth == 1 ? 23 : 8) {
        Pixmap pixmap = XCreatePixmap(display, root, WIDTH, HEIGHT, depth);
        GC gc = XCreateGC(display, pixmap, 0, NULL);
        struct kind kind = {depth, depth == 1 ? XYBitmap : ZPixmap, 32,
                            LSBFirst, LSBFirst, 32};
        XImage *image = build(&kind), *back, *again;

        fill(image, &both[0]);
        XPutImage(display, pixmap, gc, image, 2, 1, 0, 0, WIDTH, HEIGHT);
        image->byte_order = MSBFirst;
        XPutImage(display, pixmap, gc, image, 0, 0, 20, 5, 10, 5);
        back = XGetImage(display, pixmap, 0, 0, WIDTH, HEIGHT, AllPlanes,
                         ZPixmap);
        printf("depth %d back: %lx", depth, sum(back, &both[1]));
        XGetSubImage(display, pixmap, 0, 0, 9, 9, AllPlanes, ZPixmap, back,
                     20, 1);
        again = XGetImage(display, pixmap, 0, 0, WIDTH, HEIGHT, 1, XYPixmap);
        printf(" sub %lx xy %lx\n", sum(back, &both[0]),
               sum(again, &both[0]));
        both[0].destroy(again);
        both[0].destroy(back);
        both[1].destroy(image);
        XFreeGC(display, gc);
        XFreePixmap(display, pixmap);
    }
}

struct share {
    XImage *image;
    int from;
    unsigned long sum;
};

static void *half(void *argument)
{
    struct share *share = argument;

    for (int round = 0; round < 40; round++)
        for (int y = share->from; y < HEIGHT; y += 2)
            for (int x = 0; x < WIDTH; x++) {
                const struct calls *calls = &both[(x + round) % 2];

                calls->put(share->image, x, y, x * y + round);
                share->sum += calls->get(share->image, x, y);
            }
    return NULL;
}

/* Two threads on one image, one line each. */
static void shared(void)
{
    static const struct kind kind = {24, ZPixmap, 32, LSBFirst, LSBFirst, 32};
    struct share shares[2] = {{build(&kind), 0, 0}};
    pthread_t threads[2];

    shares[1] = (struct share){shares[0].image, 1, 0};
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, half, &shares[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("two threads: %lu %lu\n", shares[0].sum, shares[1].sum);
    both[0].destroy(shares[0].image);
}

int main(void)
{
    display = open_display();
    all_kinds();
    own_functions();
    borrowed();
    with_server();
    shared();
    XCloseDisplay(display);
    return 0;
}
