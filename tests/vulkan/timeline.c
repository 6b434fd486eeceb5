/* SPDX-License-Identifier: MIT */
/*
 * Timeline semaphores: a thread signals what the queue waits for, the program
 * waits for what the queue signals.
 *
 * Would catch: values of 64 bits that lose half, chains that do not arrive.
 * Wrong twin: a signal that does not go forward.
 */
#include "app.h"

#include <pthread.h>

static const uint64_t BASE = 0x123456789aull;

struct waiter {
    struct app *app;
    VkSemaphore semaphore;
};

static void *signal_from_host(void *arg)
{
    struct waiter *w = arg;
    VkSemaphoreSignalInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO,
        .semaphore = w->semaphore,
        .value = BASE + 1,
    };

    MUST(vkSignalSemaphore(w->app->device, &info));
    return NULL;
}

static void submit(struct app *app, VkSemaphore semaphore, uint64_t wait,
                   uint64_t signal)
{
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1,
        .pWaitSemaphoreValues = &wait,
        .signalSemaphoreValueCount = 1,
        .pSignalSemaphoreValues = &signal,
    };
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .waitSemaphoreCount = 1,
        .pWaitSemaphores = &semaphore,
        .pWaitDstStageMask = &stage,
        .signalSemaphoreCount = 1,
        .pSignalSemaphores = &semaphore,
    };

    MUST(vkQueueSubmit(app->queue, 1, &info, VK_NULL_HANDLE));
}

static void await(struct app *app, VkSemaphore semaphore, uint64_t value)
{
    VkSemaphoreWaitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
        .semaphoreCount = 1,
        .pSemaphores = &semaphore,
        .pValues = &value,
    };
    uint64_t now;

    MUST(vkWaitSemaphores(app->device, &info, UINT64_MAX));
    MUST(vkGetSemaphoreCounterValue(app->device, semaphore, &now));
    printf("waited for %#llx, it is %#llx\n", (unsigned long long)value,
           (unsigned long long)now);
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    VkPhysicalDeviceTimelineSemaphoreFeatures features = {
        .sType =
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES,
        .timelineSemaphore = VK_TRUE,
    };
    VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
        .initialValue = BASE,
    };
    VkSemaphoreCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
        .pNext = &type,
    };
    struct waiter waiter = { &app, VK_NULL_HANDLE };
    pthread_t thread;

    app.device_next = &features;
    app_open(&app);
    MUST(vkCreateSemaphore(app.device, &info, NULL, &waiter.semaphore));
    app_name((uintptr_t)waiter.semaphore, "the semaphore");
    submit(&app, waiter.semaphore, BASE + 1, BASE + 5);
    if (pthread_create(&thread, NULL, signal_from_host, &waiter))
        die("no thread");
    /* The layer of Debian 12 holds a lock while it waits, and the signalling
     * thread wants it: so that one comes first. */
    pthread_join(thread, NULL);
    await(&app, waiter.semaphore, BASE + 5);
    if (app.wrong) {
        VkSemaphoreSignalInfo back = {
            .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO,
            .semaphore = waiter.semaphore,
            .value = BASE + 2,
        };
        printf("back: %d\n", vkSignalSemaphore(app.device, &back));
    }
    vkQueueWaitIdle(app.queue);
    vkDestroySemaphore(app.device, waiter.semaphore, NULL);
    return app_close(&app);
}
