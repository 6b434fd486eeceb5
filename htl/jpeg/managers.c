/* SPDX-License-Identifier: MIT */
/*
 * The functions in managers.  The host's library calls the guest's through
 * those named call_*; the guest calls the host's through stubs.
 */
#include "runtime.h"
#include "jpeg-htl.h"
#include "jpeg-layout.h"

struct jpeg_error_mgr gw_jpeg_standard;
struct jpeg_memory_mgr gw_jpeg_memory;

static struct gw_jpeg_mirror *mirror(void *cinfo)
{
    return cinfo;
}

/* Runs function `fn` of the guest's, of a type that the policy names, with
 * the guest's struct and these arguments; the block has the result. */
#define CALL(type, m, fn, ...)                                                \
    struct gw_cb_##type b = {                                                 \
        .cb.run = gw_jpeg_pack.guest_unpackers[gw_jpeg_sig_##type],           \
        .p0 = (m)->guest, __VA_ARGS__                                         \
    };                                                                        \
    gw_jpeg_out(m);                                                           \
    b.cb.target = (void *)(fn);                                               \
    gw_call_guest(&b.cb);                                                     \
    gw_jpeg_in(m)

static void *stub(int id)
{
    return gw_jpeg_pack.guest_stubs[id];
}

/* --- errors ------------------------------------------------------------- */

static void call_error_exit(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, m->guest_err->error_exit, );
}

static void call_emit_message(j_common_ptr cinfo, int level)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_emit_message, m, m->guest_err->emit_message,
         .p1 = level);
}

static void call_output_message(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, m->guest_err->output_message, );
}

static void call_format_message(j_common_ptr cinfo, char *text)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_format_message, m, m->guest_err->format_message,
         .p1 = text);
}

static void call_reset_error_mgr(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, m->guest_err->reset_error_mgr, );
}

#define ERR(member)                                                           \
    ((void *)guest->member == stub(gw_jpeg_id_gw_jpeg_##member)               \
         ? gw_jpeg_standard.member : call_##member)

void gw_jpeg_err_methods(struct jpeg_error_mgr *host,
                         const struct jpeg_error_mgr *guest)
{
    host->error_exit = call_error_exit;
    host->output_message = call_output_message;
    host->emit_message = ERR(emit_message);
    host->format_message = ERR(format_message);
    host->reset_error_mgr = ERR(reset_error_mgr);
}

/* The two functions that are left are the guest code's. */
void gw_custom_gw_jpeg_std_error(struct gw_args_gw_jpeg_std_error *a)
{
    struct jpeg_error_mgr err = *(struct jpeg_error_mgr *)a->err;
    struct jpeg_error_mgr *(*std_error)(struct jpeg_error_mgr *) =
        gw_jpeg_real[gw_jpeg_id_gw_jpeg_std_error];

    std_error(&err);
    err.error_exit = NULL;
    err.output_message = NULL;
    err.emit_message = stub(gw_jpeg_id_gw_jpeg_emit_message);
    err.format_message = stub(gw_jpeg_id_gw_jpeg_format_message);
    err.reset_error_mgr = stub(gw_jpeg_id_gw_jpeg_reset_error_mgr);
    *(struct jpeg_error_mgr *)a->err = err;
}

/* --- progress ----------------------------------------------------------- */

static void call_progress_monitor(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, m->guest_progress->progress_monitor, );
}

void gw_jpeg_progress_methods(struct jpeg_progress_mgr *host)
{
    host->progress_monitor = call_progress_monitor;
}

/* --- sources ------------------------------------------------------------ */

#define SRC(m) ((struct jpeg_source_mgr *)(m)->guest_io)

static void call_init_source(j_decompress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, SRC(m)->init_source, );
}

static boolean call_fill_input_buffer(j_decompress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_source_mgr_fill_input_buffer, m, SRC(m)->fill_input_buffer, );
    return b.ret;
}

