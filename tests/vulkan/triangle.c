/* SPDX-License-Identifier: MIT */
#include "triangle.h"

#include "triangle.frag.h"
#include "triangle.vert.h"

static const float corners[3][5] = {
    { 0, -1, 1, 0, 0 },
    { 1, 1, 0, 1, 0 },
    { -1, 1, 0, 0, 1 },
};

static void create_pass(struct app *app, struct triangle *t)
{
    VkAttachmentDescription colour = {
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
        .storeOp = VK_ATTACHMENT_STORE_OP_STORE,
        .stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
        .stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
        .initialLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
        .finalLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
    };
    VkAttachmentReference reference = {
        0, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL };
    VkSubpassDescription subpass = {
        .pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS,
        .colorAttachmentCount = 1,
        .pColorAttachments = &reference,
    };
    VkRenderPassCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO,
        .attachmentCount = 1,
        .pAttachments = &colour,
        .subpassCount = 1,
        .pSubpasses = &subpass,
    };
    VkFramebufferCreateInfo framebuffer = {
        .sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO,
        .attachmentCount = 1,
        .pAttachments = &t->image.view,
        .width = SIZE,
        .height = SIZE,
        .layers = 1,
    };

    MUST(vkCreateRenderPass(app->device, &info, app->allocator, &t->pass));
    framebuffer.renderPass = t->pass;
    MUST(vkCreateFramebuffer(app->device, &framebuffer, app->allocator,
                             &t->framebuffer));
}

static void create_pipeline(struct app *app, struct triangle *t)
{
    VkPushConstantRange range = { VK_SHADER_STAGE_VERTEX_BIT, 0, 12 };
    VkPipelineLayoutCreateInfo layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &range,
    };
    VkShaderModule vertex =
        shader_create(app, triangle_vert, sizeof(triangle_vert));
    VkShaderModule fragment =
        shader_create(app, triangle_frag, sizeof(triangle_frag));
    VkPipelineShaderStageCreateInfo stages[] = {
        { .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
          .stage = VK_SHADER_STAGE_VERTEX_BIT,
          .module = vertex,
          .pName = "main" },
        { .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
          .stage = VK_SHADER_STAGE_FRAGMENT_BIT,
          .module = fragment,
          .pName = "main" },
    };
    VkVertexInputBindingDescription binding = {
        0, sizeof(*corners), VK_VERTEX_INPUT_RATE_VERTEX };
    VkVertexInputAttributeDescription attributes[] = {
        { 0, 0, VK_FORMAT_R32G32_SFLOAT, 0 },
        { 1, 0, VK_FORMAT_R32G32B32_SFLOAT, 8 },
    };
    VkPipelineVertexInputStateCreateInfo input = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO,
        .vertexBindingDescriptionCount = 1,
        .pVertexBindingDescriptions = &binding,
        .vertexAttributeDescriptionCount = 2,
        .pVertexAttributeDescriptions = attributes,
    };
    VkPipelineInputAssemblyStateCreateInfo assembly = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO,
        .topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST,
    };
    VkViewport viewport = { 0, 0, SIZE, SIZE, 0, 1 };
    VkRect2D scissor = { { 0, 0 }, { SIZE, SIZE } };
    VkPipelineViewportStateCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO,
        .viewportCount = 1,
        .pViewports = &viewport,
        .scissorCount = 1,
        .pScissors = &scissor,
    };
    VkPipelineRasterizationStateCreateInfo raster = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO,
        .polygonMode = VK_POLYGON_MODE_FILL,
        .lineWidth = 1,
    };
    VkPipelineMultisampleStateCreateInfo samples = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO,
        .rasterizationSamples = VK_SAMPLE_COUNT_1_BIT,
    };
    VkPipelineColorBlendAttachmentState attachment = {
        .colorWriteMask = VK_COLOR_COMPONENT_R_BIT | VK_COLOR_COMPONENT_G_BIT |
                          VK_COLOR_COMPONENT_B_BIT | VK_COLOR_COMPONENT_A_BIT,
    };
    VkPipelineColorBlendStateCreateInfo blend = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO,
        .attachmentCount = 1,
        .pAttachments = &attachment,
    };
    VkFormat format = VK_FORMAT_R8G8B8A8_UNORM;
    VkPipelineRenderingCreateInfo rendering = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO,
        .colorAttachmentCount = 1,
        .pColorAttachmentFormats = &format,
    };
    VkGraphicsPipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO,
        .pNext = t->pass ? NULL : &rendering,
        .stageCount = 2,
        .pStages = stages,
        .pVertexInputState = &input,
        .pInputAssemblyState = &assembly,
        .pViewportState = &view,
        .pRasterizationState = &raster,
        .pMultisampleState = &samples,
        .pColorBlendState = &blend,
        .renderPass = t->pass,
    };

    MUST(vkCreatePipelineLayout(app->device, &layout, app->allocator,
                                &t->layout));
    info.layout = t->layout;
    MUST(vkCreateGraphicsPipelines(app->device, VK_NULL_HANDLE, 1, &info,
                                   app->allocator, &t->pipeline));
    vkDestroyShaderModule(app->device, vertex, app->allocator);
    vkDestroyShaderModule(app->device, fragment, app->allocator);
}

