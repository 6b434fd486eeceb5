/* SPDX-License-Identifier: MIT */
/*
 * Descriptor indexing: a shader whose invocations each read another one of an
 * array of descriptors, of a length that is known at run time, not all of them
 * bound, and updated after the commands that use them were recorded.
 *
 * Would catch: a chain behind the set layout or its allocation that does not
 * arrive, descriptors of the wrong elements, an update that is lost.  Wrong
 * twin: an element beyond the number that the set was allocated with.
 */
#include "app.h"

#include "indexing.comp.h"

enum { MOST = 64, BOUND = 24, INPUTS = 6, WORDS = 256, COUNT = 1024 };

struct program {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    VkPipeline pipeline;
};

static const VkPhysicalDeviceVulkan12Features wanted = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
    .descriptorIndexing = VK_TRUE,
    .shaderStorageBufferArrayNonUniformIndexing = VK_TRUE,
    .descriptorBindingStorageBufferUpdateAfterBind = VK_TRUE,
    .descriptorBindingPartiallyBound = VK_TRUE,
    .descriptorBindingVariableDescriptorCount = VK_TRUE,
    .runtimeDescriptorArray = VK_TRUE,
};

static void need_features(void)
{
    struct app app = { 0 };
    VkPhysicalDeviceVulkan12Features has = { .sType = wanted.sType };
    VkPhysicalDeviceFeatures2 features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
        .pNext = &has,
    };

    app_open_plain(&app);
    vkGetPhysicalDeviceFeatures2(app.physical, &features);
    if (!has.descriptorIndexing ||
        !has.shaderStorageBufferArrayNonUniformIndexing ||
        !has.descriptorBindingStorageBufferUpdateAfterBind ||
        !has.descriptorBindingPartiallyBound ||
        !has.descriptorBindingVariableDescriptorCount ||
        !has.runtimeDescriptorArray) {
        printf("skip: the driver lacks descriptor indexing\n");
        exit(77);
    }
    app_close(&app);
}

static void create_layout(struct app *app, struct program *p)
{
    VkDescriptorBindingFlags flags[] = {
        0, 0,
        VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT |
            VK_DESCRIPTOR_BINDING_PARTIALLY_BOUND_BIT |
            VK_DESCRIPTOR_BINDING_VARIABLE_DESCRIPTOR_COUNT_BIT,
    };
    VkDescriptorSetLayoutBindingFlagsCreateInfo binding_flags = {
        .sType =
            VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO,
        .bindingCount = 3,
        .pBindingFlags = flags,
    };
    VkDescriptorSetLayoutBinding bindings[3];
    VkDescriptorSetLayoutCreateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .pNext = &binding_flags,
        .flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT,
        .bindingCount = 3,
        .pBindings = bindings,
    };
    VkPipelineLayoutCreateInfo layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &p->set_layout,
    };

    for (uint32_t i = 0; i < 3; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, i == 2 ? MOST : 1,
            VK_SHADER_STAGE_COMPUTE_BIT, NULL };
    MUST(vkCreateDescriptorSetLayout(app->device, &set, app->allocator,
                                     &p->set_layout));
    MUST(vkCreatePipelineLayout(app->device, &layout, app->allocator,
                                &p->layout));
}

static void create_set(struct app *app, struct program *p)
{
    VkDescriptorPoolSize size = { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                  2 + MOST };
    VkDescriptorPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .flags = VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT,
        .maxSets = 1,
        .poolSizeCount = 1,
        .pPoolSizes = &size,
    };
    uint32_t bound = BOUND;
    VkDescriptorSetVariableDescriptorCountAllocateInfo count = {
        .sType =
    VK_STRUCTURE_TYPE_DESCRIPTOR_SET_VARIABLE_DESCRIPTOR_COUNT_ALLOCATE_INFO,
        .descriptorSetCount = 1,
        .pDescriptorCounts = &bound,
    };
    VkDescriptorSetAllocateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .pNext = &count,
        .descriptorSetCount = 1,
        .pSetLayouts = &p->set_layout,
    };

    MUST(vkCreateDescriptorPool(app->device, &pool, app->allocator, &p->pool));
    set.descriptorPool = p->pool;
    MUST(vkAllocateDescriptorSets(app->device, &set, &p->set));
    app_name((uintptr_t)p->set, "the set");
}

