/* SPDX-License-Identifier: MIT */
/*
 * Two drivers in one process: an instance with the layer and one without, both
 * with a device of each driver, used in turns and by a thread per device.
 *
 * Would catch: functions that are found once for all devices or instances
 * instead of by each one's driver and layers.  Wrong twin: one driver's memory
 * for the other one's buffer.
 */
#include "app.h"

#include <pthread.h>

enum { DRIVERS = 2, WORDS = 4096, TURNS = 50 };

struct side {
    struct app app;
    struct buffer buffer;
    uint32_t colour, sum;
};

/* The devices of an instance, in the order of their drivers' versions. */
static void find_devices(VkInstance instance, VkPhysicalDevice *out)
{
    VkPhysicalDeviceDriverProperties drivers[DRIVERS];
    uint32_t count = DRIVERS;
    bool swap;

    vkEnumeratePhysicalDevices(instance, &count, out);
    if (count < DRIVERS) {
        printf("skip: there is only one Vulkan device\n");
        exit(77);
    }
    for (int i = 0; i < DRIVERS; i++) {
        VkPhysicalDeviceProperties2 properties = {
            .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
            .pNext = &drivers[i],
        };

        drivers[i] = (VkPhysicalDeviceDriverProperties){
            .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES };
        vkGetPhysicalDeviceProperties2(out[i], &properties);
    }
    swap = strcmp(drivers[0].driverInfo, drivers[1].driverInfo) > 0;
    if (swap) {
        VkPhysicalDevice first = out[0];

        out[0] = out[1];
        out[1] = first;
    }
    printf("drivers: %s, %s\n", drivers[swap].driverInfo,
           drivers[!swap].driverInfo);
}

static bool has_extension(VkPhysicalDevice device, const char *name)
{
    VkExtensionProperties list[512];
    uint32_t count = 512;

    MUST(vkEnumerateDeviceExtensionProperties(device, NULL, &count, list));
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(list[i].extensionName, name))
            return true;
    return false;
}

/* A device with an extension that only newer drivers have. */
static void open_device(struct side *s, const struct app *from,
                        VkPhysicalDevice physical)
{
    static const char *const names[] = { VK_EXT_MESH_SHADER_EXTENSION_NAME };

    s->app = *from;
    s->app.physical = physical;
    s->app.device_extensions[0] =
        has_extension(physical, names[0]) ? names[0] : NULL;
    app_open_device(&s->app);
    s->buffer = buffer_create(&s->app, 4 * WORDS,
                              VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    printf("%s: %s, vkCmdDrawMeshTasksEXT: %d\n", names[0],
           s->app.device_extensions[0] ? "there" : "not there",
           !!vkGetDeviceProcAddr(s->app.device, "vkCmdDrawMeshTasksEXT"));
}

static void close_device(struct side *s)
{
    buffer_destroy(&s->app, &s->buffer);
    app_close_device(&s->app);
}

static uint32_t fill(struct side *s, uint32_t value)
{
    VkCommandBuffer commands = commands_begin(&s->app);
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };

    vkCmdFillBuffer(commands, s->buffer.buffer, 0, VK_WHOLE_SIZE, value);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
    commands_run(&s->app, commands);
    return checksum(s->buffer.map, 4 * WORDS);
}

static void *fill_often(void *arg)
{
    struct side *s = arg;

    for (uint32_t i = 0; i < TURNS; i++)
        s->sum = s->sum * 31 + fill(s, s->colour + i);
    return NULL;
}

static void in_threads(struct side *sides)
{
    pthread_t threads[2 * DRIVERS];

    for (int i = 0; i < 2 * DRIVERS; i++)
        if (pthread_create(&threads[i], NULL, fill_often, &sides[i]))
            die("no thread");
    for (int i = 0; i < 2 * DRIVERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2 * DRIVERS; i++)
        printf("thread %d: %08x\n", i, sides[i].sum);
}

static void mix(struct side *sides)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = 256,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkMemoryRequirements needs;
    VkBuffer buffer;

    MUST(vkCreateBuffer(sides[0].app.device, &info, NULL, &buffer));
    vkGetBufferMemoryRequirements(sides[0].app.device, buffer, &needs);
    printf("bound: %d\n", vkBindBufferMemory(sides[0].app.device, buffer,
                                             sides[1].buffer.memory, 0));
    vkDestroyBuffer(sides[0].app.device, buffer, NULL);
}

int main(int argc, char **argv)
{
    struct app watched = app_arguments(argc, argv), plain = { 0 };
    VkPhysicalDevice devices[2 * DRIVERS];
    struct side sides[2 * DRIVERS] = { 0 };

    app_open_instance(&watched);
    app_open_plain_instance(&plain);
    find_devices(watched.instance, devices);
    find_devices(plain.instance, devices + DRIVERS);
    for (int i = 0; i < 2 * DRIVERS; i++) {
        sides[i].colour = 1000 * i;
        open_device(&sides[i], i < DRIVERS ? &watched : &plain, devices[i]);
    }
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < 2 * DRIVERS; i++)
            printf("turn %d, device %d: %08x\n", turn, i,
                   fill(&sides[i], turn));
    in_threads(sides);
    if (watched.wrong)
        mix(sides);
    /* Crosswise: what is left must still find its own. */
    close_device(&sides[0]);
    close_device(&sides[3]);
    printf("left: %08x %08x\n", fill(&sides[1], 11), fill(&sides[2], 12));
    close_device(&sides[2]);
    app_close_instance(&plain);
    printf("left: %08x\n", fill(&sides[1], 13));
    close_device(&sides[1]);
    return app_close_instance(&watched);
}
