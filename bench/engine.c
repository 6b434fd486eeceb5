/* SPDX-License-Identifier: MIT */
/*
 * Small loops, each of one kind of work, timed one by one.
 *
 *     engine [MILLISECONDS]
 *
 * prints one line a loop: its name, nanoseconds an operation, and a checksum
 * of a fixed number of repetitions, which must be the same wherever it runs.
 * A loop is repeated for about MILLISECONDS (default 3) of the thread's
 * processor time each, REPEATS times and again in each of PASSES passes over
 * all loops; the shortest repetition counts, so that other programs on the
 * machine do not.
 *
 * It is compiled as games are: -O2 for plain x86_64. Without the vectorizer
 * (meson.build), so that scalar loops stay scalar.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#define PASSES 4
#define REPEATS 4
#define CHECKED 100 /* repetitions for the checksum */
#define BODIES 16
#define TABLE 1024
#define MIB (1 << 20)

/* Does `n` times what is measured and returns something that depends on all
 * of it. */
typedef double work(long n);

struct loop {
    const char *name;
    int operations; /* in each of the n */
    work *work;
    bool (*possible)(void); /* NULL: always */
    bool inexact; /* libm's result depends on the processor: no checksum */
};

/* Keeps the compiler from knowing a value, which stays in its register. */
#ifdef __riscv
#define HIDE(x) __asm__ volatile("" : "+f"(x))
#else /* x86, aarch64 */
#define HIDE(x) __asm__ volatile("" : "+x"(x))
#endif

/* --- floating point ---------------------------------------------------- */

static struct body {
    float x, y, z, vx, vy, vz;
} bodies[BODIES];
static float weight;

static void reset_bodies(void)
{
    for (int i = 0; i < BODIES; i++)
        bodies[i] = (struct body){i, 2 * i, 3 * i, .5f + i, 1.f - i, .25f * i};
    weight = 0;
}

/* Nine operations, with the loads and stores that a game's have. */
static inline void move_body(struct body *b, float dt)
{
    b->x += b->vx * dt;
    b->y += b->vy * dt;
    b->z += b->vz * dt;
    weight += b->x * b->y - b->z;
}

static double micro(long n)
{
    float dt = 1.f / 1024;

    reset_bodies();
    for (long i = 0; i < n; i++)
        move_body(&bodies[i % BODIES], dt);
    return weight;
}

static double scalar_chain(long n)
{
    float x = 1, a = .75f, b = .5f;

    for (long i = 0; i < n; i++) {
        x = x * a;
        x = x + b;
        HIDE(x);
    }
    return x;
}

static double scalar_independent(long n)
{
    float a = 1, b = 2, c = 3, d = 4, f = .75f, g = .5f;

    for (long i = 0; i < n; i++) {
        a = a * f;
        b = b * f;
        c = c * f;
        d = d * f;
        a = a + g;
        b = b + g;
        c = c + g;
        d = d + g;
        HIDE(a);
        HIDE(b);
    }
    return a + b + c + d;
}

static double double_chain(long n)
{
    double x = 1, a = .75, b = .5;

    for (long i = 0; i < n; i++) {
        x = x * a;
        x = x + b;
        HIDE(x);
    }
    return x;
}

static double divide_and_root(long n)
{
    float x = 3, a = 5;

    for (long i = 0; i < n; i++) {
        x = a / x;
        HIDE(x);
        x = __builtin_sqrtf(x);
        HIDE(x);
    }
    return x;
}

static double convert(long n)
{
    float x = 100;

    for (long i = 0; i < n; i++) {
        int number = (int)x;
        HIDE(x);
        x = (float)(number + 1);
        if (number > 1000000)
            x = 100;
    }
    return x;
}

static float floats[TABLE];

static double compare(long n)
{
    long sum = 0;

    for (long i = 0; i < n; i++)
        if (floats[i % TABLE] < floats[(i + 1) % TABLE])
            sum += i;
    return sum;
}

#ifdef __SSE2__
static bool have_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

