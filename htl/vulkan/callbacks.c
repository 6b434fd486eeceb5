/* SPDX-License-Identifier: MIT */
/*
 * Guest functions that the host's Vulkan calls: allocators, and those in
 * structs that may hang in any chain.  Where they stand is generated from the
 * registry (gw_vk_structs).  What the guest passes is never written to.
 */
#include "vulkan-htl.h"
#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define CLOSURE(type, function)                                               \
    (type)gw_closure_keep(&gw_vulkan_pack, gw_vulkan_sig_##type,              \
                          (void *)(function))

const VkAllocationCallbacks *gw_vk_host_allocator(const void *guest,
                                                  VkAllocationCallbacks *host)
{
    const VkAllocationCallbacks *g = guest;

    host->pUserData = g->pUserData;
    host->pfnAllocation = CLOSURE(PFN_vkAllocationFunction, g->pfnAllocation);
    host->pfnReallocation =
        CLOSURE(PFN_vkReallocationFunction, g->pfnReallocation);
    host->pfnFree = CLOSURE(PFN_vkFreeFunction, g->pfnFree);
    host->pfnInternalAllocation = CLOSURE(
        PFN_vkInternalAllocationNotification, g->pfnInternalAllocation);
    host->pfnInternalFree =
        CLOSURE(PFN_vkInternalFreeNotification, g->pfnInternalFree);
    return host;
}

/* --- chains -------------------------------------------------------------- */

/* As large as any struct of a registry newer than our tables, surely. */
#define UNKNOWN_SIZE 1024

static const struct gw_vk_struct *describe(const VkBaseInStructure *in)
{
    for (unsigned i = 0; i < gw_vk_struct_count; i++) {
        if (gw_vk_structs[i].type == in->sType) {
            return &gw_vk_structs[i];
        }
    }
    return NULL;
}

/* How many elements an array of a struct's has. */
static uint32_t length_of(const struct gw_vk_array *a, const void *in)
{
    return a->count ? *(const uint32_t *)((const char *)in + a->count) : 1;
}

static unsigned pointers_in(const struct gw_vk_struct *s, const void *in)
{
    unsigned count = s->pointer_count;

    for (uint32_t i = 0; i < s->array_count; i++) {
        count += s->arrays[i].pointer_count * length_of(&s->arrays[i], in);
    }
    return count;
}

/* How many structs of the chain must be copied: up to the last one with a
 * function pointer.  Counts those pointers, too. */
static unsigned depth_of(const VkBaseInStructure *in, size_t *size,
                         unsigned *pointers)
{
    unsigned depth = 0, n = 0;
    size_t total = 0;

    for (; in; in = in->pNext) {
        const struct gw_vk_struct *s = describe(in);
        unsigned found = s ? pointers_in(s, in) : 0;
        total += ((s ? s->size : UNKNOWN_SIZE) + 15) & ~(size_t)15;
        n++;
        if (found) {
            depth = n;
            *size = total;
            *pointers += found;
        }
    }
    return depth;
}

/* Copies a struct whose size nobody knows: what there is, but no fault where
 * memory ends behind it. */
static void copy_unknown(void *to, const void *from)
{
    size_t page = sysconf(_SC_PAGESIZE);
    size_t first = page - ((uintptr_t)from & (page - 1));
    struct iovec local = { to, UNKNOWN_SIZE };
    struct iovec remote[2];

    first = first < UNKNOWN_SIZE ? first : UNKNOWN_SIZE;
    remote[0] = (struct iovec){ (void *)from, first };
    remote[1] = (struct iovec){ (char *)from + first, UNKNOWN_SIZE - first };
    if (process_vm_readv(getpid(), &local, 1, remote, 2, 0) < 0) {
        memcpy(to, from, first);
    }
}

/* An array's copy. */
struct gw_vk_copy {
    struct gw_vk_copy *next;
    _Alignas(16) char data[];
};

