/* SPDX-License-Identifier: MIT */
/*
 * What the host draws with.  Each question is asked in a child of its own,
 * where a driver may do as it pleases.
 */
#include "gangway.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vulkan/vulkan_core.h>

enum { ANSWER_SECONDS = 20, DEVICES = 16 };

/* What a child answers begins with one of these. */
enum { WRONG = '-', SOFTWARE = '~', HARDWARE = '+' };

/* --- GL ------------------------------------------------------------------ */

/* Mesa's, and the one that browsers bring. */
static bool is_software(const char *renderer)
{
    static const char *const names[] = {"llvmpipe", "softpipe", "SwiftShader",
                                        "Software Rasterizer"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strstr(renderer, names[i]))
            return true;
    return false;
}

static void answer_gl(int fd)
{
    static int attributes[] = {4 /* GLX_RGBA */, 5 /* GLX_DOUBLEBUFFER */,
                               None};
    void *gl = dlopen("libGL.so.1", RTLD_NOW);
    Display *display = XOpenDisplay(NULL);
    XVisualInfo *(*choose)(Display *, int, int *);
    void *(*create)(Display *, XVisualInfo *, void *, int);
    int (*make_current)(Display *, Window, void *);
    const char *(*get_string)(unsigned);
    const char *renderer;
    XVisualInfo *visual;
    XSetWindowAttributes set = {0};
    Window window;

    if (!gl || !display) {
        dprintf(fd, "%c%s", WRONG, gl ? "no display" : dlerror());
        return;
    }
    *(void **)&choose = dlsym(gl, "glXChooseVisual");
    *(void **)&create = dlsym(gl, "glXCreateContext");
    *(void **)&make_current = dlsym(gl, "glXMakeCurrent");
    *(void **)&get_string = dlsym(gl, "glGetString");
    visual = choose(display, DefaultScreen(display), attributes);
    if (!visual) {
        dprintf(fd, "%cthe X server offers no visual for GL", WRONG);
        return;
    }
    set.colormap = XCreateColormap(display, DefaultRootWindow(display),
                                   visual->visual, AllocNone);
    window = XCreateWindow(display, DefaultRootWindow(display), 0, 0, 8, 8,
                           0, visual->depth, InputOutput, visual->visual,
                           CWColormap | CWBorderPixel, &set);
    if (!make_current(display, window, create(display, visual, NULL, True))) {
        dprintf(fd, "%cglXMakeCurrent failed", WRONG);
        return;
    }
    renderer = get_string(0x1F01 /* GL_RENDERER */);
    dprintf(fd, "%c%s, OpenGL %s",
            is_software(renderer) ? SOFTWARE : HARDWARE, renderer,
            get_string(0x1F02 /* GL_VERSION */));
}

/* --- Vulkan -------------------------------------------------------------- */

#define VULKAN(instance, name) \
    PFN_##name name = (PFN_##name)find(instance, #name)

static VkInstance make_instance(PFN_vkGetInstanceProcAddr find)
{
    VULKAN(NULL, vkCreateInstance);
    /* With 1.1 devices say which driver they have. */
    const VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .apiVersion = VK_API_VERSION_1_1};
    const VkInstanceCreateInfo create = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application};
    VkInstance instance = NULL;

    if (vkCreateInstance(&create, NULL, &instance) != VK_SUCCESS)
        return NULL;
    return instance;
}

/* Appends what the device is; is it more than this machine's processor? */
static bool describe(GString *text, VkPhysicalDevice device,
                     PFN_vkGetPhysicalDeviceProperties2 get)
{
    VkPhysicalDeviceDriverProperties driver = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
        .pNext = &driver};
    const VkPhysicalDeviceProperties *p = &properties.properties;

    get(device, &properties);
    g_string_append_printf(
        text, "%s%s, Vulkan %u.%u.%u", text->len ? "; " : "", p->deviceName,
        VK_API_VERSION_MAJOR(p->apiVersion),
        VK_API_VERSION_MINOR(p->apiVersion),
        VK_API_VERSION_PATCH(p->apiVersion));
    if (*driver.driverName)
        g_string_append_printf(text, " (%s %s)", driver.driverName,
                               driver.driverInfo);
    return p->deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU;
}

static void answer_vulkan(int fd)
{
    void *vulkan = dlopen("libvulkan.so.1", RTLD_NOW);
    PFN_vkGetInstanceProcAddr find;
    VkPhysicalDevice devices[DEVICES];
    uint32_t count = DEVICES;
    VkInstance instance;
    g_autoptr(GString) text = g_string_new(NULL);
    bool hardware = false;

    if (!vulkan) {
        dprintf(fd, "%c%s", WRONG, dlerror());
        return;
    }
    *(void **)&find = dlsym(vulkan, "vkGetInstanceProcAddr");
    instance = make_instance(find);
    if (instance) {
        VULKAN(instance, vkEnumeratePhysicalDevices);
        VULKAN(instance, vkGetPhysicalDeviceProperties2);
        if (vkEnumeratePhysicalDevices(instance, &count, devices) < 0)
            count = 0;
        for (uint32_t i = 0; i < count; i++)
            hardware |= describe(text, devices[i],
                                 vkGetPhysicalDeviceProperties2);
    }
    if (!text->len)
        dprintf(fd, "%cno device", WRONG);
    else
        dprintf(fd, "%c%s", hardware ? HARDWARE : SOFTWARE, text->str);
}

/* --- both ---------------------------------------------------------------- */

static struct gw_gpu ask(void (*answer)(int fd))
{
    char text[4096] = {WRONG};
    size_t length = 0;
    ssize_t got;
    int ends[2];
    pid_t child;

    if (pipe(ends))
        return (struct gw_gpu){.what = g_strdup("no pipe")};
    child = fork();
    if (!child) {
        alarm(ANSWER_SECONDS);
        answer(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return (struct gw_gpu){
        .what = g_strdup(length ? text + 1 : "the driver crashed"),
        .works = *text != WRONG, .software = *text == SOFTWARE};
}

struct gw_gpu gw_gpu_gl(void)
{
    return ask(answer_gl);
}

struct gw_gpu gw_gpu_vulkan(void)
{
    return ask(answer_vulkan);
}
