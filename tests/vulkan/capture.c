/* SPDX-License-Identifier: MIT */
/*
 * A Vulkan layer for tests (the host's): it saves images as they are presented.
 *   CAPTURE_FRAMES  which ones, "1 100 300", counted for each swapchain
 *   CAPTURE_FOLDER  where to: swapchain 1's first is 1-1.ppm
 * It runs on the host natively and under Gangway, so that what it saves is the
 * program's doing.  For programs with one device and one queue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layer.h"

enum { CHAINS = 16, IMAGES = 16 };

struct chain {
    VkSwapchainKHR handle;
    VkExtent2D extent;
    VkFormat format;
    VkImage images[IMAGES];
    unsigned presented;
};

static PFN_vkGetInstanceProcAddr next_instance;
static PFN_vkGetDeviceProcAddr next_device;
static VkInstance instance;
static VkPhysicalDevice physical;
static VkDevice device;
static uint32_t family;
static struct chain chains[CHAINS];
static unsigned chain_count;

/* The next layer's function, typed. */
#define NEXT(name) ((PFN_##name)next_device(device, #name))

__attribute__((noreturn)) static void die(const char *what)
{
    fprintf(stderr, "capture: %s\n", what);
    abort();
}

#define MUST(call)                                                            \
    do {                                                                      \
        if ((call) != VK_SUCCESS)                                             \
            die(#call);                                                       \
    } while (0)

/* --- instance and device -------------------------------------------------- */

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(
    const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator,
    VkInstance *out)
{
    VkLayerInstanceCreateInfo *link = instance_link(info);
    VkResult result;

    if (!link)
        return VK_ERROR_INITIALIZATION_FAILED;
    next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    result = ((PFN_vkCreateInstance)next_instance(
        NULL, "vkCreateInstance"))(info, allocator, out);
    instance = *out;
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(
    VkPhysicalDevice of, const VkDeviceCreateInfo *info,
    const VkAllocationCallbacks *allocator, VkDevice *out)
{
    VkLayerDeviceCreateInfo *link = device_link(info);
    VkResult result;

    if (!link)
        return VK_ERROR_INITIALIZATION_FAILED;
    next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    result = ((PFN_vkCreateDevice)next_instance(
        instance, "vkCreateDevice"))(of, info, allocator, out);
    physical = of;
    device = *out;
    family = info->pQueueCreateInfos[0].queueFamilyIndex;
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_swapchain(
    VkDevice of, const VkSwapchainCreateInfoKHR *info,
    const VkAllocationCallbacks *allocator, VkSwapchainKHR *out)
{
    VkSwapchainCreateInfoKHR readable = *info;
    struct chain *c = &chains[chain_count];
    uint32_t count = IMAGES;
    VkResult result;

    readable.imageUsage |= VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    result = NEXT(vkCreateSwapchainKHR)(of, &readable, allocator, out);
    if (result != VK_SUCCESS)
        return result;
    if (chain_count++ == CHAINS)
        die("too many swapchains");
    c->handle = *out;
    c->extent = info->imageExtent;
    c->format = info->imageFormat;
    MUST(NEXT(vkGetSwapchainImagesKHR)(of, *out, &count, c->images));
    return result;
}

/* --- a copy of an image --------------------------------------------------- */

struct copy {
    VkBuffer buffer;
    VkDeviceMemory memory;
    uint8_t *map;
};

static uint32_t host_visible(uint32_t bits)
{
    VkPhysicalDeviceMemoryProperties types;
    uint32_t i = 0;

    ((PFN_vkGetPhysicalDeviceMemoryProperties)next_instance(
        instance, "vkGetPhysicalDeviceMemoryProperties"))(physical, &types);
    while (i < types.memoryTypeCount &&
           (!(bits & 1u << i) ||
            !(types.memoryTypes[i].propertyFlags &
              VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)))
        i++;
    return i;
}

static struct copy copy_create(VkDeviceSize size)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    };
    VkMemoryRequirements needs;
    struct copy c;

    MUST(NEXT(vkCreateBuffer)(device, &info, NULL, &c.buffer));
    NEXT(vkGetBufferMemoryRequirements)(device, c.buffer, &needs);
    allocate.allocationSize = needs.size;
    allocate.memoryTypeIndex = host_visible(needs.memoryTypeBits);
    MUST(NEXT(vkAllocateMemory)(device, &allocate, NULL, &c.memory));
    MUST(NEXT(vkBindBufferMemory)(device, c.buffer, c.memory, 0));
    MUST(NEXT(vkMapMemory)(device, c.memory, 0, VK_WHOLE_SIZE, 0,
                           (void **)&c.map));
    return c;
}

static void copy_destroy(struct copy *c)
{
    NEXT(vkDestroyBuffer)(device, c->buffer, NULL);
    NEXT(vkFreeMemory)(device, c->memory, NULL);
}

static void change_layout(VkCommandBuffer commands, VkImage image,
                          VkImageLayout from, VkImageLayout to)
{
    VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT,
        .oldLayout = from,
        .newLayout = to,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = image,
        .subresourceRange = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 },
    };

    NEXT(vkCmdPipelineBarrier)(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                               VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL,
                               0, NULL, 1, &barrier);
}

