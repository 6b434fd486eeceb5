/* SPDX-License-Identifier: MIT */
/*
 * The host's qsort(), qsort_r() and bsearch() with comparators of the guest's
 * (preloaded libgwqsort.so.1): orders, numbers of comparisons, comparators
 * that sort themselves or leave by longjmp.  The same natively.
 */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long compared;

static int by_value(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    compared++;
    return (x > y) - (x < y);
}

struct wide {
    char name[40];
    double key;
    int place;
};

static int by_key(const void *a, const void *b)
{
    const struct wide *x = a, *y = b;

    compared++;
    return (x->key > y->key) - (x->key < y->key);
}

static int by_remainder(const void *a, const void *b, void *arg)
{
    int n = *(int *)arg, x = *(const int *)a % n, y = *(const int *)b % n;

    compared++;
    return x - y;
}

static int by_sorted(const void *a, const void *b)
{
    int small[] = { *(const int *)a, *(const int *)b, 0, 50 };

    qsort(small, 4, sizeof(int), by_value);
    return by_value(a, b);
}

static jmp_buf escape;

static int leave(const void *a, const void *b)
{
    (void)a;
    (void)b;
    longjmp(escape, 1);
}

static int *numbers(int n)
{
    int *values = malloc(n * sizeof(*values));
    unsigned x = 7;

    for (int i = 0; i < n; i++) {
        x = x * 1103515245 + 12345;
        values[i] = x >> 8;
    }
    return values;
}

static uint64_t hash(const void *data, size_t size)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ ((const unsigned char *)data)[i]) * 1099511628211u;
    }
    return h;
}

static void result(const char *what, const void *data, size_t size)
{
    printf("%s: %016llx after %ld comparisons\n", what,
           (unsigned long long)hash(data, size), compared);
    compared = 0;
}

static void sort_and_leave(int *values)
{
    if (!setjmp(escape)) {
        qsort(values, 100, sizeof(*values), leave);
    }
}

/* stdlib.h has an inline version. */
static void *(*volatile search)(const void *, const void *, size_t, size_t,
                                int (*)(const void *, const void *)) =
    bsearch;

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 100000, modulus = 1000, found = 0;
    int *values = numbers(n);
    struct wide *wide = calloc(n, sizeof(*wide));

    qsort(values, n, sizeof(*values), by_value);
    result("integers", values, n * sizeof(*values));
    for (int i = 0; i < n; i++) {
        int key = i;
        int *at = search(&key, values, n, sizeof(*values), by_value);
        found += at && *at == key;
    }
    printf("found %d ", found);
    result("bsearch", &found, sizeof(found));
    qsort_r(values, n, sizeof(*values), by_remainder, &modulus);
    result("by remainder", values, n * sizeof(*values));
    for (int i = 0; i < n; i++) {
        wide[i].key = values[i] % 997 / 3.0;
        wide[i].place = i;
        snprintf(wide[i].name, sizeof(wide[i].name), "number %d", i);
    }
    qsort(wide, n, sizeof(*wide), by_key);
    result("structs", wide, n * sizeof(*wide));
    qsort(values, n / 100, sizeof(*values), by_sorted);
    result("nested", values, n * sizeof(*values));
    for (int i = 0; i < 1000; i++) {
        sort_and_leave(values);
    }
    qsort(values, n, sizeof(*values), by_value);
    result("after longjmp", values, n * sizeof(*values));
    qsort(values, 0, sizeof(*values), by_value);
    result("nothing", values, n * sizeof(*values));
    return 0;
}
