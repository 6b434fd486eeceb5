/* SPDX-License-Identifier: MIT */
/*
 * All of libjpeg that is special under Gangway: managers of the library's, of
 * the program's and mixtures, callbacks that are left by longjmp(), structs
 * that are read and written between calls, moved, misused or never created.
 * What it prints must be the same natively.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jpegint.h>
#include <jerror.h>

#define WIDTH 150
#define HEIGHT 110
#define ROUNDS 2000 /* of what must not grow */

extern const char *const jpeg_std_message_table[];
/* Without a header. */
void jpeg_fdct_islow(short *data);
void *jpeg_get_small(j_common_ptr cinfo, size_t size);
void jpeg_free_small(j_common_ptr cinfo, void *object, size_t size);

static unsigned char pixels[WIDTH * HEIGHT * 3];

static void fill(void)
{
    unsigned x = 1;

    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
        x = x * 1103515245 + 12345;
        pixels[i] = (unsigned char)(i / 3 % WIDTH + (x >> 27) +
                                    (i % 3) * (i / WIDTH / 3));
    }
}

static unsigned long hash(unsigned long h, const void *data, size_t size)
{
    const unsigned char *p = data;

    while (size--) {
        h = (h ^ *p++) * 1099511628211UL;
    }
    return h;
}

#define HASH 14695981039346656037UL

/* --- errors ------------------------------------------------------------- */

struct errors {
    struct jpeg_error_mgr pub;
    jmp_buf escape;
    struct jpeg_error_mgr std;
    bool quiet;
    int emitted, resets, formats;
};

static const char *const addons[] = { "our own message, %d and %d", NULL };

static void leave(j_common_ptr cinfo)
{
    struct errors *e = (struct errors *)cinfo->err;

    if (!e->quiet) {
        cinfo->err->output_message(cinfo);
    }
    longjmp(e->escape, 1);
}

static void emit(j_common_ptr cinfo, int level)
{
    struct errors *e = (struct errors *)cinfo->err;

    e->emitted++;
    e->std.emit_message(cinfo, level);
}

static void say_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

static void format(j_common_ptr cinfo, char *text)
{
    struct errors *e = (struct errors *)cinfo->err;

    e->formats++;
    e->std.format_message(cinfo, text);
    strcat(text, "!");
}

static void output(j_common_ptr cinfo)
{
    char text[JMSG_LENGTH_MAX + 10];

    cinfo->err->format_message(cinfo, text);
    printf("  [%s] state %d\n", text, cinfo->global_state);
}

static void reset(j_common_ptr cinfo)
{
    struct errors *e = (struct errors *)cinfo->err;

    e->resets++;
    e->std.reset_error_mgr(cinfo);
}

/* Prints, and leaves; all else is the library's. */
static struct jpeg_error_mgr *plain(struct errors *e)
{
    memset(e, 0, sizeof(*e));
    jpeg_std_error(&e->std);
    jpeg_std_error(&e->pub);
    e->pub.error_exit = leave;
    e->pub.output_message = output;
    return &e->pub;
}

static struct jpeg_error_mgr *all_mine(struct errors *e)
{
    plain(e);
    e->pub.emit_message = emit;
    e->pub.format_message = format;
    e->pub.reset_error_mgr = reset;
    e->pub.addon_message_table = addons;
    e->pub.first_addon_message = 2000;
    e->pub.last_addon_message = 2000;
    return &e->pub;
}

static void show_errors(const char *what, const struct errors *e)
{
    printf("%s: %ld warnings, last %d, emitted %d formatted %d reset %d\n",
           what, e->pub.num_warnings, e->pub.msg_code, e->emitted,
           e->formats, e->resets);
}

/* --- destinations ------------------------------------------------------- */

struct image {
    unsigned char *data;
    unsigned long size;
};

struct my_dest {
    struct jpeg_destination_mgr pub;
    unsigned char buffer[61];
    struct image *image;
    int calls;
};

static void start_dest(j_compress_ptr cinfo)
{
    struct my_dest *d = (struct my_dest *)cinfo->dest;

    d->pub.next_output_byte = d->buffer;
    d->pub.free_in_buffer = sizeof(d->buffer);
    d->calls++;
}

static void append(struct my_dest *d, size_t size)
{
    d->image->data = realloc(d->image->data, d->image->size + size);
    memcpy(d->image->data + d->image->size, d->buffer, size);
    d->image->size += size;
    d->calls++;
}

static boolean full_dest(j_compress_ptr cinfo)
{
    struct my_dest *d = (struct my_dest *)cinfo->dest;

    append(d, sizeof(d->buffer));
    d->pub.next_output_byte = d->buffer;
    d->pub.free_in_buffer = sizeof(d->buffer);
    return TRUE;
}

static void end_dest(j_compress_ptr cinfo)
{
    struct my_dest *d = (struct my_dest *)cinfo->dest;

    append(d, sizeof(d->buffer) - d->pub.free_in_buffer);
}