static void call_skip_input_data(j_decompress_ptr cinfo, long count)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_source_mgr_skip_input_data, m, SRC(m)->skip_input_data,
         .p1 = count);
}

static boolean call_resync_to_restart(j_decompress_ptr cinfo, int desired)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_source_mgr_resync_to_restart, m, SRC(m)->resync_to_restart,
         .p1 = desired);
    return b.ret;
}

static void call_term_source(j_decompress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, SRC(m)->term_source, );
}

void gw_jpeg_src_methods(struct jpeg_source_mgr *host,
                         const struct jpeg_source_mgr *guest)
{
    host->init_source = call_init_source;
    host->fill_input_buffer = call_fill_input_buffer;
    host->skip_input_data = call_skip_input_data;
    host->resync_to_restart = (void *)guest->resync_to_restart ==
                                      stub(gw_jpeg_id_jpeg_resync_to_restart)
        ? gw_jpeg_host(jpeg_resync_to_restart) : call_resync_to_restart;
    host->term_source = call_term_source;
}

/* --- destinations ------------------------------------------------------- */

#define DEST(m) ((struct jpeg_destination_mgr *)(m)->guest_io)

static void call_init_destination(j_compress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, DEST(m)->init_destination, );
}

static boolean call_empty_output_buffer(j_compress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_source_mgr_fill_input_buffer, m,
         DEST(m)->empty_output_buffer, );
    return b.ret;
}

static void call_term_destination(j_compress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, DEST(m)->term_destination, );
}

void gw_jpeg_dest_methods(struct jpeg_destination_mgr *host)
{
    host->init_destination = call_init_destination;
    host->empty_output_buffer = call_empty_output_buffer;
    host->term_destination = call_term_destination;
}

/* --- memory ------------------------------------------------------------- */

static void *call_alloc_small(j_common_ptr cinfo, int pool, size_t size)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_alloc_small, m, m->given.alloc_small,
         .p1 = pool, .p2 = size);
    return b.ret;
}

static void *call_alloc_large(j_common_ptr cinfo, int pool, size_t size)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_alloc_small, m, m->given.alloc_large,
         .p1 = pool, .p2 = size);
    return b.ret;
}

static JSAMPARRAY call_alloc_sarray(j_common_ptr cinfo, int pool,
                                    JDIMENSION width, JDIMENSION height)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_alloc_sarray, m, m->given.alloc_sarray,
         .p1 = pool, .p2 = width, .p3 = height);
    return b.ret;
}

static JBLOCKARRAY call_alloc_barray(j_common_ptr cinfo, int pool,
                                     JDIMENSION width, JDIMENSION height)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_alloc_sarray, m, m->given.alloc_barray,
         .p1 = pool, .p2 = width, .p3 = height);
    return b.ret;
}

static jvirt_sarray_ptr call_request_virt_sarray(
    j_common_ptr cinfo, int pool, boolean zero, JDIMENSION width,
    JDIMENSION height, JDIMENSION access)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_request_virt_sarray, m,
         m->given.request_virt_sarray, .p1 = pool, .p2 = zero,
         .p3 = width, .p4 = height, .p5 = access);
    return b.ret;
}

static jvirt_barray_ptr call_request_virt_barray(
    j_common_ptr cinfo, int pool, boolean zero, JDIMENSION width,
    JDIMENSION height, JDIMENSION access)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_request_virt_sarray, m,
         m->given.request_virt_barray, .p1 = pool, .p2 = zero,
         .p3 = width, .p4 = height, .p5 = access);
    return b.ret;
}

static void call_realize_virt_arrays(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_error_exit, m, m->given.realize_virt_arrays, );
}

static JSAMPARRAY call_access_virt_sarray(
    j_common_ptr cinfo, jvirt_sarray_ptr array, JDIMENSION row,
    JDIMENSION count, boolean writable)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_access_virt_sarray, m,
         m->given.access_virt_sarray, .p1 = array, .p2 = row,
         .p3 = count, .p4 = writable);
    return b.ret;
}

