/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a floating-point operation whose result is not, bit for bit,
 * the processor's; a lane that should have stayed, been copied or been zeroed
 * and was not; operands in the wrong order; a value that depends on MXCSR's
 * modes in the wrong way; and (--flags) other exception flags.
 *
 *     float-ops [--flags] [--random=N] [--seed=N] [--only=TEXT]
 *     float-ops [--flags] [--random=N] [--seed=N] --explain OPERATION MODE
 *
 * Executes every operation of float-table.S in 16 modes, on all pairs (or
 * triples, ...) of special values and on N random operands for each operation
 * and mode, and prints for each mode a hash of all results:
 *
 *     HASH MODE OPERATION          HASH FLAGS-HASH MODE OPERATION (--flags)
 *
 * --explain prints each operand with its result.  The last line says how many
 * random operands there were.
 *
 * Operands are made with integer arithmetic only, so that they are the same
 * wherever the program runs.  Approximations (rcp, rsqrt) are left out: their
 * results are the maker's choice.
 */
#include "mxcsr.h"

#include <cpuid.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct operands {
    union lanes {
        uint32_t s[8];
        uint64_t d[4];
    } v[3];
    uint64_t g, m, unused[2];
};

struct answer {
    union lanes v;
    uint64_t g;
    uint32_t mxcsr, unused[5];
};

/* What float-table.S relies on. */
_Static_assert(sizeof(struct operands) == 128, "GPR, MMX and the step");
_Static_assert(offsetof(struct operands, g) == 96, "GPR");
_Static_assert(sizeof(struct answer) == 64, "the step");
_Static_assert(offsetof(struct answer, mxcsr) == 40, "stmxcsr");

enum kind { S1, D1, S2, D2, S3, D3, INTEGERS, HALVES, LANES, KINDS };

typedef void loop(const struct operands *in, struct answer *out, size_t count,
                  const uint32_t *mxcsr);

extern const struct op {
    const char *name;
    loop *plain, *flags;
    uint64_t kind;
} float_ops[], float_ops_end[];

enum {
    FLAGS = 0x3f, DAZ = 1 << 6, MASKS = 0x1f80, ROUNDING = 3 << 13,
    FTZ = 1 << 15, MODES = 16, ROOM = 16384,
};

static struct answer answers[ROOM];

/* Special values. */

static const uint32_t singles[] = {
    /* zero, denormals, the smallest normal ones */
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00000002, 0x00400000,
    0x80400000, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000, 0x00800001,
    0x80800001,
    /* the largest, half an ulp of it and a little less, infinities */
    0x7f7fffff, 0xff7fffff, 0x7f7ffffe, 0x73000000, 0x72ffffff, 0xf3000000,
    0x7f800000, 0xff800000,
    /* quiet and signalling NaNs with payloads */
    0x7fc00000, 0xffc00000, 0x7fc12345, 0xffffffff, 0x7f800001, 0xff800001,
    0x7fa12345, 0xffbfffff,
    /* one and its neighbours: times the smallest normal ones they round up
       to a normal number, which then is not tiny */
    0x3f800000, 0xbf800000, 0x3f800001, 0x3f7fffff, 0x3f7ffffe, 0xbf7fffff,
    0x3effffff,
    /* halfway cases of conversions to integers */
    0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0xc0200000, 0x4affffff,
    0x4b000001,
    /* near 2^31, 2^32, 2^63, 2^64 */
    0x4f000000, 0x4effffff, 0xcf000000, 0xcf000001, 0x4f800000, 0x5f000000,
    0x5effffff, 0xdf000000, 0xdf000001, 0x5f800000,
    /* whose products and quotients end at the border of underflow or of
       overflow */
    0x20000000, 0x1fffffff, 0x9fffffff, 0x5f7fffff, 0x1f800001, 0x4b800000,
    0x33800000, 0x40490fdb,
};