/* --- progress ----------------------------------------------------------- */

struct my_progress {
    struct jpeg_progress_mgr pub;
    int calls;
    unsigned long hash;
};

static void progress(j_common_ptr cinfo)
{
    struct my_progress *p = (struct my_progress *)cinfo->progress;

    p->calls++;
    p->hash = hash(p->hash, &p->pub.pass_counter,
                   sizeof(p->pub) - offsetof(struct jpeg_progress_mgr,
                                             pass_counter));
    /* The struct is what it is at this moment. */
    p->hash = hash(p->hash, &cinfo->global_state, sizeof(int));
    if (cinfo->is_decompressor) {
        j_decompress_ptr d = (j_decompress_ptr)cinfo;
        p->hash = hash(p->hash, &d->input_iMCU_row, sizeof(JDIMENSION));
    }
}

/* --- compressing -------------------------------------------------------- */

static const jpeg_scan_info scans[] = {
    { 3, { 0, 1, 2 }, 0, 0, 0, 1 },
    { 1, { 0 }, 1, 63, 0, 0 },
    { 1, { 1 }, 1, 63, 0, 0 },
    { 1, { 2 }, 1, 63, 0, 0 },
    { 3, { 0, 1, 2 }, 0, 0, 1, 0 },
};

enum kind { PLAIN, PROGRESSIVE, SCRIPT, ARITHMETIC, GRAY, KINDS };

static void parameters(j_compress_ptr c, enum kind kind)
{
    c->image_width = WIDTH;
    c->image_height = HEIGHT;
    c->input_components = 3;
    c->in_color_space = JCS_RGB;
    jpeg_set_defaults(c);
    jpeg_set_quality(c, 60 + 5 * kind, TRUE);
    switch (kind) {
    case PROGRESSIVE:
        jpeg_simple_progression(c);
        break;
    case SCRIPT:
        c->scan_info = scans;
        c->num_scans = sizeof(scans) / sizeof(*scans);
        break;
    case ARITHMETIC:
        c->arith_code = TRUE;
        c->restart_in_rows = 1;
        break;
    case GRAY:
        jpeg_set_colorspace(c, JCS_GRAYSCALE);
        c->optimize_coding = TRUE;
        break;
    default:
        c->comp_info[0].h_samp_factor = 1; /* the library's memory */
        c->restart_interval = 7;
    }
}

static void put_markers(j_compress_ptr c)
{
    static unsigned char profile[100000];

    jpeg_write_marker(c, JPEG_COM, (const JOCTET *)"a comment", 9);
    jpeg_write_m_header(c, JPEG_APP0 + 5, 7);
    for (int i = 0; i < 7; i++) {
        jpeg_write_m_byte(c, 'a' + i);
    }
    for (unsigned i = 0; i < sizeof(profile); i++) {
        profile[i] = i * 7 / 3;
    }
    jpeg_write_icc_profile(c, profile, sizeof(profile));
}

static void put_rows(j_compress_ptr c)
{
    JSAMPROW rows[3];

    while (c->next_scanline < c->image_height) {
        for (int i = 0; i < 3; i++) {
            rows[i] = pixels + WIDTH * 3 *
                ((c->next_scanline + i) % HEIGHT);
        }
        jpeg_write_scanlines(c, rows, c->next_scanline + 3 > HEIGHT ? 1 : 3);
    }
}

/* With everything of the program's own. */
static struct image compress(enum kind kind)
{
    struct jpeg_compress_struct c;
    struct errors e;
    struct image image = { NULL, 0 };
    struct my_dest dest = { .image = &image };
    struct my_progress p = { .hash = HASH };

    memset(&c, 0xa5, sizeof(c));
    c.err = all_mine(&e);
    jpeg_create_compress(&c);
    dest.pub.init_destination = start_dest;
    dest.pub.empty_output_buffer = full_dest;
    dest.pub.term_destination = end_dest;
    c.dest = &dest.pub;
    p.pub.progress_monitor = progress;
    c.progress = &p.pub;
    parameters(&c, kind);
    jpeg_start_compress(&c, TRUE);
    put_markers(&c);
    put_rows(&c);
    jpeg_finish_compress(&c);
    printf("compressed %d: %lu bytes %016lx in %d calls, progress %d %016lx,"
           " state %d\n", kind, image.size,
           hash(HASH, image.data, image.size), dest.calls, p.calls, p.hash,
           c.global_state);
    show_errors("compressed", &e);
    jpeg_destroy_compress(&c);
    printf("destroyed: %d %d\n", c.mem == NULL, c.global_state);
    return image;
}

