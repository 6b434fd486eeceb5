/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"
#include "guest-memory.h"
#include "signals.h"

#include "gangway/lock.h"

#include <dlfcn.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whole pages that someone wants to be the guest's. */
struct segment {
    uintptr_t first, end;
    unsigned count;
    int prot; /* as QEMU was told; 0 if the pages are the guest's own */
};

static bool (*set_guest_pages)(uint64_t start, uint64_t size, int prot);
static uintptr_t page_size;
static int64_t mmap_number, mremap_number;
static _Thread_local size_t mapping; /* bytes that this thread is mapping */

/* Guards the list; held while QEMU's table is asked and changed, too. */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static GArray *segments; /* ascending; none overlaps another */

void gw_pages_init(const char *target)
{
    bool x86_64 = !strcmp(target, "x86_64");

    /* asm/unistd_64.h of x86, asm-generic/unistd.h of the others */
    mmap_number = x86_64 ? 9 : 222;
    mremap_number = x86_64 ? 25 : 216;
    page_size = sysconf(_SC_PAGESIZE);
    *(void **)&set_guest_pages = dlsym(RTLD_DEFAULT,
                                       "qemu_plugin_set_guest_pages");
    segments = g_array_new(false, false, sizeof(struct segment));
}

static struct segment *at(unsigned i)
{
    return &g_array_index(segments, struct segment, i);
}

/* The first segment that ends behind the address, or their number. */
static unsigned find(uintptr_t address)
{
    unsigned low = 0, high = segments->len;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (at(middle)->end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Afterwards no segment goes across the address. */
static void split(uintptr_t address)
{
    unsigned i = find(address);
    struct segment part;

    if (i < segments->len && at(i)->first < address) {
        part = *at(i);
        at(i)->first = address;
        part.end = address;
        g_array_insert_val(segments, i, part);
    }
}

static void tell_qemu(struct segment *s, int prot)
{
    s->prot = prot;
    set_guest_pages(s->first, s->end - s->first, prot);
}

/*
 * A range without a segment.  Memory that is mapped for the guest at one go is
 * all the host's, or all the guest's own, which it gave to the host; `inside`
 * is of that memory.  The page's first byte need not be: where the host's pages
 * are larger than the guest's, the guest may have mapped the rest of one only.
 */
static void fill(unsigned i, uintptr_t first, uintptr_t end, uintptr_t inside,
                 int prot)
{
    struct segment s = { first, end, 1, 0 };

    if (!gw_guest_has(inside)) {
        tell_qemu(&s, prot);
    }
    g_array_insert_val(segments, i, s);
}

/* The pages of a range. */
static void widen(uintptr_t *first, uintptr_t *end, size_t size)
{
    *end = (*first + size + page_size - 1) & -page_size;
    *first &= -page_size;
}

bool gw_pages_adopt(uintptr_t first, size_t size, bool write)
{
    int prot = write ? PROT_READ | PROT_WRITE : PROT_READ;
    uintptr_t inside = first, end;

    if (!set_guest_pages || gw_guest_base || !gw_is_cpu_thread() || !size) {
        return false;
    }
    widen(&first, &end, size);
    pthread_mutex_lock(&lock);
    split(first);
    split(end);
    for (unsigned i = find(first); first < end; first = at(i++)->end) {
        if (i == segments->len || at(i)->first > first) {
            fill(i, first, i == segments->len ? end
                 : MIN(end, at(i)->first), MAX(first, inside), prot);
            continue;
        }
        at(i)->count++;
        if (at(i)->prot && prot & ~at(i)->prot) {
            tell_qemu(at(i), prot);
        }
    }
    pthread_mutex_unlock(&lock);
    return true;
}

void gw_pages_release(uintptr_t first, size_t size)
{
    uintptr_t end;
    unsigned i;

    widen(&first, &end, size);
    pthread_mutex_lock(&lock);
    split(first);
    split(end);
    i = find(first);
    while (i < segments->len && at(i)->first < end) {
        if (--at(i)->count) {
            i++;
            continue;
        }
        if (at(i)->prot) {
            tell_qemu(at(i), 0);
        }
        g_array_remove_index(segments, i);
    }
    pthread_mutex_unlock(&lock);
}

bool gw_pages_are_hosts(uintptr_t address)
{
    unsigned i;
    bool hosts;

    pthread_mutex_lock(&lock);
    i = find(address);
    hosts = i < segments->len && at(i)->first <= address && at(i)->prot;
    pthread_mutex_unlock(&lock);
    return hosts;
}

void gw_pages_before_syscall(int64_t num, const uint64_t arg[6])
{
    if (num == mmap_number) {
        mapping = arg[1];
    } else if (num == mremap_number) {
        mapping = arg[2];
    }
}

/* What the guest has mapped is its own, whatever was there. */
static void guest_mapped(uintptr_t first, size_t size)
{
    uintptr_t end;
    unsigned i;

    widen(&first, &end, size);
    pthread_mutex_lock(&lock);
    split(first);
    split(end);
    i = find(first);
    while (i < segments->len && at(i)->first < end) {
        g_array_remove_index(segments, i);
    }
    pthread_mutex_unlock(&lock);
}

void gw_pages_after_syscall(int64_t num, int64_t ret)
{
    if (num == mmap_number || num == mremap_number) {
        if (mapping && (ret > 0 || ret < -4095)) {
            guest_mapped(ret, mapping);
        }
        mapping = 0;
    }
}