static const uint64_t doubles[] = {
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001,
    0x8000000000000001, 0x0000000000000002, 0x0008000000000000,
    0x8008000000000000, 0x000fffffffffffff, 0x800fffffffffffff,
    0x0010000000000000, 0x8010000000000000, 0x0010000000000001,
    0x8010000000000001,
    0x7fefffffffffffff, 0xffefffffffffffff, 0x7feffffffffffffe,
    0x7c90000000000000, 0x7c8fffffffffffff, 0xfc90000000000000,
    0x7ff0000000000000, 0xfff0000000000000,
    0x7ff8000000000000, 0xfff8000000000000, 0x7ff8123456789abc,
    0xffffffffffffffff, 0x7ff0000000000001, 0xfff0000000000001,
    0x7ff4123456789abc, 0xfff7ffffffffffff,
    0x3ff0000000000000, 0xbff0000000000000, 0x3ff0000000000001,
    0x3fefffffffffffff, 0x3feffffffffffffe, 0xbfefffffffffffff,
    0x3fdfffffffffffff,
    0x3fe0000000000000, 0xbfe0000000000000, 0x3ff8000000000000,
    0x4004000000000000, 0xc004000000000000, 0x432fffffffffffff,
    0x4330000000000001,
    0x41e0000000000000, 0x41dfffffffc00000, 0xc1e0000000000000,
    0xc1e0000000200000, 0x41f0000000000000, 0x43e0000000000000,
    0x43dfffffffffffff, 0xc3e0000000000000, 0xc3e0000000000001,
    0x43f0000000000000,
    0x2000000000000000, 0x1fffffffffffffff, 0x9fffffffffffffff,
    0x5fefffffffffffff, 0x1ff0000000000001, 0x4340000000000000,
    0x3ca0000000000000, 0x400921fb54442d18,
};

/* For operations with one operand, in addition. */
static const uint32_t more_singles[] = {
    0x3f7ffffd, 0x3effffff, 0x3f000001, 0xbefffffe, 0xbf000001, 0x40600000,
    0xc0600000, 0x4effffff, 0x4f7fffff, 0x5f7fffff, 0x4b7fffff, 0xcb7fffff,
    0x4affffff, 0x4afffffe, 0xcaffffff, 0x3dcccccd, 0x42f6e979, 0xc2f6e979,
    /* at the borders of half precision: largest, overflow, underflow */
    0x477fe000, 0x477fefff, 0x477ff000, 0xc77ff000, 0x477fffff, 0x47800000,
    0x38800000, 0x387fffff, 0x387fe000, 0x387ff000, 0xb87ff000, 0x33800000,
    0x33000000, 0x33000001, 0x32ffffff, 0xb3c00000, 0x33c00000, 0x3f801000,
    0x3f803000, 0x3f801001, 0xbf801000, 0x00000003, 0x007ffffe,
};

static const uint64_t more_doubles[] = {
    0x3fe0000000000001, 0x3fdffffffffffffe, 0xbfe0000000000001,
    0x400c000000000000, 0xc00c000000000000, 0x41dfffffffe00000,
    0x41dfffffffdfffff, 0xc1e0000000100000, 0xc1e00000000fffff,
    0x41efffffffe00000, 0x41efffffffefffff, 0xc1dfffffffdfffff,
    0x432ffffffffffffe, 0xc32fffffffffffff, 0x433fffffffffffff,
    0x3fb999999999999a, 0x405edd2f1a9fbe77,
    /* at the borders of single precision: largest, overflow, underflow */
    0x47efffffe0000000, 0x47efffffefffffff, 0x47effffff0000000,
    0xc7effffff0000000, 0x47efffffffffffff, 0x47f0000000000000,
    0x3810000000000000, 0x380fffffffffffff, 0x380fffffe0000000,
    0x380ffffff0000000, 0xb80ffffff0000000, 0x380fffffefffffff,
    0x36a0000000000000, 0x3690000000000000, 0x3690000000000001,
    0x368fffffffffffff, 0x36b8000000000000, 0xb6b8000000000000,
    0x3ff0000010000000, 0x3ff0000030000000, 0x3ff0000010000001,
    0xbff0000010000000, 0x0000000000000003, 0x000ffffffffffffe,
};

/* Indices of special values for triples. */
static const uint8_t triples[] = {0, 1, 2, 5, 8, 9, 12, 13, 14, 19, 20, 21,
                                  24, 25, 28, 29, 30, 32, 53, 57};

