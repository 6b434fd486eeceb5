/* SPDX-License-Identifier: MIT */
/*
 * Cursor files that the guest reads and writes: a struct with the guest's
 * functions.  The functions that take a FILE are the guest's own
 * (gtl/x11/cursors.c), as is the FILE.
 */
#include "runtime.h"
#include "x11-htl.h"

#include <X11/Xcursor/Xcursor.h>

static int read_guest(XcursorFile *file, unsigned char *buffer, int length)
{
    XcursorFile *guest = file->closure;

    return gw_x11_call_guest((void *)guest->read, guest, buffer,
                             (void *)(intptr_t)length);
}

static int write_guest(XcursorFile *file, unsigned char *buffer, int length)
{
    XcursorFile *guest = file->closure;

    return gw_x11_call_guest((void *)guest->write, guest, buffer,
                             (void *)(intptr_t)length);
}

static int seek_guest(XcursorFile *file, long offset, int whence)
{
    XcursorFile *guest = file->closure;

    return gw_x11_call_guest((void *)guest->seek, guest, (void *)offset,
                             (void *)(intptr_t)whence);
}

/* It is used until the function returns; NULL stays what it is. */
static XcursorFile *host_file(XcursorFile *storage, void *guest)
{
    *storage = (XcursorFile){ guest, read_guest, write_guest, seek_guest };
    return guest ? storage : NULL;
}

void gw_custom_XcursorXcFileLoadImage(struct gw_args_XcursorXcFileLoadImage *a)
{
    XcursorFile file;

    a->ret = gw_x11_host(XcursorXcFileLoadImage)(host_file(&file, a->file),
                                                 a->size);
}

void gw_custom_XcursorXcFileLoadImages(
    struct gw_args_XcursorXcFileLoadImages *a)
{
    XcursorFile file;

    a->ret = gw_x11_host(XcursorXcFileLoadImages)(host_file(&file, a->file),
                                                  a->size);
}

void gw_custom_XcursorXcFileLoadAllImages(
    struct gw_args_XcursorXcFileLoadAllImages *a)
{
    XcursorFile file;

    a->ret = gw_x11_host(XcursorXcFileLoadAllImages)(
        host_file(&file, a->file));
}

void gw_custom_XcursorXcFileLoad(struct gw_args_XcursorXcFileLoad *a)
{
    XcursorFile file;

    a->ret = gw_x11_host(XcursorXcFileLoad)(host_file(&file, a->file),
                                            a->commentsp, a->imagesp);
}

void gw_custom_XcursorXcFileSave(struct gw_args_XcursorXcFileSave *a)
{
    XcursorFile file;

    a->ret = gw_x11_host(XcursorXcFileSave)(host_file(&file, a->file),
                                            a->comments, a->images);
}
