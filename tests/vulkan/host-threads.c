/* SPDX-License-Identifier: MIT */
/*
 * Callbacks on threads that only the host has: a layer of this test's sends
 * messages, reports memory and uses the allocator on threads of its own
 * (layer.c), while the program's thread waits in a call or goes on.  Within
 * the messages the program uses its thread-local storage and calls Vulkan.
 *
 * Would catch: a host thread that runs guest code without a guest thread.
 * Wrong twin: what the layer tells is an error, and the chain begins with a
 * struct that does not exist.
 */
#include "app.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int calls[5], arrived;
static _Thread_local int depth;
static struct app *the_app;

static VkBool32 VKAPI_CALL on_message(
    VkDebugUtilsMessageSeverityFlagBitsEXT severity,
    VkDebugUtilsMessageTypeFlagsEXT types,
    const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    char *text = malloc(64);
    VkFence fence;
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };

    if (++depth != 1)
        die("not a thread of its own");
    snprintf(text, 64, "severity %x types %x id %d", severity, types,
             data->messageIdNumber);
    MUST(vkCreateFence(the_app->device, &info, NULL, &fence));
    vkDestroyFence(the_app->device, fence, NULL);
    printf("%s: %s: %s; id %s\n", (char *)user, text, data->pMessage,
           data->pMessageIdName);
    free(text);
    arrived++;
    depth--;
    return VK_FALSE;
}

static void *VKAPI_CALL on_allocate(void *user, size_t size, size_t alignment,
                                    VkSystemAllocationScope scope)
{
    void *memory = aligned_alloc(alignment, (size + alignment - 1) /
                                                alignment * alignment);

    (void)user;
    (void)scope;
    calls[0]++;
    return memory;
}

static void *VKAPI_CALL on_reallocate(void *user, void *old, size_t size,
                                      size_t alignment,
                                      VkSystemAllocationScope scope)
{
    (void)user;
    (void)alignment;
    (void)scope;
    calls[1]++;
    return realloc(old, size);
}

static void VKAPI_CALL on_free(void *user, void *memory)
{
    (void)user;
    calls[2] += memory != NULL;
    free(memory);
}

static void VKAPI_CALL on_internal(void *user, size_t size,
                                   VkInternalAllocationType type,
                                   VkSystemAllocationScope scope)
{
    (void)user;
    (void)type;
    (void)scope;
    calls[3] += size == 64;
}

static void VKAPI_CALL on_internal_free(void *user, size_t size,
                                        VkInternalAllocationType type,
                                        VkSystemAllocationScope scope)
{
    (void)user;
    (void)type;
    (void)scope;
    calls[4] += size == 64;
}

static void VKAPI_CALL on_report(
    const VkDeviceMemoryReportCallbackDataEXT *data, void *user)
{
    printf("report %s: type %d size %d\n", (char *)user, data->type,
           (int)data->size);
}

static void send(struct app *app, int number)
{
    VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pMessageIdName = "sent",
        .messageIdNumber = number,
        .pMessage = "from another thread",
    };

    PROC(app, vkSubmitDebugUtilsMessageEXT)(
        app->instance,
        app->wrong ? VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT
                   : VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT,
        VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT, &data);
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    VkAllocationCallbacks allocator = {
        NULL, on_allocate, on_reallocate, on_free, on_internal,
        on_internal_free };
    VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
    VkDebugUtilsMessengerCreateInfoEXT create = app_messenger();
    VkDebugUtilsMessengerEXT messenger;
    VkDeviceDeviceMemoryReportCreateInfoEXT second = {
        .sType =
            VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT,
        .pfnUserCallback = on_report,
        .pUserData = "second",
    };
    VkDeviceDeviceMemoryReportCreateInfoEXT first = {
        .sType =
            VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT,
        .pNext = &second,
        .pfnUserCallback = on_report,
        .pUserData = "first",
    };
    VkBaseInStructure unknown = { 2000000000, (void *)&first };
    unsigned before;
    VkFence fence;

    the_app = &app;
    app_keep_calls();
    /* At the chain's end, twice; the wrong twin has what nobody knows before
     * them. */
    app.device_next = app.wrong ? (void *)&unknown : (void *)&first;
    app_open(&app);
    if (first.pfnUserCallback != on_report || first.pNext != &second)
        die("the chain was written to");
    create.pfnUserCallback = on_message;
    create.pUserData = "ours";
    MUST(PROC(&app, vkCreateDebugUtilsMessengerEXT)(app.instance, &create,
                                                    NULL, &messenger));
    before = app_messages();
    for (int i = 1; i <= 5; i++)
        send(&app, i);
    send(&app, -1);
    while (arrived < 6 || app_messages() < before + 6)
        sched_yield();
    MUST(vkCreateFence(app.device, &info, &allocator, &fence));
    vkDestroyFence(app.device, fence, &allocator);
    printf("allocator: at least 200 each: %d %d %d %d %d\n", calls[0] >= 200,
           calls[1] >= 200, calls[2] >= 200, calls[3] >= 200,
           calls[4] >= 200);
    PROC(&app, vkDestroyDebugUtilsMessengerEXT)(app.instance, messenger, NULL);
    return app_close(&app);
}
