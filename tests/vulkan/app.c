/* SPDX-License-Identifier: MIT */
#include "app.h"

#include <pthread.h>
#include <stdarg.h>

#define LAYER "VK_LAYER_KHRONOS_validation"

void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

void must(VkResult result, const char *what)
{
    if (result != VK_SUCCESS)
        die("%s: %d", what, result);
}

uint32_t checksum(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint32_t sum = 2166136261u;

    while (size--)
        sum = (sum ^ *p++) * 16777619u;
    return sum;
}

/* In the wrong twin the layer shall drop the call that it complains of: what
 * drivers do with it is not this test's affair. */
static VkBool32 drop_calls;

struct app app_arguments(int argc, char **argv)
{
    struct app app = { .wrong = argc > 1 && !strcmp(argv[1], "wrong") };

    setvbuf(stdout, NULL, _IOLBF, 0);
    drop_calls = app.wrong;
    return app;
}

void app_keep_calls(void)
{
    drop_calls = VK_FALSE;
}

/* --- messages ------------------------------------------------------------ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned errors, warnings, others;
static struct {
    uint64_t handle;
    const char *name;
} names[64];
static unsigned name_count;
static char user_data[] = "user data";

void app_name(uint64_t handle, const char *name)
{
    if (name_count == 64)
        die("too many names");
    names[name_count].handle = handle;
    names[name_count++].name = name;
}

static const char *name_of(uint64_t handle)
{
    for (unsigned i = 0; i < name_count; i++)
        if (names[i].handle == handle)
            return names[i].name;
    return "unnamed";
}

static VkBool32 VKAPI_CALL on_message(
    VkDebugUtilsMessageSeverityFlagBitsEXT severity,
    VkDebugUtilsMessageTypeFlagsEXT types,
    const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    pthread_mutex_lock(&lock);
    if (user != user_data)
        die("the user data is not ours");
    if (severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT)
        errors++;
    else if (severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT)
        warnings++;
    else
        others++;
    printf("message: severity %x types %x id %s (%d)\n", severity, types,
           data->pMessageIdName ? data->pMessageIdName : "none",
           data->messageIdNumber);
    for (uint32_t i = 0; i < data->objectCount; i++)
        printf("  object %u: type %d, %s\n", i, data->pObjects[i].objectType,
               name_of(data->pObjects[i].objectHandle));
    pthread_mutex_unlock(&lock);
    return drop_calls &&
           severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
}

unsigned app_messages(void)
{
    unsigned count;

    pthread_mutex_lock(&lock);
    count = errors + warnings + others;
    pthread_mutex_unlock(&lock);
    return count;
}

VkDebugUtilsMessengerCreateInfoEXT app_messenger(void)
{
    return (VkDebugUtilsMessengerCreateInfoEXT){
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                           VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = user_data,
    };
}

/* --- instance and device ------------------------------------------------- */

PFN_vkVoidFunction app_proc(struct app *app, const char *name)
{
    PFN_vkVoidFunction proc = vkGetInstanceProcAddr(app->instance, name);

    if (!proc)
        die("no %s", name);
    return proc;
}

static uint32_t count(const char *const *list)
{
    uint32_t n = 0;

    while (list[n])
        n++;
    return n;
}

