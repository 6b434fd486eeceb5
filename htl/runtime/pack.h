/* SPDX-License-Identifier: MIT */
/*
 * What a host thunk library (HTL) is made of: a pack with its functions, and
 * the entry points that the guest's half reaches through dlcall.
 */
#ifndef GANGWAY_PACK_H
#define GANGWAY_PACK_H

#include "../../callbacks/call.h"
#include "../../callbacks/closure.h"

enum gw_function_flags {
    GW_FN_FRAME = 1 << 0,  /* one call ends one frame (--stats counts them) */
    GW_FN_BLOCKS = 1 << 1, /* crosses by system call */
    GW_FN_CUSTOM = 1 << 2, /* the thunk is hand-written */
};

/* One function of a pack; generated. */
struct gw_function {
    const char *name;
    /* Unpacks a call block, calls the real function, stores the result. */
    gw_thunk thunk; /* NULL: the policy withholds it, it counts as missing */
    /*
     * For --trace: result, then one "name:kind" per parameter, separated by
     * spaces; e.g. "v mode:E first:i count:i".  Kinds: v nothing, b B signed
     * and unsigned 8 bit, h H 16 bit, i u 32 bit, l L 64 bit, f float,
     * d double, p pointer, s string, x 32-bit mask in hex, E GLenum, T
     * boolean (8 bit), c char, SIZE.ALIGN after an S a struct by value.  E and
     * x may be followed by the decimal number of their group, see struct
     * gw_enum.
     * The block's layout follows from it: each member naturally aligned.
     */
    const char *format;
    uint16_t ret_offset; /* of `ret` in the call block, 0 without result */
    uint16_t ret_size;
    uint32_t flags;      /* enum gw_function_flags */
    const char *soname;  /* the library that exports it, or NULL: the pack's
                            own */
};

/*
 * A callback signature of the model: how a host function of this type is
 * turned into a callback block.  Generated; the index into gw_pack.signatures
 * is also the index into the GTL's table of unpackers.
 */
struct gw_pack_signature {
    struct gw_signature type; /* its format as in struct gw_function */
    /* Functions of the pack that stand for whatever host functions of this
     * type the guest gets to see: ids from first_host on. */
    uint32_t first_host, host_count;
};

/*
 * A named value, for --trace; generated.  Group 0 holds the values that mean
 * the same in every group.
 */
struct gw_enum {
    uint32_t group, value;
    uint32_t name; /* offset in gw_pack.enum_names */
};

/* A library of the host's that the runtime opens by itself; generated. */
struct gw_host_library {
    const char *soname;  /* of the guest thunk library; NULL: end of the list */
    const char *file;    /* what dlopen() gets; "-": NULL */
    const char *package; /* Debian's, to be installed where it is missing */
    void *handle;        /* the runtime's own */
    const char *error;   /* why there is no handle */
};

struct gw_pack {
    struct gw_callee callee; /* its thunks: lazily resolved */
    const char *name; /* "gl" */
    uint32_t signature_count;
    uint64_t model_hash;
    const struct gw_function *functions;   /* [callee.count], by name */
    const struct gw_pack_signature *signatures; /* [signature_count] */
    const struct gw_enum *enums; /* [enum_count], by group, then value */
    uint32_t enum_count;
    const char *enum_names;
    bool guest_heap; /* its libraries allocate and free the guest's memory */
    void **real; /* [callee.count], host functions; NULL until resolved */

    /*
     * The libraries that have the functions, or NULL: open and resolve, by
     * hand, say where they are.  A function that such a library lacks ends the
     * program when it is called, as it would natively.
     */
    struct gw_host_library *libraries;

    /*
     * Opens the host library.  Called once, on the first call of any
     * function, after the guest's driver environment was imported.  Returns
     * false after logging what is missing; then every function is missing.
     */
    bool (*open)(void);
    /* The host's function of that name, or NULL.  Any thread. */
    void *(*resolve)(const char *name);

    /* The runtime's own. */
    void **guest_stubs; /* [callee.count], NULL where no library opened has
                           it */
    void (*const *guest_unpackers)(struct gw_callback *);
    char ***guest_environ;
    int state;
};