/* What glibc's functions do on such processors. */
__attribute__((target("avx2"), noinline)) static void wide(void)
{
    __asm__ volatile("vpxor %%ymm0, %%ymm0, %%ymm0\n\tvzeroupper" ::: "xmm0");
}

static double micro_wide(long n)
{
    float dt = 1.f / 1024;

    reset_bodies();
    for (long i = 0; i < n; i++) {
        move_body(&bodies[i % BODIES], dt);
        if (i % 1000 == 0)
            wide();
    }
    return weight;
}

/* A vector times a matrix: four shuffles, four multiplications, three
 * additions. */
static inline __m128 transform(const __m128 *m, __m128 v)
{
    __m128 x = _mm_mul_ps(_mm_shuffle_ps(v, v, 0x00), m[0]);
    __m128 y = _mm_mul_ps(_mm_shuffle_ps(v, v, 0x55), m[1]);
    __m128 z = _mm_mul_ps(_mm_shuffle_ps(v, v, 0xaa), m[2]);
    __m128 w = _mm_mul_ps(_mm_shuffle_ps(v, v, 0xff), m[3]);

    return _mm_add_ps(_mm_add_ps(x, y), _mm_add_ps(z, w));
}

static const float turn[16] = {.8f, .6f, 0, 0, -.6f, .8f, 0, 0,
                               0,   0,   1, 0, 0,    0,   0, 1};

static float sum_of(__m128 v)
{
    float parts[4];

    _mm_storeu_ps(parts, v);
    return parts[0] + parts[1] + parts[2] + parts[3];
}

static double packed_matrix(long n)
{
    __m128 m[4], v = _mm_setr_ps(1, 2, 3, 4);

    memcpy(m, turn, sizeof(m));
    for (long i = 0; i < n; i++)
        v = transform(m, v);
    return sum_of(v);
}

static double packed_wide(long n)
{
    __m128 m[4], v = _mm_setr_ps(1, 2, 3, 4);

    memcpy(m, turn, sizeof(m));
    for (long i = 0; i < n; i++) {
        v = transform(m, v);
        if (i % 1000 == 0)
            wide();
    }
    return sum_of(v);
}

static double packed_plain(long n)
{
    __m128 a = _mm_set1_ps(1), b = _mm_set1_ps(2);
    __m128 f = _mm_set1_ps(.75f), g = _mm_set1_ps(.5f);

    for (long i = 0; i < n; i++) {
        a = _mm_add_ps(_mm_mul_ps(a, f), g);
        b = _mm_add_ps(_mm_mul_ps(b, f), g);
        HIDE(a);
        HIDE(b);
    }
    return sum_of(a) + sum_of(b);
}
#endif

/* --- integers and control flow ----------------------------------------- */

static uint32_t random_bits[TABLE];

static uint64_t scramble(uint64_t x)
{
    x ^= x << 13;
    x ^= x >> 7;
    return x ^ x << 17;
}

static double integer(long n)
{
    uint64_t x = 88172645463325252u, sum = 0;

    for (long i = 0; i < n; i++) {
        x = scramble(x);
        sum += x * 5 ^ sum >> 3;
    }
    return (double)(sum >> 16);
}

static double loads_and_stores(long n)
{
    static uint32_t table[TABLE];
    uint32_t sum = 0;

    memset(table, 0, sizeof(table));
    for (long i = 0; i < n; i++) {
        uint32_t *entry = &table[random_bits[i % TABLE] % TABLE];
        sum += *entry += i;
    }
    return sum;
}

/* Branches on a random bit of a long sequence, or on one of the counter. */
static inline double branches(long n, bool random)
{
    uint64_t x = 1;
    uint32_t sum = 0;

    for (long i = 0; i < n; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        /* The assembly keeps conditional moves away. */
        if (random ? x >> 63 : i & 4) {
            sum += (uint32_t)i;
            __asm__ volatile("" : "+r"(sum));
        } else {
            sum ^= (uint32_t)(x >> 40);
            __asm__ volatile("" : "+r"(sum));
        }
    }
    return sum;
}

