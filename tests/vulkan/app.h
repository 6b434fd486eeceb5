/* SPDX-License-Identifier: MIT */
/*
 * What the Vulkan test programs share: an instance with the Khronos validation
 * layer and a messenger, a device, and short forms for the objects that every
 * program needs.
 *
 * A program prints results and the validation layer's messages to stdout; the
 * test runs it natively and under Gangway and compares.  With the argument
 * "wrong" it makes one known mistake, whose message must arrive.  Whatever
 * fails ends the program with status 2.
 */
#ifndef TEST_APP_H
#define TEST_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VK_USE_PLATFORM_XLIB_KHR
#define VK_USE_PLATFORM_XCB_KHR
#include <vulkan/vulkan.h>

struct app {
    /* to be set before app_open() */
    bool wrong;                      /* the wrong twin */
    const void *device_next;         /* chain of VkDeviceCreateInfo */
    const char *instance_extensions[8];
    const char *device_extensions[8];
    const VkAllocationCallbacks *allocator;

    VkInstance instance;
    VkDebugUtilsMessengerEXT messenger;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    VkCommandPool pool;
};

/* A buffer with memory of its own, mapped. */
struct buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    VkDeviceSize size;
    void *map;
};

/* A colour image of 8-bit RGBA with memory and a view. */
struct image {
    VkImage image;
    VkDeviceMemory memory;
    VkImageView view;
    uint32_t width, height;
};

__attribute__((format(printf, 1, 2), noreturn))
void die(const char *format, ...);

/* Ends the program unless `result` is VK_SUCCESS. */
void must(VkResult result, const char *what);
#define MUST(call) must(call, #call)

/* Reads the arguments: "wrong". */
struct app app_arguments(int argc, char **argv);

/* The layer shall pass on what it complains of, in the wrong twin too. */
void app_keep_calls(void);

/* Everything up to the command pool, and back; app_close() prints how many
 * messages of each severity came.  The program's exit status. */
void app_open(struct app *app);
/* The same without layer and messenger, for benches. */
void app_open_plain(struct app *app);
int app_close(struct app *app);

/* Their two halves; app_open_device() takes app->physical if it is set. */
void app_open_instance(struct app *app);
void app_open_plain_instance(struct app *app);
void app_open_device(struct app *app);
void app_close_device(struct app *app);
int app_close_instance(struct app *app);

/* The messenger's create info: prints, and counts. */
VkDebugUtilsMessengerCreateInfoEXT app_messenger(void);

/* How many messages have been printed. */
unsigned app_messages(void);

/* A function of the instance or ends the program. */
PFN_vkVoidFunction app_proc(struct app *app, const char *name);
#define PROC(app, name) ((PFN_##name)app_proc(app, #name))

/* Handles that messages may name: printed in place of the number. */
void app_name(uint64_t handle, const char *name);

struct buffer buffer_create(struct app *app, VkDeviceSize size,
                            VkBufferUsageFlags usage);
void buffer_destroy(struct app *app, struct buffer *buffer);

struct image image_create(struct app *app, uint32_t width, uint32_t height,
                          VkImageUsageFlags usage);
void image_destroy(struct app *app, struct image *image);

VkShaderModule shader_create(struct app *app, const uint32_t *code,
                             size_t size);

VkCommandBuffer commands_begin(struct app *app);
/* Ends, submits, waits, frees. */
void commands_run(struct app *app, VkCommandBuffer commands);

/* Changes an image's layout, everything before to everything after. */
void image_barrier(VkCommandBuffer commands, VkImage image,
                   VkImageLayout from, VkImageLayout to);

/* Copies the image (in TRANSFER_SRC layout) and prints its checksum and its
 * middle. */
void image_copy(VkCommandBuffer commands, const struct image *image,
                const struct buffer *to);
void image_print(const char *name, const struct buffer *from,
                 uint32_t width, uint32_t height);

uint32_t checksum(const void *data, size_t size);

#endif
