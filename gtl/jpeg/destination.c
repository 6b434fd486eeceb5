/* SPDX-License-Identifier: MIT */
/*
 * Destinations: a FILE of the guest's, and memory that the program will
 * free() with its own libc.  Guest code, as the sources are.
 */
#include "jpeg/guest.h"

#define OUTPUT_SIZE 4096

struct file_destination {
    struct jpeg_destination_mgr pub;
    FILE *file;
    JOCTET *buffer;
};

struct memory_destination {
    struct jpeg_destination_mgr pub;
    unsigned char **out; /* the program's, set when the image is complete */
    unsigned long *out_size;
    unsigned char *own; /* the buffer, if it is ours and not the program's */
    JOCTET *buffer;
    size_t size;
};

static void file_write(j_compress_ptr cinfo, size_t count)
{
    struct file_destination *to = (struct file_destination *)cinfo->dest;

    if (fwrite(to->buffer, 1, count, to->file) != count) {
        ERREXIT(cinfo, JERR_FILE_WRITE);
    }
}

static void file_empty(struct file_destination *to)
{
    to->pub.next_output_byte = to->buffer;
    to->pub.free_in_buffer = OUTPUT_SIZE;
}

static void file_init(j_compress_ptr cinfo)
{
    struct file_destination *to = (struct file_destination *)cinfo->dest;

    to->buffer = allocate(cinfo, JPOOL_IMAGE, OUTPUT_SIZE);
    file_empty(to);
}

static boolean file_full(j_compress_ptr cinfo)
{
    file_write(cinfo, OUTPUT_SIZE);
    file_empty((struct file_destination *)cinfo->dest);
    return TRUE;
}

static void file_term(j_compress_ptr cinfo)
{
    struct file_destination *to = (struct file_destination *)cinfo->dest;
    size_t count = OUTPUT_SIZE - to->pub.free_in_buffer;

    if (count > 0) {
        file_write(cinfo, count);
    }
    fflush(to->file);
    if (ferror(to->file)) {
        ERREXIT(cinfo, JERR_FILE_WRITE);
    }
}

void jpeg_stdio_dest(j_compress_ptr cinfo, FILE *file)
{
    if (!cinfo->dest) {
        cinfo->dest = allocate(cinfo, JPOOL_PERMANENT,
                               sizeof(struct file_destination));
    } else if (cinfo->dest->init_destination != file_init) {
        ERREXIT(cinfo, JERR_BUFFER_SIZE); /* smaller, it may be */
    }
    cinfo->dest->init_destination = file_init;
    cinfo->dest->empty_output_buffer = file_full;
    cinfo->dest->term_destination = file_term;
    ((struct file_destination *)cinfo->dest)->file = file;
}

static void memory_init(j_compress_ptr cinfo)
{
    (void)cinfo;
}

static boolean memory_full(j_compress_ptr cinfo)
{
    struct memory_destination *to = (struct memory_destination *)cinfo->dest;
    JOCTET *larger = malloc(to->size * 2);

    if (!larger) {
        ERREXIT1(cinfo, JERR_OUT_OF_MEMORY, 11);
    }
    memcpy(larger, to->buffer, to->size);
    free(to->own);
    to->own = to->buffer = larger;
    to->pub.next_output_byte = larger + to->size;
    to->pub.free_in_buffer = to->size;
    to->size *= 2;
    return TRUE;
}

static void memory_term(j_compress_ptr cinfo)
{
    struct memory_destination *to = (struct memory_destination *)cinfo->dest;

    *to->out = to->buffer;
    *to->out_size = to->size - to->pub.free_in_buffer;
}

void jpeg_mem_dest(j_compress_ptr cinfo, unsigned char **out,
                   unsigned long *size)
{
    struct memory_destination *to;

    if (!out || !size) {
        ERREXIT(cinfo, JERR_BUFFER_SIZE);
    }
    if (!cinfo->dest) {
        cinfo->dest = allocate(cinfo, JPOOL_PERMANENT, sizeof(*to));
    } else if (cinfo->dest->init_destination != memory_init) {
        ERREXIT(cinfo, JERR_BUFFER_SIZE);
    }
    cinfo->dest->init_destination = memory_init;
    cinfo->dest->empty_output_buffer = memory_full;
    cinfo->dest->term_destination = memory_term;
    to = (struct memory_destination *)cinfo->dest;
    to->out = out;
    to->out_size = size;
    to->own = NULL;
    if (!*out || !*size) {
        to->own = *out = malloc(OUTPUT_SIZE);
        if (!*out) {
            ERREXIT1(cinfo, JERR_OUT_OF_MEMORY, 10);
        }
        *size = OUTPUT_SIZE;
    }
    to->pub.next_output_byte = to->buffer = *out;
    to->pub.free_in_buffer = to->size = *size;
}