/*
 * Defines the three entry points of an HTL, which the plugin hands to the
 * guest: gw_open(struct gw_open *, NULL), gw_invoke(struct gw_call *, NULL)
 * for the system call and gw_ring(struct gw_call *, waits) for the doorbell,
 * with NULL for waits where a call by doorbell must not block.
 */
#define GW_DEFINE_HTL(pack)                                                   \
    GW_PUBLIC void gw_open(struct gw_open *open, void *unused);               \
    GW_PUBLIC void gw_invoke(struct gw_call *call, void *unused);             \
    GW_PUBLIC void gw_ring(struct gw_call *call, void *waits);                \
    void gw_open(struct gw_open *open, void *unused)                          \
    {                                                                         \
        (void)unused;                                                         \
        gw_pack_open(&(pack), open);                                          \
    }                                                                         \
    void gw_invoke(struct gw_call *call, void *unused)                        \
    {                                                                         \
        (void)unused;                                                         \
        gw_call_invoke(&(pack).callee, call);                                 \
    }                                                                         \
    void gw_ring(struct gw_call *call, void *waits)                           \
    {                                                                         \
        gw_call_ring(&(pack).callee, call, waits);                            \
    }

GW_PUBLIC void gw_pack_open(struct gw_pack *pack, struct gw_open *open);

/*
 * The id of the pack's function `name`, or -1.  Binary search; any thread.
 */
GW_PUBLIC int gw_pack_find(const struct gw_pack *pack, const char *name);

/*
 * The guest's stub for `name` when the pack has the function and the host
 * does too, else NULL: the answer to every GetProcAddress.
 * Opens the pack if need be.  Any thread.
 */
GW_PUBLIC void *gw_pack_guest_proc(struct gw_pack *pack, const char *name);

/*
 * A host function that runs guest function `target` of the pack's signature
 * number `signature`.  The same three give the same closure, with one more
 * reference.  A stub that the guest was given for a host function becomes that
 * function again.  NULL for a NULL target, or when no memory is left for code.
 * `pack` must be open.  Within a call.
 */
GW_PUBLIC void *gw_closure_get(struct gw_pack *pack, unsigned signature,
                               void *target);

/* The same for a library that calls it on the calling thread only, before it
 * returns: no guest thread has to stand by for threads of the host's own. */
GW_PUBLIC void *gw_closure_get_local(struct gw_pack *pack, unsigned signature,
                                     void *target);

/* The same as gw_closure_get() for a library that does not tell when it
 * forgets it: one reference is never given back, however often it is asked
 * for; so it costs one closure for each guest function. */
GW_PUBLIC void *gw_closure_keep(struct gw_pack *pack, unsigned signature,
                                void *target);

/* Both: kept, and called on threads of the guest's only. */
GW_PUBLIC void *gw_closure_keep_local(struct gw_pack *pack,
                                      unsigned signature, void *target);

/* gw_closure_keep() for a function whose arguments or results need more than
 * to be carried over: see `around` of gw_closure_make(). */
GW_PUBLIC void *gw_closure_keep_around(
    struct gw_pack *pack, unsigned signature, void *target,
    void (*around)(struct gw_closure_call *call));

/*
 * For a function pointer that the host library hands out: the guest's own
 * function when it is a closure's, the guest's stub when it is one of the
 * pack's functions, a stub that calls it when the policy has such stubs for
 * the signature (hostfn), else NULL, with a line that says so: host code
 * cannot be called by the guest.  Any thread.
 */
GW_PUBLIC void *gw_pack_guest_function(struct gw_pack *pack, int signature,
                                       void *function);

/*
 * The reverse: the host's function when `function` is the guest's stub for
 * one, else NULL: it is the guest's own, and needs a closure.  Any thread.
 */
GW_PUBLIC void *gw_pack_host_function(struct gw_pack *pack, int signature,
                                      const void *function);

/*
 * The host's function behind id, opening the pack and resolving it if need
 * be; NULL when the host lacks it.  Any thread.
 */
GW_PUBLIC void *gw_pack_real(struct gw_pack *pack, uint32_t id);

/*
 * For hand-written code of a pack with libraries: what the first of them that
 * has the symbol exports by that name, or NULL.  Within a call.
 */
GW_PUBLIC void *gw_pack_symbol(const struct gw_pack *pack, const char *name);

#endif
