/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doorbell.h"
#include "guest-memory.h"
#include "qemu-api.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/*
 * One announced table.  Ranges are prepended to a list that translating
 * threads walk without a lock; they are never removed, since a GTL stays
 * mapped until the process ends.  A range is complete before it is in the list
 * (the exchange releases, the walk acquires).  Ringing needs no order of its
 * own: what the stub stored is read on the same thread (callbacks/call.c has
 * what other threads stored).
 */
struct range {
    struct range *next;
    uint64_t first, last; /* lowest and highest address */
    gw_proc proc;
    size_t count;
    uint64_t store[]; /* ascending */
};
static _Atomic(struct range *) ranges;

static bool blocks; /* doorbells may wait */

/*
 * Called in the middle of a translated block, right after the store.  To QEMU
 * the CPU is in translated code, and what needs all CPUs elsewhere (a fork, the
 * first thread, a flush of translated code) waits until this returns.
 */
static void ring(unsigned int vcpu_index, qemu_plugin_meminfo_t info,
                 uint64_t vaddr, void *userdata)
{
    (void)vcpu_index;
    (void)info;
    ((gw_proc)userdata)((void *)(uintptr_t)vaddr, NULL);
}

/* Likewise, but QEMU does not wait: it has let this CPU leave. */
static void ring_blocking(unsigned int vcpu_index, qemu_plugin_meminfo_t info,
                          uint64_t vaddr, void *userdata)
{
    (void)vcpu_index;
    (void)info;
    ((gw_proc)userdata)((void *)(uintptr_t)vaddr, &blocks);
}

void gw_doorbell_init(bool may_block)
{
    blocks = may_block && gw_stores_may_block();
}

bool gw_doorbell_blocks(void)
{
    return blocks;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

int gw_doorbell_announce(uint64_t table, uint64_t count, gw_proc proc)
{
    g_autofree int32_t *distance = NULL;
    struct range *r;

    if (count == 0 || count > GW_DOORBELL_MAX) {
        return -EINVAL;
    }
    distance = g_new(int32_t, count);
    if (!gw_guest_read(table, distance, count * sizeof(*distance))) {
        return -EFAULT;
    }
    r = g_malloc(sizeof(*r) + count * sizeof(r->store[0]));
    for (size_t i = 0; i < count; i++) {
        r->store[i] = table + i * sizeof(*distance) + (int64_t)distance[i];
    }
    qsort(r->store, count, sizeof(r->store[0]), ascending);
    r->count = count;
    r->proc = proc;
    r->first = r->store[0];
    r->last = r->store[count - 1];
    r->next = atomic_load(&ranges);
    while (!atomic_compare_exchange_weak(&ranges, &r->next, r)) {
    }
    return 0;
}

static void translate_insn(const struct range *r, struct qemu_plugin_insn *insn)
{
    uint64_t addr = qemu_plugin_insn_vaddr(insn);

    if (!bsearch(&addr, r->store, r->count, sizeof(addr), ascending)) {
        return;
    }
    if (blocks) {
        gw_register_blocking_store(insn, ring_blocking, (void *)r->proc);
    } else {
        qemu_plugin_register_vcpu_mem_cb(insn, ring, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_W, (void *)r->proc);
    }
}

void gw_doorbell_translate(struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    uint64_t first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    uint64_t last = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, n - 1));
    const struct range *r;

    for (r = atomic_load(&ranges); r; r = r->next) {
        if (last < r->first || first > r->last) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            translate_insn(r, qemu_plugin_tb_get_insn(tb, i));
        }
    }
}
