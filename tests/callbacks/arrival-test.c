/* SPDX-License-Identifier: MIT */
/*
 * Calls of closures' code, from the host function's side.
 * Catches: an argument that is looked for in the wrong register or place on
 * the stack, or is copied over another one; a result that the caller reads
 * otherwise; registers and FP control that the way to the guest and back
 * loses; code that comes from a pool of another size than its data; code that
 * the instruction cache is not told of.
 */
#include "layout.h"
#include "stack.h"
#include "test.h"

#include "gangway/abi.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>

struct closure {
    const char *format;
    struct gw_layout layout;
    uint64_t expected[GW_PARAMETERS_MAX]; /* as many bytes as it has */
    uint64_t result;                      /* the guest's */
    bool suspends;
};

static struct gw_stack *stack;
static unsigned arrivals;

static void check_block(const struct gw_arrival *a)
{
    const struct closure *c = a->closure;

    for (unsigned i = 0; i < c->layout.count; i++) {
        CHECK(!memcmp(a->block + c->layout.to[i], &c->expected[i],
                      c->layout.size[i]));
    }
}

struct gw_stack *gw_closure_enter(struct gw_arrival *a)
{
    const struct closure *c = a->closure;

    arrivals++;
    CHECK((uintptr_t)a % 16 == 0);
    memset(a->block, 0x55, sizeof(a->block));
    gw_layout_fill(&c->layout, a);
    a->saved_errno = errno;
    if (!c->suspends) {
        check_block(a);
        memcpy(a->block + c->layout.ret_offset, &c->result, 8);
        gw_closure_leave(a);
        return NULL;
    }
    stack->user[0] = a;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    gw_stack_suspend(stack);
    gw_closure_leave(a);
    return NULL;
#endif
    return stack;
}

void gw_closure_leave(struct gw_arrival *a)
{
    errno = a->saved_errno;
    gw_layout_return(&a->closure->layout, a);
}

/* The guest's side: runs `call` on the stack, and what it calls here. */
static void run(void (*call)(void *), void *code)
{
    bool done = gw_stack_enter(stack, call, code);

    while (!done) {
        struct gw_arrival *a = stack->user[0];
        const struct closure *c = a->closure;
        check_block(a);
        memcpy(a->block + c->layout.ret_offset, &c->result, 8);
        fesetround(FE_UPWARD);
        errno = 42;
        done = gw_stack_resume(stack);
        CHECK(fegetround() == FE_UPWARD);
        fesetround(FE_TONEAREST);
    }
}

static void *prepare(struct closure *c)
{
    void *code;

    CHECK(gw_layout_make(&c->layout, c->format));
    code = gw_trampoline_get(c);
    CHECK(code);
    return code;
}

