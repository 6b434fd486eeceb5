/* SPDX-License-Identifier: MIT */
/*
 * Where a host library's call of a closure arrives: what trampoline code,
 * arch/ and closure.c agree upon.
 *
 * A host function calls the trampoline, that jumps to gw_closure_arrive() in
 * arch/ with its data, which builds a struct gw_arrival right below its saved
 * frame pointer and return address, and so GW_ARRIVAL_SIZE + 16 bytes below
 * the arguments that are not in registers.
 */
#ifndef GANGWAY_ARRIVAL_H
#define GANGWAY_ARRIVAL_H

/* Offsets into struct gw_arrival, for arch/; checked in closure.c. */
#define GW_ARRIVAL_INTEGER 0
#define GW_ARRIVAL_REAL 64
#define GW_ARRIVAL_CLOSURE 128
#define GW_ARRIVAL_SIZE 432

/*
 * A pool of trampolines is this much code and behind it this much data: for
 * each trampoline of 16 bytes, 16 bytes of data, of which the first 8 are the
 * closure and the others gw_closure_arrive()'s address.  A multiple of every
 * page size that a supported host has, up to Arm's 64 KiB.
 */
#define GW_TRAMPOLINE_POOL 65536
#define GW_TRAMPOLINE_SIZE 16

#ifndef __ASSEMBLER__
#include <stdint.h>

struct closure;
struct gw_stack;

/* More parameters than any callback of any registry has. */
#define GW_PARAMETERS_MAX 32

/* On the host stack, while the guest function runs. */
struct gw_arrival {
    uint64_t integer[8]; /* argument registers; then the result, for both */
    uint64_t real[8];    /* kinds of registers */
    const struct closure *closure;
    int saved_errno;
    /* The callback block; as large as the largest. */
    char block[24 + GW_PARAMETERS_MAX * 8 + 8] __attribute__((aligned(8)));
} __attribute__((aligned(16)));

/* --- in arch/ ------------------------------------------------------------- */

/* Where trampolines lead; not to be called from C. */
void gw_closure_arrive(void);

/* A trampoline, valid at any address with its data behind it. */
extern const char gw_trampoline[GW_TRAMPOLINE_SIZE];

/* How many registers of each kind carry arguments, and whether real numbers
 * beyond them go into free integer registers before the stack. */
extern const uint32_t gw_integer_registers, gw_real_registers;
extern const uint32_t gw_reals_overflow;

/* --- in closure.c, for arch/ ----------------------------------------------- */

/*
 * Prepares the guest's call.  Returns the stack to suspend, on which
 * gw_closure_leave() is to be called when it is resumed; or NULL when all has
 * been done and the result stands in `a`.
 */
struct gw_stack *gw_closure_enter(struct gw_arrival *a);

/* Puts the result into `a`. */
void gw_closure_leave(struct gw_arrival *a);

/* --- in trampoline.c ------------------------------------------------------- */

/* Code that arrives with `closure`, or NULL when no memory is left.  The
 * caller sees to it that one thread at a time is in these two. */
void *gw_trampoline_get(const struct closure *closure);

/* Nobody may call it any more. */
void gw_trampoline_put(void *code);
#endif

#endif