static double branches_predictable(long n)
{
    return branches(n, false);
}

static double branches_random(long n)
{
    return branches(n, true);
}

static __attribute__((noinline)) long fibonacci(long n)
{
    __asm__ volatile("");
    return n < 2 ? 1 : fibonacci(n - 1) + fibonacci(n - 2);
}

/* fibonacci(10) makes 177 calls. */
static double calls_and_returns(long n)
{
    long sum = 0;

    for (long i = 0; i < n; i++)
        sum += fibonacci(10);
    return sum;
}

struct object;
typedef uint32_t method(struct object *object, uint32_t value);
static struct object {
    method *const *table;
    uint32_t field;
} objects[TABLE];

#define METHOD(i)                                                           \
    static uint32_t method##i(struct object *object, uint32_t value)        \
    {                                                                       \
        object->field += value;                                             \
        return object->field ^ 0x9e3779b9u * (i + 1);                       \
    }
#define EACH(m)                                                             \
    m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12)     \
    m(13) m(14) m(15)
EACH(METHOD)
#define TABLE_OF(i) static method *const table##i[] = {method##i};
EACH(TABLE_OF)
#define NAME_OF(i) table##i,
static method *const *const tables[] = {EACH(NAME_OF)};

/* As C++ does it, with the methods of 16 classes in random order. */
static double virtual_calls(long n)
{
    uint32_t value = 1;

    for (int i = 0; i < TABLE; i++)
        objects[i] = (struct object){tables[random_bits[i] >> 4 & 15], 0};
    for (long i = 0; i < n; i++) {
        struct object *object = &objects[i % TABLE];
        value = object->table[0](object, value);
    }
    return value;
}

/* An interpreter's jumps. */
static double computed_jumps(long n)
{
    static const void *const targets[] = {&&add, &&xor, &&shift, &&subtract};
    uint32_t x = 1;
    long i = 0;

next:
    if (i == n)
        return x;
    goto *targets[random_bits[i++ % TABLE] >> 5 & 3];
add:
    x += 12345;
    goto next;
xor:
    x ^= (uint32_t)i;
    goto next;
shift:
    x = x << 1 | x >> 31;
    goto next;
subtract:
    x -= 77;
    goto next;
}

/* --- libc and libm ----------------------------------------------------- */

static char *from, *to;
/* Called as games call them: through the dynamic linker. */
static void *(*volatile copy_it)(void *, const void *, size_t) = memcpy;
static void *(*volatile fill_it)(void *, int, size_t) = memset;
static size_t (*volatile measure_it)(const char *) = strlen;

static double copy(long n, size_t size)
{
    for (long i = 0; i < n; i++)
        copy_it(to, from, size);
    return to[size - 1];
}

static double fill(long n, size_t size)
{
    for (long i = 0; i < n; i++)
        fill_it(to, (int)i, size);
    return to[size - 1];
}

static double length(long n, size_t size)
{
    size_t sum = 0;

    memset(to, 'x', size);
    to[size - 1] = 0;
    for (long i = 0; i < n; i++)
        sum += measure_it(to);
    return sum;
}

#define SIZED(function, size)                                               \
    static double function##_##size(long n)                                 \
    {                                                                       \
        return function(n, size);                                           \
    }
#define SIZES(function)                                                     \
    SIZED(function, 8) SIZED(function, 32) SIZED(function, 256)             \
    SIZED(function, 4096) SIZED(function, 1048576)
SIZES(copy)
SIZES(fill)
SIZES(length)

static double sines(long n)
{
    double sum = 0;

    for (long i = 0; i < n; i++)
        sum += sin((double)(i % TABLE) * .1);
    return sum;
}

static double powers(long n)
{
    double sum = 0;

    for (long i = 0; i < n; i++)
        sum += pow(1 + (double)(i % TABLE) * .01, 2.2);
    return sum;
}

/* --- the table --------------------------------------------------------- */

