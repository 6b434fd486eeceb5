/* SPDX-License-Identifier: MIT */
#include "vulkan-htl.h"
#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>

/* Guards the list's growth and `taken`; readers walk it without. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct gw_vk_scope *) scopes;

/* No handle has this key. */
static struct gw_vk_scope nowhere = { .key = (void *)-1 };
_Thread_local struct gw_vk_scope *gw_vk_last = &nowhere;

static struct gw_vk_scope *scope_of(void *handle)
{
    void *key = *(void **)handle;
    struct gw_vk_scope *s = atomic_load(&scopes);

    while (s && atomic_load(&s->key) != key) {
        s = s->next;
    }
    return s;
}

/* What a function that nobody has answers, by the kind of its result. */
static uint64_t absent(void)
{
    return 0;
}

static uint64_t absent_result(void)
{
    return (uint32_t)VK_ERROR_EXTENSION_NOT_PRESENT;
}

static void *report_absent(uint32_t id)
{
    const struct gw_function *f = &gw_vulkan_pack.functions[id];

    gw_log("the host's Vulkan lacks %s for this instance or device", f->name);
    return f->format[0] == 'E' ? (void *)absent_result : (void *)absent;
}

static void *find_in(const struct gw_vk_scope *s, const char *name)
{
    PFN_vkGetDeviceProcAddr of_device = gw_vk_loader(vkGetDeviceProcAddr);
    PFN_vkGetInstanceProcAddr of_instance =
        gw_vk_loader(vkGetInstanceProcAddr);
    void *proc = NULL;

    if (s->device && of_device) {
        proc = (void *)of_device(s->device, name);
    }
    if (!proc && of_instance) {
        proc = (void *)of_instance(s->instance, name);
    }
    return proc;
}

void *gw_vk_find(void *handle, uint32_t id)
{
    struct gw_vk_scope *s = handle ? scope_of(handle) : NULL;
    const char *name = gw_vulkan_pack.functions[id].name;
    void *proc = s ? atomic_load(&s->proc[id]) : NULL;

    if (!proc && s) {
        proc = find_in(s, name);
    }
    /* What the loader does with a handle that it does not know is its own
     * affair, as it is natively. */
    proc = proc ? proc : gw_vk_exported(name);
    proc = proc ? proc : report_absent(id);
    if (s) {
        atomic_store(&s->proc[id], proc);
        gw_vk_last = s;
    }
    return proc;
}

/* With the lock held. */
static struct gw_vk_scope *take(void)
{
    struct gw_vk_scope *s = atomic_load(&scopes);

    while (s && s->taken) {
        s = s->next;
    }
    if (!s) {
        s = calloc(1, sizeof(*s));
        if (!s) {
            return NULL;
        }
        s->next = atomic_load(&scopes);
        atomic_store(&scopes, s);
    }
    s->taken = true;
    return s;
}

/* A program may destroy an instance without its devices; their keys may come
 * again.  With the lock held. */
static void forget(const void *key)
{
    for (struct gw_vk_scope *s = atomic_load(&scopes); s; s = s->next) {
        if (atomic_load(&s->key) == key) {
            atomic_store(&s->key, NULL);
            s->taken = false;
        }
    }
}

void gw_vk_scope_add(VkInstance instance, VkDevice device)
{
    void *key = device ? *(void **)device : *(void **)instance;
    struct gw_vk_scope *s;

    pthread_mutex_lock(&lock);
    forget(key);
    s = take();
    if (s) {
        for (uint32_t i = 0; i < GW_VULKAN_COUNT; i++) {
            atomic_store_explicit(&s->proc[i], NULL, memory_order_relaxed);
        }
        s->instance = instance;
        s->device = device;
        atomic_store(&s->key, key);
    } else {
        gw_log("no memory left for the functions of a Vulkan %s; those of "
               "extensions are missing", device ? "device" : "instance");
    }
    pthread_mutex_unlock(&lock);
}

struct gw_vk_scope *gw_vk_scope_hide(void *handle)
{
    struct gw_vk_scope *s = scope_of(handle);

    if (s) {
        atomic_store(&s->key, NULL);
    }
    return s;
}

void gw_vk_scope_end(struct gw_vk_scope *s)
{
    if (s) {
        pthread_mutex_lock(&lock);
        s->taken = false;
        pthread_mutex_unlock(&lock);
    }
}

VkInstance gw_vk_instance_of(VkPhysicalDevice physical)
{
    struct gw_vk_scope *s = physical ? scope_of(physical) : NULL;

    return s ? s->instance : NULL;
}
