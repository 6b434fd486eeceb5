/* SPDX-License-Identifier: MIT */
/*
 * Host memory in the guest's hands.
 *
 * Guest code reads and writes host memory like its own, but QEMU's system
 * calls (and some helpers, such as AArch64's DC ZVA, which memset() uses)
 * first ask its table of guest pages and answer EFAULT.  The plugin enters the
 * pages there and takes them out again.  Where it cannot, an mprotect() by the
 * guest enters them, with the protection that they already have, for good.
 */
#include "runtime.h"

#include "gangway/lock.h"
#include "gangway/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* For the plugin (gangway/memory.h). */
GW_PUBLIC struct gw_memory_hooks gw_memory_hooks;

/*
 * Where the plugin cannot tell QEMU: pages adopted before, by open addressing;
 * a driver maps the same memory again and again.
 */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static uintptr_t *pages;
static size_t used, room;

static size_t slot_of(uintptr_t page)
{
    size_t i = (page * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);

    while (pages[i] && pages[i] != page) {
        i = (i + 1) & (room - 1);
    }
    return i;
}

/* With the lock held; false when there is no memory for more. */
static bool make_room(void)
{
    uintptr_t *old = pages;
    size_t old_room = room;

    if (2 * used < room) {
        return true;
    }
    room = old_room ? 2 * old_room : 1024;
    pages = calloc(room, sizeof(*pages));
    if (!pages) {
        pages = old;
        room = old_room;
        return false;
    }
    for (size_t i = 0; i < old_room; i++) {
        if (old[i]) {
            pages[slot_of(old[i])] = old[i];
        }
    }
    free(old);
    return true;
}

/* Enters the pages; false when all of them were there. */
static bool is_new(uintptr_t first, uintptr_t end, uintptr_t page_size)
{
    bool any = false;

    pthread_mutex_lock(&lock);
    for (uintptr_t page = first; page < end; page += page_size) {
        if (!make_room()) {
            any = true;
        } else if (!pages[slot_of(page)]) {
            pages[slot_of(page)] = page;
            used++;
            any = true;
        }
    }
    pthread_mutex_unlock(&lock);
    return any;
}

bool gw_adopt(const void *address, size_t size)
{
    uintptr_t page_size = sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)address & -page_size;
    uintptr_t end = ((uintptr_t)address + size + page_size - 1) & -page_size;

    if (address && size && gw_memory_hooks.adopt &&
        gw_memory_hooks.adopt((uintptr_t)address, size)) {
        return true;
    }
    if (address && size && is_new(first, end, page_size) &&
        !gw_guest_service(GW_SERVICE_ADOPT, first, end - first, 0)) {
        gw_verbose("the guest cannot adopt %zu bytes at %p: system calls on "
                   "them will fail", size, address);
    }
    return false;
}

void gw_release(const void *address, size_t size)
{
    gw_memory_hooks.release((uintptr_t)address, size);
}

static bool is_adopted(const void *address)
{
    uintptr_t page = (uintptr_t)address & -(uintptr_t)sysconf(_SC_PAGESIZE);
    bool found;

    pthread_mutex_lock(&lock);
    found = used && pages[slot_of(page)];
    pthread_mutex_unlock(&lock);
    return found;
}

bool gw_is_guest(const void *address)
{
    int known = gw_memory_hooks.is_guest
        ? gw_memory_hooks.is_guest((uintptr_t)address) : -1;

    if (known < 0) {
        known = gw_guest_service(GW_SERVICE_IS_GUEST, (uintptr_t)address, 0,
                                 0);
    }
    /* QEMU keeps what was adopted, and so never gives it to the guest. */
    return known && !is_adopted(address);
}
