/* SPDX-License-Identifier: MIT */
/*
 * What recording costs, natively and elsewhere, one line for each command:
 *
 *     vulkan-record REPETITIONS
 *
 * A repetition records CALLS times the same command into a fresh command
 * buffer; the shortest of all counts.  "frames" is how many command buffers
 * of 10,000 draws, each with a push constant, are recorded a second.
 */
#include "../tests/vulkan/triangle.h"

#include <time.h>

#define CALLS 10000

static struct app app;
static struct triangle triangle;

struct command {
    const char *name;
    void (*record)(VkCommandBuffer commands); /* CALLS times */
};

/* The loop is in the function, so that nothing but the command is in it. */
#define REPEAT(name, call)                                                    \
    static void name(VkCommandBuffer commands)                                \
    {                                                                         \
        for (int i = 0; i < CALLS; i++)                                       \
            call;                                                             \
    }

static const VkViewport viewport = { 0, 0, SIZE, SIZE, 0, 1 };
static const float constants[3] = { 0, 0, 1 };
static const VkDeviceSize offset;

REPEAT(set_viewport, vkCmdSetViewport(commands, 0, 1, &viewport))
REPEAT(set_line_width, vkCmdSetLineWidth(commands, 1))
REPEAT(push_constants,
       vkCmdPushConstants(commands, triangle.layout,
                          VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof(constants),
                          constants))
REPEAT(bind_buffers, vkCmdBindVertexBuffers(commands, 0, 1,
                                            &triangle.vertices.buffer,
                                            &offset))
REPEAT(draw, vkCmdDraw(commands, 3, 1, 0, 0))
REPEAT(draw_moved, triangle_draw(commands, &triangle, 0, 0, 0.001f))

static const struct command commands_timed[] = {
    { "vkCmdSetViewport", set_viewport },
    { "vkCmdSetLineWidth", set_line_width },
    { "vkCmdPushConstants", push_constants },
    { "vkCmdBindVertexBuffers", bind_buffers },
    { "vkCmdDraw", draw },
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Nanoseconds for one recording of CALLS commands. */
static double once(const struct command *c)
{
    VkCommandBuffer commands = commands_begin(&app);
    double start, took;

    triangle_begin(commands, &triangle, VK_SUBPASS_CONTENTS_INLINE);
    triangle_bind(commands, &triangle);
    start = now();
    c->record(commands);
    took = now() - start;
    triangle_end(commands, &triangle);
    MUST(vkEndCommandBuffer(commands));
    vkFreeCommandBuffers(app.device, app.pool, 1, &commands);
    return took;
}

static double shortest(const struct command *c, int repetitions)
{
    double best = once(c);

    for (int i = 0; i < repetitions; i++) {
        double took = once(c);
        best = took < best ? took : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    static const struct command frame = { "frame", draw_moved };
    int repetitions = argc > 1 ? atoi(argv[1]) : 0;

    if (repetitions < 1)
        die("usage: %s REPETITIONS", argv[0]);
    app_open_plain(&app);
    triangle = triangle_create(&app, false);
    for (size_t i = 0;
         i < sizeof(commands_timed) / sizeof(*commands_timed); i++)
        printf("%s %.2f\n", commands_timed[i].name,
               shortest(&commands_timed[i], repetitions) / CALLS);
    printf("frames %.2f\n", 1e9 / shortest(&frame, repetitions));
    triangle_destroy(&app, &triangle);
    app_close(&app);
    return 0;
}
