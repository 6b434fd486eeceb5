/* SPDX-License-Identifier: MIT */
/*
 * Fonts, loaded and rendered in many ways: freetype-files COPIES FILE...
 *
 * Prints for each file a line with all that FreeType says of it, as hashes of
 * metrics and of bitmaps.  COPIES > 0: instead, for each file so many copies
 * with bits flipped, cut short, or with a length changed, all in one
 * process; at the end, whether memory has grown in the second half of them.
 */
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_ADVANCES_H
#include FT_GLYPH_H
#include FT_MULTIPLE_MASTERS_H
#include FT_OUTLINE_H
#include FT_TRUETYPE_TABLES_H
#include FT_SFNT_NAMES_H

#include "../lib/resident.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLYPHS 16

static FT_Library library;

static unsigned long mix(unsigned long hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    return hash;
}

#define MIX(hash, value) ((hash) = mix((hash), &(value), sizeof(value)))

static unsigned long bitmap_hash(const FT_Bitmap *bitmap)
{
    unsigned long hash = 14695981039346656037UL;
    size_t pitch = abs(bitmap->pitch);

    MIX(hash, bitmap->rows);
    MIX(hash, bitmap->width);
    MIX(hash, bitmap->pitch);
    MIX(hash, bitmap->pixel_mode);
    return bitmap->buffer ? mix(hash, bitmap->buffer, pitch * bitmap->rows)
                          : hash;
}

static const struct {
    int size; /* pixels, 0: unscaled */
    FT_Int32 flags;
    FT_Render_Mode mode;
} ways[] = {
    { 12, FT_LOAD_DEFAULT, FT_RENDER_MODE_NORMAL },
    { 13, FT_LOAD_TARGET_MONO, FT_RENDER_MODE_MONO },
    { 16, FT_LOAD_FORCE_AUTOHINT, FT_RENDER_MODE_NORMAL },
    { 20, FT_LOAD_TARGET_LIGHT, FT_RENDER_MODE_LIGHT },
    { 27, FT_LOAD_TARGET_LCD, FT_RENDER_MODE_LCD },
    { 32, FT_LOAD_NO_HINTING | FT_LOAD_COLOR, FT_RENDER_MODE_NORMAL },
    { 48, FT_LOAD_NO_BITMAP | FT_LOAD_VERTICAL_LAYOUT, FT_RENDER_MODE_LCD_V },
    { 109, FT_LOAD_COLOR, FT_RENDER_MODE_NORMAL },
    { 0, FT_LOAD_NO_SCALE, FT_RENDER_MODE_NORMAL },
    { 24, FT_LOAD_NO_HINTING, FT_RENDER_MODE_SDF },
};

/* As an object of its own, which takes the bitmap that a slot has. */
static void as_object(FT_GlyphSlot slot, unsigned long *pictures)
{
    FT_Glyph object;
    int error = FT_Get_Glyph(slot, &object);

    MIX(*pictures, error);
    if (error) {
        return;
    }
    error = FT_Glyph_To_Bitmap(&object, FT_RENDER_MODE_NORMAL, NULL, 1);
    MIX(*pictures, error);
    if (!error) {
        FT_BitmapGlyph bitmap = (FT_BitmapGlyph)object;
        unsigned long hash = bitmap_hash(&bitmap->bitmap);
        MIX(*pictures, hash);
        MIX(*pictures, bitmap->left);
        MIX(*pictures, bitmap->top);
    }
    FT_Done_Glyph(object);
}

/* One glyph in the way that is set; its metrics and its picture. */
static int glyph(FT_Face face, FT_UInt index, unsigned way,
                 unsigned long *metrics, unsigned long *pictures)
{
    FT_GlyphSlot slot = face->glyph;
    FT_Fixed advance = 0;
    int error = FT_Get_Advance(face, index, ways[way].flags, &advance);

    MIX(*metrics, error);
    MIX(*metrics, advance);
    error = FT_Load_Glyph(face, index, ways[way].flags);
    MIX(*metrics, error);
    if (error) {
        return error;
    }
    MIX(*metrics, slot->metrics);
    MIX(*metrics, slot->advance);
    MIX(*metrics, slot->linearHoriAdvance);
    MIX(*metrics, slot->format);
    MIX(*metrics, slot->lsb_delta);
    if (slot->format == FT_GLYPH_FORMAT_OUTLINE) {
        *metrics = mix(*metrics, slot->outline.points,
                       slot->outline.n_points * sizeof(FT_Vector));
        *metrics = mix(*metrics, slot->outline.tags, slot->outline.n_points);
    }
    if (!ways[way].size) {
        return 0;
    }
    if (slot->format == FT_GLYPH_FORMAT_OUTLINE) {
        as_object(slot, pictures);
    }
    error = FT_Render_Glyph(slot, ways[way].mode);
    MIX(*pictures, error);
    if (!error) {
        unsigned long hash = bitmap_hash(&slot->bitmap);
        MIX(*pictures, hash);
        MIX(*pictures, slot->bitmap_left);
        MIX(*pictures, slot->bitmap_top);
        as_object(slot, pictures);
    }
    return error;
}

