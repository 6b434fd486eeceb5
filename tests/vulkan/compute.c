/* SPDX-License-Identifier: MIT */
/*
 * A compute shader fills a buffer from push constants and an array of
 * descriptors; its pipeline comes from a cache that is saved and loaded; time
 * stamps are queried.
 *
 * Would catch: wrong structs or handles in descriptors, pipelines, caches,
 * results of queries.  Wrong twin: push constants beyond the layout's.
 */
#include "app.h"

#include "compute.comp.h"

enum { INPUTS = 4, COUNT = 1024 };

struct program {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    VkPipeline pipeline;
};

static void create_layout(struct app *app, struct program *p)
{
    VkDescriptorSetLayoutBinding bindings[] = {
        { 0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1,
          VK_SHADER_STAGE_COMPUTE_BIT, NULL },
        { 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, INPUTS,
          VK_SHADER_STAGE_COMPUTE_BIT, NULL },
    };
    VkDescriptorSetLayoutCreateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = 2,
        .pBindings = bindings,
    };
    VkPushConstantRange range = { VK_SHADER_STAGE_COMPUTE_BIT, 0, 8 };
    VkPipelineLayoutCreateInfo layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &p->set_layout,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &range,
    };

    MUST(vkCreateDescriptorSetLayout(app->device, &set, app->allocator,
                                     &p->set_layout));
    MUST(vkCreatePipelineLayout(app->device, &layout, app->allocator,
                                &p->layout));
}

static void create_set(struct app *app, struct program *p,
                       const struct buffer *out, const struct buffer *in)
{
    VkDescriptorPoolSize size = { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                  1 + INPUTS };
    VkDescriptorPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = 1,
        .poolSizeCount = 1,
        .pPoolSizes = &size,
    };
    VkDescriptorSetAllocateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorSetCount = 1,
        .pSetLayouts = &p->set_layout,
    };
    VkDescriptorBufferInfo outs = { out->buffer, 0, VK_WHOLE_SIZE };
    VkDescriptorBufferInfo ins[INPUTS];
    VkWriteDescriptorSet writes[] = {
        { .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
          .dstBinding = 0,
          .descriptorCount = 1,
          .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
          .pBufferInfo = &outs },
        { .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
          .dstBinding = 1,
          .descriptorCount = INPUTS,
          .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
          .pBufferInfo = ins },
    };

    for (int i = 0; i < INPUTS; i++)
        ins[i] = (VkDescriptorBufferInfo){ in[i].buffer, 0, VK_WHOLE_SIZE };
    MUST(vkCreateDescriptorPool(app->device, &pool, app->allocator, &p->pool));
    set.descriptorPool = p->pool;
    MUST(vkAllocateDescriptorSets(app->device, &set, &p->set));
    writes[0].dstSet = writes[1].dstSet = p->set;
    vkUpdateDescriptorSets(app->device, 2, writes, 0, NULL);
}

static VkPipelineCache load_cache(struct app *app, const void *data,
                                  size_t size)
{
    VkPipelineCacheCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
        .initialDataSize = size,
        .pInitialData = data,
    };
    VkPipelineCache cache;

    MUST(vkCreatePipelineCache(app->device, &info, app->allocator, &cache));
    return cache;
}

static VkPipeline create_pipeline(struct app *app, const struct program *p,
                                  VkPipelineCache cache)
{
    VkShaderModule module =
        shader_create(app, compute_comp, sizeof(compute_comp));
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = { .sType =
                       VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                   .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                   .module = module,
                   .pName = "main" },
        .layout = p->layout,
    };
    VkPipeline pipeline;

    MUST(vkCreateComputePipelines(app->device, cache, 1, &info,
                                  app->allocator, &pipeline));
    vkDestroyShaderModule(app->device, module, app->allocator);
    return pipeline;
}

/* Twice, the second time from the first's saved cache. */
static void create_pipelines(struct app *app, struct program *p)
{
    VkPipelineCache cache = load_cache(app, NULL, 0);
    size_t size = 0;
    void *data;

    p->pipeline = create_pipeline(app, p, cache);
    MUST(vkGetPipelineCacheData(app->device, cache, &size, NULL));
    data = malloc(size);
    MUST(vkGetPipelineCacheData(app->device, cache, &size, data));
    printf("pipeline cache: %zu bytes\n", size);
    vkDestroyPipelineCache(app->device, cache, app->allocator);
    vkDestroyPipeline(app->device, p->pipeline, app->allocator);
    cache = load_cache(app, data, size);
    free(data);
    p->pipeline = create_pipeline(app, p, cache);
    vkDestroyPipelineCache(app->device, cache, app->allocator);
}

static void run(struct app *app, const struct program *p, VkQueryPool queries)
{
    VkCommandBuffer commands = commands_begin(app);
    uint32_t constants[2] = { 3, 7 };
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };

    app_name((uintptr_t)commands, "the command buffer");
    vkCmdResetQueryPool(commands, queries, 0, 2);
    vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, queries,
                        0);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, p->pipeline);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                            p->layout, 0, 1, &p->set, 0, NULL);
    vkCmdPushConstants(commands, p->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                       sizeof(constants), constants);
    if (app->wrong)
        vkCmdPushConstants(commands, p->layout, VK_SHADER_STAGE_COMPUTE_BIT,
                           8, sizeof(constants), constants);
    vkCmdDispatch(commands, COUNT / 64, 1, 1);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
    vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT,
                        queries, 1);
    commands_run(app, commands);
}

static void print_times(struct app *app, VkQueryPool queries)
{
    uint64_t times[2] = { 0 };

    MUST(vkGetQueryPoolResults(app->device, queries, 0, 2, sizeof(times),
                               times, 8, VK_QUERY_RESULT_64_BIT |
                                         VK_QUERY_RESULT_WAIT_BIT));
    printf("time stamps: %s\n",
           times[0] && times[1] >= times[0] ? "in order" : "wrong");
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    struct buffer out, in[INPUTS];
    struct program p;
    VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
        .queryType = VK_QUERY_TYPE_TIMESTAMP,
        .queryCount = 2,
    };
    VkQueryPool queries;

    app_open(&app);
    out = buffer_create(&app, 4 * COUNT, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
    for (int i = 0; i < INPUTS; i++) {
        in[i] = buffer_create(&app, 4 * COUNT,
                              VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
        for (int k = 0; k < COUNT; k++)
            ((uint32_t *)in[i].map)[k] = 1000 * i + k;
    }
    create_layout(&app, &p);
    create_set(&app, &p, &out, in);
    create_pipelines(&app, &p);
    MUST(vkCreateQueryPool(app.device, &info, app.allocator, &queries));
    run(&app, &p, queries);
    print_times(&app, queries);
    printf("result: %u %u, checksum %08x\n", ((uint32_t *)out.map)[1],
           ((uint32_t *)out.map)[COUNT - 1], checksum(out.map, 4 * COUNT));
    vkDestroyQueryPool(app.device, queries, app.allocator);
    vkDestroyPipeline(app.device, p.pipeline, app.allocator);
    vkDestroyDescriptorPool(app.device, p.pool, app.allocator);
    vkDestroyPipelineLayout(app.device, p.layout, app.allocator);
    vkDestroyDescriptorSetLayout(app.device, p.set_layout, app.allocator);
    for (int i = 0; i < INPUTS; i++)
        buffer_destroy(&app, &in[i]);
    buffer_destroy(&app, &out);
    return app_close(&app);
}