static void record(VkCommandBuffer commands, VkImage image, VkExtent2D extent,
                   VkBuffer to)
{
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
    VkBufferImageCopy region = {
        .imageSubresource = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1 },
        .imageExtent = { extent.width, extent.height, 1 },
    };

    MUST(NEXT(vkBeginCommandBuffer)(commands, &begin));
    change_layout(commands, image, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR,
                  VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    NEXT(vkCmdCopyImageToBuffer)(commands, image,
                                 VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, to, 1,
                                 &region);
    change_layout(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                  VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
    MUST(NEXT(vkEndCommandBuffer)(commands));
}

static void copy_image(VkQueue queue, VkImage image, VkExtent2D extent,
                       VkBuffer to)
{
    VkCommandPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
        .queueFamilyIndex = family,
    };
    VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandBufferCount = 1,
    };
    VkCommandBuffer commands;
    VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
    };
    VkCommandPool pool;

    MUST(NEXT(vkCreateCommandPool)(device, &info, NULL, &pool));
    allocate.commandPool = pool;
    MUST(NEXT(vkAllocateCommandBuffers)(device, &allocate, &commands));
    /* What the loader does with what it hands out itself. */
    *(void **)commands = *(void **)device;
    record(commands, image, extent, to);
    MUST(NEXT(vkQueueSubmit)(queue, 1, &submit, VK_NULL_HANDLE));
    MUST(NEXT(vkQueueWaitIdle)(queue));
    NEXT(vkDestroyCommandPool)(device, pool, NULL);
}

/* --- files ---------------------------------------------------------------- */

static int wanted(unsigned frame)
{
    const char *list = getenv("CAPTURE_FRAMES");
    char *end;

    for (; list && *list; list = end) {
        unsigned long one = strtoul(list, &end, 10);
        if (end == list)
            die("CAPTURE_FRAMES has something else than numbers");
        if (one == frame)
            return 1;
    }
    return 0;
}

static void write_file(const struct chain *c, const uint8_t *pixels)
{
    const char *folder = getenv("CAPTURE_FOLDER");
    int blue_first = c->format == VK_FORMAT_B8G8R8A8_UNORM ||
                     c->format == VK_FORMAT_B8G8R8A8_SRGB;
    size_t count = (size_t)c->extent.width * c->extent.height;
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%d-%u.ppm", folder ? folder : ".",
             (int)(c - chains) + 1, c->presented);
    file = fopen(path, "wb");
    if (!file)
        die(path);
    fprintf(file, "P6\n%u %u\n255\n", c->extent.width, c->extent.height);
    for (size_t i = 0; i < count; i++, pixels += 4) {
        uint8_t rgb[3] = { pixels[blue_first ? 2 : 0], pixels[1],
                           pixels[blue_first ? 0 : 2] };
        fwrite(rgb, 3, 1, file);
    }
    if (fclose(file))
        die(path);
}

static void save(VkQueue queue, const struct chain *c, uint32_t index)
{
    struct copy copy =
        copy_create((VkDeviceSize)c->extent.width * c->extent.height * 4);

    MUST(NEXT(vkQueueWaitIdle)(queue));
    copy_image(queue, c->images[index], c->extent, copy.buffer);
    write_file(c, copy.map);
    copy_destroy(&copy);
}

static VKAPI_ATTR VkResult VKAPI_CALL present(VkQueue queue,
                                              const VkPresentInfoKHR *info)
{
    for (uint32_t i = 0; i < info->swapchainCount; i++) {
        struct chain *c = chains;

        /* The newest of them that had this handle. */
        for (unsigned k = 0; k < chain_count; k++)
            if (chains[k].handle == info->pSwapchains[i])
                c = &chains[k];
        c->presented++;
        if (wanted(c->presented))
            save(queue, c, info->pImageIndices[i]);
    }
    return NEXT(vkQueuePresentKHR)(queue, info);
}

/* --- addresses ------------------------------------------------------------ */

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
        { "vkCreateDevice", (PFN_vkVoidFunction)create_device },
        { "vkCreateSwapchainKHR", (PFN_vkVoidFunction)create_swapchain },
        { "vkQueuePresentKHR", (PFN_vkVoidFunction)present },
        { "vkGetInstanceProcAddr",
          (PFN_vkVoidFunction)gangway_layer_instance },
        { "vkGetDeviceProcAddr", (PFN_vkVoidFunction)gangway_layer_device },
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
