/* SPDX-License-Identifier: MIT */
/*
 * Guest program: passes sense and nonsense through every dlcall operation.
 * Catches: a pointer, handle or procedure that the plugin uses unchecked, which
 * would end QEMU; a procedure that stays callable after its library is gone.
 *
 * usage: nonsense FARLIB on|off|apart [syscall number]
 *   on, off  the plugin's doorbell
 *   apart    guest and host addresses differ (guest_base != 0)
 */
#include "gangway/abi.h"
#include "guest-syscall.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long number = GW_SYSCALL_NUM;
static int failures, checks;

static long dlcall(long op, const volatile void *a, const volatile void *b,
                   const volatile void *c)
{
    return gw_syscall(number, op, (long)a, (long)b, (long)c);
}

static void expect(const char *what, long got, long wanted)
{
    checks++;
    if (got != wanted) {
        printf("FAIL: %s: got %ld, expected %ld\n", what, got, wanted);
        failures++;
    }
}
#define EXPECT(call, wanted) expect(#call, (long)(call), (long)(wanted))

/* Pages: none, read-only, and the end of a readable one. */
static char *unmapped, *readonly, *edge;

static void make_pages(void)
{
    long page = sysconf(_SC_PAGESIZE);
    char *p;

    readonly = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(p + page, page);
    unmapped = p + page;
    edge = p + page - 4;
    memcpy(edge, "abcd", 4);
}

static void attributes(bool doorbell)
{
    void *out = (void *)1;

    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, NULL, &out, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, unmapped, &out, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, edge, &out, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, "x", NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, "x", readonly, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, "x", unmapped - 4, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, "x", &out, NULL), 0);
    EXPECT(out, NULL);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, GW_ATTR_PLUGIN, &out, NULL), 0);
    EXPECT(out != NULL, true);
    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, GW_ATTR_DOORBELL, &out, NULL), 0);
    EXPECT(out != NULL, doorbell);
}

static void *libraries(const char *path)
{
    void *handle = NULL, *error = NULL;

    EXPECT(dlcall(GW_LOAD_LIBRARY, NULL, NULL, &handle), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, edge, NULL, &handle), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, path, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, path, NULL, readonly), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, "/nowhere.so", NULL, &handle), 0);
    EXPECT(handle, NULL);
    EXPECT(dlcall(GW_GET_LIBRARY_ERROR, NULL, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_GET_LIBRARY_ERROR, readonly, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, "/nowhere.so", NULL, &handle), 0);
    EXPECT(dlcall(GW_GET_LIBRARY_ERROR, &error, NULL, NULL), 0);
    EXPECT(error != NULL, true);
    EXPECT(dlcall(GW_LOAD_LIBRARY, path, (void *)2, &handle), 0);
    EXPECT(handle != NULL, true);
    return handle;
}

static void *proc(void *handle, const char *name)
{
    void *out = NULL;

    EXPECT(dlcall(GW_GET_PROC_ADDRESS, handle, name, &out), 0);
    return out;
}

static void procedures(void *handle)
{
    void *out = (void *)1, *puts_on_host;
    long counter = 0;

    EXPECT(dlcall(GW_GET_PROC_ADDRESS, NULL, "far_add", &out), -EINVAL);
    EXPECT(dlcall(GW_GET_PROC_ADDRESS, &out, "far_add", &out), -EINVAL);
    EXPECT(dlcall(GW_GET_PROC_ADDRESS, handle, NULL, &out), -EFAULT);
    EXPECT(dlcall(GW_GET_PROC_ADDRESS, handle, edge, &out), -EFAULT);
    EXPECT(dlcall(GW_GET_PROC_ADDRESS, handle, "far_add", readonly), -EFAULT);
    EXPECT(proc(handle, "far_nothing"), NULL);
    out = proc(handle, "far_add");
    EXPECT(dlcall(GW_INVOKE_PROC, NULL, NULL, NULL), -EINVAL);
    EXPECT(dlcall(GW_INVOKE_PROC, unmapped, NULL, NULL), -EINVAL);
    puts_on_host = (char *)out + 1;
    EXPECT(dlcall(GW_INVOKE_PROC, puts_on_host, NULL, NULL), -EINVAL);
    EXPECT(dlcall(GW_INVOKE_PROC, out, &counter, (void *)5), 0);
    EXPECT(counter, 5);
}

static void proofs(void)
{
    static volatile uint64_t value = 42;

    EXPECT(dlcall(GW_PROVE, NULL, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_PROVE, unmapped, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_PROVE, &value, (void *)41, NULL), -ENOTSUP);
    EXPECT(dlcall(GW_PROVE, &value, (void *)42, NULL), 0);
}

/* The one doorbell of this program. */
static unsigned ring_bell(void)
{
    struct {
        struct gw_call call;
    } c = { { 0, 0, NULL } };

#if defined(__x86_64__)
    __asm__ volatile("1:\tmovl $7, %0\n\t.pushsection bells,\"a\"\n\t"
                     ".long 1b - .\n\t.popsection" : "+m"(c));
#elif defined(__aarch64__)
    __asm__ volatile("1:\tstr %w1, %0\n\t.pushsection bells,\"a\"\n\t"
                     ".long 1b - .\n\t.popsection" : "+Q"(c) : "r"(7));
#elif defined(__riscv)
    __asm__ volatile("1:\tsw %1, %0\n\t.pushsection bells,\"a\"\n\t"
                     ".long 1b - .\n\t.popsection" : "+m"(c) : "r"(7));
#endif
    return c.call.status;
}
extern const int32_t __start_bells[], __stop_bells[];