static const uint64_t integers[] = {
    0, 1, 2, 3, 7, 0x7f, 0xff, 0x7fff, 0xffff, 0xfffffe, 0xffffff, 0x1000000,
    0x1000001, 0x1000002, 0x1000003, 0x3000001, 0x7fffff7f, 0x7fffff80,
    0x7fffff81, 0x7fffffbf, 0x7fffffc0, 0x7fffffc1, 0x7fffffff, 0x80000000,
    0x80000001, 0x80000080, 0xfeffffff, 0xfefffffe, 0xffffff80, 0xffffff81,
    0xffffffff, 0x100000000, 0x100000001, 0x1fffffffffffff, 0x20000000000000,
    0x20000000000001, 0x20000000000002, 0x20000000000003, 0x60000000000002,
    0x7fffff4000000000, 0x7fffffbfffffffff, 0x7fffffc000000000,
    0x7fffffc000000001, 0x7ffffffffffffdff, 0x7ffffffffffffe00,
    0x7ffffffffffffe01, 0x7fffffffffffffff, 0x8000000000000000,
    0x8000000000000001, 0x8000000000000200, 0x8000000000000201,
    0xffdfffffffffffff, 0xffdffffffffffffe, 0xffffffff7fffffff,
    0xfffffffffeffffff, 0xffffffff80000000, 0xffffffffffffffff,
    0xfffffffffffffffe, 0x123456789abcdef0, 0xfedcba9876543210,
};

#define COUNT(array) (sizeof array / sizeof *array)

/* Random values. */

static uint64_t state;

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* How a format is laid out. */
struct format {
    int mantissa, exponents; /* bits; the exponent of infinity */
};

static const struct format single = {23, 0xff}, twice = {52, 0x7ff};

static uint64_t make(const struct format *f, uint64_t bits, int64_t exponent)
{
    uint64_t fraction = (bits >> 8) & ((1ull << f->mantissa) - 1);

    /* Rounding needs few bits now and then, and long runs of ones. */
    if ((bits & 7) == 0)
        fraction &= fraction << (f->mantissa / 2);
    else if ((bits & 7) == 1)
        fraction |= (1ull << (f->mantissa - 2)) - 1;
    else if ((bits & 7) == 2)
        fraction &= ~((1ull << (f->mantissa - 3)) - 1);
    if (exponent < 0)
        exponent = 0;
    if (exponent >= f->exponents)
        exponent = f->exponents - 1;
    return (bits >> 7 & 1) << (f->mantissa == 23 ? 31 : 63) |
           (uint64_t)exponent << f->mantissa | fraction;
}

static uint64_t special(const struct format *f, uint64_t bits)
{
    uint32_t i = (bits >> 32) % COUNT(singles);

    return f == &single ? singles[i] : doubles[i];
}

/* +-value, which is an integer of at most 52 (23) bits or so, as a float. */
static uint64_t whole(const struct format *f, uint64_t value, uint64_t sign)
{
    int top;

    if (!value)
        return sign << (f->mantissa == 23 ? 31 : 63);
    top = 63 - __builtin_clzll(value);
    value = top <= f->mantissa ? value << (f->mantissa - top) :
                                 value >> (top - f->mantissa);
    value &= (1ull << f->mantissa) - 1;
    return sign << (f->mantissa == 23 ? 31 : 63) |
           (uint64_t)(f->exponents / 2 + top) << f->mantissa | value;
}

