/* SPDX-License-Identifier: MIT */
/*
 * Libraries and their memory.  What FreeType allocates is always the guest's:
 * from the functions that the program passes, or else from its malloc(), as
 * programs read it, write it to files, and some free it.
 */
#include "freetype-host.h"
#include "freetype-htl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

/* Those of living libraries.  Under the lock; no guest code runs under it. */
static struct gw_ft_memory *memories;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool gw_ft_is_hosts(const void *address)
{
    Dl_info info;

    return address && dladdr(address, &info);
}

static void *allocate(FT_Memory memory, long size)
{
    struct gw_ft_memory *m = (struct gw_ft_memory *)memory;

    if (!m->guest) {
        return (void *)gw_guest_service(GW_SERVICE_MALLOC, size, 0, 0);
    }
    struct gw_cb_FT_Alloc_Func b = {
        FT_CALLBACK(FT_Alloc_Func, m->guest->alloc),
        .memory = m->guest, .size = size,
    };
    gw_call_guest(&b.cb);
    return b.ret;
}

static void release(FT_Memory memory, void *block)
{
    struct gw_ft_memory *m = (struct gw_ft_memory *)memory;

    /* FT_Done_Memory(), with the struct that gw_custom_FT_Init_FreeType() has
     * made. */
    if (block == m) {
        free(m);
        return;
    }
    if (block == m->library) {
        m->library = NULL;
    }
    if (!m->guest) {
        gw_guest_service(GW_SERVICE_FREE, (uintptr_t)block, 0, 0);
        return;
    }
    struct gw_cb_FT_Free_Func b = {
        FT_CALLBACK(FT_Free_Func, m->guest->free),
        .memory = m->guest, .block = block,
    };
    gw_call_guest(&b.cb);
}

static void *reallocate(FT_Memory memory, long old, long size, void *block)
{
    struct gw_ft_memory *m = (struct gw_ft_memory *)memory;

    if (!m->guest) {
        return (void *)gw_guest_service(GW_SERVICE_REALLOC, (uintptr_t)block,
                                        size, 0);
    }
    struct gw_cb_FT_Realloc_Func b = {
        FT_CALLBACK(FT_Realloc_Func, m->guest->realloc),
        .memory = m->guest, .cur_size = old, .new_size = size, .block = block,
    };
    gw_call_guest(&b.cb);
    return b.ret;
}

static void init(struct gw_ft_memory *m, FT_Memory guest)
{
    *m = (struct gw_ft_memory){
        .host = {
            .user = guest ? guest->user : NULL,
            .alloc = allocate, .free = release, .realloc = reallocate,
        },
        .guest = guest,
    };
}

FT_Memory gw_ft_memory(void *given, struct gw_ft_memory *storage)
{
    FT_Memory memory = given;

    if (!memory || gw_ft_is_hosts((void *)memory->alloc)) {
        return memory;
    }
    init(storage, memory);
    return &storage->host;
}

FT_Memory gw_ft_memory_view(FT_Memory memory)
{
    static struct FT_MemoryRec_ standard;
    struct gw_ft_memory *m = (struct gw_ft_memory *)memory;

    if (!memory || memory->alloc != allocate) {
        return memory;
    }
    if (m->guest) {
        return m->guest;
    }
    standard.alloc = (FT_Alloc_Func)FT_STUB(gw_ft_alloc);
    standard.free = (FT_Free_Func)FT_STUB(gw_ft_free);
    standard.realloc = (FT_Realloc_Func)FT_STUB(gw_ft_realloc);
    return &standard;
}

/* The guest's side of the standard memory. */

void gw_custom_gw_ft_alloc(struct gw_args_gw_ft_alloc *a)
{
    a->ret = (void *)gw_guest_service(GW_SERVICE_MALLOC, a->size, 0, 0);
}

void gw_custom_gw_ft_free(struct gw_args_gw_ft_free *a)
{
    gw_guest_service(GW_SERVICE_FREE, (uintptr_t)a->block, 0, 0);
}

void gw_custom_gw_ft_realloc(struct gw_args_gw_ft_realloc *a)
{
    a->ret = (void *)gw_guest_service(GW_SERVICE_REALLOC,
                                      (uintptr_t)a->block, a->size, 0);
}

