/* SPDX-License-Identifier: MIT */
/*
 * What a generated GTL stub is made of.  Guest code, freestanding: nothing
 * here may need the guest's libc at load time.
 *
 * A stub fills a call block on its own stack and crosses:
 *
 *     GW_STUB(uint32_t, glGetError, (void))
 *     {
 *         struct gw_args_glGetError c;
 *         c.call.id = 42;
 *         GW_RING(c);
 *         return c.ret;
 *     }
 *     GW_STUB_EXPORT(glGetError)
 */
#ifndef GANGWAY_STUB_H
#define GANGWAY_STUB_H

#include "gangway/abi.h"

#include <stdbool.h>

#define GW_HIDDEN __attribute__((visibility("hidden")))
#define GW_UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * The stub proper is hidden, so that the pack's own tables bind to it; the
 * library's name for it is an alias, exported where the library's symbol list
 * has it.
 */
#define GW_STUB(result, name, params) GW_HIDDEN result gw_stub_##name params
#define GW_STUB_EXPORT(name)                                                  \
    extern __typeof__(gw_stub_##name) name                                    \
        __attribute__((alias("gw_stub_" #name), visibility("default")));

/*
 * One instruction that stores `value` (0 or 3) to the first word of block
 * `c`, with its address in section gw_doorbells, which the runtime announces
 * to the plugin.  The block is an in-out operand: the host reads and writes
 * all of it.
 */
#define GW_DOORBELL_ENTRY                                                     \
    "\n\t.pushsection gw_doorbells,\"a\",@progbits"                           \
    "\n\t.balign 4"                                                           \
    "\n\t.long 1b - ."                                                        \
    "\n\t.popsection"
#if defined(__x86_64__)
#define GW_DOORBELL_STORE(c, value)                                           \
    __asm__ volatile("1:\tmovl %1, %0" GW_DOORBELL_ENTRY                      \
                     : "+m"(c)                                                \
                     : "i"(value)                                             \
                     : "memory")
#elif defined(__aarch64__)
#define GW_DOORBELL_STORE(c, value)                                           \
    __asm__ volatile("1:\tstr %w1, %0" GW_DOORBELL_ENTRY                      \
                     : "+Q"(c)                                                \
                     : "rZ"(value)                                            \
                     : "memory")
#elif defined(__riscv)
#define GW_DOORBELL_STORE(c, value)                                           \
    __asm__ volatile("1:\tsw %z1, %0" GW_DOORBELL_ENTRY                       \
                     : "+m"(c)                                                \
                     : "rJ"(value)                                            \
                     : "memory")
#else
#error "no doorbell for this guest ISA: add one here and in gtl/runtime"
#endif

/* Crosses with a function that returns soon: inside translated code. */
#define GW_RING(c)                                                            \
    do {                                                                      \
        GW_DOORBELL_STORE(c, GW_NEW);                                         \
        if (GW_UNLIKELY((c).call.status != GW_DONE)) {                        \
            gw_cross_ring(&(c).call);                                         \
        }                                                                     \
    } while (0)

/* Crosses with a function that may block or take long: by doorbell only where
 * that may block. */
#define GW_BLOCK(c)                                                           \
    do {                                                                      \
        if (gw_rings_may_block) {                                             \
            GW_RING(c);                                                       \
        } else {                                                              \
            gw_cross_block(&(c).call);                                        \
        }                                                                     \
    } while (0)

/* GW_ATTR_DOORBELL_BLOCKS is there, and the doorbells are announced. */
GW_HIDDEN extern bool gw_rings_may_block;

/*
 * Finishes a crossing that the doorbell did not finish: nobody listened, or
 * the host wants a callback run.  Returns with status GW_DONE.
 */
GW_HIDDEN void gw_cross_ring(struct gw_call *call);

/* A whole crossing by system call.  Returns with status GW_DONE. */
GW_HIDDEN void gw_cross_block(struct gw_call *call);

/*
 * What a GTL is, for its runtime: one object named gw_gtl in every GTL,
 * defined by the generated file of its pack.
 */
struct gw_gtl {
    const char *pack;      /* "gl": the HTL is htl-gl.so */
    uint64_t model_hash;
    uint32_t stub_count;
    const int32_t *stubs;  /* [stub_count], distance from entry to stub */
    uint32_t unpacker_count;
    const int32_t *unpacker_distances; /* [unpacker_count] */
    void (**unpackers)(struct gw_callback *); /* [unpacker_count], to fill */
};
extern const struct gw_gtl gw_gtl GW_HIDDEN;

/* Fills gw_gtl.unpackers: at start, in place of relocations. */
static inline void gw_find_unpackers(void)
{
    for (uint32_t i = 0; i < gw_gtl.unpacker_count; i++) {
        const int32_t *entry = &gw_gtl.unpacker_distances[i];
        gw_gtl.unpackers[i] =
            (void (*)(struct gw_callback *))((const char *)entry + *entry);
    }
}

/* This library's soname; defined per library on the compiler's command line
 * or by a generated file. */
extern const char gw_soname[] GW_HIDDEN;

#endif