/* Each is called as a host library would, with and without a suspension. */
#define TEST(name, format_, type, parameters, values, ...)                    \
    static struct closure name##_closure = { .format = format_ };             \
    static void call_##name(void *code)                                       \
    {                                                                         \
        type (*f) parameters = (type (*) parameters)(uintptr_t)code;          \
        type r;                                                               \
        errno = 7;                                                            \
        for (int i = 0; i < 3; i++) {                                         \
            r = f values;                                                     \
            CHECK(errno == 7);                                                \
            CHECK(!memcmp(&r, &name##_closure.result, sizeof(r)));            \
        }                                                                     \
        CHECK(fegetround() == FE_TONEAREST);                                  \
    }                                                                         \
    static void test_##name(uint64_t result)                                  \
    {                                                                         \
        const uint64_t expected[] = { __VA_ARGS__ };                          \
        void *code = prepare(&name##_closure);                                \
        CHECK(sizeof(expected) == 8 * name##_closure.layout.count);           \
        memcpy(name##_closure.expected, expected, sizeof(expected));          \
        name##_closure.result = result;                                       \
        for (int i = 0; i < 2; i++) {                                         \
            name##_closure.suspends = i;                                      \
            run(call_##name, code);                                           \
        }                                                                     \
        gw_trampoline_put(code);                                              \
    }

#define F(value) (union { float f; uint32_t u; }){ .f = value }.u
#define D(value) (union { double d; uint64_t u; }){ .d = value }.u

TEST(integers,
     "l a:b b:B c:h d:H e:i f:u g:l h:L i:p j:b k:h l:i m:T n:E o:l",
     int64_t,
     (int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t,
      void *, int8_t, int16_t, int32_t, bool, unsigned, int64_t),
     (-1, 0xfe, -3, 0xfffc, -5, 0xfffffffau, -7, 8, (void *)0x1234567890,
      -10, -11, -12, true, 0xfffffff2u, -15),
     (uint64_t)-1, 0xfe, (uint64_t)-3, 0xfffc, (uint64_t)-5, 0xfffffffau,
     (uint64_t)-7, 8, 0x1234567890, (uint64_t)-10, (uint64_t)-11,
     (uint64_t)-12, 1, 0xfffffff2u, (uint64_t)-15)
TEST(reals, "d a:d b:d c:f d:d e:d f:f g:d h:d i:d j:f k:d", double,
     (double, double, float, double, double, float, double, double, double,
      float, double),
     (1.5, -2.5, 3.5f, 4.5, 5.5, -6.5f, 7.5, 8.5, 9.5, 10.5f, -11.5),
     D(1.5), D(-2.5), F(3.5f), D(4.5), D(5.5), F(-6.5f), D(7.5), D(8.5),
     D(9.5), F(10.5f), D(-11.5))
TEST(mixed,
     "f a:d b:i c:f d:l e:d f:p g:d h:h i:d j:B k:d l:u m:f n:l o:d p:i q:f "
     "r:l s:d t:b u:f v:l",
     float,
     (double, int32_t, float, int64_t, double, void *, double, int16_t, double,
      uint8_t, double, uint32_t, float, int64_t, double, int32_t, float,
      int64_t, double, int8_t, float, int64_t),
     (1, -2, 3, 4, 5, (void *)6, 7, -8, 9, 200, 11, 12, 13, -14, 15, 16, 17,
      18, 19, -20, 21, 22),
     D(1), (uint64_t)-2, F(3), 4, D(5), 6, D(7), (uint64_t)-8, D(9), 200,
     D(11), 12, F(13), (uint64_t)-14, D(15), 16, F(17), 18, D(19),
     (uint64_t)-20, F(21), 22)
TEST(byte, "b a:i", int8_t, (int32_t), (-1), (uint64_t)-1)
TEST(word, "H a:i", uint16_t, (int32_t), (-1), (uint64_t)-1)
TEST(number, "i a:i", int32_t, (int32_t), (-1), (uint64_t)-1)
TEST(bits, "u a:i", uint32_t, (int32_t), (-1), (uint64_t)-1)

/* What the caller makes of a small result, beyond its bytes. */
static void widths(void *code)
{
    int8_t (*f)(int) = (int8_t(*)(int))(uintptr_t)code;

    byte_closure.suspends = true;
    CHECK(f(-1) + 1 == -127);
}

static void extends_results(void)
{
    void *code = prepare(&byte_closure);

    byte_closure.result = 0x80;
    run(widths, code);
    gw_trampoline_put(code);
}

#ifdef __x86_64__ /* its caches see to it */
static bool is_flushed(const char *code)
{
    (void)code;
    return true;
}
#else
/* What the compiler calls for __builtin___clear_cache(). */
#ifdef __riscv
#define FLUSH(prefix) prefix##___riscv_flush_icache
#define MORE , unsigned long flags
#define FLAGS , flags
#else
#define FLUSH(prefix) prefix##___clear_cache
#define MORE
#define FLAGS
#endif
static struct {
    const char *first, *end;
} flushed[16];
static unsigned flushes;

void FLUSH(__wrap)(void *first, void *end MORE);
void FLUSH(__real)(void *first, void *end MORE);

void FLUSH(__wrap)(void *first, void *end MORE)
{
    CHECK(flushes < sizeof(flushed) / sizeof(*flushed));
    flushed[flushes].first = first;
    flushed[flushes++].end = end;
    FLUSH(__real)(first, end FLAGS);
}

static bool is_flushed(const char *code)
{
    for (unsigned i = 0; i < flushes; i++) {
        if (code >= flushed[i].first &&
            code + GW_TRAMPOLINE_SIZE <= flushed[i].end) {
            return true;
        }
    }
    return false;
}
#endif

static void uses_memory_again(void)
{
    enum { MANY = 3 * GW_TRAMPOLINE_POOL / GW_TRAMPOLINE_SIZE };
    static void *code[MANY];
    void *first = gw_trampoline_get(&byte_closure);

    gw_trampoline_put(first);
    CHECK(gw_trampoline_get(&byte_closure) == first);
    gw_trampoline_put(first);
    byte_closure.suspends = false;
    byte_closure.result = 5;
    for (int i = 0; i < MANY; i++) {
        code[i] = gw_trampoline_get(&byte_closure);
        CHECK(code[i] && (!i || code[i] != code[i - 1]));
        CHECK(is_flushed(code[i]));
        CHECK(((int8_t(*)(int))(uintptr_t)code[i])(-1) == 5);
    }
    for (int i = 0; i < MANY; i++) {
        gw_trampoline_put(code[i]);
    }
    CHECK(arrivals > MANY);
}

static void *all(void *unused)
{
    (void)unused;
    stack = gw_stack_create();
    test_integers((uint64_t)INT64_MIN + 5);
    test_reals(D(-0.1));
    test_mixed(F(-0.1f));
    test_byte(0xf1);
    test_word(0xfff2);
    test_number(0x80000003u);
    test_bits(0xfffffff4u);
    extends_results();
    uses_memory_again();
    gw_stack_destroy(stack);
    return NULL;
}

void test_arrivals(void)
{
    struct gw_layout layout;
    char format[8 * (GW_PARAMETERS_MAX + 1)] = "v", *end = format + 1;
    pthread_t thread;

    for (int i = 0; i <= GW_PARAMETERS_MAX; i++) {
        CHECK(gw_layout_make(&layout, format));
        CHECK(layout.block_size <= sizeof(((struct gw_arrival *)0)->block));
        end = stpcpy(end, " a:l");
    }
    CHECK(!gw_layout_make(&layout, format));
    all(NULL);
    CHECK(!pthread_create(&thread, NULL, all, NULL));
    CHECK(!pthread_join(thread, NULL));
}
