/* SPDX-License-Identifier: MIT */
/*
 * Where a closure's arguments are when it is called, and where they go in the
 * callback block.
 */
#ifndef GANGWAY_LAYOUT_H
#define GANGWAY_LAYOUT_H

#include "arrival.h"

#include <stdbool.h>
#include <string.h>

struct gw_layout {
    unsigned count;
    unsigned ret_offset; /* in the callback block */
    unsigned block_size;
    char ret_kind;
    uint16_t from[GW_PARAMETERS_MAX]; /* in struct gw_arrival or above it */
    uint16_t to[GW_PARAMETERS_MAX];   /* in the callback block */
    uint8_t size[GW_PARAMETERS_MAX];
};

/* Of a signature in the form of gw_function.format.  False where it has more
 * than GW_PARAMETERS_MAX parameters. */
bool gw_layout_make(struct gw_layout *layout, const char *format);

/*
 * Copies the arguments into the block.  8 bytes each, whatever its size: what
 * is too much is overwritten by the next one, at last by the result, which is
 * 0 where the guest never comes to store it.
 */
static inline void gw_layout_fill(const struct gw_layout *layout,
                                  struct gw_arrival *a)
{
    for (unsigned i = 0; i < layout->count; i++) {
        memcpy(a->block + layout->to[i], (char *)a + layout->from[i], 8);
    }
    memset(a->block + layout->ret_offset, 0, 8);
}

/* The block's result as a register carries it. */
uint64_t gw_layout_result(const struct gw_layout *layout, const char *block);

/* Puts the block's result where arch/ takes it from. */
static inline void gw_layout_return(const struct gw_layout *layout,
                                    struct gw_arrival *a)
{
    a->integer[0] = a->real[0] = gw_layout_result(layout, a->block);
}

#endif