/* With the library's destinations. */
static void destinations(const char *path)
{
    struct jpeg_compress_struct c;
    struct errors e;
    unsigned char mine[300], *out = NULL;
    unsigned long size = 0;
    FILE *file = fopen(path, "wb");

    c.err = plain(&e);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, &size);
    parameters(&c, PLAIN);
    jpeg_start_compress(&c, TRUE);
    put_rows(&c);
    jpeg_finish_compress(&c);
    printf("to memory: %lu bytes %016lx\n", size, hash(HASH, out, size));
    free(out);
    out = mine;
    size = sizeof(mine);
    jpeg_mem_dest(&c, &out, &size);
    jpeg_start_compress(&c, TRUE);
    put_rows(&c);
    jpeg_finish_compress(&c);
    printf("to the program's memory: %lu bytes %016lx, outgrown %d\n", size,
           hash(HASH, out, size), out != mine);
    free(out);
    if (!setjmp(e.escape)) {
        jpeg_stdio_dest(&c, file);
        puts("never");
    }
    if (!setjmp(e.escape)) {
        jpeg_mem_dest(&c, NULL, &size);
        puts("never");
    }
    jpeg_destroy_compress(&c);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, file);
    parameters(&c, PROGRESSIVE);
    jpeg_start_compress(&c, TRUE);
    put_rows(&c);
    jpeg_finish_compress(&c);
    printf("to a file: %ld\n", ftell(file));
    fclose(file);
    file = fopen("/dev/full", "wb");
    jpeg_stdio_dest(&c, file);
    if (!setjmp(e.escape)) {
        jpeg_start_compress(&c, TRUE);
        put_rows(&c);
        jpeg_finish_compress(&c);
        puts("never");
    }
    fclose(file);
    jpeg_destroy_compress(&c);
}

/* --- sources ------------------------------------------------------------ */

/* Gives some bytes at a time, and suspends the library in between. */
struct my_src {
    struct jpeg_source_mgr pub;
    const struct image *image;
    size_t given, skip;
    int fills, skips, resyncs, inits;
};

static void start_src(j_decompress_ptr cinfo)
{
    ((struct my_src *)cinfo->src)->inits++;
}

static boolean no_more(j_decompress_ptr cinfo)
{
    ((struct my_src *)cinfo->src)->fills++;
    return FALSE;
}

static void skip_src(j_decompress_ptr cinfo, long count)
{
    struct my_src *s = (struct my_src *)cinfo->src;

    s->skips++;
    if ((size_t)count > s->pub.bytes_in_buffer) {
        s->skip = count - s->pub.bytes_in_buffer;
        count = s->pub.bytes_in_buffer;
    }
    s->pub.next_input_byte += count;
    s->pub.bytes_in_buffer -= count;
}

static boolean resync(j_decompress_ptr cinfo, int desired)
{
    struct my_src *s = (struct my_src *)cinfo->src;

    s->resyncs++;
    s->inits += cinfo->marker->next_restart_num + desired;
    return jpeg_resync_to_restart(cinfo, desired);
}

static void end_src(j_decompress_ptr cinfo)
{
    ((struct my_src *)cinfo->src)->inits += 1000;
}

static void my_source(j_decompress_ptr d, struct my_src *s,
                      const struct image *image)
{
    memset(s, 0, sizeof(*s));
    s->pub.init_source = start_src;
    s->pub.fill_input_buffer = no_more;
    s->pub.skip_input_data = skip_src;
    s->pub.resync_to_restart = resync;
    s->pub.term_source = end_src;
    s->pub.next_input_byte = image->data;
    s->image = image;
    d->src = &s->pub;
}

/* More of the image; the program moves the manager's fields. */
static void feed(struct my_src *s, size_t more)
{
    if (more > s->image->size - s->given) {
        more = s->image->size - s->given;
    }
    s->given += more;
    s->pub.bytes_in_buffer += more;
    if (s->skip) {
        size_t n = s->skip < more ? s->skip : more;
        s->skip -= n;
        s->pub.next_input_byte += n;
        s->pub.bytes_in_buffer -= n;
    }
}

/* --- markers ------------------------------------------------------------ */

static int marker_calls;
static unsigned long marker_hash;

/* Reads one byte at a time, and suspends where there is none. */
static boolean parse_marker(j_decompress_ptr cinfo)
{
    const JOCTET *p = cinfo->src->next_input_byte;
    unsigned length;

    marker_calls++;
    if (cinfo->src->bytes_in_buffer < 2) {
        return cinfo->src->fill_input_buffer(cinfo) && FALSE;
    }
    length = p[0] << 8 | p[1];
    if (cinfo->src->bytes_in_buffer < length) {
        return FALSE;
    }
    marker_hash = hash(marker_hash, p, length);
    marker_hash = hash(marker_hash, &cinfo->unread_marker, sizeof(int));
    cinfo->src->next_input_byte += length;
    cinfo->src->bytes_in_buffer -= length;
    /* The library, from within. */
    cinfo->err->msg_code = 2000;
    cinfo->err->msg_parm.i[0] = cinfo->unread_marker;
    cinfo->err->msg_parm.i[1] = jpeg_quality_scaling(30);
    cinfo->err->emit_message((j_common_ptr)cinfo, -1);
    return TRUE;
}

