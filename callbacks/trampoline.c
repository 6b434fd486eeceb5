/* SPDX-License-Identifier: MIT */
/*
 * Memory for closures' code.  Code is written once, before it is executable,
 * and is the same for all; what differs is data at a fixed distance.
 */
#include "arrival.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

struct data {
    union {
        const struct closure *closure;
        struct data *next_free;
    };
    void (*arrive)(void);
};

_Static_assert(sizeof(struct data) == GW_TRAMPOLINE_SIZE, "one for each");

static struct data *free_list;

static struct data *data_of(void *code)
{
    return (struct data *)((char *)code + GW_TRAMPOLINE_POOL);
}

static void *code_of(struct data *data)
{
    return (char *)data - GW_TRAMPOLINE_POOL;
}

static void make_pool(void)
{
    char *pool = mmap(NULL, 2 * GW_TRAMPOLINE_POOL, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pool == MAP_FAILED) {
        return;
    }
    for (size_t at = 0; at < GW_TRAMPOLINE_POOL; at += GW_TRAMPOLINE_SIZE) {
        memcpy(pool + at, gw_trampoline, GW_TRAMPOLINE_SIZE);
    }
    if (mprotect(pool, GW_TRAMPOLINE_POOL, PROT_READ | PROT_EXEC) != 0) {
        munmap(pool, 2 * GW_TRAMPOLINE_POOL);
        return;
    }
    /* Arm and RISC-V fetch what an instruction cache had for this memory. */
    __builtin___clear_cache(pool, pool + GW_TRAMPOLINE_POOL);
    /* The first ones come first. */
    for (size_t at = GW_TRAMPOLINE_POOL; at > 0;) {
        at -= GW_TRAMPOLINE_SIZE;
        gw_trampoline_put(pool + at);
    }
}

/* The data is there before whoever calls the code has its address: handing
 * that on to another thread is the host library's to order. */
void *gw_trampoline_get(const struct closure *closure)
{
    struct data *data;

    if (!free_list) {
        make_pool();
    }
    data = free_list;
    if (!data) {
        return NULL;
    }
    free_list = data->next_free;
    data->closure = closure;
    data->arrive = gw_closure_arrive;
    return code_of(data);
}

void gw_trampoline_put(void *code)
{
    struct data *data = data_of(code);

    data->next_free = free_list;
    free_list = data;
}
