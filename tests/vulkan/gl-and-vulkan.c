/* SPDX-License-Identifier: MIT */
/*
 * GL and Vulkan in one process, in turns and in two threads: GL draws into a
 * window, Vulkan into an image, and both read back what they drew.
 *
 * Would catch: two packs that share what is each one's own (stacks, callbacks,
 * the driver's environment), or a host library that gets the other's calls.
 * Wrong twin: Vulkan's draw commands outside of a render pass, while GL goes
 * on.
 */
#include "triangle.h"

#define die gl_die
#include "../guest/common.h"
#undef die

#include <pthread.h>

enum { ROUNDS = 20 };

static struct app app;
static struct triangle triangle;

static uint32_t draw_gl(int round)
{
    uint32_t pixel = 0;

    glClearColor(round / 20.0f, 0.5f, 1 - round / 20.0f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glReadPixels(50, 50, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, &pixel);
    expect_no_error("GL");
    return pixel;
}

static uint32_t draw_vulkan(int round)
{
    VkCommandBuffer commands = commands_begin(&app);

    triangle_begin(commands, &triangle, VK_SUBPASS_CONTENTS_INLINE);
    triangle_bind(commands, &triangle);
    for (int i = 0; i <= round; i++)
        triangle_draw(commands, &triangle, i / 20.0f, 0, 0.5f);
    triangle_end(commands, &triangle);
    commands_run(&app, commands);
    return checksum(triangle.pixels.map, 4 * SIZE * SIZE);
}

static void *vulkan_thread(void *arg)
{
    uint32_t *sums = arg;

    for (int i = 0; i < ROUNDS; i++)
        sums[i] = draw_vulkan(i);
    return NULL;
}

static void make_mistake(void)
{
    VkCommandBuffer commands = commands_begin(&app);

    app_name((uintptr_t)commands, "the command buffer");
    vkCmdEndRenderPass(commands);
    vkCmdSetLineWidth(commands, 2);
    MUST(vkEndCommandBuffer(commands));
    vkFreeCommandBuffers(app.device, app.pool, 1, &commands);
}

int main(int argc, char **argv)
{
    uint32_t sums[ROUNDS];
    struct window window;
    GLXContext context;
    pthread_t thread;

    app = app_arguments(argc, argv);
    open_window(&window, open_display(), 100, 100);
    context = glXCreateNewContext(window.display, window.config,
                                  GLX_RGBA_TYPE, NULL, True);
    if (!context || !glXMakeCurrent(window.display, window.window, context))
        die("no GL context");
    printf("GL: %s\n", glGetString(GL_RENDERER));
    app_open(&app);
    triangle = triangle_create(&app, false);
    for (int i = 0; i < ROUNDS; i++)
        printf("turn %d: GL %08x, Vulkan %08x\n", i, draw_gl(i),
               draw_vulkan(i));
    if (app.wrong)
        make_mistake();
    if (pthread_create(&thread, NULL, vulkan_thread, sums))
        die("no thread");
    for (int i = 0; i < ROUNDS; i++) {
        draw_gl(i);
        glXSwapBuffers(window.display, window.window);
    }
    pthread_join(thread, NULL);
    printf("threads: GL %08x, Vulkan %08x\n", draw_gl(7),
           checksum(sums, sizeof(sums)));
    triangle_destroy(&app, &triangle);
    glXMakeCurrent(window.display, None, NULL);
    glXDestroyContext(window.display, context);
    XCloseDisplay(window.display);
    return app_close(&app);
}
