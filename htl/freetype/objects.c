/* SPDX-License-Identifier: MIT */
/*
 * Faces, and finalizers.  A program may set the finalizer in the `generic` of a
 * face, a size or a slot at any time, without a call; whatever destroys the
 * object calls it.  So around each function that may destroy objects those
 * finalizers become a function of the host's, finalize(), which runs the
 * guest's.  A face has it also where the guest has set none: that it was called
 * tells that the face is gone, which a count of references may prevent.
 */
#include "freetype-host.h"
#include "freetype-htl.h"

#include <pthread.h>
#include <stdlib.h>

struct face {
    FT_Face face;
    FT_Library library;
    FTC_Manager manager; /* or NULL */
    struct gw_ft_stream *stream;
    struct gw_ft_incremental *incremental;
    const void *owner; /* of the call that has destroyed it */
    struct face *next;
};

/* An object with finalize(). */
struct swap {
    void *object;
    FT_Generic *generic;
    FT_Generic_Finalizer guest;
    const void *owner;
    unsigned uses; /* calls of this owner, which nest */
    struct swap *next;
};

/* All three under the lock; no guest code runs under it. */
static struct face *faces;
static struct face *destroyed; /* until the call has ended */
static struct swap *swaps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void forget(struct face *f)
{
    free(f->stream);
    free(f->incremental);
    free(f);
}

void gw_ft_face_made(FT_Library library, FT_Face face,
                     struct gw_ft_stream *stream,
                     struct gw_ft_incremental *incremental)
{
    struct face *f = malloc(sizeof(*f));

    if (!f) {
        gw_log("no memory left to remember a face of FreeType's");
        return;
    }
    *f = (struct face){ .face = face, .library = library, .stream = stream,
                        .incremental = incremental };
    pthread_mutex_lock(&lock);
    f->next = faces;
    faces = f;
    pthread_mutex_unlock(&lock);
}

void gw_ft_face_managed(FT_Face face, FTC_Manager manager)
{
    pthread_mutex_lock(&lock);
    for (struct face *f = faces; f; f = f->next) {
        if (f->face == face) {
            f->manager = manager;
        }
    }
    pthread_mutex_unlock(&lock);
}

/* With the lock held: takes the object's swap out; NULL if it has none. */
static struct swap *take_swap(const void *object)
{
    struct swap **link = &swaps, *s;

    while (*link && (*link)->object != object) {
        link = &(*link)->next;
    }
    s = *link;
    if (s) {
        *link = s->next;
    }
    return s;
}

/* With the lock held: what is a face is one no more. */
static void bury(const void *object, const void *owner)
{
    struct face **link = &faces, *f;

    while (*link && (*link)->face != object) {
        link = &(*link)->next;
    }
    f = *link;
    if (f) {
        *link = f->next;
        f->owner = owner;
        f->next = destroyed;
        destroyed = f;
    }
}

/* The guest finds its own finalizer in the object while it runs. */
static void finalize(void *object)
{
    FT_Generic_Finalizer guest = NULL;
    struct swap *s;

    pthread_mutex_lock(&lock);
    s = take_swap(object);
    if (s) {
        guest = s->guest;
        s->generic->finalizer = guest;
        bury(object, s->owner);
    }
    pthread_mutex_unlock(&lock);
    free(s);
    if (guest) {
        struct gw_cb_FT_Generic_Finalizer b = {
            FT_CALLBACK(FT_Generic_Finalizer, guest), .object = object,
        };
        gw_call_guest(&b.cb);
    }
}

/* With the lock held. */
static void swap(void *object, FT_Generic *generic, const void *owner)
{
    struct swap *s = swaps;

    if (generic->finalizer == finalize) {
        while (s && s->object != object) {
            s = s->next;
        }
        if (s && s->owner == owner) {
            s->uses++;
        }
        return;
    }
    s = malloc(sizeof(*s));
    if (s) {
        *s = (struct swap){ object, generic, generic->finalizer, owner, 1,
                            swaps };
        swaps = s;
        generic->finalizer = finalize;
    }
}

static void swap_face(FT_Face face, const void *owner)
{
    for (FT_GlyphSlot slot = face->glyph; slot; slot = slot->next) {
        if (slot->generic.finalizer) {
            swap(slot, &slot->generic, owner);
        }
    }
    for (FT_ListNode n = face->sizes_list.head; n; n = n->next) {
        FT_Size size = n->data;
        if (size->generic.finalizer) {
            swap(size, &size->generic, owner);
        }
    }
    swap(face, &face->generic, owner);
}

static bool concerns(const struct gw_ft_faces *which, const struct face *f)
{
    if (which->face) {
        return f->face == which->face;
    }
    if (which->library) {
        return f->library == which->library &&
               (!which->driver || (FT_Module)f->face->driver == which->driver);
    }
    return which->manager && f->manager == which->manager;
}

void gw_ft_enter(const void *owner, struct gw_ft_faces which)
{
    pthread_mutex_lock(&lock);
    for (struct face *f = faces; f; f = f->next) {
        if (concerns(&which, f)) {
            swap_face(f->face, owner);
        }
    }
    pthread_mutex_unlock(&lock);
}

void gw_ft_leave(const void *owner)
{
    struct face **link = &destroyed;

    pthread_mutex_lock(&lock);
    for (struct swap **place = &swaps; *place; ) {
        struct swap *s = *place;
        if (s->owner == owner && !--s->uses) {
            s->generic->finalizer = s->guest;
            *place = s->next;
            free(s);
        } else {
            place = &s->next;
        }
    }
    while (*link) {
        struct face *f = *link;
        if (f->owner == owner) {
            *link = f->next;
            forget(f);
        } else {
            link = &f->next;
        }
    }
    pthread_mutex_unlock(&lock);
}

void gw_adjust_FT_New_Face(struct gw_args_FT_New_Face *a)
{
    FT_Face *face = a->aface;

    if (!a->ret && face) {
        gw_ft_face_made(a->library, *face, NULL, NULL);
    }
}

void gw_adjust_FT_New_Memory_Face(struct gw_args_FT_New_Memory_Face *a)
{
    FT_Face *face = a->aface;

    if (!a->ret && face) {
        gw_ft_face_made(a->library, *face, NULL, NULL);
    }
}

void gw_custom_FT_Done_Face(struct gw_args_FT_Done_Face *a)
{
    gw_ft_enter(a->face, (struct gw_ft_faces){ .face = a->face });
    a->ret = gw_freetype_host(FT_Done_Face)(a->face);
    gw_ft_leave(a->face);
}

void gw_custom_FT_Done_Size(struct gw_args_FT_Done_Size *a)
{
    FT_Size size = a->size;

    if (size && size->generic.finalizer) {
        pthread_mutex_lock(&lock);
        swap(size, &size->generic, size);
        pthread_mutex_unlock(&lock);
    }
    a->ret = gw_freetype_host(FT_Done_Size)(size);
    gw_ft_leave(size);
}

void gw_custom_FT_Remove_Module(struct gw_args_FT_Remove_Module *a)
{
    gw_ft_enter(a->module, (struct gw_ft_faces){ .library = a->library,
                                                 .driver = a->module });
    a->ret = gw_freetype_host(FT_Remove_Module)(a->library, a->module);
    gw_ft_leave(a->module);
}
