/* SPDX-License-Identifier: MIT */
/*
 * Mirrors.  A program's jpeg_decompress_struct or jpeg_compress_struct lies in
 * its own memory, which it reads, writes and extends as it likes; the managers
 * that it points to have functions of the guest's, whoever made them.  The
 * host's library never sees it: it works on a mirror, a struct and managers of
 * the host's.  The guest's are copied to the mirror whenever host code begins
 * or goes on (before a call, after a callback), and the mirror to the guest's
 * whenever it ends or waits.  So each side finds what it would natively, and a
 * callback that is left by longjmp() leaves nothing behind that is not true.
 */
#ifndef GANGWAY_JPEG_MIRROR_H
#define GANGWAY_JPEG_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

/* COM and APP0 to APP15. */
#define GW_JPEG_MARKERS 17

struct gw_jpeg_mirror {
    /* What the library works on; first, as it is what callbacks are given. */
    union {
        struct jpeg_common_struct common;
        struct jpeg_compress_struct compress;
        struct jpeg_decompress_struct decompress;
    } host;
    size_t size; /* of the guest's struct, which tells one from the other */

    /* The managers that the library sees in it. */
    struct jpeg_error_mgr err;
    struct jpeg_error_mgr err_before; /* as it was when it was copied */
    struct jpeg_progress_mgr progress;
    struct jpeg_source_mgr src;
    struct jpeg_destination_mgr dest;
    struct jpeg_memory_mgr *mem; /* the library's own; NULL: not created */
    /* The guest's functions for markers, COM last. */
    jpeg_marker_parser_method markers[GW_JPEG_MARKERS];

    /* The guest's struct, and its managers as last seen. */
    void *guest;
    struct jpeg_error_mgr *guest_err;
    struct jpeg_progress_mgr *guest_progress;
    void *guest_io;

    /* The memory manager that the guest is given, and what it was. */
    struct jpeg_memory_mgr given, given_before;

    unsigned users; /* calls with a struct that is not created */
    bool destructing; /* the guest's self_destruct() runs */
    struct gw_jpeg_mirror *next;
};

/*
 * A guest's struct becomes the host's, for a call; NULL stays NULL.  The
 * result is a struct gw_jpeg_mirror's `host`.  Within a call; a struct is used
 * by one thread at a time, as natively.
 */
void *gw_jpeg_decompress(void *guest);
void *gw_jpeg_compress(void *guest);
void *gw_jpeg_common(void *guest);

/* After the call: with the guest's struct. */
void gw_jpeg_leave(void *guest);

/* The mirror for a struct that is about to be created, which may hold
 * anything: only its error manager and its client data are looked at. */
struct gw_jpeg_mirror *gw_jpeg_create(void *guest, size_t size);

/* The mirror to the guest's struct and managers: before guest code runs.  And
 * back: after it has run. */
void gw_jpeg_out(struct gw_jpeg_mirror *m);
void gw_jpeg_in(struct gw_jpeg_mirror *m);

/* --- managers.c -------------------------------------------------------- */

/* What jpeg_std_error() and every memory manager of the host's library have;
 * set once, when the library is opened. */
extern struct jpeg_error_mgr gw_jpeg_standard;
extern struct jpeg_memory_mgr gw_jpeg_memory;

/*
 * The host's functions for a manager of the guest's, in `host`: the library's
 * own where the guest has a stub for it, else functions that call the guest's
 * with the guest's struct.  All take a mirror's `host`.
 */
void gw_jpeg_err_methods(struct jpeg_error_mgr *host,
                         const struct jpeg_error_mgr *guest);
void gw_jpeg_src_methods(struct jpeg_source_mgr *host,
                         const struct jpeg_source_mgr *guest);
void gw_jpeg_dest_methods(struct jpeg_destination_mgr *host);
void gw_jpeg_progress_methods(struct jpeg_progress_mgr *host);
void gw_jpeg_mem_methods(struct jpeg_memory_mgr *host,
                         const struct jpeg_memory_mgr *guest);

/* A memory manager for the guest: stubs for all functions. */
void gw_jpeg_give_mem(struct jpeg_memory_mgr *guest);

#endif