static void doorbells(void *handle, bool on)
{
    void *ring = proc(handle, "far_ring");
    const void *table = __start_bells;
    void *count = (void *)(__stop_bells - __start_bells);

    EXPECT(dlcall(GW_DOORBELL, table, count, NULL), -EINVAL);
    EXPECT(dlcall(GW_DOORBELL, table, NULL, ring), -EINVAL);
    EXPECT(dlcall(GW_DOORBELL, table, (void *)-1L, ring), -EINVAL);
    EXPECT(dlcall(GW_DOORBELL, NULL, count, ring), on ? -EFAULT : -EINVAL);
    EXPECT(dlcall(GW_DOORBELL, edge, (void *)9L, ring),
           on ? -EFAULT : -EINVAL);
    EXPECT(dlcall(GW_DOORBELL, table, count, ring), on ? 0 : -EINVAL);
    for (int i = 0; i < 1000; i++) {
        EXPECT(ring_bell(), on ? 1 : 7);
    }
}

static void frees(void *handle, const char *path)
{
    void *ignore = proc(handle, "far_ignore"), *again = NULL;
    int result = -1;

    EXPECT(dlcall(GW_FREE_LIBRARY, NULL, &result, NULL), -EINVAL);
    EXPECT(dlcall(GW_FREE_LIBRARY, &result, &result, NULL), -EINVAL);
    EXPECT(dlcall(GW_FREE_LIBRARY, handle, NULL, NULL), -EFAULT);
    EXPECT(dlcall(GW_LOAD_LIBRARY, path, (void *)2, &again), 0);
    EXPECT(again, handle);
    EXPECT(dlcall(GW_FREE_LIBRARY, handle, &result, NULL), 0);
    EXPECT(result, 0);
    EXPECT(dlcall(GW_INVOKE_PROC, ignore, NULL, NULL), 0);
    EXPECT(dlcall(GW_FREE_LIBRARY, handle, &result, NULL), 0);
    EXPECT(dlcall(GW_FREE_LIBRARY, handle, &result, NULL), -EINVAL);
    EXPECT(dlcall(GW_INVOKE_PROC, ignore, NULL, NULL), -EINVAL);
    EXPECT(dlcall(GW_GET_PROC_ADDRESS, handle, "far_add", &again), -EINVAL);
}

/* Whatever comes: an answer, never the end. */
static void dice(const char *path)
{
    static uint64_t word;
    void *handle = NULL;
    void *pool[12];
    unsigned seed = 1;

    dlcall(GW_LOAD_LIBRARY, path, (void *)2, &handle);
    void *values[] = { NULL, (void *)1, (void *)-1L, unmapped, unmapped - 4,
                       readonly, edge, &word, handle,
                       proc(handle, "far_ignore"), (void *)0x7fffffffffff,
                       "far_ignore" };
    memcpy(pool, values, sizeof(pool));
    for (int i = 0; i < 100000; i++) {
        long op = rand_r(&seed) % 70 - 1;
        long ret = dlcall(op, pool[rand_r(&seed) % 12],
                          pool[rand_r(&seed) % 12], pool[rand_r(&seed) % 12]);
        checks++;
        if (ret != 0 && ret != -EINVAL && ret != -EFAULT && ret != -ENOTSUP) {
            printf("FAIL: operation %ld answered %ld\n", op, ret);
            failures++;
        }
    }
}

static void apart(const char *path)
{
    static volatile uint64_t value = 42;
    void *handle = NULL, *out = NULL;

    EXPECT(dlcall(GW_GET_HOST_ATTRIBUTE, GW_ATTR_PROVE, &out, NULL), 0);
    EXPECT(out != NULL, true);
    EXPECT(dlcall(GW_PROVE, &value, (void *)42, NULL), -ENOTSUP);
    EXPECT(dlcall(GW_LOAD_LIBRARY, path, (void *)2, &handle), 0);
    EXPECT(dlcall(GW_INVOKE_PROC, proc(handle, "far_ignore"), NULL, NULL),
           -ENOTSUP);
}

int main(int argc, char **argv)
{
    void *handle;
    bool on;

    if (argc < 3) {
        fprintf(stderr, "usage: nonsense FARLIB on|off|apart [NUMBER]\n");
        return 2;
    }
    number = argc > 3 ? atol(argv[3]) : number;
    on = strcmp(argv[2], "off") != 0;
    if (!strcmp(argv[2], "apart")) {
        apart(argv[1]);
    } else {
        make_pages();
        EXPECT(dlcall(-1, NULL, NULL, NULL), -EINVAL);
        EXPECT(dlcall(6, NULL, NULL, NULL), -EINVAL);
        EXPECT(dlcall(1L << 40, NULL, NULL, NULL), -EINVAL);
        attributes(on);
        handle = libraries(argv[1]);
        procedures(handle);
        proofs();
        doorbells(handle, on);
        frees(handle, argv[1]);
        dice(argv[1]);
    }
    printf("%d checks, %d failed\n", checks, failures);
    return failures != 0;
}