/* What is printed of a face: everything is in the two hashes. */
static void show(FT_Face face, int number, unsigned step)
{
    unsigned long metrics = 1, pictures = 1;
    int errors = 0;
    FT_SfntName name;
    FT_ULong code;
    FT_UInt index;
    FT_MM_Var *axes;

    MIX(metrics, face->num_glyphs);
    MIX(metrics, face->face_flags);
    MIX(metrics, face->bbox);
    MIX(metrics, face->units_per_EM);
    MIX(metrics, face->height);
    for (FT_UInt i = 0; i < FT_Get_Sfnt_Name_Count(face); i++) {
        if (!FT_Get_Sfnt_Name(face, i, &name)) {
            metrics = mix(metrics, name.string, name.string_len);
        }
    }
    code = FT_Get_First_Char(face, &index);
    for (int i = 0; index && i < 300; i++) {
        MIX(metrics, code);
        MIX(metrics, index);
        code = FT_Get_Next_Char(face, code, &index);
    }
    if (FT_HAS_MULTIPLE_MASTERS(face) && !FT_Get_MM_Var(face, &axes)) {
        FT_Fixed most = axes->axis[0].maximum;
        FT_Set_Var_Design_Coordinates(face, 1, &most);
        FT_Done_MM_Var(library, axes);
    }
    for (unsigned w = 0; w < sizeof(ways) / sizeof(*ways); w += step) {
        int error = ways[w].size
            ? FT_Set_Pixel_Sizes(face, 0, ways[w].size) : 0;
        if (error && face->num_fixed_sizes) {
            error = FT_Select_Size(face, w % face->num_fixed_sizes);
        }
        MIX(metrics, error);
        for (int i = 0; i < GLYPHS; i++) {
            FT_UInt g = i < GLYPHS / 2 && FT_Get_Char_Index(face, 'A' + i)
                ? FT_Get_Char_Index(face, 'A' + i)
                : (FT_UInt)(i * face->num_glyphs / GLYPHS);
            errors += glyph(face, g, w, &metrics, &pictures) != 0;
        }
    }
    printf(" face %d %s %s %ld glyphs metrics %016lx bitmaps %016lx "
           "errors %d\n", number, face->family_name ? face->family_name : "-",
           face->style_name ? face->style_name : "-", face->num_glyphs,
           metrics, pictures, errors);
}

static void whole(const char *path)
{
    FT_Face face;
    int error, count = 1;

    printf("%s\n", path);
    for (int i = 0; i < count && i < 4; i++) {
        error = FT_New_Face(library, path, i, &face);
        if (error) {
            printf(" error %d: %s\n", error,
                   FT_Error_String(error) ? FT_Error_String(error) : "-");
            return;
        }
        count = face->num_faces;
        show(face, i, 1);
        FT_Done_Face(face);
    }
}

/* --- damage -------------------------------------------------------------- */

static unsigned long seed = 10;

static unsigned long chance(unsigned long below)
{
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return below ? (seed >> 33) % below : 0;
}

static size_t damage(unsigned char *data, size_t size)
{
    switch (chance(3)) {
    case 0:
        for (unsigned long n = 1 + chance(20); n; n--) {
            data[chance(size)] ^= 1 << chance(8);
        }
        return size;
    case 1:
        return chance(size);
    default: /* an entry of a directory of tables: offset or length */
        data[12 + chance(12) * 16 + 8 + chance(8)] ^= 1 << chance(8);
        return size;
    }
}

static void damaged(const char *path, int copies)
{
    static unsigned char data[1 << 20], copy[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(data, 1, sizeof(data), file) : 0;
    FT_Face face;

    if (file) {
        fclose(file);
    }
    printf("%s\n", path);
    for (int i = 0; size > 300 && i < copies; i++) {
        memcpy(copy, data, size);
        size_t left = damage(copy, size);
        int error = FT_New_Memory_Face(library, copy, left, 0, &face);
        if (error) {
            printf(" error %d\n", error);
            continue;
        }
        show(face, i, 4);
        FT_Done_Face(face);
    }
}

int main(int argc, char **argv)
{
    int copies = argc > 1 ? atoi(argv[1]) : 0;
    long half = 0;

    if (FT_Init_FreeType(&library)) {
        return 1;
    }
    for (int i = 2; i < argc; i++) {
        if (copies) {
            damaged(argv[i], copies);
        } else {
            whole(argv[i]);
        }
        if (i == argc / 2 + 1) {
            malloc_trim(0);
            half = resident() / 1024;
        }
    }
    FT_Done_FreeType(library);
    malloc_trim(0);
    /* Caches and fragments are no growth: that would be hundreds. */
    printf("grown: %s\n", resident() / 1024 - half < 24 ? "no" : "yes");
    return 0;
}