/* A library with memory of its own; `m` is from malloc(), or NULL. */
static FT_Error new_library(struct gw_ft_memory *m, FT_Memory guest,
                            FT_Library *library)
{
    FT_Error error;

    if (!m) {
        return FT_Err_Out_Of_Memory;
    }
    init(m, guest);
    error = gw_freetype_host(FT_New_Library)(&m->host, library);
    if (error) {
        free(m);
        return error;
    }
    m->library = *library;
    pthread_mutex_lock(&lock);
    m->next = memories;
    memories = m;
    pthread_mutex_unlock(&lock);
    return 0;
}

/* The memory that was made for the library, or NULL. */
static struct gw_ft_memory *memory_of(FT_Library library)
{
    struct gw_ft_memory *m;

    pthread_mutex_lock(&lock);
    m = memories;
    while (m && m->library != library) {
        m = m->next;
    }
    pthread_mutex_unlock(&lock);
    return library ? m : NULL;
}

static void unlist(struct gw_ft_memory *m)
{
    struct gw_ft_memory **link = &memories;

    pthread_mutex_lock(&lock);
    while (*link && *link != m) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = m->next;
    }
    pthread_mutex_unlock(&lock);
}

void gw_custom_FT_New_Library(struct gw_args_FT_New_Library *a)
{
    FT_Memory guest = a->memory;

    if (!guest || !a->alibrary || gw_ft_is_hosts((void *)guest->alloc)) {
        a->ret = gw_freetype_host(FT_New_Library)(guest, a->alibrary);
        return;
    }
    a->ret = new_library(malloc(sizeof(struct gw_ft_memory)), guest,
                         a->alibrary);
}

/* As in FreeType's ftinit.c, with other memory. */
void gw_custom_FT_Init_FreeType(struct gw_args_FT_Init_FreeType *a)
{
    FT_Library *library = a->alibrary;

    a->ret = library ? new_library(malloc(sizeof(struct gw_ft_memory)), NULL,
                                   library)
                     : FT_Err_Invalid_Argument;
    if (!a->ret) {
        FT_HOST(FT_Add_Default_Modules)(*library);
        FT_HOST(FT_Set_Default_Properties)(*library);
    }
}

/* `done` frees what was made for the library unless others refer to it. */
static FT_Error done(FT_Error (*real)(FT_Library), FT_Library library)
{
    struct gw_ft_memory *m = memory_of(library);
    bool frees = m && !m->guest &&
                 real == gw_freetype_host(FT_Done_FreeType);
    FT_Error error;

    if (frees) { /* by itself */
        unlist(m);
    }
    gw_ft_enter(library, (struct gw_ft_faces){ .library = library });
    error = real(library);
    gw_ft_leave(library);
    if (m && !frees && !m->library) {
        unlist(m);
        free(m);
    }
    return error;
}

void gw_custom_FT_Done_Library(struct gw_args_FT_Done_Library *a)
{
    a->ret = done(gw_freetype_host(FT_Done_Library), a->library);
}

void gw_custom_FT_Done_FreeType(struct gw_args_FT_Done_FreeType *a)
{
    a->ret = done(gw_freetype_host(FT_Done_FreeType), a->library);
}

/* --- lists --------------------------------------------------------------- */

struct destructor {
    void *guest, *memory, *user;
};

static void destroy(FT_Memory memory, void *data, void *user)
{
    struct destructor *d = user;
    struct gw_cb_FT_List_Destructor b = {
        FT_CALLBACK(FT_List_Destructor, d->guest),
        .memory = d->memory, .data = data, .user = d->user,
    };

    (void)memory;
    gw_call_guest(&b.cb);
}

void gw_custom_FT_List_Finalize(struct gw_args_FT_List_Finalize *a)
{
    struct destructor d = { a->destroy, a->memory, a->user };
    struct gw_ft_memory storage;

    gw_freetype_host(FT_List_Finalize)(
        a->list, a->destroy ? destroy : NULL,
        gw_ft_memory(a->memory, &storage), &d);
}
