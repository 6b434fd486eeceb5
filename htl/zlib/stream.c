/* SPDX-License-Identifier: MIT */
#include "stream.h"
#include "zlib-htl.h"

#include <stdatomic.h>
#include <zlib.h>

/* Where a program passes no allocator, zlib fills in functions of its own;
 * the guest gets stubs for them, gw_zalloc() and gw_zfree(). */
static _Atomic(alloc_func) own_alloc;
static _Atomic(free_func) own_free;

static void *stub(int id)
{
    return gw_zlib_pack.guest_stubs[id];
}

/* A stream that a longjmp() left in the middle of a call has closures. */
static void *to_host(void *function, int stub_id, void *own, int signature)
{
    if (!function || gw_closure_target(function)) {
        return function;
    }
    if (function == stub(stub_id)) {
        return own;
    }
    return gw_closure_keep_local(&gw_zlib_pack, signature, function);
}

void gw_zlib_enter(void *stream, void *same)
{
    z_stream *z = stream;

    (void)same;
    if (z) {
        z->zalloc = (alloc_func)to_host((void *)z->zalloc,
            gw_zlib_id_gw_zalloc, (void *)own_alloc,
            gw_zlib_sig_alloc_func);
        z->zfree = (free_func)to_host((void *)z->zfree, gw_zlib_id_gw_zfree,
            (void *)own_free, gw_zlib_sig_free_func);
    }
}

void gw_zlib_leave(void *stream)
{
    z_stream *z = stream;
    void *target;

    if (z && z->zalloc) {
        target = gw_closure_target((void *)z->zalloc);
        own_alloc = target ? own_alloc : z->zalloc;
        z->zalloc = (alloc_func)(target ? target : stub(gw_zlib_id_gw_zalloc));
    }
    if (z && z->zfree) {
        target = gw_closure_target((void *)z->zfree);
        own_free = target ? own_free : z->zfree;
        z->zfree = (free_func)(target ? target : stub(gw_zlib_id_gw_zfree));
    }
}

void gw_custom_gw_zalloc(struct gw_args_gw_zalloc *a)
{
    a->ret = own_alloc(a->opaque, a->items, a->size);
}

void gw_custom_gw_zfree(struct gw_args_gw_zfree *a)
{
    own_free(a->opaque, a->address);
}

/* The copy is made of the whole struct, or nothing is copied. */
static int copy(int (*real)(z_stream *, z_stream *), z_stream *dest,
                z_stream *source)
{
    int result;

    gw_zlib_enter(source, source);
    result = real(dest, source);
    if (dest && source && dest != source && dest->zalloc == source->zalloc) {
        gw_zlib_leave(dest);
    }
    gw_zlib_leave(source);
    return result;
}

void gw_custom_deflateCopy(struct gw_args_deflateCopy *a)
{
    a->ret = copy(gw_zlib_host(deflateCopy), a->dest, a->source);
}

void gw_custom_inflateCopy(struct gw_args_inflateCopy *a)
{
    a->ret = copy(gw_zlib_host(inflateCopy), a->dest, a->source);
}