static boolean leaving_marker(j_decompress_ptr cinfo)
{
    longjmp(((struct errors *)cinfo->err)->escape, 2);
}

static void show(const char *what, j_decompress_ptr d)
{
    printf("%s: %ux%u, %d components, color %d to %d, scale %u/%u, out "
           "%ux%ux%d, line %u, scan %d row %u, progressive %d arith %d, "
           "JFIF %d %d.%d density %d %dx%d Adobe %d, restart %u, rec %d, "
           "state %d\n", what, d->image_width, d->image_height,
           d->num_components, d->jpeg_color_space, d->out_color_space,
           d->scale_num, d->scale_denom, d->output_width, d->output_height,
           d->output_components, d->output_scanline, d->input_scan_number,
           d->input_iMCU_row, d->progressive_mode, d->arith_code,
           d->saw_JFIF_marker, d->JFIF_major_version, d->JFIF_minor_version,
           d->density_unit, d->X_density, d->Y_density, d->saw_Adobe_marker,
           d->restart_interval, d->rec_outbuf_height, d->global_state);
}

static void suspended(const struct image *image, size_t step)
{
    struct jpeg_decompress_struct d;
    struct errors e;
    struct my_src s;
    struct my_progress p = { .hash = HASH };
    JSAMPROW row;
    volatile unsigned long h = HASH;
    int waits = 0;

    memset(&d, 0x5a, sizeof(d));
    d.err = all_mine(&e);
    d.client_data = &waits;
    jpeg_create_decompress(&d);
    printf("client data kept: %d\n", d.client_data == &waits);
    my_source(&d, &s, image);
    d.progress = &p.pub;
    p.pub.progress_monitor = progress;
    marker_calls = 0;
    marker_hash = HASH;
    jpeg_set_marker_processor(&d, JPEG_COM, parse_marker);
    jpeg_set_marker_processor(&d, JPEG_APP0 + 5, parse_marker);
    if (setjmp(e.escape)) {
        puts("left");
        jpeg_destroy_decompress(&d);
        return;
    }
    while (jpeg_read_header(&d, TRUE) == JPEG_SUSPENDED) {
        waits++;
        feed(&s, step);
    }
    show("header", &d);
    row = malloc(3 * WIDTH * 2);
    while (!jpeg_start_decompress(&d)) {
        waits++;
        feed(&s, step);
    }
    while (d.output_scanline < d.output_height) {
        if (jpeg_read_scanlines(&d, &row, 1)) {
            h = hash(h, row, d.output_width * d.output_components);
        } else {
            waits++;
            feed(&s, step);
        }
    }
    while (!jpeg_finish_decompress(&d)) {
        waits++;
        feed(&s, step);
    }
    free(row);
    show("done", &d);
    printf("pixels %016lx after %d waits; fills %d skips %d resyncs %d "
           "inits %d; markers %d %016lx; progress %d %016lx; left %zu\n", h,
           waits, s.fills, s.skips, s.resyncs, s.inits, marker_calls,
           marker_hash, p.calls, p.hash, s.pub.bytes_in_buffer);
    show_errors("decompressed", &e);
    jpeg_destroy_decompress(&d);
}

static unsigned long rest(j_decompress_ptr d)
{
    JSAMPARRAY rows = d->mem->alloc_sarray(
        (j_common_ptr)d, JPOOL_IMAGE, d->output_width * d->output_components,
        4);
    unsigned long h = HASH;

    while (d->output_scanline < d->output_height) {
        JDIMENSION n = jpeg_read_scanlines(d, rows, 4);
        for (JDIMENSION i = 0; i < n; i++) {
            h = hash(h, rows[i], d->output_width * d->output_components);
        }
    }
    return h;
}

static void read_markers(j_decompress_ptr d, const struct image *image)
{
    JOCTET *profile = NULL;
    unsigned size = 0;

    jpeg_mem_src(d, image->data, image->size);
    jpeg_save_markers(d, JPEG_COM, 0xffff);
    jpeg_save_markers(d, JPEG_APP0 + 2, 0xffff);
    jpeg_save_markers(d, JPEG_APP0 + 5, 3);
    jpeg_read_header(d, TRUE);
    for (jpeg_saved_marker_ptr m = d->marker_list; m; m = m->next) {
        printf("marker %02x: %u of %u, %016lx\n", m->marker, m->data_length,
               m->original_length, hash(HASH, m->data, m->data_length));
    }
    printf("profile %d", jpeg_read_icc_profile(d, &profile, &size));
    printf(" %u bytes %016lx\n", size, hash(HASH, profile, size));
    free(profile);
    jpeg_abort_decompress(d);
}