#define SIZED_LOOPS(name, function)                                         \
    {name " 8", 1, function##_8, NULL, false},                              \
        {name " 32", 1, function##_32, NULL, false},                        \
        {name " 256", 1, function##_256, NULL, false},                      \
        {name " 4K", 1, function##_4096, NULL, false},                      \
        {name " 1M", 1, function##_1048576, NULL, false}

static const struct loop loops[] = {
    {"micro loop", 1, micro, NULL, false},
    {"scalar float, one chain", 2, scalar_chain, NULL, false},
    {"scalar float, independent", 8, scalar_independent, NULL, false},
    {"scalar double, one chain", 2, double_chain, NULL, false},
    {"float division and root", 2, divide_and_root, NULL, false},
    {"float to int and back", 2, convert, NULL, false},
    {"float comparison", 1, compare, NULL, false},
#ifdef __SSE2__
    {"micro loop, with 256 bits", 1, micro_wide, have_avx2, false},
    {"packed float", 4, packed_plain, NULL, false},
    {"packed float, matrix", 11, packed_matrix, NULL, false},
    {"the same, with 256 bits", 11, packed_wide, have_avx2, false},
#endif
    {"integer", 8, integer, NULL, false},
    {"loads and stores", 1, loads_and_stores, NULL, false},
    {"branch, predictable", 1, branches_predictable, NULL, false},
    {"branch, random", 1, branches_random, NULL, false},
    {"call and return", 177, calls_and_returns, NULL, false},
    {"virtual call", 1, virtual_calls, NULL, false},
    {"computed jump", 1, computed_jumps, NULL, false},
    SIZED_LOOPS("memcpy", copy),
    SIZED_LOOPS("memset", fill),
    SIZED_LOOPS("strlen", length),
    {"sin", 1, sines, NULL, true},
    {"pow", 1, powers, NULL, true},
};

#define LOOPS (sizeof(loops) / sizeof(*loops))

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static double nanoseconds(work *work, long n)
{
    double begin = now();

    work(n);
    return now() - begin;
}

/* How many repetitions take so long. */
static long find_count(work *work, double wanted)
{
    long n = 16;

    while (n < 1L << 30) {
        double took = nanoseconds(work, n);
        if (took >= wanted)
            break;
        n *= took * 8 < wanted ? 8 : 2;
    }
    return n;
}

struct timing {
    long n; /* repetitions that take long enough */
    double best; /* nanoseconds for one; 0: none yet */
};

static void take(struct timing *t, work *work, double wanted)
{
    if (!t->n)
        t->n = find_count(work, wanted);
    for (int i = 0; i < REPEATS; i++) {
        double took = nanoseconds(work, t->n) / (double)t->n;
        if (!t->best || took < t->best)
            t->best = took;
    }
}

static bool is_possible(const struct loop *l)
{
    return !l->possible || l->possible();
}

static void print(const struct loop *l, const struct timing *t)
{
    double result = l->work(CHECKED);

    printf("%s: %.4f %a\n", l->name, t->best / l->operations,
           l->inexact ? 0 : result);
}

static void init(void)
{
    uint64_t x = 88172645463325252u;

    for (int i = 0; i < TABLE; i++) {
        x = scramble(x);
        random_bits[i] = (uint32_t)(x >> 16);
        floats[i] = (float)(random_bits[i] % 1000);
    }
    from = calloc(1, MIB);
    to = calloc(1, MIB);
    if (!from || !to)
        abort();
    /* Other numbers than zero; all of both is there. */
    memset(from, 7, MIB);
    memset(to, 1, MIB);
}

int main(int argc, char **argv)
{
    double wanted = (argc > 1 ? atof(argv[1]) : 3) * 1e6;
    struct timing timings[LOOPS] = {0};

    init();
    for (int pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < LOOPS; i++)
            if (is_possible(&loops[i]))
                take(&timings[i], loops[i].work, wanted);
    for (size_t i = 0; i < LOOPS; i++)
        if (is_possible(&loops[i]))
            print(&loops[i], &timings[i]);
    return 0;
}
