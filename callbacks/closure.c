/* SPDX-License-Identifier: MIT */
#include "closure.h"
#include "pair.h"
#include "../htl/runtime/runtime.h"

#include <alloca.h>
#include <ffi.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* More parameters than any callback of any registry has. */
#define PARAMETERS_MAX 32

/* A signature, made ready for libffi.  Lives as long as the process. */
struct shape {
    struct shape *next;
    const struct gw_signature *signature;
    ffi_cif cif;
    ffi_type *types[PARAMETERS_MAX];
    unsigned offset[PARAMETERS_MAX]; /* in the callback block */
    unsigned count;
    unsigned ret_offset;
    unsigned block_size;
};

struct closure {
    struct closure *next_by_key, *next_by_code;
    ffi_closure *ffi;
    void *code;
    const struct shape *shape;
    struct gw_pack *pack;
    unsigned signature;
    void *target;
    void (*around)(struct gw_closure_call *call); /* or NULL */
    unsigned references;
    bool kept; /* one of them is gw_closure_keep()'s */
};

#define BUCKETS 4096

/* Guards the list and both tables; held for a few instructions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shape *shapes;
static struct closure *by_key[BUCKETS]; /* target, signature, pack */
static struct closure *by_code[BUCKETS];

/* Another thread of the parent may have held it. */
static void unlock_in_child(void)
{
    pthread_mutex_init(&lock, NULL);
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, unlock_in_child);
}

