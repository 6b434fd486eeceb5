/* SPDX-License-Identifier: MIT */
/*
 * FreeType with everything that a program can hand to it, for comparison with a
 * native run.
 * Catches: a callback that does not run, that runs as host code, or with other
 * arguments; a finalizer that is forgotten, called twice or too late; a mirror
 * that is freed while it is in use; memory that one side allocates and the
 * other frees.
 *
 *     freetype-test TRUETYPE-FONT GZIPPED-PCF-FONT
 */
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_BITMAP_H
#include FT_CACHE_H
#include FT_COLOR_H
#include FT_GLYPH_H
#include FT_GZIP_H
#include FT_INCREMENTAL_H
#include FT_LIST_H
#include <freetype/ftlogging.h>
#include FT_MODULE_H
#include FT_OTSVG_H
#include FT_OUTLINE_H
#include FT_RENDER_H
#include FT_SIZES_H
#include FT_STROKER_H
#include FT_SYSTEM_H
#include FT_TRIGONOMETRY_H
#include FT_TRUETYPE_TABLES_H
#include FT_TRUETYPE_TAGS_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For debug hooks; in no header. */
FT_Error TT_RunIns(void *context);

static const char *font, *packed_font;
static _Thread_local int thread;
static _Thread_local unsigned long said = 14695981039346656037UL;

static unsigned long mix(unsigned long hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    return hash;
}

/* Eight threads at once would say it in any order; theirs is summed up. */
static void say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char text[1000];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    said = mix(said, text, strlen(text));
    if (!thread) {
        fputs(text, stdout);
    }
}

