/* SPDX-License-Identifier: MIT */
/*
 * Two windows, one of xcb's and one of Xlib's, show plain colours, are resized
 * and show more; what is on the screen is read through the program's own
 * connection.
 *
 * Would catch: a surface on another server or of another window, a window
 * that the server does not know yet, presentation that gets lost, a size that
 * does not follow.  Wrong twin: a surface that outlives its instance's other
 * objects and is never destroyed.
 */
#include "app.h"

#include <X11/Xlib.h>
#include <unistd.h>
#include <xcb/xcb.h>

struct window {
    const char *name;
    VkSurfaceKHR surface;
    VkSwapchainKHR chain;
    VkExtent2D extent;
    VkImage images[8];
    uint32_t count;
    xcb_window_t id;
};

static xcb_connection_t *connection;
static int screen_number; /* the one that DISPLAY names */
static Display *display;

/* --- what the program sees on the screen --------------------------------- */

static uint32_t pixel_at(xcb_window_t window, int x, int y)
{
    xcb_get_image_reply_t *reply = xcb_get_image_reply(
        connection, xcb_get_image(connection, XCB_IMAGE_FORMAT_Z_PIXMAP,
                                  window, x, y, 1, 1, ~0u), NULL);
    uint32_t pixel = 0;

    if (reply) {
        pixel = *(uint32_t *)xcb_get_image_data(reply) & 0xffffff;
        free(reply);
    }
    return pixel;
}

/* Presentation takes its time. */
static void await_colour(const struct window *w, uint32_t colour)
{
    int x = w->extent.width - 1, y = w->extent.height - 1;
    int i;

    for (i = 0; i < 500; i++) {
        if (pixel_at(w->id, 0, 0) == colour && pixel_at(w->id, x, y) == colour)
            break;
        usleep(20000);
    }
    printf("%s: %ux%u shows %06x\n", w->name, w->extent.width,
           w->extent.height, pixel_at(w->id, x, y));
}

/* --- windows ------------------------------------------------------------- */

static xcb_screen_t *xcb_screen(void)
{
    xcb_screen_iterator_t i =
        xcb_setup_roots_iterator(xcb_get_setup(connection));

    for (int n = screen_number; n; n--)
        xcb_screen_next(&i);
    return i.data;
}

static struct window xcb_window(struct app *app)
{
    struct window w = { .name = "xcb" };
    xcb_screen_t *screen = xcb_screen();
    VkXcbSurfaceCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_XCB_SURFACE_CREATE_INFO_KHR,
        .connection = connection,
    };
    uint32_t values[] = { screen->black_pixel, 1 };

    w.id = xcb_generate_id(connection);
    xcb_create_window(connection, screen->root_depth, w.id, screen->root, 10,
                      10, 200, 100, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen->root_visual,
                      XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
    xcb_map_window(connection, w.id);
    printf("xcb can present: %d\n",
           vkGetPhysicalDeviceXcbPresentationSupportKHR(
               app->physical, 0, connection, screen->root_visual));
    /* Not flushed: that is Gangway's business. */
    info.window = w.id;
    MUST(vkCreateXcbSurfaceKHR(app->instance, &info, app->allocator,
                               &w.surface));
    return w;
}

static struct window xlib_window(struct app *app)
{
    struct window w = { .name = "Xlib" };
    VkXlibSurfaceCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_XLIB_SURFACE_CREATE_INFO_KHR,
        .dpy = display,
    };
    XSetWindowAttributes attributes = { .override_redirect = True };
    Visual *visual = DefaultVisual(display, DefaultScreen(display));

    info.window = XCreateWindow(display, DefaultRootWindow(display), 300, 10,
                                160, 120, 0, CopyFromParent, InputOutput,
                                CopyFromParent, CWOverrideRedirect,
                                &attributes);
    XMapWindow(display, info.window);
    w.id = info.window;
    printf("Xlib can present: %d\n",
           vkGetPhysicalDeviceXlibPresentationSupportKHR(
               app->physical, 0, display,
               XVisualIDFromVisual(visual)));
    MUST(vkCreateXlibSurfaceKHR(app->instance, &info, app->allocator,
                                &w.surface));
    return w;
}

static void resize(struct window *w, uint32_t width, uint32_t height)
{
    uint32_t size[] = { width, height };

    xcb_configure_window(connection, w->id, XCB_CONFIG_WINDOW_WIDTH |
                         XCB_CONFIG_WINDOW_HEIGHT, size);
    free(xcb_get_geometry_reply(connection,
                                xcb_get_geometry(connection, w->id), NULL));
}

/* --- swapchains ---------------------------------------------------------- */

