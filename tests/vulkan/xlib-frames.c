/* SPDX-License-Identifier: MIT */
/*
 * Presents triangles that move a little with each frame in an Xlib window, as
 * many frames as vkcube's argument --c says (vkcube.py).
 */
#include "triangle.h"

#include <X11/Xlib.h>

enum { MOST = 8 };

static struct app app;
static struct triangle triangle;
static VkSwapchainKHR chain;
static VkImage images[MOST];

static VkSurfaceKHR open_window(Display *display)
{
    int screen = DefaultScreen(display);
    VkXlibSurfaceCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_XLIB_SURFACE_CREATE_INFO_KHR,
        .dpy = display,
        .window = XCreateSimpleWindow(display, RootWindow(display, screen), 0,
                                      0, SIZE, SIZE, 0, 0, 0),
    };
    VkSurfaceKHR surface;

    XMapWindow(display, info.window);
    MUST(vkCreateXlibSurfaceKHR(app.instance, &info, NULL, &surface));
    return surface;
}

static void create_chain(VkSurfaceKHR surface)
{
    VkSurfaceCapabilitiesKHR able;
    VkBool32 supported;
    uint32_t count = MOST;
    VkSwapchainCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
        .surface = surface,
        .imageFormat = VK_FORMAT_B8G8R8A8_UNORM,
        .imageArrayLayers = 1,
        .imageUsage = VK_IMAGE_USAGE_TRANSFER_DST_BIT,
        .preTransform = VK_SURFACE_TRANSFORM_IDENTITY_BIT_KHR,
        .compositeAlpha = VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR,
        .presentMode = VK_PRESENT_MODE_FIFO_KHR,
    };

    MUST(vkGetPhysicalDeviceSurfaceSupportKHR(app.physical, 0, surface,
                                              &supported));
    MUST(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(app.physical, surface,
                                                   &able));
    info.minImageCount = able.minImageCount;
    info.imageExtent = able.currentExtent;
    MUST(vkCreateSwapchainKHR(app.device, &info, NULL, &chain));
    MUST(vkGetSwapchainImagesKHR(app.device, chain, &count, images));
}

static uint32_t acquire(void)
{
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
    uint32_t index;
    VkFence fence;

    MUST(vkCreateFence(app.device, &info, NULL, &fence));
    MUST(vkAcquireNextImageKHR(app.device, chain, UINT64_MAX, VK_NULL_HANDLE,
                               fence, &index));
    MUST(vkWaitForFences(app.device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(app.device, fence, NULL);
    return index;
}

static void draw(int frame, VkImage to)
{
    VkImageSubresourceLayers colour = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1 };
    VkOffset3D whole[2] = { { 0, 0, 0 }, { SIZE, SIZE, 1 } };
    VkImageBlit region = { colour, { whole[0], whole[1] },
                           colour, { whole[0], whole[1] } };
    VkCommandBuffer commands = commands_begin(&app);

    triangle_begin(commands, &triangle, VK_SUBPASS_CONTENTS_INLINE);
    triangle_bind(commands, &triangle);
    for (int i = 0; i < 5; i++)
        triangle_draw(commands, &triangle, 0.3f * i - 0.6f,
                      frame / 300.0f - 0.5f, 0.1f + frame % 50 / 100.0f);
    triangle_end(commands, &triangle);
    image_barrier(commands, to, VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkCmdBlitImage(commands, triangle.image.image,
                   VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, to,
                   VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region,
                   VK_FILTER_NEAREST);
    image_barrier(commands, to, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                  VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
    commands_run(&app, commands);
}

static void present(uint32_t index)
{
    VkPresentInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR,
        .swapchainCount = 1,
        .pSwapchains = &chain,
        .pImageIndices = &index,
    };

    MUST(vkQueuePresentKHR(app.queue, &info));
}

static int frames_wanted(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], "--c"))
            return atoi(argv[i + 1]);
    die("usage: %s --c FRAMES", argv[0]);
}

int main(int argc, char **argv)
{
    int frames = frames_wanted(argc, argv);
    Display *display = XOpenDisplay(NULL);
    VkSurfaceKHR surface;

    if (!display)
        die("no X server");
    app.instance_extensions[0] = VK_KHR_SURFACE_EXTENSION_NAME;
    app.instance_extensions[1] = VK_KHR_XLIB_SURFACE_EXTENSION_NAME;
    app.device_extensions[0] = VK_KHR_SWAPCHAIN_EXTENSION_NAME;
    app_open(&app);
    triangle = triangle_create(&app, false);
    surface = open_window(display);
    create_chain(surface);
    for (int frame = 0; frame < frames; frame++) {
        uint32_t index = acquire();

        draw(frame, images[index]);
        present(index);
    }
    vkDeviceWaitIdle(app.device);
    vkDestroySwapchainKHR(app.device, chain, NULL);
    vkDestroySurfaceKHR(app.instance, surface, NULL);
    triangle_destroy(&app, &triangle);
    XCloseDisplay(display);
    return app_close(&app);
}
