/* SPDX-License-Identifier: MIT */
/*
 * A program that brings its own driver (VK_LUNARG_direct_driver_loading): the
 * loader calls its functions, with the application's allocator and with the
 * messenger in the instance's chain.  The list of drivers stands behind the
 * messenger, and in front of it with the argument "first"; with "refuse" the
 * driver creates no device.
 *
 * Would catch: driver functions that the host calls as if they were its own,
 * allocators and messengers that the driver gets as the host's functions,
 * drivers that are found in one place of the chain only.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vulkan/vk_icd.h>
#include <vulkan/vulkan.h>

#define MUST(call)                                                            \
    do {                                                                      \
        VkResult result_ = (call);                                            \
        if (result_ != VK_SUCCESS) {                                          \
            printf("%s: %d\n", #call, result_);                               \
            exit(2);                                                          \
        }                                                                     \
    } while (0)

static bool refuse;

/* --- the driver ----------------------------------------------------------- */

/* An object that the loader dispatches by; `user` is the allocator's. */
struct object {
    VK_LOADER_DATA loader;
    const VkAllocationCallbacks *allocator;
    uint32_t count;
};

static VkAllocationCallbacks device_allocator;
static struct object physical_device, queue;

static struct object *object_create(const VkAllocationCallbacks *allocator,
                                    VkSystemAllocationScope scope)
{
    struct object *o = allocator
        ? allocator->pfnAllocation(allocator->pUserData, sizeof(*o), 16, scope)
        : malloc(sizeof(*o));

    memset(o, 0, sizeof(*o));
    o->loader.loaderMagic = ICD_LOADER_MAGIC;
    return o;
}

static void object_destroy(void *object,
                           const VkAllocationCallbacks *allocator)
{
    if (allocator)
        allocator->pfnFree(allocator->pUserData, object);
    else
        free(object);
}

static VkResult VKAPI_CALL driver_negotiate(uint32_t *version)
{
    printf("driver: the loader has interface 7: %d\n", *version >= 7);
    *version = 7;
    return VK_SUCCESS;
}

/* Says something to every messenger in the chain. */
static void greet(const VkBaseInStructure *chain)
{
    VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pMessageIdName = "driver",
        .pMessage = "an instance is created",
    };

    for (; chain; chain = chain->pNext) {
        const VkDebugUtilsMessengerCreateInfoEXT *m = (const void *)chain;
        if (chain->sType ==
            VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT)
            m->pfnUserCallback(VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
                               VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
                               &data, m->pUserData);
    }
}

