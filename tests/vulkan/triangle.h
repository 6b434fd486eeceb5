/* SPDX-License-Identifier: MIT */
/* A pipeline that draws triangles into a 128x128 image, for several tests. */
#ifndef TEST_TRIANGLE_H
#define TEST_TRIANGLE_H

#include "app.h"

enum { SIZE = 128 };

struct triangle {
    struct image image;
    struct buffer vertices, pixels;
    VkRenderPass pass; /* VK_NULL_HANDLE: dynamic rendering */
    VkFramebuffer framebuffer;
    VkPipelineLayout layout;
    VkPipeline pipeline;
};

struct triangle triangle_create(struct app *app, bool dynamic);
void triangle_destroy(struct app *app, struct triangle *t);

/* Begins rendering on a cleared image; ends it, and copies it to `pixels`. */
void triangle_begin(VkCommandBuffer commands, const struct triangle *t,
                    VkSubpassContents contents);
void triangle_end(VkCommandBuffer commands, const struct triangle *t);

/* Binds everything, then draws one triangle, scaled and moved. */
void triangle_bind(VkCommandBuffer commands, const struct triangle *t);
void triangle_draw(VkCommandBuffer commands, const struct triangle *t,
                   float x, float y, float scale);

#endif