static void create_pipeline(struct app *app, struct program *p)
{
    VkShaderModule module =
        shader_create(app, indexing_comp, sizeof(indexing_comp));
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = { .sType =
                       VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                   .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                   .module = module,
                   .pName = "main" },
        .layout = p->layout,
    };

    MUST(vkCreateComputePipelines(app->device, VK_NULL_HANDLE, 1, &info,
                                  app->allocator, &p->pipeline));
    vkDestroyShaderModule(app->device, module, app->allocator);
}

static void point_to(struct app *app, const struct program *p,
                     uint32_t binding, uint32_t element,
                     const struct buffer *buffer)
{
    VkDescriptorBufferInfo info = { buffer->buffer, 0, VK_WHOLE_SIZE };
    VkWriteDescriptorSet write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = p->set,
        .dstBinding = binding,
        .dstArrayElement = element,
        .descriptorCount = 1,
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .pBufferInfo = &info,
    };

    vkUpdateDescriptorSets(app->device, 1, &write, 0, NULL);
}

/* Every third element and the last, by `turn` from another buffer; the
 * elements between them stay unbound. */
static void point_inputs(struct app *app, const struct program *p,
                         const struct buffer *in, int turn)
{
    for (int i = 0; i < BOUND; i++)
        if (i % 3 == 0 || i == BOUND - 1)
            point_to(app, p, 2, i, &in[(i / 3 + turn) % INPUTS]);
}

static void record(const struct program *p, VkCommandBuffer commands)
{
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };

    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, p->pipeline);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                            p->layout, 0, 1, &p->set, 0, NULL);
    vkCmdDispatch(commands, COUNT / 64, 1, 1);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
}

/* What the buffers and the table say that there must be. */
static uint32_t expected(const struct buffer *table, const struct buffer *in,
                         int turn, int i)
{
    uint32_t which = ((uint32_t *)table->map)[i];

    return ((uint32_t *)in[(which / 3 + turn) % INPUTS].map)[i % WORDS];
}

static void run(struct app *app, const struct program *p,
                const struct buffer *out, const struct buffer *table,
                const struct buffer *in, int turn)
{
    VkCommandBuffer commands = commands_begin(app);
    const uint32_t *result = out->map;
    int bad = 0;

    record(p, commands);
    /* After the set was bound. */
    point_inputs(app, p, in, turn);
    if (app->wrong)
        point_to(app, p, 2, BOUND, &in[0]);
    commands_run(app, commands);
    for (int i = 0; i < COUNT; i++)
        bad += result[i] != expected(table, in, turn, i);
    printf("turn %d: %u %u %u, checksum %08x\n", turn, result[0], result[1],
           result[COUNT - 1], checksum(result, out->size));
    if (bad)
        die("%d results are wrong", bad);
}

/* Neighbours read different descriptors, and only such as are bound. */
static void fill(struct buffer *table, struct buffer *in)
{
    for (int i = 0; i < COUNT; i++) {
        uint32_t which = (i * 7 + i / 64) % (BOUND / 3 + 1);
        ((uint32_t *)table->map)[i] =
            which == BOUND / 3 ? BOUND - 1 : 3 * which;
    }
    for (int i = 0; i < INPUTS; i++)
        for (int k = 0; k < WORDS; k++)
            ((uint32_t *)in[i].map)[k] = 100000 * (i + 1) + k;
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    struct buffer out, table, in[INPUTS];
    struct program p;

    need_features();
    app.device_next = &wanted;
    app_open(&app);
    out = buffer_create(&app, 4 * COUNT, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
    table = buffer_create(&app, 4 * COUNT, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
    for (int i = 0; i < INPUTS; i++)
        in[i] = buffer_create(&app, 4 * WORDS,
                              VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
    fill(&table, in);
    create_layout(&app, &p);
    create_set(&app, &p);
    create_pipeline(&app, &p);
    point_to(&app, &p, 0, 0, &out);
    point_to(&app, &p, 1, 0, &table);
    for (int turn = 0; turn < 3; turn++)
        run(&app, &p, &out, &table, in, turn);
    vkDestroyPipeline(app.device, p.pipeline, app.allocator);
    vkDestroyDescriptorPool(app.device, p.pool, app.allocator);
    vkDestroyPipelineLayout(app.device, p.layout, app.allocator);
    vkDestroyDescriptorSetLayout(app.device, p.set_layout, app.allocator);
    for (int i = 0; i < INPUTS; i++)
        buffer_destroy(&app, &in[i]);
    buffer_destroy(&app, &table);
    buffer_destroy(&app, &out);
    return app_close(&app);
}
