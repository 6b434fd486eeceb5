/* SPDX-License-Identifier: MIT */
/*
 * libXcursor's functions for FILE, which is an object of the guest's libc:
 * written as libXcursor's own are, with its functions for files of any kind.
 */
#include <stddef.h>

/* Xcursor.h's XcursorFile. */
struct cursor_file {
    void *closure;
    int (*read)(struct cursor_file *file, unsigned char *buffer, int length);
    int (*write)(struct cursor_file *file, unsigned char *buffer, int length);
    int (*seek)(struct cursor_file *file, long offset, int whence);
};

/* Who has a FILE has a libc with these. */
size_t fread(void *buffer, size_t size, size_t count, void *file)
    __attribute__((weak));
size_t fwrite(const void *buffer, size_t size, size_t count, void *file)
    __attribute__((weak));
int fseek(void *file, long offset, int whence) __attribute__((weak));
int fflush(void *file) __attribute__((weak));

static int file_read(struct cursor_file *file, unsigned char *buffer,
                     int length)
{
    return fread(buffer, 1, length, file->closure);
}

static int file_write(struct cursor_file *file, unsigned char *buffer,
                      int length)
{
    return fwrite(buffer, 1, length, file->closure);
}

static int file_seek(struct cursor_file *file, long offset, int whence)
{
    return fseek(file->closure, offset, whence);
}

#define GW_EXPORTED __attribute__((visibility("default")))
#define GW_FILE(file) \
    (&(struct cursor_file){ (file), file_read, file_write, file_seek })

GW_EXPORTED void *XcursorFileLoadImage(void *file, int size)
{
    return file ? gw_stub_XcursorXcFileLoadImage(GW_FILE(file), size) : NULL;
}

GW_EXPORTED void *XcursorFileLoadImages(void *file, int size)
{
    return file ? gw_stub_XcursorXcFileLoadImages(GW_FILE(file), size) : NULL;
}

GW_EXPORTED void *XcursorFileLoadAllImages(void *file)
{
    return file ? gw_stub_XcursorXcFileLoadAllImages(GW_FILE(file)) : NULL;
}

GW_EXPORTED int XcursorFileLoad(void *file, void *comments, void *images)
{
    return file && comments && images &&
           gw_stub_XcursorXcFileLoad(GW_FILE(file), comments, images);
}

static int save(void *file, void *comments, void *images)
{
    return gw_stub_XcursorXcFileSave(GW_FILE(file), comments, images) &&
           fflush(file) != -1;
}

GW_EXPORTED int XcursorFileSave(void *file, void *comments, void *images)
{
    return file && comments && images && save(file, comments, images);
}

GW_EXPORTED int XcursorFileSaveImages(void *file, void *images)
{
    void *comments = file && images ? gw_stub_XcursorCommentsCreate(0) : NULL;
    int saved = comments && save(file, comments, images);

    gw_stub_XcursorCommentsDestroy(comments);
    return saved;
}