/* One lane of a, b and c; `how` chooses the distribution. */
static void random_lane(const struct format *f, unsigned how, uint64_t out[3])
{
    int64_t bias = f->exponents / 2;
    int64_t e = (int64_t)(draw() % (uint64_t)f->exponents), e2;
    uint64_t r[4] = {draw(), draw(), draw(), draw()};
    uint64_t first, second;

    switch (how % 12) {
    case 0: /* any bits */
        out[0] = r[0];
        out[1] = r[1];
        out[2] = r[2];
        return;
    case 1: /* exponents near each other */
        for (int i = 0; i < 3; i++)
            out[i] = make(f, r[i], e + (int64_t)(r[i] >> 61) - 4);
        return;
    case 2: /* nearly the same values, of any sign */
        out[0] = make(f, r[0], e);
        out[1] = (out[0] + (r[1] & 7) - 3) ^ (r[1] >> 7 & 1)
                                             << (f == &single ? 31 : 63);
        out[2] = out[0] + (r[2] & 7) - 3;
        return;
    case 3: /* around the smallest normal number */
        for (int i = 0; i < 3; i++)
            out[i] = make(f, r[i], (int64_t)(r[i] >> 62));
        return;
    case 4: /* special with any */
        out[0] = special(f, r[0]);
        out[1] = make(f, r[1], e);
        out[2] = r[3] & 1 ? special(f, r[2]) : make(f, r[2], e);
        return;
    case 5: /* the other way */
        out[0] = make(f, r[0], e);
        out[1] = special(f, r[1]);
        out[2] = r[3] & 1 ? make(f, r[2], e) : special(f, r[2]);
        return;
    case 6: /* products at the border of underflow */
        e2 = bias + 1 - e - (int64_t)(r[3] % (unsigned)(f->mantissa + 4));
        out[0] = make(f, r[0], e);
        out[1] = make(f, r[1], e2);
        out[2] = make(f, r[2], (int64_t)(r[2] >> 60));
        return;
    case 7: /* quotients there, products at the border of overflow */
        e2 = r[3] & 1 ? e + bias - (int64_t)(r[3] >> 60) :
                        f->exponents + bias - e - (int64_t)(r[3] >> 61);
        out[0] = make(f, r[0], e);
        out[1] = make(f, r[1], e2);
        out[2] = make(f, r[2], f->exponents - 1 - (int64_t)(r[2] >> 61));
        return;
    case 8: /* around one, with halves; sums of products that cancel */
        for (int i = 0; i < 3; i++)
            out[i] = make(f, r[i], bias + (int64_t)(r[i] >> 58) - 8);
        return;
    case 9: /* a * b and c are equal, or nearly so */
        first = r[0] >> (f == &single ? 52 : 38);
        second = r[1] >> (f == &single ? 52 : 38);
        out[0] = whole(f, first, r[2] & 1);
        out[1] = whole(f, second, r[2] >> 1 & 1);
        out[2] = whole(f, first * second, r[2] >> 2 & 1);
        out[2] ^= r[3] % 5 ? 0 : r[3] >> 32 & 3;
        return;
    case 10: /* c near the last bits of a * b */
        e2 = bias + (int64_t)(r[3] >> 57) - 64;
        out[0] = make(f, r[0], e);
        out[1] = make(f, r[1], e2);
        out[2] = make(f, r[2], e + e2 - bias + (int64_t)((r[3] >> 8) %
                              (unsigned)(4 * f->mantissa)) - 2 * f->mantissa);
        return;
    default: /* the range of integers */
        for (int i = 0; i < 3; i++)
            out[i] = make(f, r[i], bias - 2 +
                                       (int64_t)((r[i] >> 32) % 70));
        return;
    }
}

static bool in_doubles(enum kind kind)
{
    return kind == D1 || kind == D2 || kind == D3;
}

static void make_random(struct operands *in, enum kind kind)
{
    uint64_t lane[3];
    unsigned how = (unsigned)(draw() >> 32);

    for (unsigned i = 0; i < (in_doubles(kind) ? 4 : 8); i++) {
        random_lane(in_doubles(kind) ? &twice : &single, how + i, lane);
        for (int v = 0; v < 3; v++) {
            if (in_doubles(kind))
                in->v[v].d[i] = lane[v];
            else
                in->v[v].s[i] = (uint32_t)lane[v];
        }
    }
    in->g = draw();
    in->g >>= how >> 20 & 63;
    if (how >> 16 & 1)
        in->g = -in->g;
    in->m = draw();
    /* Conversions of integers read b and c, of halves b. */
    if (kind == INTEGERS || kind == LANES) {
        for (unsigned i = 0; i < 8; i++) {
            in->v[1].s[i] = (uint32_t)draw() >> (how + i) % 32;
            in->v[2].s[i] = (uint32_t)draw() >> (how + i) % 32;
        }
    }
    if (kind == HALVES) {
        in->v[1].d[0] = draw();
        in->v[1].d[1] = draw();
        in->v[2].d[0] = draw();
        in->v[2].d[1] = draw();
    }
}

/* The lists of special operands, one for a kind. */

struct list {
    struct operands *in;
    size_t count;
} lists[KINDS];

static uint64_t one_value(bool wide, size_t i)
{
    if (wide) {
        i %= COUNT(doubles) + COUNT(more_doubles);
        return i < COUNT(doubles) ? doubles[i] :
                                    more_doubles[i - COUNT(doubles)];
    }
    i %= COUNT(singles) + COUNT(more_singles);
    return i < COUNT(singles) ? singles[i] : more_singles[i - COUNT(singles)];
}

static void set(struct operands *in, bool wide, unsigned lane, uint64_t a,
                uint64_t b, uint64_t c)
{
    const uint64_t values[3] = {a, b, c};

    for (int v = 0; v < 3; v++) {
        if (wide)
            in->v[v].d[lane] = values[v];
        else
            in->v[v].s[lane] = (uint32_t)values[v];
    }
}