/* One function for the other side; NULL where the guest cannot call it. */
static void *replace(struct gw_vk_shadow *shadow, unsigned signature,
                     void *function)
{
    void *closure;

    if (shadow->to_guest) {
        return gw_closure_target(function);
    }
    if (signature == gw_vulkan_sig_PFN_vkGetInstanceProcAddrLUNARG) {
        return gw_vk_driver(function);
    }
    closure = gw_closure_get(&gw_vulkan_pack, signature, function);
    if (closure) {
        shadow->closures[shadow->closure_count++] = closure;
    }
    return closure;
}

/* False when one of them got lost. */
static bool replace_pointers(struct gw_vk_shadow *shadow,
                             const struct gw_vk_pointer *pointers,
                             uint32_t count, char *copy)
{
    bool good = true;

    for (uint32_t i = 0; i < count; i++) {
        void **at = (void **)(copy + pointers[i].offset);
        void *old = *at;
        *at = replace(shadow, pointers[i].signature, old);
        good &= *at || !old;
    }
    return good;
}

static bool replace_array(struct gw_vk_shadow *shadow,
                          const struct gw_vk_array *a, char *copy)
{
    uint32_t length = length_of(a, copy);
    void **at = (void **)(copy + a->offset);
    struct gw_vk_copy *elements;
    bool good = true;

    if (!*at || !length) {
        return true;
    }
    elements = malloc(sizeof(*elements) + (size_t)length * a->size);
    if (!elements) {
        return false;
    }
    memcpy(elements->data, *at, (size_t)length * a->size);
    elements->next = shadow->arrays;
    shadow->arrays = elements;
    *at = elements->data;
    for (uint32_t i = 0; i < length; i++) {
        good &= replace_pointers(shadow, a->pointers, a->pointer_count,
                                 elements->data + (size_t)i * a->size);
    }
    return good;
}

static bool replace_all(struct gw_vk_shadow *shadow,
                        const struct gw_vk_struct *s, char *copy)
{
    bool good = replace_pointers(shadow, s->pointers, s->pointer_count, copy);

    for (uint32_t i = 0; i < s->array_count; i++) {
        good &= replace_array(shadow, &s->arrays[i], copy);
    }
    return good;
}

/* Copies the first structs of a chain behind each other.  What is behind
 * them stays as it is; one that lost a function is passed over. */
static void copy_chain(struct gw_vk_shadow *shadow,
                       const VkBaseInStructure *in, unsigned depth)
{
    char *to = shadow->memory;
    VkBaseOutStructure *last = NULL;

    for (; depth; depth--, in = in->pNext) {
        const struct gw_vk_struct *s = describe(in);
        size_t size = s ? s->size : UNKNOWN_SIZE;
        bool good = true;

        if (s) {
            memcpy(to, in, size);
            good = replace_all(shadow, s, to);
        } else {
            copy_unknown(to, in);
        }
        if (!last || good) {
            if (last) {
                last->pNext = (void *)to;
            }
            last = (void *)to;
            to += (size + 15) & ~(size_t)15;
        } else {
            last->pNext = (void *)in->pNext;
        }
    }
}

static const void *shadow_of(struct gw_vk_shadow *shadow, const void *info)
{
    unsigned pointers = 0, depth;
    size_t size = 0;

    depth = depth_of(info, &size, &pointers);
    if (!depth) {
        return info;
    }
    shadow->memory = calloc(1, size);
    shadow->closures = calloc(pointers, sizeof(void *));
    if (!shadow->memory || !shadow->closures) {
        return NULL;
    }
    copy_chain(shadow, info, depth);
    return shadow->memory;
}

const void *gw_vk_shadow(struct gw_vk_shadow *shadow, const void *info)
{
    *shadow = (struct gw_vk_shadow){ 0 };
    return shadow_of(shadow, info);
}

const void *gw_vk_unshadow(struct gw_vk_shadow *shadow, const void *info)
{
    *shadow = (struct gw_vk_shadow){ .to_guest = true };
    return shadow_of(shadow, info);
}

/* --- closures that live as long as an object ------------------------------ */