static JBLOCKARRAY call_access_virt_barray(
    j_common_ptr cinfo, jvirt_barray_ptr array, JDIMENSION row,
    JDIMENSION count, boolean writable)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_memory_mgr_access_virt_sarray, m,
         m->given.access_virt_barray, .p1 = array, .p2 = row,
         .p3 = count, .p4 = writable);
    return b.ret;
}

static void call_free_pool(j_common_ptr cinfo, int pool)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_error_mgr_emit_message, m, m->given.free_pool, .p1 = pool);
}

/* The guest's has the library free its memory in turn; the mirror stays until
 * the library has come back from here. */
static void call_self_destruct(j_common_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);

    m->destructing = true;
    CALL(jpeg_error_mgr_error_exit, m, m->given.self_destruct, );
    m->destructing = false;
}

#define MEMORY_METHODS(each)                                                  \
    each(alloc_small) each(alloc_large) each(alloc_sarray)                    \
    each(alloc_barray) each(request_virt_sarray) each(request_virt_barray)    \
    each(realize_virt_arrays) each(access_virt_sarray)                        \
    each(access_virt_barray) each(free_pool) each(self_destruct)

void gw_jpeg_mem_methods(struct jpeg_memory_mgr *host,
                         const struct jpeg_memory_mgr *guest)
{
#define TAKE(member)                                                          \
    host->member = (void *)guest->member ==                                   \
                           stub(gw_jpeg_id_gw_jpeg_##member)                  \
        ? gw_jpeg_memory.member : call_##member;
    MEMORY_METHODS(TAKE)
}

void gw_jpeg_give_mem(struct jpeg_memory_mgr *guest)
{
#define GIVE(member)                                                          \
    guest->member = stub(gw_jpeg_id_gw_jpeg_##member);
    MEMORY_METHODS(GIVE)
}

/* --- markers ------------------------------------------------------------ */

/* Which guest function it is, the struct says. */
static int marker_index(int marker)
{
    return marker == JPEG_COM ? GW_JPEG_MARKERS - 1 : marker - JPEG_APP0;
}

static boolean call_marker(j_decompress_ptr cinfo)
{
    struct gw_jpeg_mirror *m = mirror(cinfo);
    CALL(jpeg_source_mgr_fill_input_buffer, m,
         m->markers[marker_index(cinfo->unread_marker)], );
    return b.ret;
}

void gw_custom_jpeg_set_marker_processor(
    struct gw_args_jpeg_set_marker_processor *a)
{
    struct gw_jpeg_mirror *m = gw_jpeg_decompress(a->cinfo);
    int index = marker_index(a->marker_code);

    if (m && index >= 0 && index < GW_JPEG_MARKERS) {
        m->markers[index] = (jpeg_marker_parser_method)a->routine;
    }
    gw_jpeg_host(jpeg_set_marker_processor)(
        (j_decompress_ptr)m, a->marker_code, a->routine ? call_marker : NULL);
    gw_jpeg_leave(a->cinfo);
}

void gw_custom_jpeg_CreateCompress(struct gw_args_jpeg_CreateCompress *a)
{
    struct gw_jpeg_mirror *m = gw_jpeg_create(a->cinfo, a->structsize);

    gw_jpeg_host(jpeg_CreateCompress)(&m->host.compress, a->version,
                                      a->structsize);
    gw_jpeg_leave(a->cinfo);
}

void gw_custom_jpeg_CreateDecompress(struct gw_args_jpeg_CreateDecompress *a)
{
    struct gw_jpeg_mirror *m = gw_jpeg_create(a->cinfo, a->structsize);

    gw_jpeg_host(jpeg_CreateDecompress)(&m->host.decompress, a->version,
                                        a->structsize);
    gw_jpeg_leave(a->cinfo);
}