static struct closure **bucket(struct closure **table, const void *pointer)
{
    return &table[(uintptr_t)pointer * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

/* The kinds of gw_function.format. */
static ffi_type *type_of(char kind)
{
    switch (kind) {
    case 'v':
        return &ffi_type_void;
    case 'b':
        return &ffi_type_sint8;
    case 'B':
    case 'T':
        return &ffi_type_uint8;
    case 'h':
        return &ffi_type_sint16;
    case 'H':
        return &ffi_type_uint16;
    case 'i':
        return &ffi_type_sint32;
    case 'u':
    case 'x':
    case 'E':
        return &ffi_type_uint32;
    case 'l':
        return &ffi_type_sint64;
    case 'L':
        return &ffi_type_uint64;
    case 'f':
        return &ffi_type_float;
    case 'd':
        return &ffi_type_double;
    default:
        return &ffi_type_pointer;
    }
}

static unsigned align(unsigned offset, size_t size)
{
    return size ? (offset + size - 1) / size * size : offset;
}

/* Reads "v a:i b:p": the block has each member naturally aligned, ret last. */
static bool lay_out(struct shape *shape)
{
    const char *format = shape->signature->format;
    ffi_type *result = type_of(*format);
    unsigned at = sizeof(struct gw_callback);

    for (const char *p = strchr(format, ' '); p; p = strchr(p + 1, ' ')) {
        ffi_type *type = type_of(strchr(p, ':')[1]);
        if (shape->count == PARAMETERS_MAX) {
            return false;
        }
        at = align(at, type->size);
        shape->types[shape->count] = type;
        shape->offset[shape->count++] = at;
        at += type->size;
    }
    shape->ret_offset = align(at, *format == 'v' ? 0 : result->size);
    shape->block_size = shape->ret_offset + 8;
    return ffi_prep_cif(&shape->cif, FFI_DEFAULT_ABI, shape->count, result,
                        shape->types) == FFI_OK;
}

/* With the lock held. */
static const struct shape *shape_of(const struct gw_signature *signature)
{
    struct shape *s = shapes;

    while (s && s->signature != signature) {
        s = s->next;
    }
    if (!s) {
        s = calloc(1, sizeof(*s));
        if (!s) {
            return NULL;
        }
        s->signature = signature;
        if (!lay_out(s)) {
            gw_log("callback type %s cannot be made", signature->name);
            free(s);
            return NULL;
        }
        s->next = shapes;
        shapes = s;
    }
    return s;
}

/* libffi wants small integers widened to a register. */
static void store_result(const struct shape *s, const char *block, void *ret)
{
    const void *from = block + s->ret_offset;
    ffi_type *type = s->cif.rtype;

    switch (type->type) {
    case FFI_TYPE_VOID:
        break;
    case FFI_TYPE_SINT8:
        *(ffi_sarg *)ret = *(const int8_t *)from;
        break;
    case FFI_TYPE_UINT8:
        *(ffi_arg *)ret = *(const uint8_t *)from;
        break;
    case FFI_TYPE_SINT16:
        *(ffi_sarg *)ret = *(const int16_t *)from;
        break;
    case FFI_TYPE_UINT16:
        *(ffi_arg *)ret = *(const uint16_t *)from;
        break;
    case FFI_TYPE_SINT32:
        *(ffi_sarg *)ret = *(const int32_t *)from;
        break;
    case FFI_TYPE_UINT32:
        *(ffi_arg *)ret = *(const uint32_t *)from;
        break;
    default:
        memcpy(ret, from, type->size);
    }
}

/* Of a size that is 1, 2, 4 or 8: a memcpy() would be a function call. */
static inline void copy_argument(void *to, const void *from, size_t size)
{
    switch (size) {
    case 1:
        *(uint8_t *)to = *(const uint8_t *)from;
        break;
    case 2:
        *(uint16_t *)to = *(const uint16_t *)from;
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    default:
        memcpy(to, from, size);
    }
}

void gw_closure_proceed(struct gw_closure_call *call)
{
    const struct closure *c = call->closure;
    const struct shape *s = c->shape;
    char *block = alloca(s->block_size);
    struct gw_callback *cb = (struct gw_callback *)block;

    /* Where the guest never comes to store it, the result is 0. */
    memset(block + s->ret_offset, 0, 8);
    for (unsigned i = 0; i < s->count; i++) {
        copy_argument(block + s->offset[i], call->args[i],
                      s->types[i]->size);
    }
    cb->run = c->pack->guest_unpackers[c->signature];
    cb->target = c->target;
    if (!gw_call_guest(cb) && !gw_pair_callback(cb)) {
        gw_log("a callback (%s) on a thread of the host's own cannot be "
               "delivered: the guest program has no threads",
               s->signature->name);
    }
    store_result(s, block, call->ret);
}

/* The host library calls the closure. */
static void called(ffi_cif *cif, void *ret, void **args, void *arg)
{
    const struct closure *c = arg;
    struct gw_closure_call call = { c->shape->signature, args, ret, c };

    (void)cif;
    if (c->around) {
        c->around(&call);
    } else {
        gw_closure_proceed(&call);
    }
}

/* With the lock held. */
static struct closure *make(struct gw_pack *pack, unsigned signature,
                            void *target)
{
    struct closure *c = calloc(1, sizeof(*c)), **link;

    if (!c) {
        return NULL;
    }
    c->pack = pack;
    c->signature = signature;
    c->target = target;
    c->shape = shape_of(&pack->signatures[signature]);
    c->ffi = c->shape ? ffi_closure_alloc(sizeof(*c->ffi), &c->code) : NULL;
    if (!c->ffi || ffi_prep_closure_loc(c->ffi, (ffi_cif *)&c->shape->cif,
                                        called, c, c->code) != FFI_OK) {
        if (c->ffi) {
            ffi_closure_free(c->ffi);
        }
        free(c);
        return NULL;
    }
    link = bucket(by_key, target);
    c->next_by_key = *link;
    *link = c;
    link = bucket(by_code, c->code);
    c->next_by_code = *link;
    *link = c;
    return c;
}

/* With the lock held. */
static struct closure *find_code(const void *code)
{
    struct closure *c = *bucket(by_code, code);

    while (c && c->code != code) {
        c = c->next_by_code;
    }
    return c;
}

static void *get(struct gw_pack *pack, unsigned signature, void *target,
                 bool keep, void (*around)(struct gw_closure_call *))
{
    struct closure *c;
    void *code = gw_pack_host_function(pack, signature, target);

    if (!target || code) {
        return code; /* nothing, or a host function that comes back */
    }
    pthread_mutex_lock(&lock);
    c = *bucket(by_key, target);
    while (c && (c->target != target || c->signature != signature ||
                 c->pack != pack)) {
        c = c->next_by_key;
    }
    c = c ? c : make(pack, signature, target);
    if (c) {
        c->around = around;
        c->references += !(keep && c->kept);
        c->kept |= keep;
        code = c->code;
    }
    pthread_mutex_unlock(&lock);
    if (!code) {
        gw_log("no memory left for a callback (%s)",
               pack->signatures[signature].name);
    }
    return code;
}

void *gw_closure_get_local(struct gw_pack *pack, unsigned signature,
                           void *target)
{
    return get(pack, signature, target, false, NULL);
}

void *gw_closure_get(struct gw_pack *pack, unsigned signature, void *target)
{
    if (target) {
        gw_pair_prepare();
    }
    return get(pack, signature, target, false, NULL);
}

void *gw_closure_keep_local(struct gw_pack *pack, unsigned signature,
                            void *target)
{
    return get(pack, signature, target, true, NULL);
}

void *gw_closure_keep(struct gw_pack *pack, unsigned signature, void *target)
{
    if (target) {
        gw_pair_prepare();
    }
    return get(pack, signature, target, true, NULL);
}

void *gw_closure_keep_around(struct gw_pack *pack, unsigned signature,
                             void *target,
                             void (*around)(struct gw_closure_call *))
{
    if (target) {
        gw_pair_prepare();
    }
    return get(pack, signature, target, true, around);
}

/* With the lock held. */
static void destroy(struct closure *c)
{
    struct closure **link = bucket(by_key, c->target);

    while (*link != c) {
        link = &(*link)->next_by_key;
    }
    *link = c->next_by_key;
    link = bucket(by_code, c->code);
    while (*link != c) {
        link = &(*link)->next_by_code;
    }
    *link = c->next_by_code;
    ffi_closure_free(c->ffi);
    free(c);
}

void gw_closure_put(void *closure)
{
    struct closure *c;

    pthread_mutex_lock(&lock);
    c = find_code(closure);
    if (c && --c->references == 0) {
        destroy(c);
    }
    pthread_mutex_unlock(&lock);
}

void *gw_closure_target(const void *host_function)
{
    struct closure *c;
    void *target;

    pthread_mutex_lock(&lock);
    c = find_code(host_function);
    target = c ? c->target : NULL;
    pthread_mutex_unlock(&lock);
    return target;
}
