/* SPDX-License-Identifier: MIT */
/*
 * A swapchain without a window: VK_EXT_headless_surface.
 *
 * Would catch: a surface that is taken for another kind, images that are lost.
 * Wrong twin: an image that was not acquired is presented.
 */
#include "app.h"

enum { WIDTH = 64, HEIGHT = 48, FRAMES = 4, MOST = 8 };

static void need_extension(void)
{
    VkExtensionProperties list[64];
    uint32_t count = 64;

    vkEnumerateInstanceExtensionProperties(NULL, &count, list);
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(list[i].extensionName,
                    VK_EXT_HEADLESS_SURFACE_EXTENSION_NAME))
            return;
    printf("skip: no driver has headless surfaces\n");
    exit(77);
}

/* Prints what the surface can do; its smallest number of images. */
static uint32_t print_abilities(struct app *app, VkSurfaceKHR surface)
{
    VkSurfaceCapabilitiesKHR able;
    VkSurfaceFormatKHR formats[32];
    VkPresentModeKHR modes[8];
    uint32_t count = 32, mode_count = 8;
    VkBool32 supported;

    MUST(vkGetPhysicalDeviceSurfaceSupportKHR(app->physical, 0, surface,
                                              &supported));
    MUST(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(app->physical, surface,
                                                   &able));
    MUST(vkGetPhysicalDeviceSurfaceFormatsKHR(app->physical, surface, &count,
                                              formats));
    MUST(vkGetPhysicalDeviceSurfacePresentModesKHR(
        app->physical, surface, &mode_count, modes));
    printf("supported %d, images %u to %u, extent %x, usage %x\n", supported,
           able.minImageCount, able.maxImageCount, able.currentExtent.width,
           able.supportedUsageFlags);
    for (uint32_t i = 0; i < count; i++)
        printf("format %d, colours %d\n", formats[i].format,
               formats[i].colorSpace);
    for (uint32_t i = 0; i < mode_count; i++)
        printf("mode %d\n", modes[i]);
    return able.minImageCount;
}

static VkSwapchainKHR create_chain(struct app *app, VkSurfaceKHR surface,
                                   uint32_t images)
{
    VkSwapchainCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
        .surface = surface,
        .minImageCount = images,
        .imageFormat = VK_FORMAT_B8G8R8A8_UNORM,
        .imageExtent = { WIDTH, HEIGHT },
        .imageArrayLayers = 1,
        .imageUsage = VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                      VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
        .preTransform = VK_SURFACE_TRANSFORM_IDENTITY_BIT_KHR,
        .compositeAlpha = VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR,
        .presentMode = VK_PRESENT_MODE_FIFO_KHR,
    };
    VkSwapchainKHR chain;

    MUST(vkCreateSwapchainKHR(app->device, &info, app->allocator, &chain));
    return chain;
}

static uint32_t acquire(struct app *app, VkSwapchainKHR chain)
{
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
    uint32_t index;
    VkFence fence;

    MUST(vkCreateFence(app->device, &info, app->allocator, &fence));
    MUST(vkAcquireNextImageKHR(app->device, chain, UINT64_MAX, VK_NULL_HANDLE,
                               fence, &index));
    MUST(vkWaitForFences(app->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(app->device, fence, app->allocator);
    return index;
}

static void draw(struct app *app, VkImage image, int frame,
                 const struct buffer *pixels)
{
    struct image as_image = { .image = image, .width = WIDTH,
                              .height = HEIGHT };
    VkClearColorValue value = { { frame / 4.0f, 0.5f, 0.25f, 1 } };
    VkImageSubresourceRange all = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 };
    VkCommandBuffer commands = commands_begin(app);

    image_barrier(commands, image, VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkCmdClearColorImage(commands, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                         &value, 1, &all);
    image_barrier(commands, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                  VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    image_copy(commands, &as_image, pixels);
    image_barrier(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                  VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
    commands_run(app, commands);
}

static void present(struct app *app, VkSwapchainKHR chain, uint32_t index)
{
    VkPresentInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR,
        .swapchainCount = 1,
        .pSwapchains = &chain,
        .pImageIndices = &index,
    };

    printf("presented: %d\n", vkQueuePresentKHR(app->queue, &info));
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    VkHeadlessSurfaceCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_HEADLESS_SURFACE_CREATE_INFO_EXT };
    uint32_t count = MOST, index;
    VkImage images[MOST];
    struct buffer pixels;
    VkSurfaceKHR surface;
    VkSwapchainKHR chain;

    need_extension();
    app.instance_extensions[0] = VK_KHR_SURFACE_EXTENSION_NAME;
    app.instance_extensions[1] = VK_EXT_HEADLESS_SURFACE_EXTENSION_NAME;
    app.device_extensions[0] = VK_KHR_SWAPCHAIN_EXTENSION_NAME;
    app_open(&app);
    pixels = buffer_create(&app, 4 * WIDTH * HEIGHT,
                           VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    MUST(PROC(&app, vkCreateHeadlessSurfaceEXT)(app.instance, &info,
                                                app.allocator, &surface));
    chain = create_chain(&app, surface, print_abilities(&app, surface));
    app_name((uintptr_t)chain, "the swapchain");
    MUST(vkGetSwapchainImagesKHR(app.device, chain, &count, images));
    for (int frame = 0; frame < FRAMES; frame++) {
        index = acquire(&app, chain);
        draw(&app, images[index], frame, &pixels);
        image_print("frame", &pixels, WIDTH, HEIGHT);
        present(&app, chain, index);
    }
    if (app.wrong)
        present(&app, chain, (index + 1) % count);
    vkDeviceWaitIdle(app.device);
    vkDestroySwapchainKHR(app.device, chain, app.allocator);
    vkDestroySurfaceKHR(app.instance, surface, app.allocator);
    buffer_destroy(&app, &pixels);
    return app_close(&app);
}
