/* SPDX-License-Identifier: MIT */
/*
 * Streams of the guest's, and incremental fonts.  FreeType keeps the address of
 * an open stream, and what it reads through it is a mirror.  The guest's own is
 * brought up to date around each of its functions, and when it was opened.
 */
#include "freetype-host.h"
#include "freetype-htl.h"

#include FT_BZIP2_H
#include FT_GZIP_H
#include FT_LZW_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct gw_ft_stream {
    FT_StreamRec host; /* first: functions are given its address */
    FT_Stream guest;
    bool closed;
};

struct gw_ft_incremental {
    FT_Incremental_InterfaceRec interface;
    FT_Incremental_FuncsRec functions;
};

/* All but the functions and their memory, which are each side's own. */
static void copy_data(FT_Stream to, const FT_StreamRec *from)
{
    FT_StreamRec own = *to;

    *to = *from;
    to->read = own.read;
    to->close = own.close;
    to->memory = own.memory;
}

static void out(struct gw_ft_stream *s)
{
    copy_data(s->guest, &s->host);
    s->guest->memory = gw_ft_memory_view(s->host.memory);
}

static unsigned long call_read(FT_Stream stream, unsigned long offset,
                               unsigned char *buffer, unsigned long count)
{
    struct gw_ft_stream *s = (struct gw_ft_stream *)stream;
    struct gw_cb_FT_Stream_IoFunc b = {
        FT_CALLBACK(FT_Stream_IoFunc, s->guest->read),
        .stream = s->guest, .offset = offset, .buffer = buffer, .count = count,
    };

    out(s);
    gw_call_guest(&b.cb);
    copy_data(&s->host, s->guest);
    return b.ret;
}

static void call_close(FT_Stream stream)
{
    struct gw_ft_stream *s = (struct gw_ft_stream *)stream;

    out(s);
    if (s->guest->close) {
        struct gw_cb_FT_Stream_CloseFunc b = {
            FT_CALLBACK(FT_Stream_CloseFunc, s->guest->close),
            .stream = s->guest,
        };
        gw_call_guest(&b.cb);
    }
    s->closed = true;
}

/* Is it one that only the guest can use? */
static bool is_guests(const FT_StreamRec *stream)
{
    return stream && (stream->read || stream->close) &&
           !gw_ft_is_hosts((void *)stream->read) &&
           !gw_ft_is_hosts((void *)stream->close);
}

static void mirror(struct gw_ft_stream *s, FT_Stream guest)
{
    s->host = *guest;
    s->host.read = guest->read ? call_read : NULL;
    s->host.close = call_close;
    s->guest = guest;
    s->closed = false;
}

/* --- incremental fonts --------------------------------------------------- */

static struct gw_ft_incremental *incremental(
    const FT_Incremental_InterfaceRec *guest)
{
    struct gw_ft_incremental *i = malloc(sizeof(*i));
    struct gw_pack *pack = &gw_freetype_pack;

    if (i) {
        i->functions = (FT_Incremental_FuncsRec){
            .get_glyph_data = (FT_Incremental_GetGlyphDataFunc)
                gw_closure_keep_local(pack,
                    gw_freetype_sig_FT_Incremental_GetGlyphDataFunc,
                    (void *)guest->funcs->get_glyph_data),
            .free_glyph_data = (FT_Incremental_FreeGlyphDataFunc)
                gw_closure_keep_local(pack,
                    gw_freetype_sig_FT_Incremental_FreeGlyphDataFunc,
                    (void *)guest->funcs->free_glyph_data),
            .get_glyph_metrics = (FT_Incremental_GetGlyphMetricsFunc)
                gw_closure_keep_local(pack,
                    gw_freetype_sig_FT_Incremental_GetGlyphMetricsFunc,
                    (void *)guest->funcs->get_glyph_metrics),
        };
        i->interface.funcs = &i->functions;
        i->interface.object = guest->object;
    }
    return i;
}

/* A copy of the parameters with the host's incremental interface in place of
 * the guest's; NULL where there is none. */
static FT_Parameter *parameters(const FT_Open_Args *args,
                                struct gw_ft_incremental **made)
{
    FT_Parameter *copy = NULL;
    FT_Int n = 0;

    while (n < args->num_params &&
           args->params[n].tag != FT_PARAM_TAG_INCREMENTAL) {
        n++;
    }
    if (n >= args->num_params || !args->params[n].data) {
        return NULL;
    }
    *made = incremental(args->params[n].data);
    copy = malloc(args->num_params * sizeof(*copy));
    if (copy && *made) {
        memcpy(copy, args->params, args->num_params * sizeof(*copy));
        copy[n].data = *made;
    }
    return copy;
}

/* --- faces --------------------------------------------------------------- */