struct kept {
    struct kept *next;
    void *parent;
    VkObjectType type;
    uint64_t handle;
    void **closures;
    unsigned count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list */
static struct kept *kept;

static void put_all(void **closures, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        gw_closure_put(closures[i]);
    }
    free(closures);
}

void gw_vk_shadow_end(struct gw_vk_shadow *shadow, void *parent,
                      VkObjectType type, uint64_t handle)
{
    struct kept *k = NULL;

    free(shadow->memory);
    while (shadow->arrays) {
        struct gw_vk_copy *next = shadow->arrays->next;
        free(shadow->arrays);
        shadow->arrays = next;
    }
    if (!handle) {
        put_all(shadow->closures, shadow->closure_count);
        return;
    }
    if (shadow->closure_count) {
        k = malloc(sizeof(*k));
    } else {
        free(shadow->closures);
    }
    if (k) {
        *k = (struct kept){ kept, parent, type, handle, shadow->closures,
                            shadow->closure_count };
        pthread_mutex_lock(&lock);
        k->next = kept;
        kept = k;
        pthread_mutex_unlock(&lock);
    }
}

static struct kept *take(void *parent, VkObjectType type, uint64_t handle)
{
    struct kept **link, *k;

    pthread_mutex_lock(&lock);
    for (link = &kept; (k = *link); link = &k->next) {
        if (k->parent == parent &&
            (type == VK_OBJECT_TYPE_UNKNOWN ||
             (k->type == type && k->handle == handle))) {
            *link = k->next;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return k;
}

void gw_vk_release(void *parent, VkObjectType type, uint64_t handle)
{
    struct kept *k;

    while ((k = take(parent, type, handle))) {
        put_all(k->closures, k->count);
        free(k);
    }
}

/* --- messengers ----------------------------------------------------------- */

#define CREATE(name, out, object)                                             \
    void gw_custom_vkCreate##name(struct gw_args_vkCreate##name *a)           \
    {                                                                         \
        uint64_t *handle = a->out;                                            \
        struct gw_vk_shadow shadow;                                           \
        VkAllocationCallbacks storage;                                        \
        const void *info = gw_vk_shadow(&shadow, a->pCreateInfo);             \
                                                                              \
        a->ret = VK_ERROR_OUT_OF_HOST_MEMORY;                                 \
        if (info || !a->pCreateInfo) {                                        \
            a->ret = gw_vk(a->instance, vkCreate##name)(                      \
                a->instance, info, gw_vk_allocator(a->pAllocator, &storage),  \
                a->out);                                                      \
        }                                                                     \
        gw_vk_shadow_end(&shadow, a->instance, object,                        \
                         (VkResult)a->ret == VK_SUCCESS ? *handle : 0);       \
    }

#define DESTROY(name, parameter, handle_type, object)                         \
    void gw_custom_vkDestroy##name(struct gw_args_vkDestroy##name *a)         \
    {                                                                         \
        VkAllocationCallbacks storage;                                        \
                                                                              \
        gw_vk(a->instance, vkDestroy##name)(                                  \
            a->instance, (handle_type)a->parameter,                           \
            gw_vk_allocator(a->pAllocator, &storage));                        \
        if (a->parameter) {                                                   \
            gw_vk_release(a->instance, object, (uintptr_t)a->parameter);      \
        }                                                                     \
    }

CREATE(DebugUtilsMessengerEXT, pMessenger,
       VK_OBJECT_TYPE_DEBUG_UTILS_MESSENGER_EXT)
DESTROY(DebugUtilsMessengerEXT, messenger, VkDebugUtilsMessengerEXT,
        VK_OBJECT_TYPE_DEBUG_UTILS_MESSENGER_EXT)
CREATE(DebugReportCallbackEXT, pCallback,
       VK_OBJECT_TYPE_DEBUG_REPORT_CALLBACK_EXT)
DESTROY(DebugReportCallbackEXT, callback, VkDebugReportCallbackEXT,
        VK_OBJECT_TYPE_DEBUG_REPORT_CALLBACK_EXT)
