/* SPDX-License-Identifier: MIT */
/*
 * xxhash through the pack that new-pack.py makes: numbers and structs by value
 * as results and arguments, states that the library owns, every length around
 * the borders of its algorithms.  What it prints must be the same natively.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SIZE = 1 << 20 };

static unsigned char data[SIZE];

static void fill(void)
{
    unsigned x = 1;

    for (int i = 0; i < SIZE; i++) {
        x = x * 1103515245 + 12345;
        data[i] = (unsigned char)(x >> 16);
    }
}

static void show(const char *what, size_t size, unsigned long long high,
                 unsigned long long low)
{
    printf("%s %zu: %016llx%016llx\n", what, size, high, low);
}

static void at_once(size_t size)
{
    XXH128_hash_t wide = XXH3_128bits_withSeed(data, size, 77);
    XXH128_canonical_t written;

    show("XXH32", size, 0, XXH32(data, size, 5));
    show("XXH64", size, 0, XXH64(data, size, 1ull << 63));
    show("XXH3_64", size, 0, XXH3_64bits(data, size));
    show("XXH3_128", size, wide.high64, wide.low64);
    XXH128_canonicalFromHash(&written, wide);
    show("written", size, written.digest[0], written.digest[15]);
    printf("equal %d %d\n", XXH128_isEqual(wide, wide),
           XXH128_isEqual(wide, XXH3_128bits(data, size)));
}

static void in_pieces(size_t piece)
{
    XXH3_state_t *state = XXH3_createState(), *copy = XXH3_createState();
    XXH128_hash_t wide;

    XXH3_128bits_reset(state);
    for (size_t at = 0; at < SIZE; at += piece) {
        XXH3_128bits_update(state, data + at,
                            at + piece < SIZE ? piece : SIZE - at);
    }
    XXH3_copyState(copy, state);
    wide = XXH3_128bits_digest(copy);
    show("pieces", piece, wide.high64, wide.low64);
    XXH3_freeState(state);
    XXH3_freeState(copy);
}

int main(void)
{
    static const size_t sizes[] = { 0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240,
                                    241, 1024, 1025, SIZE };

    fill();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        at_once(sizes[i]);
    }
    in_pieces(777);
    in_pieces(65536);
    return 0;
}