struct triangle triangle_create(struct app *app, bool dynamic)
{
    struct triangle t = { 0 };

    t.image = image_create(app, SIZE, SIZE,
                           VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT);
    t.vertices = buffer_create(app, sizeof(corners),
                               VK_BUFFER_USAGE_VERTEX_BUFFER_BIT);
    t.pixels = buffer_create(app, 4 * SIZE * SIZE,
                             VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    memcpy(t.vertices.map, corners, sizeof(corners));
    if (!dynamic)
        create_pass(app, &t);
    create_pipeline(app, &t);
    return t;
}

void triangle_destroy(struct app *app, struct triangle *t)
{
    vkDestroyPipeline(app->device, t->pipeline, app->allocator);
    vkDestroyPipelineLayout(app->device, t->layout, app->allocator);
    vkDestroyFramebuffer(app->device, t->framebuffer, app->allocator);
    vkDestroyRenderPass(app->device, t->pass, app->allocator);
    buffer_destroy(app, &t->pixels);
    buffer_destroy(app, &t->vertices);
    image_destroy(app, &t->image);
}

void triangle_begin(VkCommandBuffer commands, const struct triangle *t,
                    VkSubpassContents contents)
{
    VkClearValue clear = { .color = { { 0.25f, 0.25f, 0.25f, 1 } } };
    VkRenderPassBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO,
        .renderPass = t->pass,
        .framebuffer = t->framebuffer,
        .renderArea = { { 0, 0 }, { SIZE, SIZE } },
        .clearValueCount = 1,
        .pClearValues = &clear,
    };
    VkRenderingAttachmentInfo attachment = {
        .sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO,
        .imageView = t->image.view,
        .imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
        .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
        .storeOp = VK_ATTACHMENT_STORE_OP_STORE,
        .clearValue = clear,
    };
    VkRenderingInfo rendering = {
        .sType = VK_STRUCTURE_TYPE_RENDERING_INFO,
        .renderArea = begin.renderArea,
        .layerCount = 1,
        .colorAttachmentCount = 1,
        .pColorAttachments = &attachment,
    };

    image_barrier(commands, t->image.image, VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
    if (t->pass)
        vkCmdBeginRenderPass(commands, &begin, contents);
    else
        vkCmdBeginRendering(commands, &rendering);
}

void triangle_end(VkCommandBuffer commands, const struct triangle *t)
{
    if (t->pass)
        vkCmdEndRenderPass(commands);
    else
        vkCmdEndRendering(commands);
    image_barrier(commands, t->image.image,
                  VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
                  VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    image_copy(commands, &t->image, &t->pixels);
}

void triangle_bind(VkCommandBuffer commands, const struct triangle *t)
{
    VkDeviceSize offset = 0;

    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, t->pipeline);
    vkCmdBindVertexBuffers(commands, 0, 1, &t->vertices.buffer, &offset);
}

void triangle_draw(VkCommandBuffer commands, const struct triangle *t,
                   float x, float y, float scale)
{
    float constants[] = { x, y, scale };

    vkCmdPushConstants(commands, t->layout, VK_SHADER_STAGE_VERTEX_BIT, 0,
                       sizeof(constants), constants);
    vkCmdDraw(commands, 3, 1, 0, 0);
}
