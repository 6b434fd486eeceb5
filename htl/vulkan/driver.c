/* SPDX-License-Identifier: MIT */
/*
 * Drivers that the guest brings (VK_LUNARG_direct_driver_loading): the host's
 * loader asks such a driver's vkGetInstanceProcAddr for functions, and gets
 * closures for the guest functions that it answers.  They have the signatures
 * of the pack's own functions.
 *
 * What the loader passes on of the application's, allocators and structs with
 * callbacks, holds closures: the driver gets the guest functions back.
 *
 * Nobody says when a driver is gone, so its closures are kept.
 */
#include "vulkan-htl.h"
#include "runtime.h"

#include <string.h>

static void *host_function(const char *name, void *guest);

/* The driver's answer to a name becomes a host function. */
static void around_address(struct gw_closure_call *call)
{
    const char *name = *(const char **)call->args[1];

    gw_closure_proceed(call);
    *(void **)call->ret = host_function(name, *(void **)call->ret);
}

void *gw_vk_driver(void *guest)
{
    return gw_closure_keep_around(
        &gw_vulkan_pack, gw_vulkan_sig_PFN_vkGetInstanceProcAddrLUNARG, guest,
        around_address);
}

/* The application's allocator; NULL when it is the loader's own, since the
 * guest cannot call that one, and a driver has memory of its own. */
static const VkAllocationCallbacks *
guest_allocator(const VkAllocationCallbacks *host,
                VkAllocationCallbacks *guest)
{
    if (!host || !gw_closure_target(host->pfnAllocation)) {
        return NULL;
    }
    *guest = (VkAllocationCallbacks){
        .pUserData = host->pUserData,
        .pfnAllocation = gw_closure_target(host->pfnAllocation),
        .pfnReallocation = gw_closure_target(host->pfnReallocation),
        .pfnFree = gw_closure_target(host->pfnFree),
        .pfnInternalAllocation =
            gw_closure_target(host->pfnInternalAllocation),
        .pfnInternalFree = gw_closure_target(host->pfnInternalFree),
    };
    return guest;
}

/* Where a parameter of that name is; -1: it has none. */
static int parameter(const struct gw_signature *signature, const char *name)
{
    const char *p = strchr(signature->format, ' ');
    size_t length = strlen(name);

    for (int i = 0; p; i++, p = strchr(p + 1, ' ')) {
        if (!strncmp(p + 1, name, length) && p[1 + length] == ':') {
            return i;
        }
    }
    return -1;
}

/* A function of the driver's that creates or destroys something. */
static void around_object(struct gw_closure_call *call)
{
    int allocator = parameter(call->signature, "pAllocator");
    int info = parameter(call->signature, "pCreateInfo");
    const VkAllocationCallbacks *callbacks;
    VkAllocationCallbacks storage;
    struct gw_vk_shadow shadow = { 0 };
    const void *chain;

    if (allocator >= 0) {
        callbacks = guest_allocator(*(void **)call->args[allocator], &storage);
        call->args[allocator] = &callbacks;
    }
    if (info >= 0) {
        chain = gw_vk_unshadow(&shadow, *(void **)call->args[info]);
        call->args[info] = &chain;
    }
    gw_closure_proceed(call);
    gw_vk_shadow_end(&shadow, NULL, VK_OBJECT_TYPE_UNKNOWN, 0);
}

/* The signature of that name; -1: there is none. */
static int signature_of(const char *name)
{
    for (unsigned i = 0; i < gw_vulkan_sig_count; i++) {
        if (!strcmp(gw_vulkan_pack.signatures[i].type.name, name)) {
            return (int)i;
        }
    }
    return -1;
}

static const struct {
    const char *name;
    unsigned signature;
} interface[] = {
    /* of drivers, not in the registry (LoaderDriverInterface.md) */
    { "vk_icdNegotiateLoaderICDInterfaceVersion",
      gw_vulkan_sig_vkEnumerateInstanceVersion },
    { "vk_icdGetInstanceProcAddr", gw_vulkan_sig_vkGetInstanceProcAddr },
    { "vk_icdGetPhysicalDeviceProcAddr", gw_vulkan_sig_vkGetInstanceProcAddr },
};

static int signature_for(const char *name)
{
    for (unsigned i = 0; i < sizeof(interface) / sizeof(*interface); i++) {
        if (!strcmp(name, interface[i].name)) {
            return (int)interface[i].signature;
        }
    }
    return signature_of(name);
}

/* The host's function for the driver's of that name; NULL when nobody knows
 * the name. */
static void *host_function(const char *name, void *guest)
{
    int signature = guest ? signature_for(name) : -1;

    if (signature < 0) {
        if (guest) {
            gw_verbose("the driver's %s is not one of Gangway's", name);
        }
        return NULL;
    }
    if (signature == gw_vulkan_sig_vkGetInstanceProcAddr ||
        signature == gw_vulkan_sig_vkGetDeviceProcAddr) {
        return gw_closure_keep_around(&gw_vulkan_pack, signature, guest,
                                      around_address);
    }
    return parameter(&gw_vulkan_pack.signatures[signature].type,
                     "pAllocator") >= 0
        ? gw_closure_keep_around(&gw_vulkan_pack, signature, guest,
                                 around_object)
        : gw_closure_keep(&gw_vulkan_pack, signature, guest);
}
