/* SPDX-License-Identifier: MIT */
/*
 * Sources: a FILE of the guest's, and memory.  Their functions are called by
 * the host's library and by the program, and a program may replace some of
 * them; so they are guest code, and behave as libjpeg.txt and the messages of
 * jerror.h say.
 */
#include "jpeg/guest.h"

#define INPUT_SIZE 4096

struct file_source {
    struct jpeg_source_mgr pub;
    FILE *file;
    JOCTET *buffer;
    boolean at_start; /* nothing was read yet */
};

/* For data that ends too early: an image is shown as far as it goes. */
static const JOCTET end_of_image[4] = { 0xff, JPEG_EOI, 0, 0 };

static void source_file_init(j_decompress_ptr cinfo)
{
    ((struct file_source *)cinfo->src)->at_start = TRUE;
}

static void source_memory_init(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

static boolean file_fill(j_decompress_ptr cinfo)
{
    struct file_source *source = (struct file_source *)cinfo->src;
    size_t count = fread(source->buffer, 1, INPUT_SIZE, source->file);

    if (!count) {
        if (source->at_start) {
            ERREXIT(cinfo, JERR_INPUT_EMPTY);
        }
        WARNMS(cinfo, JWRN_JPEG_EOF);
        source->buffer[0] = 0xff;
        source->buffer[1] = JPEG_EOI;
        count = 2;
    }
    source->pub.next_input_byte = source->buffer;
    source->pub.bytes_in_buffer = count;
    source->at_start = FALSE;
    return TRUE;
}

static boolean memory_fill(j_decompress_ptr cinfo)
{
    WARNMS(cinfo, JWRN_JPEG_EOF);
    cinfo->src->next_input_byte = end_of_image;
    cinfo->src->bytes_in_buffer = 2;
    return TRUE;
}

static void skip(j_decompress_ptr cinfo, long count)
{
    struct jpeg_source_mgr *source = cinfo->src;

    if (count <= 0) {
        return;
    }
    while (count > (long)source->bytes_in_buffer) {
        count -= (long)source->bytes_in_buffer;
        source->fill_input_buffer(cinfo);
    }
    source->next_input_byte += count;
    source->bytes_in_buffer -= count;
}

static void term(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

static void set(struct jpeg_source_mgr *source,
                void (*init)(j_decompress_ptr),
                boolean (*fill)(j_decompress_ptr))
{
    source->init_source = init;
    source->fill_input_buffer = fill;
    source->skip_input_data = skip;
    source->resync_to_restart =
        (boolean (*)(j_decompress_ptr, int))gw_stub_jpeg_resync_to_restart;
    source->term_source = term;
}

void jpeg_stdio_src(j_decompress_ptr cinfo, FILE *file)
{
    struct file_source *source;

    if (!cinfo->src) {
        source = allocate(cinfo, JPOOL_PERMANENT, sizeof(*source));
        cinfo->src = &source->pub;
        source->buffer = allocate(cinfo, JPOOL_PERMANENT, INPUT_SIZE);
    } else if (cinfo->src->init_source != source_file_init) {
        ERREXIT(cinfo, JERR_BUFFER_SIZE); /* smaller, it may be */
    }
    source = (struct file_source *)cinfo->src;
    set(&source->pub, source_file_init, file_fill);
    source->file = file;
    source->pub.next_input_byte = NULL;
    source->pub.bytes_in_buffer = 0;
}

void jpeg_mem_src(j_decompress_ptr cinfo, const unsigned char *data,
                  unsigned long size)
{
    if (!data || !size) {
        ERREXIT(cinfo, JERR_INPUT_EMPTY);
    }
    if (!cinfo->src) {
        cinfo->src = allocate(cinfo, JPOOL_PERMANENT, sizeof(*cinfo->src));
    } else if (cinfo->src->init_source != source_memory_init) {
        ERREXIT(cinfo, JERR_BUFFER_SIZE);
    }
    set(cinfo->src, source_memory_init, memory_fill);
    cinfo->src->next_input_byte = data;
    cinfo->src->bytes_in_buffer = size;
}