static void *file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *data;

    if (!f) {
        perror(path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    *size = ftell(f);
    rewind(f);
    data = malloc(*size + 100);
    if (fread(data, 1, *size, f) != *size) {
        exit(2);
    }
    fclose(f);
    return data;
}

static void must(int error, const char *what)
{
    if (error) {
        say("%s: error %d\n", what, error);
    }
}

static unsigned long picture(const FT_Bitmap *b)
{
    unsigned long hash = mix(1, &b->rows, sizeof(b->rows));

    return b->buffer ? mix(hash, b->buffer, (size_t)abs(b->pitch) * b->rows)
                     : hash;
}

static void render(FT_Face face, FT_ULong character, const char *what)
{
    int error = FT_Load_Char(face, character, FT_LOAD_RENDER);

    say("%s: %d %lx %ld\n", what, error, picture(&face->glyph->bitmap),
        face->glyph->advance.x);
}

/* --- memory -------------------------------------------------------------- */

struct heap {
    struct FT_MemoryRec_ memory;
    long allocated, freed, moved, fails_at, wrong;
};

static void *heap_alloc(FT_Memory memory, long size)
{
    struct heap *h = memory->user;

    h->wrong += memory != &h->memory;
    if (++h->allocated == h->fails_at) {
        return NULL;
    }
    return malloc(size);
}

static void heap_free(FT_Memory memory, void *block)
{
    struct heap *h = memory->user;

    h->freed += block != NULL;
    free(block);
}

static void *heap_realloc(FT_Memory memory, long old, long size, void *block)
{
    struct heap *h = memory->user;

    h->moved += size > old;
    return realloc(block, size);
}

static void heap_init(struct heap *h)
{
    memset(h, 0, sizeof(*h));
    h->memory.user = h;
    h->memory.alloc = heap_alloc;
    h->memory.free = heap_free;
    h->memory.realloc = heap_realloc;
}

static void memory(void)
{
    struct heap h;
    FT_Library library;
    FT_Face face;

    for (long n = 0; n < 60; n += n < 20 ? 1 : 9) {
        int error;

        heap_init(&h);
        h.fails_at = n;
        error = FT_New_Library(&h.memory, &library);
        if (error) {
            say("memory %ld: no library, %d\n", n, error);
            continue;
        }
        FT_Add_Default_Modules(library);
        error = FT_New_Face(library, font, 0, &face);
        if (!error) {
            must(FT_Set_Pixel_Sizes(face, 0, 20), "memory");
            render(face, 'g', "memory");
            say("memory: user %d\n", face->memory->user == &h);
            must(FT_Reference_Library(library), "reference");
            must(FT_Done_Library(library), "done");
            must(FT_Done_Face(face), "done");
        }
        must(FT_Done_Library(library), "done");
        say("memory %ld: %d, %ld %ld %ld, wrong %ld\n", n, error,
            h.allocated, h.freed, h.moved, h.wrong);
    }
    say("no memory: %d\n", FT_New_Library(NULL, &library));
    heap_init(&h);
    say("nowhere: %d\n", FT_New_Library(&h.memory, NULL));
    must(FT_Done_Library(NULL), "no library");
    must(FT_Done_FreeType(NULL), "nothing");
    must(FT_Done_Face(NULL), "no face");
}

/* What the library allocated the program frees, and the other way round. */
static void ownership(FT_Library library, FT_Face face)
{
    FT_Bitmap copy, own;

    FT_Bitmap_Init(&copy);
    render(face, 'Q', "ownership");
    must(FT_Bitmap_Copy(library, &face->glyph->bitmap, &copy), "copy");
    say("copied: %lx\n", picture(&copy));
    FT_Bitmap_Init(&own);
    own.buffer = malloc(3);
    own.rows = 1;
    own.pitch = own.width = 3;
    own.pixel_mode = FT_PIXEL_MODE_GRAY;
    must(FT_Bitmap_Convert(library, &copy, &own, 4), "convert");
    say("converted: %lx %d\n", picture(&own), own.pitch);
    free(copy.buffer);
    must(FT_Bitmap_Done(library, &own), "done");
}

/* --- lists --------------------------------------------------------------- */

static FT_Error visit(FT_ListNode node, void *user)
{
    say("visit %s %s\n", (char *)node->data, (char *)user);
    return *(char *)node->data == 'c' ? 77 : 0;
}

static void destroy(FT_Memory memory, void *data, void *user)
{
    say("destroy %s %d\n", (char *)data, memory == user);
}

static void lists(void)
{
    struct heap h;
    FT_ListRec list = { NULL, NULL };
    static char *const names[] = { "a", "b", "c", "d" };

    heap_init(&h);
    for (int i = 0; i < 4; i++) {
        FT_ListNode node = heap_alloc(&h.memory, sizeof(*node));
        node->data = names[i];
        FT_List_Add(&list, node);
    }
    FT_List_Up(&list, FT_List_Find(&list, names[2]));
    say("iterate: %d\n", FT_List_Iterate(&list, visit, "user"));
    FT_List_Finalize(&list, destroy, &h.memory, &h.memory);
    say("list: %ld %ld %d\n", h.allocated, h.freed, list.head == NULL);
}

/* --- streams ------------------------------------------------------------- */

struct source {
    FT_StreamRec stream;
    unsigned char *data;
    long reads, closes, wrong, fails_at;
    unsigned long trail; /* of offsets and sizes */
};

static unsigned long source_read(FT_Stream stream, unsigned long offset,
                                 unsigned char *buffer, unsigned long count)
{
    struct source *s = stream->descriptor.pointer;

    s->wrong += stream != &s->stream;
    s->trail = mix(mix(mix(s->trail, &offset, sizeof(offset)), &count,
                       sizeof(count)), &stream->pos, sizeof(stream->pos));
    if (++s->reads == s->fails_at) {
        return count == 0;
    }
    if (!count) {
        return offset > stream->size;
    }
    if (offset > stream->size) {
        return 0;
    }
    if (count > stream->size - offset) {
        count = stream->size - offset;
    }
    memcpy(buffer, s->data + offset, count);
    return count;
}

static void source_close(FT_Stream stream)
{
    struct source *s = stream->descriptor.pointer;

    s->wrong += stream != &s->stream;
    s->closes++;
}

static void source_init(struct source *s, unsigned char *data, size_t size)
{
    memset(s, 0, sizeof(*s));
    s->data = data;
    s->stream.size = size;
    s->stream.descriptor.pointer = s;
    s->stream.read = source_read;
    s->stream.close = source_close;
}

static void source_say(const struct source *s, const char *what, int error)
{
    say("%s: %d, reads %ld %lx closes %ld wrong %ld pos %lu\n", what, error,
        s->reads, s->trail, s->closes, s->wrong, s->stream.pos);
}

static void streams(FT_Library library)
{
    size_t size;
    unsigned char *data = file(font, &size);
    struct source s;
    FT_Open_Args args = { .flags = FT_OPEN_STREAM, .stream = &s.stream };
    FT_Face face;
    int error;

    for (long n = 0; n < 30; n += n < 10 ? 1 : 4) {
        source_init(&s, data, size);
        s.fails_at = n;
        error = FT_Open_Face(library, &args, 0, &face);
        source_say(&s, "opened", error);
        if (!error) {
            must(FT_Set_Pixel_Sizes(face, 0, 30), "stream");
            render(face, 'R', "stream");
            say("stream: size %lu own %d memory %d\n", face->stream->size,
                face->stream->descriptor.pointer == &s,
                s.stream.memory != NULL);
            must(FT_Done_Face(face), "stream");
        }
        source_say(&s, "closed", error);
    }
    source_init(&s, data, size); /* counts faces only */
    error = FT_Open_Face(library, &args, -1, &face);
    source_say(&s, "asked", error);
    must(FT_Done_Face(face), "asked");
    source_init(&s, data, 100); /* cut short */
    source_say(&s, "short", FT_Open_Face(library, &args, 0, &face));
    source_init(&s, data, size); /* in memory, but to be closed */
    s.stream.base = data;
    s.stream.read = NULL;
    error = FT_Open_Face(library, &args, 0, &face);
    source_say(&s, "in memory", error);
    must(FT_Done_Face(face), "in memory");
    source_say(&s, "in memory", error);
    must(FT_New_Face(library, font, 0, &face), "attach");
    source_init(&s, data, size);
    error = FT_Attach_Stream(face, &args);
    source_say(&s, "attached", error);
    must(FT_Done_Face(face), "attach");
    free(data);
}

static void packed(FT_Library library)
{
    size_t size;
    unsigned char *data = file(packed_font, &size), out[300];
    static _Thread_local unsigned char plain[1 << 20];
    struct heap h;
    struct source s;
    FT_StreamRec stream;
    FT_Open_Args args = { .flags = FT_OPEN_STREAM, .stream = &stream };
    FT_ULong length = sizeof(plain);
    FT_Face face;
    int error;

    heap_init(&h);
    error = FT_Gzip_Uncompress(&h.memory, plain, &length, data, size);
    say("uncompressed: %d %lu %lx, memory %ld %ld\n", error, length,
        mix(1, plain, length), h.allocated, h.freed);
    for (int i = 0; i < 2; i++) {
        memset(&stream, 0, sizeof(stream));
        source_init(&s, data, size);
        s.stream.memory = &h.memory;
        error = FT_Stream_OpenGzip(&stream, &s.stream);
        source_say(&s, "gzip", error);
        if (error) {
            continue;
        }
        say("gzip: %lu %d %d memory %d\n", stream.size, stream.read != NULL,
            stream.base != NULL, stream.memory == &h.memory);
        if (i && stream.read) {
            unsigned long got = stream.read(&stream, 1000, out, sizeof(out));
            say("read: %lu %lx\n", got, mix(1, out, got));
            got = stream.read(&stream, 10, out, sizeof(out));
            say("read: %lu %lx\n", got, mix(1, out, got));
        }
        if (i) {
            stream.close(&stream);
        } else {
            error = FT_Open_Face(library, &args, 0, &face);
            say("packed: %d\n", error);
            if (!error) {
                must(FT_Select_Size(face, 0), "packed");
                render(face, 'R', "packed");
                must(FT_Done_Face(face), "packed");
            }
        }
        source_say(&s, "gzip", error);
        say("gzip: memory %ld %ld\n", h.allocated, h.freed);
    }
    memset(&stream, 0, sizeof(stream));
    source_init(&s, plain, length);
    s.stream.memory = &h.memory;
    source_say(&s, "no gzip", FT_Stream_OpenGzip(&stream, &s.stream));
    free(data);
}

/* --- finalizers ---------------------------------------------------------- */

static _Thread_local FT_Face other;

static void finalize_face(void *object)
{
    FT_Face face = object;

    say("face of %s is gone, %d\n", (char *)face->generic.data,
        face->generic.finalizer == finalize_face);
    if (other) {
        FT_Face last = other;
        other = NULL;
        must(FT_Done_Face(last), "within");
    }
}

static void finalize_size(void *object)
{
    FT_Size size = object;

    say("size of %s is gone\n", (char *)size->generic.data);
}

static void finalize_slot(void *object)
{
    FT_GlyphSlot slot = object;

    say("slot of %s is gone\n", (char *)slot->generic.data);
}

static FT_Face marked(FT_Library library, char *name)
{
    FT_Face face;

    if (FT_New_Face(library, font, 0, &face)) {
        exit(3);
    }
    face->generic.data = face->size->generic.data =
        face->glyph->generic.data = name;
    face->generic.finalizer = finalize_face;
    face->size->generic.finalizer = finalize_size;
    face->glyph->generic.finalizer = finalize_slot;
    return face;
}

static void finalizers(void)
{
    FT_Library library;
    FT_Face face;
    FT_Size size;

    must(FT_Init_FreeType(&library), "init");
    face = marked(library, "one");
    must(FT_New_Size(face, &size), "size");
    size->generic.data = "another";
    size->generic.finalizer = finalize_size;
    must(FT_Done_Size(size), "size");
    must(FT_New_Size(face, &size), "size");
    size->generic.data = "a third";
    size->generic.finalizer = finalize_size;
    must(FT_Reference_Face(face), "reference");
    must(FT_Done_Face(face), "done");
    say("still there: %d %d %d\n", face->generic.finalizer == finalize_face,
        size->generic.finalizer == finalize_size,
        face->glyph->generic.finalizer == finalize_slot);
    other = marked(library, "two");
    must(FT_Done_Face(face), "done");
    marked(library, "three");
    marked(library, "four")->generic.finalizer = NULL;
    must(FT_Remove_Module(library, FT_Get_Module(library, "type1")), "remove");
    must(FT_Remove_Module(library, FT_Get_Module(library, "truetype")),
         "remove");
    say("no more: %d\n", FT_New_Face(library, font, 0, &face));
    must(FT_Done_FreeType(library), "done");

    must(FT_Init_FreeType(&library), "init");
    marked(library, "five");
    must(FT_Reference_Library(library), "reference");
    must(FT_Done_Library(library), "done");
    say("the library is left\n");
    marked(library, "six");
    must(FT_Done_FreeType(library), "done");
}

/* --- the cache ----------------------------------------------------------- */

static FT_Error request(FTC_FaceID id, FT_Library library, FT_Pointer data,
                        FT_Face *face)
{
    const char *name = (const char *)id;

    say("request %s %s\n", name, (char *)data);
    if (*name == 'x') {
        return 88;
    }
    *face = marked(library, (char *)name);
    return 0;
}

static void cache(FT_Library library)
{
    static char *const ids[] = { "a", "b", "c", "a", "x", "b" };
    FTC_Manager manager;
    FTC_ImageCache images;
    FTC_SBitCache bits;
    FTC_CMapCache maps;
    FTC_ImageTypeRec type = { .width = 20, .height = 20 };
    FTC_Node node;
    FTC_SBit bit;
    FT_Glyph glyph;
    FT_Face face;
    FT_Size size;
    FTC_ScalerRec scaler = { "c", 0, 14, 1, 0, 0 };

    must(FTC_Manager_New(library, 2, 3, 0, request, "data", &manager),
         "manager");
    must(FTC_ImageCache_New(manager, &images), "images");
    must(FTC_SBitCache_New(manager, &bits), "bits");
    must(FTC_CMapCache_New(manager, &maps), "maps");
    for (int i = 0; i < 6; i++) {
        FT_UInt index = FTC_CMapCache_Lookup(maps, ids[i], 0, 'G' + i);
        int error;

        type.face_id = ids[i];
        type.flags = FT_LOAD_RENDER;
        error = FTC_SBitCache_Lookup(bits, &type, index, &bit, &node);
        say("bits: %d index %u\n", error, index);
        if (!error) {
            say("bits: %d %d %lx\n", bit->width, bit->height,
                bit->buffer ? mix(1, bit->buffer, bit->pitch * bit->height)
                            : 0);
            FTC_Node_Unref(node, manager);
        }
        type.flags = FT_LOAD_DEFAULT;
        error = FTC_ImageCache_Lookup(images, &type, index, &glyph, NULL);
        say("image: %d %ld\n", error, error ? 0 : glyph->advance.x);
        error = FTC_Manager_LookupFace(manager, ids[i], &face);
        say("face: %d %s %d\n", error,
            error ? "" : (char *)face->generic.data,
            !error && face->generic.finalizer == finalize_face);
    }
    must(FTC_Manager_LookupSize(manager, &scaler, &size), "size");
    say("size: %d\n", size->metrics.x_ppem);
    FTC_Manager_RemoveFaceID(manager, "c");
    say("removed\n");
    must(FTC_Manager_LookupFace(manager, "b", &face), "face");
    FTC_Manager_Reset(manager);
    say("reset\n");
    must(FTC_Manager_LookupFace(manager, "a", &face), "face");
    FTC_Manager_Done(manager);
    say("done\n");
}

/* --- outlines ------------------------------------------------------------ */

struct path {
    unsigned long hash;
    int moves, lines, conics, cubics, stops_at;
    jmp_buf out;
};

static int step(struct path *p, const void *points, size_t size, int *count)
{
    p->hash = mix(p->hash, points, size);
    ++*count;
    return p->stops_at && p->moves + p->lines + p->conics == p->stops_at ? 99
                                                                        : 0;
}

static int move_to(const FT_Vector *to, void *user)
{
    struct path *p = user;

    if (p->stops_at < 0) {
        longjmp(p->out, 1);
    }
    return step(p, to, sizeof(*to), &p->moves);
}

static int line_to(const FT_Vector *to, void *user)
{
    return step(user, to, sizeof(*to), &((struct path *)user)->lines);
}

static int conic_to(const FT_Vector *control, const FT_Vector *to, void *user)
{
    struct path *p = user;

    p->hash = mix(p->hash, control, sizeof(*control));
    return step(p, to, sizeof(*to), &p->conics);
}

static int cubic_to(const FT_Vector *c1, const FT_Vector *c2,
                    const FT_Vector *to, void *user)
{
    struct path *p = user;

    p->hash = mix(mix(p->hash, c1, sizeof(*c1)), c2, sizeof(*c2));
    return step(p, to, sizeof(*to), &p->cubics);
}

static void spans(int y, int count, const FT_Span *span, void *user)
{
    struct path *p = user;

    p->hash = mix(mix(p->hash, &y, sizeof(y)), &count, sizeof(count));
    for (int i = 0; i < count; i++) {
        p->hash = mix(p->hash, &span[i].x, sizeof(span[i].x));
        p->hash = mix(p->hash, &span[i].len, sizeof(span[i].len));
        p->hash = mix(p->hash, &span[i].coverage, 1);
    }
    p->lines++;
}

/* Renders the glyph into nothing but spans(), which begins anew. */
static int render_spans(FT_Library library, FT_Face face,
                        FT_Raster_Params *params, struct path *p)
{
    memset(p, 0, sizeof(*p));
    *params = (FT_Raster_Params){
        .flags = FT_RASTER_FLAG_AA | FT_RASTER_FLAG_DIRECT,
        .gray_spans = spans,
        .user = p,
    };
    return FT_Outline_Render(library, &face->glyph->outline, params);
}

static void outlines(FT_Library library, FT_Face face)
{
    static const FT_Outline_Funcs plain = { move_to, line_to, conic_to,
                                            cubic_to, 0, 0 };
    static const FT_Outline_Funcs moved = { move_to, line_to, conic_to,
                                            cubic_to, 3, 17 };
    struct path p;
    FT_Raster_Params params;
    FT_Stroker stroker;
    FT_Glyph glyph;
    int error;

    must(FT_Load_Char(face, '8', FT_LOAD_NO_BITMAP), "load");
    for (int i = -1; i < 4; i++) {
        memset(&p, 0, sizeof(p));
        p.stops_at = i > 1 ? i : 0;
        if (i < 0) {
            p.stops_at = -1;
            if (setjmp(p.out)) {
                say("out of the path\n");
                continue;
            }
        }
        error = FT_Outline_Decompose(&face->glyph->outline,
                                     i == 1 ? &moved : &plain, &p);
        say("path: %d %lx %d %d %d %d\n", error, p.hash, p.moves, p.lines,
            p.conics, p.cubics);
    }
    memset(&p, 0, sizeof(p));
    must(FT_Stroker_New(library, &stroker), "stroker");
    FT_Stroker_Set(stroker, 100, FT_STROKER_LINECAP_ROUND,
                   FT_STROKER_LINEJOIN_ROUND, 0);
    must(FT_Get_Glyph(face->glyph, &glyph), "glyph");
    must(FT_Glyph_Stroke(&glyph, stroker, 1), "stroke");
    must(FT_Outline_Decompose(&((FT_OutlineGlyph)glyph)->outline, &plain, &p),
         "stroke");
    say("stroke: %lx %d %d %d %d\n", p.hash, p.moves, p.lines, p.conics,
        p.cubics);
    FT_Stroker_Done(stroker);
    FT_Done_Glyph(glyph);

    error = render_spans(library, face, &params, &p);
    say("spans: %d %lx %d, %d %d, box %ld %ld\n", error, p.hash, p.lines,
        params.source == &face->glyph->outline, params.gray_spans == spans,
        params.clip_box.xMax, params.clip_box.yMax);
    must(FT_Outline_Decompose(NULL, &plain, &p), "no outline");
    must(FT_Outline_Decompose(&face->glyph->outline, NULL, &p), "no path");
}

/* --- modules ------------------------------------------------------------- */

static FT_Error module_init(FT_Module module)
{
    say("module made: %d\n", module != NULL);
    return 0;
}

static void module_done(FT_Module module)
{
    say("module done: %d\n", module != NULL);
}

static _Thread_local int asked;

static FT_Module_Interface module_interface(FT_Module module,
                                            const char *name)
{
    (void)module;
    asked += name != NULL;
    return NULL;
}

static const FT_Module_Class plain_module = {
    0, 200, "plain", 0x10000, 0x20000, NULL, module_init, module_done,
    module_interface,
};

static const FT_Module_Class no_driver = {
    FT_MODULE_FONT_DRIVER, 4000, "own driver", 0x10000, 0x990000, NULL,
    module_init, module_done, module_interface,
};

struct raster {
    int resets, renders;
};

static int raster_new(void *memory, FT_Raster *raster)
{
    FT_Memory m = memory;
    struct raster *r = m->alloc(m, sizeof(*r));

    memset(r, 0, sizeof(*r));
    r = m->realloc(m, sizeof(*r), 2 * sizeof(*r), r);
    m->free(m, m->alloc(m, 10));
    *raster = (FT_Raster)r;
    say("raster made\n");
    return 0;
}

static void raster_done(FT_Raster raster)
{
    struct raster *r = (struct raster *)raster;

    say("raster done: %d %d\n", r->resets, r->renders);
    free(r);
}

static void raster_reset(FT_Raster raster, unsigned char *base,
                         unsigned long size)
{
    ((struct raster *)raster)->resets++;
    (void)base;
    (void)size;
}

static int raster_set_mode(FT_Raster raster, unsigned long mode, void *args)
{
    say("raster mode: %lx %s\n", mode, (char *)args);
    return raster == NULL;
}

static int raster_render(FT_Raster raster, const FT_Raster_Params *params)
{
    static const FT_Span span = { 3, 4, 5 };

    ((struct raster *)raster)->renders++;
    say("raster render: flags %d\n", params->flags);
    if (params->gray_spans) {
        params->gray_spans(7, 1, &span, params->user);
    }
    return 0;
}

static const FT_Raster_Funcs raster_class = {
    FT_GLYPH_FORMAT_OUTLINE, raster_new, raster_reset, raster_set_mode,
    raster_render, raster_done,
};

static FT_Error render_glyph(FT_Renderer renderer, FT_GlyphSlot slot,
                             FT_Render_Mode mode, const FT_Vector *origin)
{
    say("render: %d %d %d %d\n", renderer != NULL, mode, origin != NULL,
        slot->outline.n_points);
    slot->bitmap.rows = slot->bitmap.width = 0;
    slot->format = FT_GLYPH_FORMAT_BITMAP;
    return mode == FT_RENDER_MODE_MONO ? 66 : 0;
}

static FT_Error transform_glyph(FT_Renderer renderer, FT_GlyphSlot slot,
                                const FT_Matrix *matrix,
                                const FT_Vector *delta)
{
    say("transform: %d %d\n", matrix != NULL, delta != NULL);
    return renderer == NULL || slot == NULL;
}

static void glyph_cbox(FT_Renderer renderer, FT_GlyphSlot slot, FT_BBox *box)
{
    (void)renderer;
    (void)slot;
    memset(box, 0, sizeof(*box));
}

static FT_Error set_mode(FT_Renderer renderer, FT_ULong tag, FT_Pointer data)
{
    say("mode: %d %lx %s\n", renderer != NULL, tag, (char *)data);
    return 0;
}

static const FT_Renderer_Class renderer_class = {
    { FT_MODULE_RENDERER, 400, "own", 0x10000, 0x20000, NULL, module_init,
      module_done, module_interface },
    FT_GLYPH_FORMAT_OUTLINE, render_glyph, transform_glyph, glyph_cbox,
    set_mode, (FT_Raster_Funcs *)&raster_class,
};

static void modules(void)
{
    FT_Library library;
    FT_Renderer own, first;
    FT_Renderer_Class derived;
    FT_Parameter parameter = { 0x1234, "value" };
    FT_Matrix half = { 0x8000, 0, 0, 0x8000 };
    FT_Raster_Params params;
    struct path p;
    FT_Face face;
    int error;

    must(FT_Init_FreeType(&library), "init");
    must(FT_Add_Module(library, &plain_module), "the first");
    must(FT_Add_Module(library, &plain_module), "the same");
    must(FT_Add_Module(library, NULL), "none");
    must(FT_Property_Set(library, "plain", "property", "value"), "property");
    say("driver: %d\n", FT_Add_Module(library, &no_driver) != 0);
    say("found: %d\n", FT_Get_Module(library, "plain") != NULL);
    must(FT_Remove_Module(library, FT_Get_Module(library, "plain")), "remove");
    must(FT_Add_Module(library, &plain_module), "again");

    first = FT_Get_Renderer(library, FT_GLYPH_FORMAT_OUTLINE);
    must(FT_Add_Module(library, &renderer_class.root), "renderer");
    own = (FT_Renderer)FT_Get_Module(library, "own");
    must(FT_New_Face(library, font, 0, &face), "face");
    must(FT_Set_Pixel_Sizes(face, 0, 25), "size");
    say("driver of the face: %s\n", FT_FACE_DRIVER_NAME(face));
    render(face, 'a', "before");
    must(FT_Set_Renderer(library, own, 1, &parameter), "set");
    say("first: %d\n",
        FT_Get_Renderer(library, FT_GLYPH_FORMAT_OUTLINE) == own);
    render(face, 'b', "own");
    FT_Set_Transform(face, &half, NULL);
    render(face, 'b', "half");
    FT_Set_Transform(face, NULL, NULL);
    must(FT_Load_Char(face, 'c', 0), "load");
    say("refused: %d\n", FT_Render_Glyph(face->glyph, FT_RENDER_MODE_MONO));
    must(FT_Load_Char(face, 'c', 0), "load");
    error = render_spans(library, face, &params, &p);
    say("own spans: %d %lx %d\n", error, p.hash, p.lines);

    /* One that takes what it does not have from the library's. */
    must(FT_Set_Renderer(library, first, 0, NULL), "set");
    derived = **(FT_Renderer_Class **)first;
    derived.root.module_name = "derived";
    derived.render_glyph = render_glyph;
    must(FT_Add_Module(library, &derived.root), "derived");
    must(FT_Set_Renderer(library, (FT_Renderer)FT_Get_Module(library,
                                                             "derived"),
                         0, NULL), "set");
    render(face, 'd', "derived");
    must(FT_Done_FreeType(library), "done");
    say("asked: %d\n", asked > 0);
}

/* --- hooks --------------------------------------------------------------- */

static _Thread_local int instructions;

static FT_Error debug(void *context)
{
    instructions++;
    return TT_RunIns(context);
}

static void debugging(void)
{
    FT_Library library;
    FT_Face face;
    int version = 35;

    must(FT_Init_FreeType(&library), "init");
    FT_Set_Debug_Hook(library, FT_DEBUG_HOOK_TRUETYPE, debug);
    must(FT_Property_Set(library, "truetype", "interpreter-version",
                         &version), "version");
    must(FT_New_Face(library, font, 0, &face), "face");
    must(FT_Set_Pixel_Sizes(face, 0, 15), "size");
    render(face, 'e', "hinted");
    say("programs: %d\n", instructions);
    must(FT_Done_FreeType(library), "done");
    FT_Set_Default_Log_Handler();
    FT_Trace_Set_Default_Level();
}

static FT_Error svg_init(FT_Pointer *data)
{
    *data = "state";
    say("svg init\n");
    return 0;
}

static void svg_free(FT_Pointer *data)
{
    say("svg free: %s\n", (char *)*data);
}

static FT_Error svg_preset(FT_GlyphSlot slot, FT_Bool cached, FT_Pointer *data)
{
    FT_SVG_Document document = (FT_SVG_Document)slot->other;

    say("svg preset: %.*s %d %s\n", (int)document->svg_document_length,
        (char *)document->svg_document, cached, (char *)*data);
    slot->bitmap.rows = 3;
    slot->bitmap.width = slot->bitmap.pitch = 8;
    slot->bitmap.pixel_mode = FT_PIXEL_MODE_GRAY;
    return 0;
}

static FT_Error svg_render(FT_GlyphSlot slot, FT_Pointer *data)
{
    say("svg render: %s\n", (char *)*data);
    memset(slot->bitmap.buffer, 0x5a, slot->bitmap.rows * slot->bitmap.pitch);
    slot->format = FT_GLYPH_FORMAT_BITMAP;
    return 0;
}

static void put16(unsigned char *p, unsigned v)
{
    p[0] = v >> 8;
    p[1] = v;
}

static void put32(unsigned char *p, unsigned long v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static void svg(void)
{
    static const char text[] = "<svg/>";
    SVG_RendererHooks hooks = { svg_init, svg_free, svg_render, svg_preset },
                      back;
    FT_Library library;
    size_t size;
    unsigned char *data = file(font, &size), *table, *entry = NULL;
    FT_Face face;
    FT_UInt index;
    int error;

    size = (size + 3) & ~3UL;
    table = data + size;
    memset(table, 0, 24);
    put32(table + 2, 10);
    put16(table + 10, 1);
    put16(table + 14, 65535);
    put32(table + 16, 14);
    put32(table + 20, strlen(text));
    memcpy(table + 24, text, strlen(text));
    for (int i = 0; i < data[4] * 256 + data[5]; i++) {
        if (!memcmp(data + 12 + 16 * i, "GPOS", 4)) {
            entry = data + 12 + 16 * i;
        }
    }
    if (!entry) {
        say("no table to replace\n");
        return;
    }
    memcpy(entry, "SVG ", 4);
    put32(entry + 8, size);
    put32(entry + 12, 24 + strlen(text));
    must(FT_Init_FreeType(&library), "init");
    must(FT_Property_Set(library, "ot-svg", "svg-hooks", &hooks), "hooks");
    memset(&back, 0, sizeof(back));
    must(FT_Property_Get(library, "ot-svg", "svg-hooks", &back), "hooks");
    say("hooks: %d\n", !memcmp(&hooks, &back, sizeof(back)));
    must(FT_New_Memory_Face(library, data, size + 24 + strlen(text), 0, &face),
         "svg face");
    must(FT_Set_Pixel_Sizes(face, 0, 40), "size");
    index = FT_Get_Char_Index(face, 'A');
    error = FT_Load_Glyph(face, index, FT_LOAD_COLOR);
    say("svg: %d %d %d\n", error, FT_HAS_SVG(face) != 0,
        face->glyph->format == FT_GLYPH_FORMAT_SVG);
    error = FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL);
    say("svg: %d %lx\n", error, picture(&face->glyph->bitmap));
    must(FT_Done_FreeType(library), "done");
    free(data);
}

/* --- incremental fonts --------------------------------------------------- */

struct FT_IncrementalRec_ {
    unsigned char *loca, *glyf;
    FT_ULong loca_size, glyf_size;
    int wide, got, freed, measured;
};

static FT_Error glyph_data(FT_Incremental i, FT_UInt index, FT_Data *data)
{
    const unsigned char *p = i->loca + index * (i->wide ? 4 : 2);
    unsigned long from, to;

    if (i->wide) {
        from = (unsigned long)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
        to = (unsigned long)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];
    } else {
        from = 2 * (p[0] << 8 | p[1]);
        to = 2 * (p[2] << 8 | p[3]);
    }
    data->pointer = i->glyf + from;
    data->length = to - from;
    i->got++;
    return 0;
}