void gw_custom_FT_Open_Face(struct gw_args_FT_Open_Face *a)
{
    FT_Open_Args args, *given = a->args;
    FT_Face *face = a->aface;
    struct gw_ft_stream *stream = NULL;
    struct gw_ft_incremental *inc = NULL;
    FT_Parameter *params = NULL;

    if (given) {
        args = *given;
        if ((args.flags & FT_OPEN_STREAM) && is_guests(args.stream)) {
            stream = malloc(sizeof(*stream));
            if (!stream) {
                a->ret = FT_Err_Out_Of_Memory;
                return;
            }
            mirror(stream, args.stream);
            args.stream = &stream->host;
        }
        if ((args.flags & FT_OPEN_PARAMS) && args.params) {
            params = parameters(&args, &inc);
            args.params = params ? params : args.params;
        }
    }
    a->ret = gw_freetype_host(FT_Open_Face)(a->library, given ? &args : NULL,
                                            a->face_index, face);
    free(params);
    if (stream && !stream->closed) {
        out(stream);
    } else {
        free(stream);
        stream = NULL;
    }
    if (!a->ret && face) {
        gw_ft_face_made(a->library, *face, stream, inc);
    } else {
        free(stream);
        free(inc);
    }
}

void gw_custom_FT_Attach_Stream(struct gw_args_FT_Attach_Stream *a)
{
    FT_Open_Args args, *given = a->parameters;
    struct gw_ft_stream stream;

    if (given && (given->flags & FT_OPEN_STREAM) && is_guests(given->stream)) {
        args = *given;
        mirror(&stream, args.stream);
        args.stream = &stream.host;
        given = &args;
    }
    a->ret = gw_freetype_host(FT_Attach_Stream)(a->face, given);
    if (given == &args && !stream.closed) {
        out(&stream);
    }
}

/* --- compressed streams -------------------------------------------------- */

/* A stream that the host's library has opened for the guest, around one of
 * the guest's. */
struct packed {
    FT_StreamRec host;
    struct gw_ft_stream source;
    struct gw_ft_memory memory;
    struct packed *next;
};

/* Under the lock; no guest code runs under it. */
static struct packed *all_packed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static FT_Error open_packed(FT_Error (*real)(FT_Stream, FT_Stream),
                            FT_Stream stream, FT_Stream source)
{
    struct packed *p;
    FT_Error error;

    if (!stream || !source || gw_ft_is_hosts((void *)source->read)) {
        return real(stream, source);
    }
    p = calloc(1, sizeof(*p));
    if (!p) {
        return FT_Err_Out_Of_Memory;
    }
    mirror(&p->source, source);
    p->source.host.memory = gw_ft_memory(source->memory, &p->memory);
    p->host = *stream;
    error = real(&p->host, &p->source.host);
    out(&p->source);
    copy_data(stream, &p->host);
    stream->memory = gw_ft_memory_view(p->host.memory);
    if (error) {
        free(p);
        return error;
    }
    stream->read = p->host.read ? (FT_Stream_IoFunc)FT_STUB(gw_ft_read) : NULL;
    stream->close = (FT_Stream_CloseFunc)FT_STUB(gw_ft_close);
    pthread_mutex_lock(&lock);
    p->next = all_packed;
    all_packed = p;
    pthread_mutex_unlock(&lock);
    return 0;
}

/* By what it stands for, as a program may have moved the struct. */
static struct packed *find(const FT_StreamRec *stream, bool take)
{
    struct packed **link = &all_packed, *p;

    pthread_mutex_lock(&lock);
    while (*link && (*link)->host.descriptor.pointer !=
                        stream->descriptor.pointer) {
        link = &(*link)->next;
    }
    p = *link;
    if (p && take) {
        *link = p->next;
    }
    pthread_mutex_unlock(&lock);
    return p;
}

void gw_custom_gw_ft_read(struct gw_args_gw_ft_read *a)
{
    struct packed *p = find(a->stream, false);

    if (p) {
        a->ret = p->host.read(&p->host, a->offset, a->buffer, a->count);
        out(&p->source);
    } else {
        a->ret = a->count == 0; /* an error */
    }
}

void gw_custom_gw_ft_close(struct gw_args_gw_ft_close *a)
{
    struct packed *p = find(a->stream, true);
    FT_Stream stream = a->stream;
    struct gw_ft_memory storage;

    if (p) {
        /* A face that was opened with it has set its own library's. */
        if (stream->memory != gw_ft_memory_view(p->host.memory)) {
            p->host.memory = gw_ft_memory(stream->memory, &storage);
        }
        p->host.close(&p->host);
        copy_data(stream, &p->host);
        out(&p->source);
        free(p);
    }
}

void gw_custom_FT_Stream_OpenBzip2(struct gw_args_FT_Stream_OpenBzip2 *a)
{
    a->ret = open_packed(gw_freetype_host(FT_Stream_OpenBzip2), a->stream,
                         a->source);
}

void gw_custom_FT_Stream_OpenGzip(struct gw_args_FT_Stream_OpenGzip *a)
{
    a->ret = open_packed(gw_freetype_host(FT_Stream_OpenGzip), a->stream,
                         a->source);
}

void gw_custom_FT_Stream_OpenLZW(struct gw_args_FT_Stream_OpenLZW *a)
{
    a->ret = open_packed(gw_freetype_host(FT_Stream_OpenLZW), a->stream,
                         a->source);
}
