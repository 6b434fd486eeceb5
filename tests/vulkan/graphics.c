/* SPDX-License-Identifier: MIT */
/*
 * Triangles, with a render pass and with dynamic rendering, counted by an
 * occlusion query.
 *
 * Would catch: floats, structs in structs or chains that do not arrive, wrong
 * results of queries.  Wrong twin: a draw after the pipeline was destroyed,
 * in a command buffer that is submitted all the same.
 */
#include "triangle.h"

static void draw(struct app *app, bool dynamic)
{
    struct triangle t = triangle_create(app, dynamic);
    VkCommandBuffer commands = commands_begin(app);
    VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
        .queryType = VK_QUERY_TYPE_OCCLUSION,
        .queryCount = 1,
    };
    VkQueryPool queries;
    uint64_t samples = 0;

    MUST(vkCreateQueryPool(app->device, &info, app->allocator, &queries));
    vkCmdResetQueryPool(commands, queries, 0, 1);
    triangle_begin(commands, &t, VK_SUBPASS_CONTENTS_INLINE);
    triangle_bind(commands, &t);
    vkCmdBeginQuery(commands, queries, 0, VK_QUERY_CONTROL_PRECISE_BIT);
    triangle_draw(commands, &t, 0, 0, 0.75f);
    triangle_draw(commands, &t, 0.5f, -0.5f, 0.25f);
    vkCmdEndQuery(commands, queries, 0);
    triangle_end(commands, &t);
    commands_run(app, commands);
    MUST(vkGetQueryPoolResults(app->device, queries, 0, 1, sizeof(samples),
                               &samples, 8, VK_QUERY_RESULT_64_BIT |
                                            VK_QUERY_RESULT_WAIT_BIT));
    printf("%llu samples\n", (unsigned long long)samples);
    image_print(dynamic ? "dynamic rendering" : "render pass", &t.pixels,
                SIZE, SIZE);
    vkDestroyQueryPool(app->device, queries, app->allocator);
    triangle_destroy(app, &t);
}

/* The layer drops the submission. */
static void draw_wrong(struct app *app)
{
    struct triangle t = triangle_create(app, false);
    VkCommandBuffer commands = commands_begin(app);
    VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
    };

    app_name((uintptr_t)commands, "the command buffer");
    app_name((uintptr_t)t.pipeline, "the pipeline");
    triangle_begin(commands, &t, VK_SUBPASS_CONTENTS_INLINE);
    triangle_bind(commands, &t);
    triangle_draw(commands, &t, 0, 0, 1);
    triangle_end(commands, &t);
    MUST(vkEndCommandBuffer(commands));
    triangle_destroy(app, &t);
    printf("submitted: %d\n",
           vkQueueSubmit(app->queue, 1, &submit, VK_NULL_HANDLE));
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    VkPhysicalDeviceFeatures2 features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
        .features.occlusionQueryPrecise = VK_TRUE,
    };
    VkPhysicalDeviceDynamicRenderingFeatures dynamic = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DYNAMIC_RENDERING_FEATURES,
        .pNext = &features,
        .dynamicRendering = VK_TRUE,
    };

    app.device_next = &dynamic;
    app_open(&app);
    if (app.wrong) {
        draw_wrong(&app);
    } else {
        draw(&app, false);
        draw(&app, true);
    }
    return app_close(&app);
}