void app_open_instance(struct app *app)
{
    VkDebugUtilsMessengerCreateInfoEXT messenger = app_messenger();
    VkValidationFeatureEnableEXT enables[] = {
        VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT,
        VK_VALIDATION_FEATURE_ENABLE_BEST_PRACTICES_EXT,
    };
    /* The messenger behind another struct, in the chain. */
    VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = &messenger,
        .enabledValidationFeatureCount = 2,
        .pEnabledValidationFeatures = enables,
    };
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = "Gangway test",
        .apiVersion = VK_API_VERSION_1_3,
    };
    const char *layers[] = { LAYER };
    const char *extensions[9] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = &features,
        .pApplicationInfo = &application,
        .enabledLayerCount = 1,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = 1 + count(app->instance_extensions),
        .ppEnabledExtensionNames = extensions,
    };
    VkResult result;

    memcpy(extensions + 1, app->instance_extensions,
           sizeof(app->instance_extensions));
    result = vkCreateInstance(&info, app->allocator, &app->instance);
    if (result == VK_ERROR_LAYER_NOT_PRESENT) {
        printf("skip: no %s; install vulkan-validationlayers\n", LAYER);
        exit(77);
    }
    must(result, "vkCreateInstance");
    if (messenger.pfnUserCallback != on_message ||
        features.pNext != &messenger)
        die("the create info was written to");
    MUST(PROC(app, vkCreateDebugUtilsMessengerEXT)(
        app->instance, &messenger, app->allocator, &app->messenger));
    app_name((uintptr_t)app->instance, "the instance");
}

void app_open_device(struct app *app)
{
    float priority = 1;
    uint32_t one = 1;
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = app->device_next,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
        .enabledExtensionCount = count(app->device_extensions),
        .ppEnabledExtensionNames = app->device_extensions,
    };
    VkCommandPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    };

    if (!app->physical &&
        (vkEnumeratePhysicalDevices(app->instance, &one, &app->physical) < 0 ||
         !one))
        die("no Vulkan device; install mesa-vulkan-drivers");
    MUST(vkCreateDevice(app->physical, &info, app->allocator, &app->device));
    vkGetDeviceQueue(app->device, 0, 0, &app->queue);
    MUST(vkCreateCommandPool(app->device, &pool, app->allocator, &app->pool));
    app_name((uintptr_t)app->device, "the device");
    app_name((uintptr_t)app->queue, "the queue");
}

void app_open(struct app *app)
{
    app_open_instance(app);
    app_open_device(app);
}

void app_open_plain_instance(struct app *app)
{
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .apiVersion = VK_API_VERSION_1_3,
    };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application,
    };

    MUST(vkCreateInstance(&info, app->allocator, &app->instance));
}

void app_open_plain(struct app *app)
{
    app_open_plain_instance(app);
    app_open_device(app);
}

void app_close_device(struct app *app)
{
    vkDestroyCommandPool(app->device, app->pool, app->allocator);
    vkDestroyDevice(app->device, app->allocator);
}

int app_close_instance(struct app *app)
{
    if (app->messenger)
        PROC(app, vkDestroyDebugUtilsMessengerEXT)(
            app->instance, app->messenger, app->allocator);
    vkDestroyInstance(app->instance, app->allocator);
    printf("messages: %u errors, %u warnings, %u others\n", errors, warnings,
           others);
    return app->wrong ? (errors ? 0 : 1) : (errors ? 1 : 0);
}

int app_close(struct app *app)
{
    app_close_device(app);
    return app_close_instance(app);
}

/* --- objects ------------------------------------------------------------- */

static VkDeviceMemory allocate(struct app *app,
                               const VkMemoryRequirements *needs,
                               VkMemoryPropertyFlags wanted)
{
    VkPhysicalDeviceMemoryProperties types;
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = needs->size,
    };
    VkDeviceMemory memory;

    vkGetPhysicalDeviceMemoryProperties(app->physical, &types);
    for (; info.memoryTypeIndex < types.memoryTypeCount;
         info.memoryTypeIndex++) {
        if (needs->memoryTypeBits & 1u << info.memoryTypeIndex &&
            (types.memoryTypes[info.memoryTypeIndex].propertyFlags &
             wanted) == wanted)
            break;
    }
    MUST(vkAllocateMemory(app->device, &info, app->allocator, &memory));
    return memory;
}

struct buffer buffer_create(struct app *app, VkDeviceSize size,
                            VkBufferUsageFlags usage)
{
    struct buffer b = { .size = size };
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size,
        .usage = usage,
    };
    VkMemoryRequirements needs;

    MUST(vkCreateBuffer(app->device, &info, app->allocator, &b.buffer));
    vkGetBufferMemoryRequirements(app->device, b.buffer, &needs);
    b.memory = allocate(app, &needs, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                     VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
    MUST(vkBindBufferMemory(app->device, b.buffer, b.memory, 0));
    MUST(vkMapMemory(app->device, b.memory, 0, VK_WHOLE_SIZE, 0, &b.map));
    memset(b.map, 0, size);
    return b;
}