/* What can be asked for, by writing to the struct. */
static void options(const struct image *image, const char *path)
{
    struct jpeg_decompress_struct d;
    struct errors e;
    FILE *file = fopen(path, "rb");
    JDIMENSION x = 20, width = 50;

    d.err = plain(&e);
    jpeg_create_decompress(&d);
    read_markers(&d, image);
    for (int i = 0; i < 6; i++) {
        jpeg_mem_src(&d, image->data, image->size);
        jpeg_read_header(&d, TRUE);
        d.scale_num = i == 1 ? 5 : 1;
        d.scale_denom = i == 1 ? 8 : i == 2 ? 2 : 1;
        d.out_color_space = i == 3 ? JCS_EXT_BGRA : JCS_RGB;
        d.quantize_colors = i == 4 || i == 5;
        d.two_pass_quantize = i == 4;
        d.desired_number_of_colors = 50;
        d.dct_method = i == 2 ? JDCT_IFAST : i == 3 ? JDCT_FLOAT : 0;
        d.do_fancy_upsampling = i != 5;
        jpeg_calc_output_dimensions(&d);
        show("calculated", &d);
        jpeg_start_decompress(&d);
        if (i == 0) {
            jpeg_crop_scanline(&d, &x, &width);
            printf("cropped %u %u, skipped %u\n", x, width,
                   jpeg_skip_scanlines(&d, 13));
        }
        printf("pixels %016lx", rest(&d));
        printf(" colors %d\n", d.quantize_colors
                                   ? d.actual_number_of_colors : 0);
        if (d.quantize_colors) {
            printf("map %016lx\n", hash(HASH, d.colormap[2],
                                        d.actual_number_of_colors));
        }
        jpeg_finish_decompress(&d);
    }
    if (!setjmp(e.escape)) {
        jpeg_stdio_src(&d, file);
        puts("never");
    }
    if (!setjmp(e.escape)) {
        jpeg_mem_src(&d, image->data, 0);
        puts("never");
    }
    d.src = NULL;
    jpeg_stdio_src(&d, file);
    jpeg_read_header(&d, TRUE);
    jpeg_start_decompress(&d);
    printf("from a file: %016lx\n", rest(&d));
    jpeg_finish_decompress(&d);
    if (!setjmp(e.escape)) {
        /* At its end, and once more from the start, but cut short. */
        fseek(file, 0, SEEK_END);
        jpeg_stdio_src(&d, file);
        jpeg_read_header(&d, TRUE);
        puts("never");
    }
    jpeg_abort_decompress(&d);
    d.src->skip_input_data(&d, -5);
    jpeg_mem_src((d.src = NULL, &d), image->data, image->size - 1000);
    jpeg_read_header(&d, TRUE);
    jpeg_start_decompress(&d);
    printf("cut short: %016lx\n", rest(&d));
    printf("warnings %ld\n", e.pub.num_warnings);
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    fclose(file);
}

