/* SPDX-License-Identifier: MIT */
/*
 * Four threads record a secondary command buffer each, with their own pools,
 * at the same time and many times over; the primary one runs them all.
 *
 * Would catch: state that threads share on the way to the host (stacks, the
 * remembered device), commands that reach another thread's buffer.  Wrong
 * twin: a secondary buffer is executed outside of the render pass that it
 * continues.
 */
#include "triangle.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 20, DRAWS = 200 };

struct recorder {
    struct app *app;
    const struct triangle *triangle;
    int index;
    VkCommandPool pool;
    VkCommandBuffer commands;
    pthread_t thread;
};

static void record(struct recorder *r)
{
    VkCommandBufferInheritanceInfo inherits = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_INHERITANCE_INFO,
        .renderPass = r->triangle->pass,
        .framebuffer = r->triangle->framebuffer,
    };
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_RENDER_PASS_CONTINUE_BIT,
        .pInheritanceInfo = &inherits,
    };
    float x = (r->index & 1) - 0.5f, y = (r->index >> 1) - 0.5f;

    MUST(vkBeginCommandBuffer(r->commands, &begin));
    triangle_bind(r->commands, r->triangle);
    for (int i = 0; i < DRAWS; i++)
        triangle_draw(r->commands, r->triangle, x, y, 0.5f - i * 0.002f);
    MUST(vkEndCommandBuffer(r->commands));
}

static void *run(void *arg)
{
    struct recorder *r = arg;
    VkCommandPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    };
    VkCommandBufferAllocateInfo buffers = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .level = VK_COMMAND_BUFFER_LEVEL_SECONDARY,
        .commandBufferCount = 1,
    };

    MUST(vkCreateCommandPool(r->app->device, &info, r->app->allocator,
                             &r->pool));
    buffers.commandPool = r->pool;
    MUST(vkAllocateCommandBuffers(r->app->device, &buffers, &r->commands));
    for (int i = 0; i < ROUNDS; i++) {
        MUST(vkResetCommandPool(r->app->device, r->pool, 0));
        record(r);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    struct recorder recorders[THREADS];
    VkCommandBuffer commands, all[THREADS];
    struct triangle t;

    app_open(&app);
    t = triangle_create(&app, false);
    for (int i = 0; i < THREADS; i++) {
        recorders[i] = (struct recorder){ &app, &t, i, 0, 0, 0 };
        if (pthread_create(&recorders[i].thread, NULL, run, &recorders[i]))
            die("no thread");
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(recorders[i].thread, NULL);
        all[i] = recorders[i].commands;
    }
    commands = commands_begin(&app);
    app_name((uintptr_t)commands, "the primary buffer");
    app_name((uintptr_t)all[0], "a secondary buffer");
    if (app.wrong)
        vkCmdExecuteCommands(commands, 1, all);
    triangle_begin(commands, &t,
                   VK_SUBPASS_CONTENTS_SECONDARY_COMMAND_BUFFERS);
    vkCmdExecuteCommands(commands, THREADS, all);
    triangle_end(commands, &t);
    commands_run(&app, commands);
    image_print("four threads", &t.pixels, SIZE, SIZE);
    for (int i = 0; i < THREADS; i++)
        vkDestroyCommandPool(app.device, recorders[i].pool, app.allocator);
    triangle_destroy(&app, &t);
    return app_close(&app);
}
