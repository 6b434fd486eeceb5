/* SPDX-License-Identifier: MIT */
/*
 * Displays without a window system: VK_KHR_display and what leads to it from
 * an X server.  Where the driver finds no display, it says so to everything.
 *
 * Would catch: a function of theirs that does not reach the driver, a Display
 * of the guest's that does.  Wrong twin: a surface without a mode,
 * and with a flag that nobody knows.
 */
#include "app.h"

#include <X11/Xlib.h>
#include <X11/extensions/Xrandr.h>

#include <vulkan/vulkan_xlib_xrandr.h>

enum { MOST = 16 };

static bool has_extension(const char *name)
{
    VkExtensionProperties list[64];
    uint32_t count = 64;

    vkEnumerateInstanceExtensionProperties(NULL, &count, list);
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(list[i].extensionName, name))
            return true;
    return false;
}

static void print_modes(struct app *app, VkDisplayKHR display)
{
    VkDisplayModePropertiesKHR modes[MOST];
    uint32_t count = MOST;
    VkResult result = PROC(app, vkGetDisplayModePropertiesKHR)(
        app->physical, display, &count, modes);

    printf("modes: %d, %u\n", result, count);
    for (uint32_t i = 0; i < count; i++)
        printf("mode %u: %ux%u, %u mHz\n", i,
               modes[i].parameters.visibleRegion.width,
               modes[i].parameters.visibleRegion.height,
               modes[i].parameters.refreshRate);
}

static void print_displays(struct app *app)
{
    VkDisplayPropertiesKHR displays[MOST];
    VkDisplayPlanePropertiesKHR planes[MOST];
    uint32_t count = MOST, plane_count = MOST;
    VkResult result = PROC(app, vkGetPhysicalDeviceDisplayPropertiesKHR)(
        app->physical, &count, displays);

    printf("displays: %d, %u\n", result, count);
    for (uint32_t i = 0; i < count; i++) {
        printf("display %u: %s, %ux%u\n", i, displays[i].displayName,
               displays[i].physicalResolution.width,
               displays[i].physicalResolution.height);
        print_modes(app, displays[i].display);
    }
    result = PROC(app, vkGetPhysicalDeviceDisplayPlanePropertiesKHR)(
        app->physical, &plane_count, planes);
    printf("planes: %d, %u\n", result, plane_count);
    for (uint32_t i = 0; i < plane_count; i++) {
        VkDisplayKHR supported[MOST];
        uint32_t n = MOST;

        result = PROC(app, vkGetDisplayPlaneSupportedDisplaysKHR)(
            app->physical, i, &n, supported);
        printf("plane %u: %d, %u displays\n", i, result, n);
    }
}

static void print_displays2(struct app *app)
{
    VkDisplayProperties2KHR displays[MOST] = { 0 };
    VkDisplayPlaneProperties2KHR planes[MOST] = { 0 };
    uint32_t count = MOST, plane_count = MOST;
    VkResult result;

    for (int i = 0; i < MOST; i++) {
        displays[i].sType = VK_STRUCTURE_TYPE_DISPLAY_PROPERTIES_2_KHR;
        planes[i].sType = VK_STRUCTURE_TYPE_DISPLAY_PLANE_PROPERTIES_2_KHR;
    }
    result = PROC(app, vkGetPhysicalDeviceDisplayProperties2KHR)(
        app->physical, &count, displays);
    printf("displays, newer: %d, %u\n", result, count);
    result = PROC(app, vkGetPhysicalDeviceDisplayPlaneProperties2KHR)(
        app->physical, &plane_count, planes);
    printf("planes, newer: %d, %u\n", result, plane_count);
}

/* The X server's outputs as displays of the device's; the server's answer
 * must be the same through the host's connection. */
static void print_outputs(struct app *app)
{
    Display *x = XOpenDisplay(NULL);
    XRRScreenResources *outputs =
        x ? XRRGetScreenResources(x, DefaultRootWindow(x)) : NULL;

    if (!outputs)
        die("no X server with RandR");
    for (int i = 0; i < outputs->noutput; i++) {
        VkDisplayKHR display = VK_NULL_HANDLE;
        VkResult result = PROC(app, vkGetRandROutputDisplayEXT)(
            app->physical, x, outputs->outputs[i], &display);

        printf("output %d: %d, %s\n", i, result,
               display ? "a display" : "no display");
        if (display)
            printf("acquired: %d\n", PROC(app, vkAcquireXlibDisplayEXT)(
                app->physical, x, display));
    }
    XRRFreeScreenResources(outputs);
    XCloseDisplay(x);
}

static void make_mistake(struct app *app)
{
    VkDisplaySurfaceCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_DISPLAY_SURFACE_CREATE_INFO_KHR,
        .flags = 1,
        .transform = VK_SURFACE_TRANSFORM_IDENTITY_BIT_KHR,
        .alphaMode = VK_DISPLAY_PLANE_ALPHA_OPAQUE_BIT_KHR,
        .imageExtent = { 64, 64 },
    };
    VkSurfaceKHR surface = VK_NULL_HANDLE;

    printf("without a mode: %d\n", PROC(app, vkCreateDisplayPlaneSurfaceKHR)(
        app->instance, &info, app->allocator, &surface));
}

int main(int argc, char **argv)
{
    static const char *const wanted[] = {
        VK_KHR_SURFACE_EXTENSION_NAME,
        VK_KHR_DISPLAY_EXTENSION_NAME,
        VK_KHR_GET_DISPLAY_PROPERTIES_2_EXTENSION_NAME,
        VK_EXT_DIRECT_MODE_DISPLAY_EXTENSION_NAME,
        VK_EXT_ACQUIRE_XLIB_DISPLAY_EXTENSION_NAME,
    };
    struct app app = app_arguments(argc, argv);

    for (int i = 0; i < 5; i++) {
        app.instance_extensions[i] = wanted[i];
        if (!has_extension(wanted[i])) {
            printf("skip: no driver has %s\n", wanted[i]);
            exit(77);
        }
    }
    app_open(&app);
    print_displays(&app);
    print_displays2(&app);
    print_outputs(&app);
    if (app.wrong)
        make_mistake(&app);
    return app_close(&app);
}