void buffer_destroy(struct app *app, struct buffer *b)
{
    vkUnmapMemory(app->device, b->memory);
    vkDestroyBuffer(app->device, b->buffer, app->allocator);
    vkFreeMemory(app->device, b->memory, app->allocator);
}

struct image image_create(struct app *app, uint32_t width, uint32_t height,
                          VkImageUsageFlags usage)
{
    struct image i = { .width = width, .height = height };
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = { width, height, 1 },
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .usage = usage | VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
                 VK_IMAGE_USAGE_SAMPLED_BIT,
    };
    VkImageViewCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = info.format,
        .subresourceRange = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 },
    };
    VkMemoryRequirements needs;

    MUST(vkCreateImage(app->device, &info, app->allocator, &i.image));
    vkGetImageMemoryRequirements(app->device, i.image, &needs);
    i.memory = allocate(app, &needs, 0);
    MUST(vkBindImageMemory(app->device, i.image, i.memory, 0));
    view.image = i.image;
    MUST(vkCreateImageView(app->device, &view, app->allocator, &i.view));
    return i;
}

void image_destroy(struct app *app, struct image *i)
{
    vkDestroyImageView(app->device, i->view, app->allocator);
    vkDestroyImage(app->device, i->image, app->allocator);
    vkFreeMemory(app->device, i->memory, app->allocator);
}

VkShaderModule shader_create(struct app *app, const uint32_t *code,
                             size_t size)
{
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = size,
        .pCode = code,
    };
    VkShaderModule module;

    MUST(vkCreateShaderModule(app->device, &info, app->allocator, &module));
    return module;
}

VkCommandBuffer commands_begin(struct app *app)
{
    VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = app->pool,
        .commandBufferCount = 1,
    };
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
    };
    VkCommandBuffer commands;

    MUST(vkAllocateCommandBuffers(app->device, &info, &commands));
    MUST(vkBeginCommandBuffer(commands, &begin));
    return commands;
}

void commands_run(struct app *app, VkCommandBuffer commands)
{
    VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
    };
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
    VkFence fence;

    MUST(vkEndCommandBuffer(commands));
    MUST(vkCreateFence(app->device, &info, app->allocator, &fence));
    MUST(vkQueueSubmit(app->queue, 1, &submit, fence));
    MUST(vkWaitForFences(app->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(app->device, fence, app->allocator);
    vkFreeCommandBuffers(app->device, app->pool, 1, &commands);
}

void image_barrier(VkCommandBuffer commands, VkImage image,
                   VkImageLayout from, VkImageLayout to)
{
    VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT |
                         VK_ACCESS_MEMORY_WRITE_BIT,
        .oldLayout = from,
        .newLayout = to,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = image,
        .subresourceRange = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 },
    };

    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                         VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0,
                         NULL, 1, &barrier);
}

void image_copy(VkCommandBuffer commands, const struct image *image,
                const struct buffer *to)
{
    VkBufferImageCopy region = {
        .imageSubresource = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1 },
        .imageExtent = { image->width, image->height, 1 },
    };
    VkBufferMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .buffer = to->buffer,
        .size = VK_WHOLE_SIZE,
    };

    vkCmdCopyImageToBuffer(commands, image->image,
                           VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, to->buffer,
                           1, &region);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 0, NULL, 1, &barrier,
                         0, NULL);
}

void image_print(const char *name, const struct buffer *from,
                 uint32_t width, uint32_t height)
{
    const uint32_t *pixels = from->map;

    printf("%s: %ux%u, checksum %08x, middle %08x, corner %08x\n", name,
           width, height, checksum(pixels, 4 * width * height),
           pixels[width * (height / 2) + width / 2], pixels[0]);
}