static VkResult VKAPI_CALL driver_vkCreateInstance(
    const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator,
    VkInstance *out)
{
    printf("driver: vkCreateInstance, %s allocator\n",
           allocator ? "an" : "no");
    greet(info->pNext);
    *out = (VkInstance)object_create(allocator,
                                     VK_SYSTEM_ALLOCATION_SCOPE_INSTANCE);
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkDestroyInstance(
    VkInstance instance, const VkAllocationCallbacks *allocator)
{
    printf("driver: vkDestroyInstance\n");
    object_destroy(instance, allocator);
}

static VkResult VKAPI_CALL driver_vkEnumerateInstanceVersion(uint32_t *version)
{
    *version = VK_API_VERSION_1_1;
    return VK_SUCCESS;
}

static VkResult VKAPI_CALL driver_vkEnumerateInstanceExtensionProperties(
    const char *layer, uint32_t *count, VkExtensionProperties *list)
{
    (void)layer;
    (void)list;
    *count = 0;
    return VK_SUCCESS;
}

static VkResult VKAPI_CALL driver_vkEnumerateDeviceExtensionProperties(
    VkPhysicalDevice device, const char *layer, uint32_t *count,
    VkExtensionProperties *list)
{
    (void)device;
    return driver_vkEnumerateInstanceExtensionProperties(layer, count, list);
}

static VkResult VKAPI_CALL driver_vkEnumeratePhysicalDevices(
    VkInstance instance, uint32_t *count, VkPhysicalDevice *list)
{
    (void)instance;
    physical_device.loader.loaderMagic = ICD_LOADER_MAGIC;
    if (list && *count)
        list[0] = (VkPhysicalDevice)&physical_device;
    *count = 1;
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceProperties(
    VkPhysicalDevice device, VkPhysicalDeviceProperties *out)
{
    printf("driver: vkGetPhysicalDeviceProperties, its own device: %d\n",
           device == (VkPhysicalDevice)&physical_device);
    memset(out, 0, sizeof(*out));
    out->apiVersion = VK_API_VERSION_1_1;
    out->vendorID = 4711;
    out->limits.maxImageDimension2D = 1234;
    out->limits.maxSamplerLodBias = 2.5f;
    strcpy(out->deviceName, "a driver of the program's");
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceFeatures(
    VkPhysicalDevice device, VkPhysicalDeviceFeatures *out)
{
    (void)device;
    memset(out, 0, sizeof(*out));
    out->wideLines = VK_TRUE;
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceFormatProperties(
    VkPhysicalDevice device, VkFormat format, VkFormatProperties *out)
{
    (void)device;
    *out = (VkFormatProperties){ format, 2, 3 };
}

static VkResult VKAPI_CALL driver_vkGetPhysicalDeviceImageFormatProperties(
    VkPhysicalDevice device, VkFormat format, VkImageType type,
    VkImageTiling tiling, VkImageUsageFlags usage, VkImageCreateFlags flags,
    VkImageFormatProperties *out)
{
    (void)device;
    *out = (VkImageFormatProperties){
        .maxExtent = { format, type, tiling }, .maxMipLevels = usage,
        .maxArrayLayers = flags };
    return VK_ERROR_FORMAT_NOT_SUPPORTED;
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceSparseImageFormatProperties(
    VkPhysicalDevice device, VkFormat format, VkImageType type,
    VkSampleCountFlagBits samples, VkImageUsageFlags usage,
    VkImageTiling tiling, uint32_t *count, VkSparseImageFormatProperties *out)
{
    (void)device, (void)format, (void)type, (void)samples, (void)usage;
    (void)tiling, (void)out;
    *count = 0;
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceQueueFamilyProperties(
    VkPhysicalDevice device, uint32_t *count, VkQueueFamilyProperties *out)
{
    (void)device;
    if (out && *count)
        *out = (VkQueueFamilyProperties){ VK_QUEUE_TRANSFER_BIT, 1, 0,
                                          { 1, 1, 1 } };
    *count = 1;
}

static void VKAPI_CALL driver_vkGetPhysicalDeviceMemoryProperties(
    VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties *out)
{
    (void)device;
    memset(out, 0, sizeof(*out));
    out->memoryHeapCount = 1;
    out->memoryHeaps[0].size = UINT64_C(0x123456789);
}

static VkResult VKAPI_CALL driver_vkCreateDevice(
    VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
    const VkAllocationCallbacks *allocator, VkDevice *out)
{
    (void)physical;
    printf("driver: vkCreateDevice, %u queues, %s allocator\n",
           info->queueCreateInfoCount, allocator ? "an" : "no");
    if (refuse)
        return VK_ERROR_INITIALIZATION_FAILED;
    *out = (VkDevice)object_create(allocator,
                                   VK_SYSTEM_ALLOCATION_SCOPE_DEVICE);
    if (allocator)
        device_allocator = *allocator;
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkDestroyDevice(
    VkDevice device, const VkAllocationCallbacks *allocator)
{
    printf("driver: vkDestroyDevice\n");
    object_destroy(device, allocator);
}

static void VKAPI_CALL driver_vkGetDeviceQueue(VkDevice device,
                                               uint32_t family, uint32_t index,
                                               VkQueue *out)
{
    (void)device, (void)family, (void)index;
    queue.loader.loaderMagic = ICD_LOADER_MAGIC;
    *out = (VkQueue)&queue;
}

static VkResult VKAPI_CALL driver_vkCreateCommandPool(
    VkDevice device, const VkCommandPoolCreateInfo *info,
    const VkAllocationCallbacks *allocator, VkCommandPool *out)
{
    (void)device, (void)info;
    *out = (VkCommandPool)object_create(allocator,
                                        VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkDestroyCommandPool(
    VkDevice device, VkCommandPool pool,
    const VkAllocationCallbacks *allocator)
{
    (void)device;
    object_destroy((void *)pool, allocator);
}

static VkResult VKAPI_CALL driver_vkAllocateCommandBuffers(
    VkDevice device, const VkCommandBufferAllocateInfo *info,
    VkCommandBuffer *out)
{
    (void)device;
    for (uint32_t i = 0; i < info->commandBufferCount; i++)
        out[i] = (VkCommandBuffer)object_create(
            &device_allocator, VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkFreeCommandBuffers(
    VkDevice device, VkCommandPool pool, uint32_t count,
    const VkCommandBuffer *list)
{
    (void)device, (void)pool;
    for (uint32_t i = 0; i < count; i++)
        object_destroy(list[i], &device_allocator);
}

static VkResult VKAPI_CALL driver_vkBeginCommandBuffer(
    VkCommandBuffer commands, const VkCommandBufferBeginInfo *info)
{
    ((struct object *)commands)->count = info->flags;
    return VK_SUCCESS;
}

static VkResult VKAPI_CALL driver_vkEndCommandBuffer(VkCommandBuffer commands)
{
    printf("driver: recorded %u\n", ((struct object *)commands)->count);
    return VK_SUCCESS;
}

static void VKAPI_CALL driver_vkCmdSetDepthBias(VkCommandBuffer commands,
                                                float constant, float clamp,
                                                float slope)
{
    printf("driver: depth bias %g %g %g\n", constant, clamp, slope);
    ((struct object *)commands)->count++;
}

static void VKAPI_CALL driver_vkCmdFillBuffer(VkCommandBuffer commands,
                                              VkBuffer buffer,
                                              VkDeviceSize offset,
                                              VkDeviceSize size,
                                              uint32_t value)
{
    (void)buffer;
    ((struct object *)commands)->count += offset + size + value;
}

static VkResult VKAPI_CALL driver_vkQueueSubmit(VkQueue to, uint32_t count,
                                                const VkSubmitInfo *submits,
                                                VkFence fence)
{
    (void)fence;
    printf("driver: its queue: %d, %u submitted, with %u buffers\n",
           to == (VkQueue)&queue, count, submits->commandBufferCount);
    return VK_SUCCESS;
}

static PFN_vkVoidFunction VKAPI_CALL driver_vkGetDeviceProcAddr(
    VkDevice device, const char *name);

static PFN_vkVoidFunction VKAPI_CALL driver_get(VkInstance instance,
                                                const char *name)
{
#define HAS(function)                                                         \
    { #function, (PFN_vkVoidFunction)driver_##function }
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } table[] = {
        { "vk_icdNegotiateLoaderICDInterfaceVersion",
          (PFN_vkVoidFunction)driver_negotiate },
        { "vk_icdGetPhysicalDeviceProcAddr", (PFN_vkVoidFunction)driver_get },
        { "vkGetInstanceProcAddr", (PFN_vkVoidFunction)driver_get },
        HAS(vkCreateInstance),
        HAS(vkDestroyInstance),
        HAS(vkEnumerateInstanceVersion),
        HAS(vkEnumerateInstanceExtensionProperties),
        HAS(vkEnumerateDeviceExtensionProperties),
        HAS(vkEnumeratePhysicalDevices),
        HAS(vkGetPhysicalDeviceProperties),
        HAS(vkGetPhysicalDeviceFeatures),
        HAS(vkGetPhysicalDeviceFormatProperties),
        HAS(vkGetPhysicalDeviceImageFormatProperties),
        HAS(vkGetPhysicalDeviceSparseImageFormatProperties),
        HAS(vkGetPhysicalDeviceQueueFamilyProperties),
        HAS(vkGetPhysicalDeviceMemoryProperties),
        HAS(vkCreateDevice),
        HAS(vkDestroyDevice),
        HAS(vkGetDeviceProcAddr),
        HAS(vkGetDeviceQueue),
        HAS(vkCreateCommandPool),
        HAS(vkDestroyCommandPool),
        HAS(vkAllocateCommandBuffers),
        HAS(vkFreeCommandBuffers),
        HAS(vkBeginCommandBuffer),
        HAS(vkEndCommandBuffer),
        HAS(vkCmdSetDepthBias),
        HAS(vkCmdFillBuffer),
        HAS(vkQueueSubmit),
    };

    (void)instance;
    for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (!strcmp(name, table[i].name))
            return table[i].function;
    return NULL;
}

static PFN_vkVoidFunction VKAPI_CALL driver_vkGetDeviceProcAddr(
    VkDevice device, const char *name)
{
    (void)device;
    return driver_get(NULL, name);
}

/* --- the application ------------------------------------------------------ */

static long allocated, freed;

static void *VKAPI_CALL on_allocate(void *user, size_t size, size_t alignment,
                                    VkSystemAllocationScope scope)
{
    (void)scope;
    if (user != &allocated)
        exit(3);
    allocated++;
    return aligned_alloc(alignment, (size + alignment - 1) & -alignment);
}

static void VKAPI_CALL on_free(void *user, void *memory)
{
    if (user != &allocated)
        exit(3);
    freed += memory != NULL;
    free(memory);
}

static void *VKAPI_CALL on_reallocate(void *user, void *old, size_t size,
                                      size_t alignment,
                                      VkSystemAllocationScope scope)
{
    void *new = on_allocate(user, size, alignment, scope);

    if (old)
        memcpy(new, old, size);
    on_free(user, old);
    return new;
}

static const VkAllocationCallbacks allocator = {
    .pUserData = &allocated,
    .pfnAllocation = on_allocate,
    .pfnReallocation = on_reallocate,
    .pfnFree = on_free,
};

static VkBool32 VKAPI_CALL on_message(
    VkDebugUtilsMessageSeverityFlagBitsEXT severity,
    VkDebugUtilsMessageTypeFlagsEXT types,
    const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity, (void)types;
    /* The loader says much that depends on the machine. */
    if (data->pMessageIdName && !strcmp(data->pMessageIdName, "driver"))
        printf("message for %s: %s\n", (char *)user, data->pMessage);
    return VK_FALSE;
}

/* With the list of drivers behind the messenger or in front of it. */
static VkInstance create_instance(bool first)
{
    VkDirectDriverLoadingInfoLUNARG driver = {
        .sType = VK_STRUCTURE_TYPE_DIRECT_DRIVER_LOADING_INFO_LUNARG,
        .pfnGetInstanceProcAddr = (PFN_vkGetInstanceProcAddrLUNARG)driver_get,
    };
    VkDirectDriverLoadingListLUNARG list = {
        .sType = VK_STRUCTURE_TYPE_DIRECT_DRIVER_LOADING_LIST_LUNARG,
        .mode = VK_DIRECT_DRIVER_LOADING_MODE_EXCLUSIVE_LUNARG,
        .driverCount = 1,
        .pDrivers = &driver,
    };
    VkDebugUtilsMessengerCreateInfoEXT messenger = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = "the application",
    };
    const char *extensions[] = {
        VK_LUNARG_DIRECT_DRIVER_LOADING_EXTENSION_NAME,
        VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = first ? (void *)&list : (void *)&messenger,
        .enabledExtensionCount = 2,
        .ppEnabledExtensionNames = extensions,
    };
    VkInstance instance;

    if (first)
        list.pNext = &messenger;
    else
        messenger.pNext = &list;
    MUST(vkCreateInstance(&info, &allocator, &instance));
    if (driver.pfnGetInstanceProcAddr !=
            (PFN_vkGetInstanceProcAddrLUNARG)driver_get ||
        list.pDrivers != &driver || messenger.pfnUserCallback != on_message)
        exit(4);
    return instance;
}

static void print_device(VkPhysicalDevice device)
{
    VkPhysicalDeviceMemoryProperties memory;
    VkPhysicalDeviceProperties properties;
    VkPhysicalDeviceFeatures features;
    VkImageFormatProperties image;
    VkFormatProperties format;
    VkResult result;

    vkGetPhysicalDeviceProperties(device, &properties);
    vkGetPhysicalDeviceFeatures(device, &features);
    vkGetPhysicalDeviceMemoryProperties(device, &memory);
    vkGetPhysicalDeviceFormatProperties(device, VK_FORMAT_R8_UNORM, &format);
    result = vkGetPhysicalDeviceImageFormatProperties(
        device, VK_FORMAT_R8_UNORM, VK_IMAGE_TYPE_3D, VK_IMAGE_TILING_LINEAR,
        5, 6, &image);
    printf("%s: vendor %u, %u, %g, lines %u, format %u %u %u, heap %llx\n",
           properties.deviceName, properties.vendorID,
           properties.limits.maxImageDimension2D,
           properties.limits.maxSamplerLodBias, features.wideLines,
           format.linearTilingFeatures, format.optimalTilingFeatures,
           format.bufferFeatures, (long long)memory.memoryHeaps[0].size);
    printf("image: %d, %u %u %u %u %u\n", result, image.maxExtent.width,
           image.maxExtent.height, image.maxExtent.depth, image.maxMipLevels,
           image.maxArrayLayers);
}

static void use_device(VkDevice device)
{
    VkCommandPoolCreateInfo pool_info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO };
    VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandBufferCount = 2 };
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = 1 };
    VkCommandBuffer commands[2];
    VkSubmitInfo submit = { .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                            .commandBufferCount = 2,
                            .pCommandBuffers = commands };
    VkCommandPool pool;
    VkQueue q;

    vkGetDeviceQueue(device, 0, 0, &q);
    MUST(vkCreateCommandPool(device, &pool_info, &allocator, &pool));
    allocate.commandPool = pool;
    MUST(vkAllocateCommandBuffers(device, &allocate, commands));
    for (int i = 0; i < 2; i++) {
        MUST(vkBeginCommandBuffer(commands[i], &begin));
        vkCmdSetDepthBias(commands[i], 1.5f, 2.5f, 3.5f);
        for (int k = 0; k < 100; k++)
            vkCmdFillBuffer(commands[i], VK_NULL_HANDLE, 1, 2, i);
        MUST(vkEndCommandBuffer(commands[i]));
    }
    MUST(vkQueueSubmit(q, 1, &submit, VK_NULL_HANDLE));
    vkFreeCommandBuffers(device, pool, 2, commands);
    vkDestroyCommandPool(device, pool, &allocator);
    printf("a function that it lacks: %d\n",
           !!vkGetDeviceProcAddr(device, "vkCmdDraw"));
}

static void run(VkInstance instance)
{
    float priority = 1;
    VkDeviceQueueCreateInfo queues = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queues,
    };
    VkPhysicalDevice devices[4];
    uint32_t count = 4;
    VkDevice device;
    VkResult result;

    MUST(vkEnumeratePhysicalDevices(instance, &count, devices));
    printf("%u devices\n", count);
    print_device(devices[0]);
    result = vkCreateDevice(devices[0], &info, &allocator, &device);
    printf("device: %d\n", result);
    if (result == VK_SUCCESS) {
        use_device(device);
        vkDestroyDevice(device, &allocator);
    }
}

int main(int argc, char **argv)
{
    VkInstance instance;

    setvbuf(stdout, NULL, _IOLBF, 0);
    refuse = argc > 1 && !strcmp(argv[1], "refuse");
    instance = create_instance(argc > 1 && !strcmp(argv[1], "first"));
    run(instance);
    vkDestroyInstance(instance, &allocator);
    printf("allocations: %s, %ld left\n", allocated > 2 ? "some" : "none",
           allocated - freed);
    return 0;
}
