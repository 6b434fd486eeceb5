/* SPDX-License-Identifier: MIT */
/*
 * Would catch: libXcursor's functions for FILE, which the host's libc would
 * take for its own, and those for files of other kinds, whose functions are
 * the program's, that read or write anything else than natively.
 */
#include "common.h"

#include <X11/Xcursor/Xcursor.h>

enum { SIZE = 24 };

/* A file in memory. */
struct memory {
    unsigned char data[65536];
    long at, size;
    int calls;
};

static int memory_read(XcursorFile *file, unsigned char *buffer, int length)
{
    struct memory *m = file->closure;
    int left = m->at < m->size ? m->size - m->at : 0;
    int count = length < left ? length : left;

    m->calls++;
    memcpy(buffer, m->data + m->at, count);
    m->at += count;
    return count;
}

static int memory_write(XcursorFile *file, unsigned char *buffer, int length)
{
    struct memory *m = file->closure;

    m->calls++;
    if (m->at + length > (long)sizeof(m->data))
        return -1;
    memcpy(m->data + m->at, buffer, length);
    m->at += length;
    m->size = m->at > m->size ? m->at : m->size;
    return length;
}

static int memory_seek(XcursorFile *file, long offset, int whence)
{
    struct memory *m = file->closure;

    m->calls++;
    m->at = offset + (whence == SEEK_CUR ? m->at
                      : whence == SEEK_END ? m->size : 0);
    return 0;
}

static XcursorImages *make_images(void)
{
    XcursorImages *images = XcursorImagesCreate(2);

    for (int i = 0; i < 2; i++) {
        XcursorImage *image = XcursorImageCreate(SIZE << i, SIZE << i);

        for (XcursorDim k = 0; k < image->width * image->height; k++)
            image->pixels[k] = 0xff000000 | k * 12345;
        image->xhot = 3 + i;
        image->yhot = 2;
        image->delay = 50;
        images->images[images->nimage++] = image;
    }
    return images;
}

static void say_image(const char *what, const XcursorImage *image)
{
    if (!image) {
        printf("%s: none\n", what);
        return;
    }
    printf("%s: %ux%u hot %u delay %u pixels %016llx\n", what, image->width,
           image->height, image->xhot, image->delay, (unsigned long long)
           hash(image->pixels, (size_t)image->width * image->height * 4));
}

static void say_images(const char *what, XcursorImages *images)
{
    printf("%s: %d images\n", what, images ? images->nimage : -1);
    for (int i = 0; images && i < images->nimage; i++)
        say_image(what, images->images[i]);
    if (images)
        XcursorImagesDestroy(images);
}

static void files(FILE *file, XcursorImages *images)
{
    XcursorComments *comments = XcursorCommentsCreate(1);
    XcursorComment *comment = XcursorCommentCreate(
        XCURSOR_COMMENT_COPYRIGHT, 4);
    XcursorImage *one;
    XcursorImages *all;

    strcpy(comment->comment, "ours");
    comments->comments[comments->ncomment++] = comment;
    printf("saved images: %d\n", XcursorFileSaveImages(file, images));
    printf("then at %ld\n", ftell(file));
    rewind(file);
    printf("saved: %d", XcursorFileSave(file, comments, images));
    printf(" then at %ld\n", ftell(file));
    XcursorCommentsDestroy(comments);
    rewind(file);
    one = XcursorFileLoadImage(file, SIZE);
    say_image("one image", one);
    XcursorImageDestroy(one);
    rewind(file);
    say_images("of a size", XcursorFileLoadImages(file, 2 * SIZE));
    rewind(file);
    say_images("all", XcursorFileLoadAllImages(file));
    rewind(file);
    printf("loaded: %d", XcursorFileLoad(file, &comments, &all));
    printf(" comment %s\n", comments->comments[0]->comment);
    say_images("with comments", all);
    XcursorCommentsDestroy(comments);
    printf("no file: %d %d\n", XcursorFileLoadImage(NULL, SIZE) == NULL,
           XcursorFileSaveImages(NULL, images));
}

static void memories(XcursorImages *images)
{
    static struct memory memory;
    XcursorFile file = {&memory, memory_read, memory_write, memory_seek};
    XcursorComments *comments = XcursorCommentsCreate(0);
    XcursorImage *one;
    XcursorImages *all;

    printf("saved: %d", XcursorXcFileSave(&file, comments, images));
    printf(" size %ld calls %d %016llx\n", memory.size, memory.calls,
           (unsigned long long)hash(memory.data, memory.size));
    XcursorCommentsDestroy(comments);
    memory.at = 0;
    one = XcursorXcFileLoadImage(&file, 2 * SIZE);
    say_image("one image", one);
    XcursorImageDestroy(one);
    memory.at = 0;
    say_images("of a size", XcursorXcFileLoadImages(&file, SIZE));
    memory.at = 0;
    say_images("all", XcursorXcFileLoadAllImages(&file));
    memory.at = 0;
    printf("loaded: %d", XcursorXcFileLoad(&file, &comments, &all));
    printf(" %d comments\n", comments->ncomment);
    say_images("with comments", all);
    XcursorCommentsDestroy(comments);
    memory.at = 0;
    memory.size = 100;
    printf("cut short: %d\n", XcursorXcFileLoadAllImages(&file) == NULL);
    printf("calls %d\n", memory.calls);
}

int main(void)
{
    XcursorImages *images = make_images();
    FILE *file = tmpfile();

    if (!file)
        die("no temporary file");
    files(file, images);
    memories(images);
    XcursorImagesDestroy(images);
    fclose(file);
    return 0;
}