static void free_data(FT_Incremental i, FT_Data *data)
{
    i->freed += data->pointer != NULL;
}

static FT_Error glyph_metrics(FT_Incremental i, FT_UInt index,
                              FT_Bool vertical,
                              FT_Incremental_MetricsRec *metrics)
{
    (void)index;
    i->measured++;
    metrics->advance += vertical ? 0 : 100;
    return 0;
}

static void incremental(FT_Library library, FT_Face full)
{
    static const FT_Incremental_FuncsRec functions = { glyph_data, free_data,
                                                       glyph_metrics };
    static const FT_Incremental_FuncsRec fewer = { glyph_data, free_data,
                                                   NULL };
    struct FT_IncrementalRec_ object = { 0 };
    FT_Incremental_InterfaceRec interface = { &functions, &object };
    FT_Parameter params[] = { { FT_PARAM_TAG_IGNORE_SBIX, NULL },
                              { FT_PARAM_TAG_INCREMENTAL, &interface } };
    FT_Open_Args args = { .flags = FT_OPEN_PATHNAME | FT_OPEN_PARAMS,
                          .pathname = (char *)font, .num_params = 2,
                          .params = params };
    TT_Header *head = FT_Get_Sfnt_Table(full, FT_SFNT_HEAD);
    FT_Face face;

    must(FT_Load_Sfnt_Table(full, TTAG_loca, 0, NULL, &object.loca_size),
         "loca");
    must(FT_Load_Sfnt_Table(full, TTAG_glyf, 0, NULL, &object.glyf_size),
         "glyf");
    object.loca = malloc(object.loca_size);
    object.glyf = malloc(object.glyf_size);
    object.wide = head->Index_To_Loc_Format;
    must(FT_Load_Sfnt_Table(full, TTAG_loca, 0, object.loca,
                            &object.loca_size), "loca");
    must(FT_Load_Sfnt_Table(full, TTAG_glyf, 0, object.glyf,
                            &object.glyf_size), "glyf");
    for (int i = 0; i < 2; i++) {
        int error = FT_Open_Face(library, &args, 0, &face);
        say("incremental: %d\n", error);
        if (!error) {
            must(FT_Set_Pixel_Sizes(face, 0, 22), "size");
            render(face, 0xe9, "incremental"); /* of parts */
            say("incremental: %d %d %d\n", object.got, object.freed,
                object.measured);
            must(FT_Done_Face(face), "done");
        }
        interface.funcs = &fewer;
    }
    free(object.loca);
    free(object.glyf);
}

