/* SPDX-License-Identifier: MIT */
/*
 * What the files of this pack share.  FreeType's structs lie in one memory for
 * both sides, but a function in a struct can be called by one side only.  So
 * the host's library gets copies of structs with guest functions in them, or
 * mirrors where it keeps the address, and calls the guest through those.  What
 * it shows of itself in private members (FT_Face's memory, stream and driver,
 * a glyph's class) are the host's own functions, which the guest cannot call.
 */
#ifndef GANGWAY_FREETYPE_HOST_H
#define GANGWAY_FREETYPE_HOST_H

#include "freetype-args.h"
#include "runtime.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_CACHE_H
#include FT_INCREMENTAL_H
#include FT_LIST_H
#include FT_MODULE_H
#include FT_OUTLINE_H
#include FT_RENDER_H
#include FT_SIZES_H
#include FT_SYSTEM_H
#include FT_OTSVG_H

/* The host's function of that name; looked up once.  Only within a call. */
#define FT_HOST(function)                                                     \
    (*({                                                                      \
        static __typeof__(&(function)) found;                                 \
        if (!found) {                                                         \
            found = (__typeof__(&(function)))gw_pack_symbol(                  \
                &gw_freetype_pack, #function);                                \
        }                                                                     \
        &found;                                                               \
    }))

/* The block of a callback: guest function `fn` of a type that the table has;
 * its arguments follow by name. */
#define FT_CALLBACK(type, fn)                                                 \
    .cb.run = gw_freetype_pack.guest_unpackers[gw_freetype_sig_##type],       \
    .cb.target = (void *)(fn)

/* The guest's stub of one of the pack's functions. */
#define FT_STUB(function)                                                     \
    gw_freetype_pack.guest_stubs[gw_freetype_id_##function]

/* Is this code or data of a library of the host's?  Any thread. */
bool gw_ft_is_hosts(const void *address);

/* --- memory.c ------------------------------------------------------------ */

/* An FT_Memory of the host's that calls the guest's. */
struct gw_ft_memory {
    struct FT_MemoryRec_ host; /* first: functions are given its address */
    FT_Memory guest;           /* NULL: the guest's malloc() */
    FT_Library library;        /* the one that was made with it; NULL: freed */
    struct gw_ft_memory *next;
};

/* For a guest's FT_Memory: one of the host's in `storage`, which must live as
 * long as it is used.  One of the host's, and NULL, come back as they are. */
FT_Memory gw_ft_memory(void *given, struct gw_ft_memory *storage);

/* What the guest is to see in place of a host's FT_Memory. */
FT_Memory gw_ft_memory_view(FT_Memory memory);

/* --- objects.c ----------------------------------------------------------- */

struct gw_ft_stream;
struct gw_ft_incremental;

/*
 * Remembers a face that the guest got, with what must live as long as it does,
 * each allocated with malloc(), or NULL.  Where there is no memory left the log
 * says so, and they stay, as the face uses them.
 */
void gw_ft_face_made(FT_Library library, FT_Face face,
                     struct gw_ft_stream *stream,
                     struct gw_ft_incremental *incremental);

/* The face belongs to a cache from now on. */
void gw_ft_face_managed(FT_Face face, FTC_Manager manager);

/* Which faces a call may destroy. */
struct gw_ft_faces {
    FT_Face face;        /* this one, */
    FT_Library library;  /* all of a library, */
    FT_Module driver;    /* of these only a driver's, if not NULL, */
    FTC_Manager manager; /* or all of a cache's; the first that is not NULL */
};

/*
 * Around a host function that may destroy objects: finalizers of the guest's
 * in these faces, their sizes and slots become the host's, which call them;
 * what has outlived the call gets its own back.  `owner` tells the calls
 * apart.  Within a call.
 */
void gw_ft_enter(const void *owner, struct gw_ft_faces which);
void gw_ft_leave(const void *owner);

/* --- cache.c, named in the table ----------------------------------------- */

void gw_ft_manager_enter(void *manager, void *same);
void gw_ft_manager_leave(void *manager);
void gw_ft_cache_enter(void *cache, void *same);
void gw_ft_cache_leave(void *cache);

/* --- module.c ------------------------------------------------------------ */

/* The same functions, for the host; in `storage`. */
const FT_Outline_Funcs *gw_ft_outline_funcs(const void *guest,
                                            FT_Outline_Funcs *storage);

#endif