/* Lanes differ, and each of them sees every combination. */
static void set_lane(struct operands *in, enum kind kind, unsigned lane,
                     size_t i, size_t count)
{
    bool wide = in_doubles(kind);
    size_t n = COUNT(singles), t = COUNT(triples);
    size_t at = (i + lane * (count / 8 + 13)) % count;

    switch (kind) {
    case S1:
    case D1:
        set(in, wide, lane, one_value(wide, at + 31), one_value(wide, at),
            one_value(wide, at + 7));
        return;
    case S2:
    case D2:
        set(in, wide, lane, one_value(wide, at % n),
            one_value(wide, at / n),
            one_value(wide, (at + at / n + 7) % n));
        return;
    case S3:
    case D3:
        set(in, wide, lane, one_value(wide, triples[at % t]),
            one_value(wide, triples[at / t % t]),
            one_value(wide, triples[at / t / t]));
        return;
    case INTEGERS:
        set(in, false, lane, one_value(false, at),
            integers[at] >> (i & 1 ? 0 : 32), integers[(at + 1) % count]);
        return;
    default:
        set(in, false, lane, one_value(false, at),
            (uint32_t)(2 * at) | (uint32_t)(2 * at + 1) << 16,
            (uint32_t)(2 * at) << 16 | (uint32_t)(2 * at + 1));
        return;
    }
}

static size_t special_count(enum kind kind)
{
    switch (kind) {
    case S1: return COUNT(singles) + COUNT(more_singles);
    case D1: return COUNT(doubles) + COUNT(more_doubles);
    case S2: return COUNT(singles) * COUNT(singles);
    case D2: return COUNT(doubles) * COUNT(doubles);
    case S3:
    case D3: return COUNT(triples) * COUNT(triples) * COUNT(triples);
    case INTEGERS: return COUNT(integers);
    case HALVES: return 65536 / 2; /* two of them in a lane of 32 bits */
    default: return 0;
    }
}

/* Of halves each lane sees an eighth, with the lanes above it all. */
static const struct list *special_list(enum kind kind)
{
    struct list *list = &lists[kind];
    size_t count = special_count(kind);

    if (list->in || !count)
        return list;
    list->count = kind == HALVES ? count / 4 : count;
    list->in = aligned_alloc(64, list->count * sizeof *list->in);
    if (!list->in)
        abort();
    memset(list->in, 0, list->count * sizeof *list->in);
    for (size_t i = 0; i < list->count; i++) {
        for (unsigned lane = 0; lane < (in_doubles(kind) ? 4 : 8); lane++)
            set_lane(&list->in[i], kind, lane, i, count);
        list->in[i].g = integers[i % COUNT(integers)];
        list->in[i].m = integers[i * 7 % COUNT(integers)];
    }
    return list;
}

/* Hashes. */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9fb21c651e98df25;
    return hash ^ hash >> 29;
}

struct hashes {
    uint64_t value, flags;
};

static void add_answers(struct hashes *h, size_t count, bool flags)
{
    for (size_t i = 0; i < count; i++) {
        const struct answer *a = &answers[i];

        h->value = mix(h->value, a->v.d[0]);
        h->value = mix(h->value, a->v.d[1]);
        h->value = mix(h->value, a->v.d[2] ^ (a->v.d[3] << 31 |
                                              a->v.d[3] >> 33));
        h->value = mix(h->value, a->g);
        if (flags)
            h->flags = mix(h->flags, a->mxcsr);
    }
}

/* Runs. */

struct options {
    bool flags;
    const char *only, *explain, *mode;
    size_t random;
    uint64_t seed;
};

static uint32_t mode_bits(unsigned mode)
{
    return MASKS | (mode & 3) << 13 | (mode & 4 ? FTZ : 0) |
           (mode & 8 ? DAZ : 0);
}

static const char *mode_name(unsigned mode)
{
    static const char *const names[MODES] = {
        "rn", "rd", "ru", "rz",
        "rn+ftz", "rd+ftz", "ru+ftz", "rz+ftz",
        "rn+daz", "rd+daz", "ru+daz", "rz+daz",
        "rn+ftz+daz", "rd+ftz+daz", "ru+ftz+daz", "rz+ftz+daz",
    };

    return names[mode];
}

static void print_lanes(const char *what, const union lanes *v)
{
    printf(" %s %016" PRIx64 ".%016" PRIx64 ".%016" PRIx64 ".%016" PRIx64,
           what, v->d[3], v->d[2], v->d[1], v->d[0]);
}