static void buffered(const struct image *image)
{
    struct jpeg_decompress_struct d;
    struct errors e;
    struct my_src s;
    unsigned long h;
    int code;

    d.err = plain(&e);
    jpeg_create_decompress(&d);
    my_source(&d, &s, image);
    while (jpeg_read_header(&d, TRUE) == JPEG_SUSPENDED) {
        feed(&s, 1000);
    }
    d.buffered_image = TRUE;
    printf("scans: %d\n", jpeg_has_multiple_scans(&d));
    jpeg_start_decompress(&d);
    while (!jpeg_input_complete(&d)) {
        while ((code = jpeg_consume_input(&d)) != JPEG_SCAN_COMPLETED &&
               code != JPEG_REACHED_EOI) {
            if (code == JPEG_SUSPENDED) {
                feed(&s, 1000);
            }
        }
        jpeg_start_output(&d, d.input_scan_number);
        h = rest(&d);
        printf("scan %d of %d bits %d: %016lx\n", d.output_scan_number,
               d.input_scan_number, d.coef_bits ? d.coef_bits[0][1] : -2, h);
        jpeg_finish_output(&d);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

static void raw(const struct image *image)
{
    struct jpeg_decompress_struct d;
    struct errors e;
    JSAMPARRAY planes[3];
    unsigned long h = HASH;
    JDIMENSION n;

    d.err = plain(&e);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, image->data, image->size);
    jpeg_read_header(&d, TRUE);
    d.raw_data_out = TRUE;
    jpeg_start_decompress(&d);
    for (int i = 0; i < 3; i++) {
        planes[i] = d.mem->alloc_sarray((j_common_ptr)&d, JPOOL_IMAGE,
                                        d.comp_info[i].width_in_blocks * 8,
                                        16);
    }
    do {
        n = jpeg_read_raw_data(&d, planes, 16);
        for (int i = 0; i < 3; i++) {
            h = hash(h, planes[i][3], d.comp_info[i].downsampled_width);
        }
    } while (d.output_scanline < d.output_height);
    printf("raw: %u %016lx\n", n, h);
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

/* Both structs have one error manager. */
static void transcode(const struct image *image)
{
    struct jpeg_decompress_struct d;
    struct jpeg_compress_struct c;
    struct errors e;
    jvirt_barray_ptr *arrays;
    unsigned char *out = NULL;
    unsigned long size = 0;
    volatile unsigned long h = HASH;

    d.err = c.err = plain(&e);
    jpeg_create_decompress(&d);
    jpeg_create_compress(&c);
    jpeg_mem_src(&d, image->data, image->size);
    jpeg_read_header(&d, TRUE);
    arrays = jpeg_read_coefficients(&d);
    for (JDIMENSION y = 0; y < d.comp_info[0].height_in_blocks; y++) {
        JBLOCKARRAY row = d.mem->access_virt_barray(
            (j_common_ptr)&d, arrays[0], y, 1, TRUE);
        h = hash(h, row[0],
                 d.comp_info[0].width_in_blocks * sizeof(JBLOCK));
        row[0][0][1] += 3;
    }
    if (!setjmp(e.escape)) {
        d.global_state++;
        jpeg_abort_compress(&c);
        jpeg_copy_critical_parameters(&d, &c);
        jpeg_copy_critical_parameters(&d, &c);
    }
    d.global_state--;
    jpeg_copy_critical_parameters(&d, &c);
    jpeg_mem_dest(&c, &out, &size);
    jpeg_write_coefficients(&c, arrays);
    jpeg_finish_compress(&c);
    printf("coefficients %016lx, written %lu %016lx\n", h, size,
           hash(HASH, out, size));
    if (!setjmp(e.escape)) {
        c.jpeg_color_space = JCS_YCbCr;
        c.global_state = 1234;
        jpeg_copy_critical_parameters(&d, &c);
        puts("never");
    }
    free(out);
    c.global_state = 100;
    jpeg_destroy_compress(&c);
    jpeg_destroy_decompress(&d);
}

/* --- damage ------------------------------------------------------------- */

/* One struct for all rounds: left in the middle, aborted, used again. */
static void damaged(const struct image *image, bool again)
{
    static struct jpeg_decompress_struct d;
    struct errors e;
    unsigned char *copy = malloc(image->size);
    volatile unsigned x = 7;
    volatile int left = 0;
    volatile unsigned long h = HASH;

    plain(&e);
    e.pub.output_message = say_nothing;
    for (volatile int i = 0; i < ROUNDS / 10; i++) {
        if (!i || !again) {
            d.err = &e.pub;
            jpeg_create_decompress(&d);
        }
        memcpy(copy, image->data, image->size);
        for (int n = 0; n < 5; n++) {
            x = x * 1103515245 + 12345;
            copy[(x >> 8) % image->size] = x >> 4;
        }
        if (setjmp(e.escape)) {
            left++;
            h = hash(h, &e.pub.msg_code, sizeof(int));
        } else {
            jpeg_mem_src(&d, copy, image->size);
            jpeg_read_header(&d, TRUE);
            if (d.image_width < 1000 && d.image_height < 1000) {
                jpeg_start_decompress(&d);
                h = hash(h, &(unsigned long){ rest(&d) }, 8);
                jpeg_finish_decompress(&d);
            }
        }
        if (again) {
            jpeg_abort_decompress(&d);
        } else {
            jpeg_destroy_decompress(&d);
        }
    }
    if (again) {
        jpeg_destroy((j_common_ptr)&d);
    }
    printf("damaged: left %d, %016lx\n", left, h);
    free(copy);
}

static void bad_markers(const struct image *image)
{
    struct jpeg_decompress_struct d;
    struct errors e;

    d.err = plain(&e);
    jpeg_create_decompress(&d);
    jpeg_set_marker_processor(&d, JPEG_COM, leaving_marker);
    for (volatile int i = 0; i < 100; i++) {
        switch (setjmp(e.escape)) {
        case 0:
            jpeg_mem_src(&d, image->data, image->size);
            jpeg_read_header(&d, TRUE);
            puts("never");
            break;
        case 2:
            if (i == 99) {
                show("left by a marker", &d);
            }
        }
        jpeg_abort((j_common_ptr)&d);
    }
    if (!setjmp(e.escape)) {
        jpeg_set_marker_processor(&d, JPEG_APP0 + 16, parse_marker);
        puts("never");
    }
    jpeg_destroy_decompress(&d);
}

/* Destroys from within, as many programs do. */
static void destroy_and_leave(j_common_ptr cinfo)
{
    jpeg_destroy(cinfo);
    longjmp(((struct errors *)cinfo->err)->escape, 3);
}

static void misuse(const struct image *image)
{
    struct jpeg_decompress_struct *d = calloc(1, sizeof(*d)), *moved;
    struct jpeg_compress_struct c;
    struct errors e;

    d->err = plain(&e);
    jpeg_destroy_decompress(d); /* never created */
    jpeg_abort_decompress(d);
    if (!setjmp(e.escape)) {
        jpeg_read_header(d, TRUE);
        puts("never");
    }
    for (volatile int i = 0; i < ROUNDS; i++) {
        e.quiet = i > 0;
        if (!setjmp(e.escape)) {
            jpeg_CreateDecompress(d, 80, sizeof(*d));
            puts("never");
        }
        if (!setjmp(e.escape)) {
            jpeg_CreateDecompress(d, JPEG_LIB_VERSION, sizeof(*d) - 8);
            puts("never");
        }
    }
    printf("not created: %d\n", d->mem == NULL);
    e.quiet = false;
    /* An error manager without a struct; and where one was that nobody has
     * destroyed. */
    memset(&c, 0xc3, sizeof(c));
    c.err = &e.pub;
    jpeg_create_compress(&c);
    memset(&c, 0xc3, sizeof(c));
    c.global_state = 0;
    e.pub.msg_code = JERR_BAD_LENGTH;
    c.err = &e.pub;
    e.pub.output_message((j_common_ptr)&c);
    e.std.output_message = output;
    c.err = &e.std;
    e.std.msg_code = JWRN_HIT_MARKER;
    e.std.emit_message((j_common_ptr)&c, -1);
    e.std.emit_message((j_common_ptr)&c, -1);
    printf("warnings %ld\n", e.std.num_warnings);
    e.std.reset_error_mgr((j_common_ptr)&c);
    printf("warnings %ld\n", e.std.num_warnings);
    for (volatile int i = 0; i < ROUNDS; i++) {
        e.pub.error_exit = destroy_and_leave;
        if (!setjmp(e.escape)) {
            jpeg_create_decompress(d);
            jpeg_mem_src(d, pixels, sizeof(pixels));
            jpeg_read_header(d, TRUE);
            puts("never");
        }
    }
    printf("destroyed: %d\n", d->mem == NULL);
    e.pub.error_exit = leave;
    jpeg_create_decompress(d);
    jpeg_mem_src(d, image->data, image->size);
    jpeg_read_header(d, TRUE);
    moved = malloc(sizeof(*d));
    memcpy(moved, d, sizeof(*d));
    memset(d, 0xff, sizeof(*d));
    free(d);
    jpeg_start_decompress(moved);
    printf("moved: %016lx\n", rest(moved));
    jpeg_finish_decompress(moved);
    if (!setjmp(e.escape)) {
        jpeg_finish_decompress(moved);
        puts("never");
    }
    jpeg_destroy_decompress(moved);
    free(moved);
}

/* --- memory ------------------------------------------------------------- */

static struct jpeg_memory_mgr given;
static int small_calls, large_calls, destructs;
static size_t small_bytes;

static void *my_small(j_common_ptr cinfo, int pool, size_t size)
{
    small_calls++;
    small_bytes += size;
    return given.alloc_small(cinfo, pool, size);
}

static JSAMPARRAY my_sarray(j_common_ptr cinfo, int pool, JDIMENSION width,
                            JDIMENSION height)
{
    large_calls++;
    return given.alloc_sarray(cinfo, pool, width, height);
}

static void my_destruct(j_common_ptr cinfo)
{
    destructs++;
    given.self_destruct(cinfo);
}

static jvirt_sarray_ptr my_request(j_common_ptr cinfo, int pool, boolean zero,
                                   JDIMENSION width, JDIMENSION height,
                                   JDIMENSION access)
{
    large_calls += 100;
    return given.request_virt_sarray(cinfo, pool, zero, width, height,
                                     access);
}

static JSAMPARRAY my_access(j_common_ptr cinfo, jvirt_sarray_ptr array,
                            JDIMENSION row, JDIMENSION count, boolean write)
{
    large_calls += 1000;
    return given.access_virt_sarray(cinfo, array, row, count, write);
}

static void memory(const struct image *image)
{
    struct jpeg_decompress_struct d;
    j_common_ptr common = (j_common_ptr)&d;
    struct errors e;
    jvirt_sarray_ptr array;
    JSAMPARRAY rows;
    char *text;

    d.err = plain(&e);
    jpeg_create_decompress(&d);
    given = *d.mem;
    printf("limits %ld %ld\n", d.mem->max_memory_to_use,
           d.mem->max_alloc_chunk);
    text = d.mem->alloc_small(common, JPOOL_PERMANENT, 100);
    memset(text, 1, 100);
    text = d.mem->alloc_large(common, JPOOL_IMAGE, 100000);
    memset(text, 1, 100000);
    array = d.mem->request_virt_sarray(common, JPOOL_IMAGE, TRUE, 100, 200,
                                       10);
    d.mem->realize_virt_arrays(common);
    rows = d.mem->access_virt_sarray(common, array, 0, 10, TRUE);
    printf("zero %d\n", rows[9][99]);
    if (!setjmp(e.escape)) {
        d.mem->access_virt_sarray(common, array, 195, 10, TRUE);
        puts("never");
    }
    if (!setjmp(e.escape)) {
        d.mem->alloc_small(common, 17, 10);
        puts("never");
    }
    d.mem->free_pool(common, JPOOL_IMAGE);
    small_calls = large_calls = destructs = 0;
    small_bytes = 0;
    d.mem->alloc_small = my_small;
    d.mem->alloc_sarray = my_sarray;
    d.mem->self_destruct = my_destruct;
    d.mem->request_virt_sarray = my_request;
    d.mem->access_virt_sarray = my_access;
    d.mem->max_memory_to_use = 1000000;
    jpeg_mem_src(&d, image->data, image->size);
    jpeg_read_header(&d, TRUE);
    d.quantize_colors = d.two_pass_quantize = TRUE;
    jpeg_start_decompress(&d);
    printf("wrapped: %016lx", rest(&d));
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    printf(" small %d %zu, large %d, destructed %d %d\n", small_calls,
           small_bytes, large_calls, destructs, d.mem == NULL);
}

/* --- the rest ----------------------------------------------------------- */

static void tables(void)
{
    struct jpeg_error_mgr err;
    short block[64];
    unsigned long h = HASH;
    int n;

    for (n = 0; jpeg_std_message_table[n]; n++) {
        h = hash(h, jpeg_std_message_table[n],
                 strlen(jpeg_std_message_table[n]));
    }
    printf("%d messages %016lx", n, h);
    jpeg_std_error(&err);
    for (n = 0, h = HASH; n <= err.last_jpeg_message; n++) {
        h = hash(h, err.jpeg_message_table[n],
                 strlen(err.jpeg_message_table[n]));
    }
    printf(" %d %016lx\n", n, h);
    printf("tables %016lx %016lx\n",
           hash(HASH, jpeg_natural_order, 80 * sizeof(int)),
           hash(HASH, jpeg_aritab, 114 * sizeof(long)));
    for (int i = 0; i < 64; i++) {
        block[i] = i * i % 100 - 50;
    }
    jpeg_fdct_islow(block);
    printf("transformed %016lx\n", hash(HASH, block, sizeof(block)));
    printf("rounded %ld %ld scaled %d\n", jround_up(17, 8),
           jdiv_round_up(17, 8), jpeg_quality_scaling(75));
    jpeg_free_small(NULL, jpeg_get_small(NULL, 100), 100);
}

struct job {
    const struct image *images;
    unsigned long hash;
};

static void *work(void *arg)
{
    struct job *job = arg;

    job->hash = HASH;
    for (volatile int i = 0; i < 20; i++) {
        struct jpeg_decompress_struct d;
        struct errors e;
        const struct image *image = &job->images[i % KINDS];

        d.err = plain(&e);
        e.pub.output_message = say_nothing;
        if (setjmp(e.escape)) {
            jpeg_destroy_decompress(&d);
            continue;
        }
        jpeg_create_decompress(&d);
        jpeg_mem_src(&d, image->data, image->size);
        jpeg_read_header(&d, TRUE);
        if (i % 7 == 3) {
            ERREXIT(&d, JERR_BAD_LENGTH);
        }
        jpeg_start_decompress(&d);
        if (i % 7 == 5) {
            jpeg_start_decompress((jpeg_abort_decompress(&d), &d));
        }
        job->hash = hash(job->hash, &(unsigned long){ rest(&d) }, 8);
        jpeg_finish_decompress(&d);
        jpeg_destroy_decompress(&d);
    }
    return NULL;
}

static void threads(const struct image *images)
{
    pthread_t thread[8];
    struct job jobs[8];

    for (int i = 0; i < 8; i++) {
        jobs[i].images = images;
        pthread_create(&thread[i], NULL, work, &jobs[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(thread[i], NULL);
        printf("thread %d: %016lx\n", i, jobs[i].hash);
    }
}

static void goodbye(void)
{
    puts("exit handlers run");
}

/* The standard error manager prints and ends the program. */
static void fatal(void)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr err;

    atexit(goodbye);
    d.err = jpeg_std_error(&err);
    err.trace_level = 3;
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, pixels, sizeof(pixels));
    jpeg_read_header(&d, TRUE);
    puts("never");
}

int main(int argc, char **argv)
{
    struct image images[KINDS];

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE-TO-WRITE\n", argv[0]);
        return 2;
    }
    fill();
    tables();
    for (int i = 0; i < KINDS; i++) {
        images[i] = compress(i);
    }
    destinations(argv[1]);
    for (int i = 0; i < KINDS; i++) {
        suspended(&images[i], 70000);
        suspended(&images[i], 37 + i);
    }
    images[PLAIN].data[images[PLAIN].size - 2000] = 0xff;
    images[PLAIN].data[images[PLAIN].size - 1999] = 0xd3;
    suspended(&images[PLAIN], 70000);
    options(&images[SCRIPT], argv[1]);
    buffered(&images[PROGRESSIVE]);
    raw(&images[SCRIPT]);
    transcode(&images[ARITHMETIC]);
    damaged(&images[PROGRESSIVE], true);
    damaged(&images[PLAIN], true);
    damaged(&images[PLAIN], false);
    bad_markers(&images[GRAY]);
    misuse(&images[SCRIPT]);
    memory(&images[SCRIPT]);
    memory(&images[SCRIPT]);
    threads(images);
    fflush(stdout);
    fatal();
    return 0;
}