static void create_chain(struct app *app, struct window *w)
{
    VkSurfaceCapabilitiesKHR able;
    VkSurfaceFormatKHR formats[32];
    uint32_t count = 32;
    VkBool32 supported = VK_FALSE;
    VkSwapchainCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
        .surface = w->surface,
        .imageArrayLayers = 1,
        .imageUsage = VK_IMAGE_USAGE_TRANSFER_DST_BIT,
        .preTransform = VK_SURFACE_TRANSFORM_IDENTITY_BIT_KHR,
        .compositeAlpha = VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR,
        .presentMode = VK_PRESENT_MODE_FIFO_KHR,
        .oldSwapchain = w->chain,
    };

    MUST(vkGetPhysicalDeviceSurfaceSupportKHR(app->physical, 0, w->surface,
                                              &supported));
    MUST(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(app->physical, w->surface,
                                                   &able));
    MUST(vkGetPhysicalDeviceSurfaceFormatsKHR(app->physical, w->surface,
                                              &count, formats));
    printf("%s: supported %d, %u formats, first %d, at least %u images of "
           "%ux%u\n", w->name, supported, count, formats[0].format,
           able.minImageCount, able.currentExtent.width,
           able.currentExtent.height);
    for (uint32_t i = 0; i < count; i++)
        if (formats[i].format == VK_FORMAT_B8G8R8A8_UNORM)
            info.imageFormat = formats[i].format;
    info.minImageCount = able.minImageCount;
    info.imageExtent = w->extent = able.currentExtent;
    MUST(vkCreateSwapchainKHR(app->device, &info, app->allocator, &w->chain));
    vkDestroySwapchainKHR(app->device, info.oldSwapchain, app->allocator);
    w->count = 8;
    MUST(vkGetSwapchainImagesKHR(app->device, w->chain, &w->count,
                                 w->images));
}

static void show(struct app *app, struct window *w, uint32_t colour)
{
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
    VkClearColorValue value = { {
        (colour >> 16) / 255.0f, (colour >> 8 & 255) / 255.0f,
        (colour & 255) / 255.0f, 1 } };
    VkImageSubresourceRange all = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 };
    VkPresentInfoKHR present = {
        .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR,
        .swapchainCount = 1,
        .pSwapchains = &w->chain,
    };
    VkCommandBuffer commands;
    uint32_t index = 0;
    VkFence fence;
    VkResult result;

    present.pImageIndices = &index;
    MUST(vkCreateFence(app->device, &info, app->allocator, &fence));
    result = vkAcquireNextImageKHR(app->device, w->chain, UINT64_MAX,
                                   VK_NULL_HANDLE, fence, &index);
    if (result != VK_SUCCESS)
        die("%s: acquire: %d", w->name, result);
    MUST(vkWaitForFences(app->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(app->device, fence, app->allocator);
    commands = commands_begin(app);
    image_barrier(commands, w->images[index], VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkCmdClearColorImage(commands, w->images[index],
                         VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &value, 1,
                         &all);
    image_barrier(commands, w->images[index],
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                  VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
    commands_run(app, commands);
    MUST(vkQueuePresentKHR(app->queue, &present));
    await_colour(w, colour);
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    struct window windows[2];
    const uint32_t colours[] = { 0xff0000, 0x00ff00, 0x3366cc };

    connection = xcb_connect(NULL, &screen_number);
    display = XOpenDisplay(NULL);
    if (xcb_connection_has_error(connection) || !display)
        die("no X server");
    printf("screen %d\n", screen_number);
    app.instance_extensions[0] = VK_KHR_SURFACE_EXTENSION_NAME;
    app.instance_extensions[1] = VK_KHR_XCB_SURFACE_EXTENSION_NAME;
    app.instance_extensions[2] = VK_KHR_XLIB_SURFACE_EXTENSION_NAME;
    app.device_extensions[0] = VK_KHR_SWAPCHAIN_EXTENSION_NAME;
    app_open(&app);
    windows[0] = xcb_window(&app);
    windows[1] = xlib_window(&app);
    for (int i = 0; i < 2; i++) {
        windows[i].chain = VK_NULL_HANDLE;
        create_chain(&app, &windows[i]);
    }
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 2; i++)
            show(&app, &windows[i], colours[(c + i) % 3]);
    for (int i = 0; i < 2; i++) {
        resize(&windows[i], 120 + 40 * i, 160);
        create_chain(&app, &windows[i]);
        show(&app, &windows[i], 0xffff00);
    }
    vkDeviceWaitIdle(app.device);
    for (int i = 0; i < 2; i++) {
        vkDestroySwapchainKHR(app.device, windows[i].chain, app.allocator);
        if (!app.wrong || i)
            vkDestroySurfaceKHR(app.instance, windows[i].surface,
                                app.allocator);
    }
    if (app.wrong)
        app_name((uintptr_t)windows[0].surface, "the lost surface");
    app_close(&app);
    XCloseDisplay(display);
    xcb_disconnect(connection);
    return 0;
}
