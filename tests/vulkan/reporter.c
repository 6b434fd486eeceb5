/* SPDX-License-Identifier: MIT */
/*
 * A Vulkan layer for tests (the host's): it does on threads of its own what
 * drivers and layers may do there.
 *   vkSubmitDebugUtilsMessageEXT  passed on by a thread, while the caller
 *                                 waits; with messageIdNumber -1 later
 *   vkCreateFence                 a thread allocates and frees with the
 *                                 fence's allocator, all five functions
 *   vkCreateDevice                a thread reports memory to the callbacks in
 *                                 the chain
 *   vkDestroyInstance             waits for the threads
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "layer.h"

/* The test has one instance and one device. */
static PFN_vkGetInstanceProcAddr next_instance;
static PFN_vkGetDeviceProcAddr next_device;
static VkInstance instance;
static VkDevice device;

static pthread_t later;
static int have_later;

/* --- instance and device -------------------------------------------------- */

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(
    const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator,
    VkInstance *out)
{
    VkLayerInstanceCreateInfo *link = instance_link(info);
    PFN_vkCreateInstance create;
    VkResult result;

    if (!link)
        return VK_ERROR_INITIALIZATION_FAILED;
    next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    create = (PFN_vkCreateInstance)next_instance(NULL, "vkCreateInstance");
    result = create(info, allocator, out);
    instance = *out;
    return result;
}

static void *report_memory(void *arg)
{
    const VkDeviceDeviceMemoryReportCreateInfoEXT *report = arg;
    VkDeviceMemoryReportCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_REPORT_CALLBACK_DATA_EXT,
        .type = VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT,
        .size = 4096,
        .objectType = VK_OBJECT_TYPE_DEVICE_MEMORY,
    };

    report->pfnUserCallback(&data, report->pUserData);
    return NULL;
}

static void report_to_chain(const VkDeviceCreateInfo *info)
{
    pthread_t thread;

    for (const VkBaseInStructure *s = info->pNext; s; s = s->pNext) {
        if (s->sType ==
                VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT &&
            pthread_create(&thread, NULL, report_memory, (void *)s) == 0)
            pthread_join(thread, NULL);
    }
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(
    VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
    const VkAllocationCallbacks *allocator, VkDevice *out)
{
    VkLayerDeviceCreateInfo *link = device_link(info);
    PFN_vkCreateDevice create;
    VkResult result;

    if (!link)
        return VK_ERROR_INITIALIZATION_FAILED;
    next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    create = (PFN_vkCreateDevice)
        link->u.pLayerInfo->pfnNextGetInstanceProcAddr(instance,
                                                       "vkCreateDevice");
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    result = create(physical, info, allocator, out);
    device = *out;
    report_to_chain(info);
    return result;
}

/* --- threads ------------------------------------------------------------- */

struct message {
    VkDebugUtilsMessageSeverityFlagBitsEXT severity;
    VkDebugUtilsMessageTypeFlagsEXT types;
    VkDebugUtilsMessengerCallbackDataEXT data;
};

static void *send_message(void *arg)
{
    struct message *m = arg;
    PFN_vkSubmitDebugUtilsMessageEXT submit =
        (PFN_vkSubmitDebugUtilsMessageEXT)next_instance(
            instance, "vkSubmitDebugUtilsMessageEXT");

    submit(instance, m->severity, m->types, &m->data);
    free(m);
    return NULL;
}

static VKAPI_ATTR void VKAPI_CALL submit_message(
    VkInstance unused, VkDebugUtilsMessageSeverityFlagBitsEXT severity,
    VkDebugUtilsMessageTypeFlagsEXT types,
    const VkDebugUtilsMessengerCallbackDataEXT *data)
{
    struct message *m = malloc(sizeof(*m));
    pthread_t thread;

    (void)unused;
    *m = (struct message){ severity, types, *data };
    if (data->messageIdNumber == -1) {
        have_later = pthread_create(&later, NULL, send_message, m) == 0;
    } else if (pthread_create(&thread, NULL, send_message, m) == 0) {
        pthread_join(thread, NULL);
    }
}

static void *allocate(void *arg)
{
    const VkAllocationCallbacks *a = arg;
    VkSystemAllocationScope scope = VK_SYSTEM_ALLOCATION_SCOPE_COMMAND;
    char *memory;

    for (int i = 0; i < 100; i++) {
        memory = a->pfnAllocation(a->pUserData, 100, 16, scope);
        memset(memory, i, 100);
        memory = a->pfnReallocation(a->pUserData, memory, 300, 16, scope);
        if (memory[99] != i)
            abort();
        a->pfnFree(a->pUserData, memory);
        if (a->pfnInternalAllocation) {
            a->pfnInternalAllocation(
                a->pUserData, 64, VK_INTERNAL_ALLOCATION_TYPE_EXECUTABLE,
                scope);
            a->pfnInternalFree(a->pUserData, 64,
                               VK_INTERNAL_ALLOCATION_TYPE_EXECUTABLE, scope);
        }
    }
    return NULL;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_fence(
    VkDevice of, const VkFenceCreateInfo *info,
    const VkAllocationCallbacks *allocator, VkFence *out)
{
    PFN_vkCreateFence create =
        (PFN_vkCreateFence)next_device(device, "vkCreateFence");
    pthread_t threads[2];

    for (int i = 0; allocator && i < 2; i++)
        pthread_create(&threads[i], NULL, allocate, (void *)allocator);
    for (int i = 0; allocator && i < 2; i++)
        pthread_join(threads[i], NULL);
    return create(of, info, allocator, out);
}

static VKAPI_ATTR void VKAPI_CALL destroy_instance(
    VkInstance of, const VkAllocationCallbacks *allocator)
{
    PFN_vkDestroyInstance destroy =
        (PFN_vkDestroyInstance)next_instance(of, "vkDestroyInstance");

    if (have_later)
        pthread_join(later, NULL);
    have_later = 0;
    destroy(of, allocator);
}

/* --- addresses ----------------------------------------------------------- */

LAYER_EXPORT VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
gangway_layer_instance(VkInstance of, const char *name);
LAYER_EXPORT VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
gangway_layer_device(VkDevice of, const char *name);

static PFN_vkVoidFunction ours(const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } table[] = {
        { "vkCreateInstance", (PFN_vkVoidFunction)create_instance },
        { "vkDestroyInstance", (PFN_vkVoidFunction)destroy_instance },
        { "vkCreateDevice", (PFN_vkVoidFunction)create_device },
        { "vkCreateFence", (PFN_vkVoidFunction)create_fence },
        { "vkSubmitDebugUtilsMessageEXT",
          (PFN_vkVoidFunction)submit_message },
        { "vkGetInstanceProcAddr",
          (PFN_vkVoidFunction)gangway_layer_instance },
        { "vkGetDeviceProcAddr",
          (PFN_vkVoidFunction)gangway_layer_device },
    };

    for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (!strcmp(name, table[i].name))
            return table[i].function;
    return NULL;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
gangway_layer_instance(VkInstance of, const char *name)
{
    PFN_vkVoidFunction function = ours(name);

    return function || !next_instance ? function : next_instance(of, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
gangway_layer_device(VkDevice of, const char *name)
{
    PFN_vkVoidFunction function = ours(name);

    return function || !next_device ? function : next_device(of, name);
}
