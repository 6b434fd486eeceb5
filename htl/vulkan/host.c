/* SPDX-License-Identifier: MIT */
/*
 * The host's Vulkan loader, and what begins and ends there: instances,
 * devices, the addresses of functions.
 *
 * The functions by hand also run on a machine without a loader, and answer
 * what a loader without drivers would.
 */
#include "vulkan-htl.h"
#include "runtime.h"

#include <dlfcn.h>
#include <string.h>

#define LOADER "libvulkan.so.1"

static void *loader;

bool gw_vulkan_open(void)
{
    loader = dlopen(LOADER, RTLD_NOW | RTLD_LOCAL);
    if (loader) {
        gw_verbose("%s: the host's", LOADER);
    } else {
        gw_log("this machine has no Vulkan loader (%s): install the package "
               "libvulkan1, and mesa-vulkan-drivers or the graphics card's "
               "own driver", dlerror());
    }
    return true;
}

void *gw_vk_exported(const char *name)
{
    return loader ? dlsym(loader, name) : NULL;
}

/* Every function counts as there: whether it is, a handle decides
 * (gw_vk_proc()).  Only the answer's being non-NULL matters. */
void *gw_vulkan_resolve(const char *name)
{
    void *proc = gw_vk_exported(name);

    return proc ? proc : &loader;
}

/* --- addresses ----------------------------------------------------------- */

static bool is_global(const char *name)
{
    return !strcmp(name, "vkCreateInstance") ||
           !strcmp(name, "vkEnumerateInstanceVersion") ||
           !strcmp(name, "vkEnumerateInstanceExtensionProperties") ||
           !strcmp(name, "vkEnumerateInstanceLayerProperties") ||
           !strcmp(name, "vkGetInstanceProcAddr");
}

/* The specification's rules for NULL are the host's to know. */
void gw_custom_vkGetInstanceProcAddr(struct gw_args_vkGetInstanceProcAddr *a)
{
    PFN_vkGetInstanceProcAddr get = gw_vk_loader(vkGetInstanceProcAddr);
    bool there = a->pName && (get ? get(a->instance, a->pName) != NULL
                                  : !a->instance && is_global(a->pName));

    a->ret = there ? gw_pack_guest_proc(&gw_vulkan_pack, a->pName) : NULL;
}

void gw_custom_vkGetDeviceProcAddr(struct gw_args_vkGetDeviceProcAddr *a)
{
    PFN_vkGetDeviceProcAddr get = gw_vk_loader(vkGetDeviceProcAddr);

    a->ret = get && a->pName && get(a->device, a->pName)
                 ? gw_pack_guest_proc(&gw_vulkan_pack, a->pName)
                 : NULL;
}

/* --- instances and devices ----------------------------------------------- */

static VkResult create_instance(const VkInstanceCreateInfo *guest,
                                const void *allocator, VkInstance *out)
{
    PFN_vkCreateInstance create = gw_vk_loader(vkCreateInstance);
    struct gw_vk_shadow shadow;
    VkAllocationCallbacks storage;
    const VkInstanceCreateInfo *info;
    VkResult result = VK_ERROR_OUT_OF_HOST_MEMORY;

    if (!create) {
        return VK_ERROR_INITIALIZATION_FAILED;
    }
    if (guest && !gw_vk_covered(guest->ppEnabledExtensionNames,
                                guest->enabledExtensionCount)) {
        return VK_ERROR_EXTENSION_NOT_PRESENT;
    }
    info = gw_vk_shadow(&shadow, guest);
    if (info || !guest) {
        result = create(info, gw_vk_allocator(allocator, &storage), out);
    }
    if (result == VK_SUCCESS) {
        gw_vk_scope_add(*out, NULL);
    }
    gw_vk_shadow_end(&shadow, NULL, VK_OBJECT_TYPE_INSTANCE,
                     result == VK_SUCCESS ? (uintptr_t)*out : 0);
    return result;
}

void gw_custom_vkCreateInstance(struct gw_args_vkCreateInstance *a)
{
    a->ret = create_instance(a->pCreateInfo, a->pAllocator, a->pInstance);
}

void gw_custom_vkDestroyInstance(struct gw_args_vkDestroyInstance *a)
{
    PFN_vkDestroyInstance destroy = gw_vk_loader(vkDestroyInstance);
    VkAllocationCallbacks storage;
    struct gw_vk_scope *scope;

    if (!destroy || !a->instance) {
        return;
    }
    scope = gw_vk_scope_hide(a->instance);
    destroy(a->instance, gw_vk_allocator(a->pAllocator, &storage));
    gw_vk_release(a->instance, VK_OBJECT_TYPE_UNKNOWN, 0);
    gw_vk_release(NULL, VK_OBJECT_TYPE_INSTANCE, (uintptr_t)a->instance);
    gw_vk_scope_end(scope);
}

static VkResult create_device(VkPhysicalDevice physical,
                              const VkDeviceCreateInfo *guest,
                              const void *allocator, VkDevice *out)
{
    struct gw_vk_shadow shadow;
    VkAllocationCallbacks storage;
    const VkDeviceCreateInfo *info;
    VkResult result = VK_ERROR_OUT_OF_HOST_MEMORY;

    if (guest && !gw_vk_covered(guest->ppEnabledExtensionNames,
                                guest->enabledExtensionCount)) {
        return VK_ERROR_EXTENSION_NOT_PRESENT;
    }
    info = gw_vk_shadow(&shadow, guest);
    if (info || !guest) {
        result = gw_vk(physical, vkCreateDevice)(
            physical, info, gw_vk_allocator(allocator, &storage), out);
    }
    if (result == VK_SUCCESS) {
        gw_vk_scope_add(gw_vk_instance_of(physical), *out);
    }
    gw_vk_shadow_end(&shadow, NULL, VK_OBJECT_TYPE_DEVICE,
                     result == VK_SUCCESS ? (uintptr_t)*out : 0);
    return result;
}

void gw_custom_vkCreateDevice(struct gw_args_vkCreateDevice *a)
{
    a->ret = create_device(a->physicalDevice, a->pCreateInfo, a->pAllocator,
                           a->pDevice);
}

void gw_custom_vkDestroyDevice(struct gw_args_vkDestroyDevice *a)
{
    VkAllocationCallbacks storage;
    struct gw_vk_scope *scope;
    PFN_vkDestroyDevice destroy;

    if (!a->device) {
        return;
    }
    destroy = gw_vk(a->device, vkDestroyDevice);
    scope = gw_vk_scope_hide(a->device);
    destroy(a->device, gw_vk_allocator(a->pAllocator, &storage));
    gw_vk_release(NULL, VK_OBJECT_TYPE_DEVICE, (uintptr_t)a->device);
    gw_vk_scope_end(scope);
}
