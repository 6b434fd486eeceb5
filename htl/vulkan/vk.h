/* SPDX-License-Identifier: MIT */
/*
 * Inside of htl-vulkan.so: what the generated thunks and the files by hand
 * share.
 */
#ifndef GANGWAY_VK_H
#define GANGWAY_VK_H

#define VK_ENABLE_BETA_EXTENSIONS
#define VK_USE_PLATFORM_XLIB_KHR
#define VK_USE_PLATFORM_XLIB_XRANDR_EXT
#define VK_USE_PLATFORM_XCB_KHR
#include <vulkan/vulkan.h>

#include "vulkan-args.h"
#include "x11.h"

#include <stdatomic.h>

/* --- scope.c: what a handle is dispatched by ------------------------------ */

/*
 * An instance or a device and its functions.  Every dispatchable handle
 * begins with a pointer of the loader's (its dispatch table), which is the
 * same for a device, its queues and its command buffers, and for an instance
 * and its physical devices (loader's LoaderLayerInterface.md, "loader and
 * layer dispatch tables").  Scopes are reused, never freed: a thread may still
 * remember one that is over.
 */
struct gw_vk_scope {
    _Atomic(void *) key; /* that pointer; NULL while unused */
    struct gw_vk_scope *next;
    bool taken;
    VkInstance instance;
    VkDevice device; /* NULL for an instance */
    _Atomic(void *) proc[GW_VULKAN_COUNT]; /* NULL until looked for */
};

/* The scope that this thread used last; never NULL.  initial-exec: two
 * instructions instead of a call for each command. */
extern _Thread_local struct gw_vk_scope *gw_vk_last
    __attribute__((tls_model("initial-exec")));

/* The host's function `id` for a handle, by its scope; a function that only
 * reports when there is none.  Any thread. */
void *gw_vk_find(void *handle, uint32_t id);

/* Relaxed: a scope gets another key only after its handle was destroyed, and
 * who calls with the new handle was given it by the thread that created it,
 * and so sees all of that thread's stores here. */
static inline __attribute__((always_inline)) void *
gw_vk_proc(void *handle, uint32_t id)
{
    struct gw_vk_scope *s = gw_vk_last;
    void *proc;

    if (__builtin_expect(handle != NULL, 1) &&
        __builtin_expect(atomic_load_explicit(&s->key, memory_order_relaxed) ==
                         *(void **)handle, 1)) {
        proc = atomic_load_explicit(&s->proc[id], memory_order_relaxed);
        if (__builtin_expect(proc != NULL, 1)) {
            return proc;
        }
    }
    return gw_vk_find(handle, id);
}

/* The same, typed: gw_vk(device, vkDeviceWaitIdle)(device). */
#define gw_vk(handle, function)                                               \
    ((PFN_##function)gw_vk_proc(handle, gw_vulkan_id_##function))

/* Begin and end of a scope.  gw_vk_scope_hide() before the host destroys the
 * handle (another may get its key at once), gw_vk_scope_end() after. */
void gw_vk_scope_add(VkInstance instance, VkDevice device);
struct gw_vk_scope *gw_vk_scope_hide(void *handle);
void gw_vk_scope_end(struct gw_vk_scope *scope);

/* The instance that a physical device belongs to, or NULL. */
VkInstance gw_vk_instance_of(VkPhysicalDevice physical);

/* --- host.c: the loader --------------------------------------------------- */

/* The host loader's own export, or NULL; typed. */
void *gw_vk_exported(const char *name);
#define gw_vk_loader(function) ((PFN_##function)gw_vk_exported(#function))

/* --- callbacks.c ---------------------------------------------------------- */

/* Where function pointers are in a struct; generated. */
struct gw_vk_pointer {
    uint16_t offset;
    uint16_t signature; /* of the pack's */
};

/* An array of structs with function pointers that a struct points to;
 * generated. */
struct gw_vk_array {
    uint16_t offset; /* of the pointer */
    uint16_t count;  /* offset of how many there are; 0: one */
    uint32_t size;   /* of an element */
    const struct gw_vk_pointer *pointers; /* [pointer_count] */
    uint32_t pointer_count;
};

/* A struct that can stand in a pNext chain; generated. */
struct gw_vk_struct {
    VkStructureType type;
    uint32_t size;
    const struct gw_vk_pointer *pointers; /* [pointer_count] */
    uint32_t pointer_count;
    const struct gw_vk_array *arrays; /* [array_count] */
    uint32_t array_count;
};
extern const struct gw_vk_struct gw_vk_structs[];
extern const unsigned gw_vk_struct_count;

/* The host's allocator for a guest's: its functions are closures that are
 * kept, as objects of any kind remember them. */
const VkAllocationCallbacks *gw_vk_host_allocator(const void *guest,
                                                  VkAllocationCallbacks *host);

static inline const VkAllocationCallbacks *
gw_vk_allocator(const void *guest, VkAllocationCallbacks *host)
{
    return guest ? gw_vk_host_allocator(guest, host) : NULL;
}

/* A chain of structs for the host in place of the guest's, or the other way
 * round. */
struct gw_vk_shadow {
    char *memory;    /* copies, or NULL */
    struct gw_vk_copy *arrays; /* more of them */
    bool to_guest;
    void **closures; /* [closure_count], a reference to each */
    unsigned closure_count;
};

/*
 * The chain that begins with `info`, with host functions in place of the
 * guest's: the guest's own chain when there are none in it, else copies as
 * far as needed.  NULL when there is no memory.  To be ended in any case.
 */
const void *gw_vk_shadow(struct gw_vk_shadow *shadow, const void *info);

/* The other way: a chain of the host's for a function of the guest's, with
 * the guest functions that its closures stand for.  A struct with a function
 * that is only the host's is left out, as the guest cannot call it. */
const void *gw_vk_unshadow(struct gw_vk_shadow *shadow, const void *info);

/*
 * Frees the copies.  The closures stay for as long as the object lives
 * (`handle` of that type, a child of `parent`); with VK_NULL_HANDLE none was
 * created, and they go.
 */
void gw_vk_shadow_end(struct gw_vk_shadow *shadow, void *parent,
                      VkObjectType type, uint64_t handle);

/* The object is gone: so are its closures.  With type UNKNOWN: all children
 * of the parent. */
void gw_vk_release(void *parent, VkObjectType type, uint64_t handle);

/* --- driver.c ------------------------------------------------------------- */

/* The host's vkGetInstanceProcAddr for that of a driver which the guest
 * brings (VK_LUNARG_direct_driver_loading). */
void *gw_vk_driver(void *guest);

/* --- extensions.c --------------------------------------------------------- */

/* True when all names are extensions that the guest is shown. */
bool gw_vk_covered(const char *const *names, uint32_t count);

#endif
