/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include "gangway/abi.h"

#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(struct gw_arrival, integer) == GW_ARRIVAL_INTEGER, "");
_Static_assert(offsetof(struct gw_arrival, real) == GW_ARRIVAL_REAL, "");
_Static_assert(offsetof(struct gw_arrival, closure) == GW_ARRIVAL_CLOSURE, "");
_Static_assert(sizeof(struct gw_arrival) == GW_ARRIVAL_SIZE, "");
/* With room for what the last argument is too long. */
_Static_assert(sizeof(struct gw_callback) + GW_PARAMETERS_MAX * 8 + 8 <=
               sizeof(((struct gw_arrival *)0)->block), "");

/* Bytes of a kind of gw_function.format. */
static unsigned size_of(char kind)
{
    switch (kind) {
    case 'v':
        return 0;
    case 'b':
    case 'B':
    case 'T':
        return 1;
    case 'h':
    case 'H':
        return 2;
    case 'i':
    case 'u':
    case 'x':
    case 'E':
    case 'f':
        return 4;
    default:
        return 8;
    }
}

static unsigned align(unsigned offset, unsigned size)
{
    return size ? (offset + size - 1) / size * size : offset;
}

/*
 * Reads "v a:i b:p".  The block has each member naturally aligned, ret last.
 * A call has its arguments in registers, the rest on the stack, 8 bytes each.
 */
bool gw_layout_make(struct gw_layout *layout, const char *format)
{
    unsigned at = sizeof(struct gw_callback), integers = 0, reals = 0;
    unsigned stack = GW_ARRIVAL_SIZE + 16;

    memset(layout, 0, sizeof(*layout));
    for (const char *p = strchr(format, ' '); p; p = strchr(p + 1, ' ')) {
        char kind = strchr(p, ':')[1];
        bool real = kind == 'f' || kind == 'd';
        unsigned i = layout->count, size = size_of(kind);
        if (i == GW_PARAMETERS_MAX) {
            return false;
        }
        if (real && reals < gw_real_registers) {
            layout->from[i] = GW_ARRIVAL_REAL + 8 * reals++;
        } else if ((!real || gw_reals_overflow) &&
                   integers < gw_integer_registers) {
            layout->from[i] = GW_ARRIVAL_INTEGER + 8 * integers++;
        } else {
            layout->from[i] = stack;
            stack += 8;
        }
        at = align(at, size);
        layout->to[i] = at;
        layout->size[i] = size;
        layout->count++;
        at += size;
    }
    layout->ret_kind = *format;
    layout->ret_offset = align(at, size_of(*format));
    layout->block_size = layout->ret_offset + 8;
    return true;
}

/* The result as a register carries it: sign extension beyond 32 bits is
 * RISC-V's rule, also for unsigned numbers, and so are the ones above a float;
 * others do not look there. */
uint64_t gw_layout_result(const struct gw_layout *layout, const char *block)
{
    const void *from = block + layout->ret_offset;

    switch (layout->ret_kind) {
    case 'v':
        return 0;
    case 'b':
        return *(const int8_t *)from;
    case 'B':
    case 'T':
        return *(const uint8_t *)from;
    case 'h':
        return *(const int16_t *)from;
    case 'H':
        return *(const uint16_t *)from;
    case 'i':
    case 'u':
    case 'x':
    case 'E':
        return *(const int32_t *)from;
    case 'f':
        return *(const uint32_t *)from | UINT64_C(0xffffffff) << 32;
    default:
        return *(const uint64_t *)from;
    }
}