static void print_answers(const struct operands *in, size_t count,
                          const struct options *o)
{
    for (size_t i = 0; i < count; i++) {
        const struct answer *a = &answers[i];

        print_lanes("a", &in[i].v[0]);
        print_lanes("b", &in[i].v[1]);
        print_lanes("c", &in[i].v[2]);
        printf(" g %016" PRIx64 " m %016" PRIx64 " ->", in[i].g, in[i].m);
        print_lanes("", &a->v);
        printf(" g %016" PRIx64, a->g);
        if (o->flags)
            printf(" mxcsr %04" PRIx32, a->mxcsr);
        putchar('\n');
    }
}

/* All operands of one list in one mode. */
static void run_list(const struct op *op, uint32_t mxcsr,
                     const struct operands *in, size_t count,
                     const struct options *o, struct hashes *h)
{
    while (count) {
        size_t now = count < ROOM ? count : ROOM;

        /* What an operation does not write must not depend on the last. */
        memset(answers, 0, now * sizeof *answers);
        set_mxcsr(mxcsr);
        (o->flags ? op->flags : op->plain)(in, answers, now, &mxcsr);
        set_mxcsr(MASKS);
        if (o->explain)
            print_answers(in, now, o);
        add_answers(h, now, o->flags);
        in += now;
        count -= now;
    }
}

static uint64_t text_hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;

    while (*text)
        h = (h ^ (unsigned char)*text++) * 0x100000001b3;
    return h;
}

/* Returns how many random operands there were. */
static size_t run_mode(const struct op *op, unsigned mode,
                       const struct options *o, struct hashes *h)
{
    static struct operands some[512];
    const struct list *list = special_list(op->kind);
    size_t left = o->random;

    run_list(op, mode_bits(mode), list->in, list->count, o, h);
    state = text_hash(op->name) + mode + o->seed * 0x9e3779b97f4a7c15;
    while (left) {
        size_t now = left < COUNT(some) ? left : COUNT(some);

        for (size_t i = 0; i < now; i++)
            make_random(&some[i], op->kind);
        run_list(op, mode_bits(mode), some, now, o, h);
        left -= now;
    }
    return o->random;
}

/* What has no arithmetic is tried in the first and in the last mode. */
static unsigned mode_step(const struct op *op)
{
    return op->kind == LANES ? MODES - 1 : 1;
}

static size_t run_op(const struct op *op, const struct options *o)
{
    size_t operands = 0;

    for (unsigned mode = 0; mode < MODES; mode += mode_step(op)) {
        struct hashes h = {0, 0};

        if (o->mode && strcmp(o->mode, mode_name(mode)) != 0)
            continue;
        operands += run_mode(op, mode, o, &h);
        if (o->explain)
            continue;
        if (o->flags)
            printf("%016" PRIx64 " %016" PRIx64 " %s %s\n", h.value, h.flags,
                   mode_name(mode), op->name);
        else
            printf("%016" PRIx64 " %s %s\n", h.value, mode_name(mode),
                   op->name);
    }
    return operands;
}

static bool has_avx_fma(void)
{
    unsigned a, b, c, d, wanted = bit_AVX | bit_FMA | bit_F16C | bit_OSXSAVE;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & wanted) != wanted)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_AVX2;
}

static int usage(void)
{
    fputs("usage: float-ops [--flags] [--random=N] [--seed=N] [--only=TEXT] "
          "[--explain OPERATION MODE]\n", stderr);
    return 2;
}

static bool parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--flags"))
            o->flags = true;
        else if (!strncmp(argv[i], "--random=", 9))
            o->random = strtoul(argv[i] + 9, NULL, 0);
        else if (!strncmp(argv[i], "--seed=", 7))
            o->seed = strtoul(argv[i] + 7, NULL, 0);
        else if (!strncmp(argv[i], "--only=", 7))
            o->only = argv[i] + 7;
        else if (!strcmp(argv[i], "--explain") && i + 2 < argc) {
            o->explain = argv[++i];
            o->mode = argv[++i];
        } else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.random = 400};
    size_t operands = 0;

    if (!parse(&o, argc, argv))
        return usage();
    if (!has_avx_fma()) {
        puts("this processor lacks AVX2, FMA or F16C");
        return 77;
    }
    for (const struct op *op = float_ops; op < float_ops_end; op++) {
        if (o.only && !strstr(op->name, o.only))
            continue;
        if (o.explain && strcmp(o.explain, op->name) != 0)
            continue;
        operands += run_op(op, &o);
    }
    printf("%zu random operands\n", operands);
    return operands || !o.random ? 0 : 1;
}