/* --- structs by value ---------------------------------------------------- */

static void colors(FT_Face face)
{
    FT_OpaquePaint none = { NULL, 1 };
    FT_COLR_Paint paint;
    FT_Color color = { 1, 2, 3, 4 };

    say("color: %d %d\n", FT_Get_Paint(face, none, &paint),
        FT_Palette_Set_Foreground_Color(face, color));
    say("angle: %ld %ld %ld %ld\n", FT_Sin(100000), FT_Atan2(1 << 16, 77777),
        FT_MulDiv(-12345678, 345, 67), FT_MulFix(-98765, 43210));
}

static void *everything(void *argument)
{
    FT_Library library;
    FT_Face face;

    thread = argument ? *(int *)argument : 0;
    memory();
    lists();
    must(FT_Init_FreeType(&library), "init");
    must(FT_New_Face(library, font, 0, &face), "face");
    must(FT_Set_Pixel_Sizes(face, 0, 32), "size");
    ownership(library, face);
    streams(library);
    packed(library);
    outlines(library, face);
    incremental(library, face);
    colors(face);
    cache(library);
    must(FT_Done_FreeType(library), "done");
    finalizers();
    modules();
    debugging();
    svg();
    return (void *)said;
}

int main(int argc, char **argv)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int numbers[THREADS];

    if (argc != 3) {
        fprintf(stderr, "usage: freetype-test FONT PCF.GZ\n");
        return 2;
    }
    font = argv[1];
    packed_font = argv[2];
    said = (unsigned long)everything(NULL);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i + 1;
        if (pthread_create(&threads[i], NULL, everything, &numbers[i])) {
            return 3;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        printf("thread %d: %s\n", i + 1,
               (unsigned long)result == said ? "the same" : "other");
    }
    return 0;
}
