/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registry.h"
#include "guest-memory.h"
#include "pages.h"
#include "signals.h"

#include "gangway/lock.h"
#include "gangway/memory.h"

#include <dlfcn.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* Guards everything below; held over no foreign code. */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);

static GHashTable *libraries; /* handle -> reference count */
static GHashTable *procs;     /* procedure -> handle */

/*
 * What gw_proc_known() reads: a copy of the keys of `procs`, open addressing,
 * replaced as a whole.  Old copies are kept, since a reader may still be in
 * one; libraries come and go rarely enough.
 */
struct proc_set {
    size_t mask;
    void *slot[];
};
static _Atomic(struct proc_set *) known;

const struct gw_crash_hooks *_Atomic gw_crash_hooks_found;

static size_t slot_of(const struct proc_set *set, const void *proc)
{
    return ((uintptr_t)proc * UINT64_C(0x9e3779b97f4a7c15) >> 32) & set->mask;
}

static void publish(void)
{
    size_t size = 16;
    struct proc_set *set;
    GHashTableIter iter;
    void *proc;

    while (size < 2 * (size_t)g_hash_table_size(procs)) {
        size *= 2;
    }
    set = g_malloc0(sizeof(*set) + size * sizeof(set->slot[0]));
    set->mask = size - 1;
    g_hash_table_iter_init(&iter, procs);
    while (g_hash_table_iter_next(&iter, &proc, NULL)) {
        size_t i = slot_of(set, proc);
        while (set->slot[i]) {
            i = (i + 1) & set->mask;
        }
        set->slot[i] = proc;
    }
    atomic_store_explicit(&known, set, memory_order_release);
}

bool gw_proc_known(void *proc)
{
    struct proc_set *set = atomic_load_explicit(&known, memory_order_acquire);
    size_t i;

    if (!set || !proc) {
        return false;
    }
    for (i = slot_of(set, proc); set->slot[i]; i = (i + 1) & set->mask) {
        if (set->slot[i] == proc) {
            return true;
        }
    }
    return false;
}

static int is_guest(uint64_t address)
{
    return !gw_is_cpu_thread() ? -1
        : gw_guest_has(address) && !gw_pages_are_hosts(address);
}

static bool adopt(uintptr_t address, size_t size)
{
    return gw_pages_adopt(address, size, true);
}

void *gw_library_load(const char *path, int flags)
{
    /* RTLD_NOW and RTLD_LAZY are mandatory alternatives; a guest that names
     * neither would get an error that says nothing. */
    int mode = flags & (RTLD_NOW | RTLD_LAZY) ? flags : flags | RTLD_NOW;
    void *handle = dlopen(path, mode);

    if (handle) {
        const struct gw_crash_hooks *hooks = dlsym(handle, GW_CRASH_HOOKS);
        struct gw_memory_hooks *memory = dlsym(handle, GW_MEMORY_HOOKS);
        pthread_mutex_lock(&lock);
        if (hooks) {
            gw_crash_hooks_found = hooks;
        }
        if (memory) {
            memory->is_guest = is_guest;
            memory->adopt = adopt;
            memory->release = gw_pages_release;
        }
        if (!libraries) {
            libraries = g_hash_table_new(NULL, NULL);
            procs = g_hash_table_new(NULL, NULL);
        }
        g_hash_table_insert(
            libraries, handle,
            GSIZE_TO_POINTER(GPOINTER_TO_SIZE(
                g_hash_table_lookup(libraries, handle)) + 1));
        pthread_mutex_unlock(&lock);
    }
    return handle;
}

static gboolean belongs(void *proc, void *handle, void *wanted)
{
    (void)proc;
    return handle == wanted;
}

bool gw_library_free(void *handle, int *result)
{
    size_t count;

    pthread_mutex_lock(&lock);
    count = libraries
        ? GPOINTER_TO_SIZE(g_hash_table_lookup(libraries, handle)) : 0;
    if (count == 1) {
        g_hash_table_remove(libraries, handle);
        g_hash_table_foreach_remove(procs, belongs, handle);
        publish();
    } else if (count > 1) {
        g_hash_table_insert(libraries, handle, GSIZE_TO_POINTER(count - 1));
    }
    pthread_mutex_unlock(&lock);
    if (count) {
        *result = dlclose(handle);
    }
    return count != 0;
}

bool gw_library_proc(void *handle, const char *name, void **out)
{
    bool ok;

    pthread_mutex_lock(&lock);
    ok = libraries && g_hash_table_contains(libraries, handle);
    pthread_mutex_unlock(&lock);
    if (!ok) {
        return false;
    }
    *out = dlsym(handle, name);
    if (*out) {
        pthread_mutex_lock(&lock);
        g_hash_table_insert(procs, *out, handle);
        publish();
        pthread_mutex_unlock(&lock);
    }
    return true;
}

const char *gw_library_error(void)
{
    static _Thread_local char *text;
    const char *now = dlerror();

    g_free(text);
    text = g_strdup(now);
    return text;
}

void gw_libraries_notify(const char *name)
{
    g_autoptr(GList) handles = NULL;

    pthread_mutex_lock(&lock);
    handles = libraries ? g_hash_table_get_keys(libraries) : NULL;
    pthread_mutex_unlock(&lock);
    for (GList *i = handles; i; i = i->next) {
        gw_proc proc = (gw_proc)(uintptr_t)dlsym(i->data, name);
        if (proc) {
            proc(NULL, NULL);
        }
    }
}
