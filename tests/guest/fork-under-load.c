/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a GL function that blocks, or takes long, while QEMU counts
 * its thread as running translated code (a doorbell call, design section 3).
 * fork, thread creation and mprotect of code need all threads out of
 * translated code; with such a call they wait for it, or for ever when it
 * waits for them.
 *
 * One thread swaps, finishes, waits and reads back without a pause while main
 * forks children and creates threads; then everything is counted.
 */
#include "common.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 128, CHILDREN = 40, THREADS = 60, LEAST_FRAMES = 20 };

static struct window window;
static GLXContext context;
static atomic_int stop, frames;

static void frame(void)
{
    static unsigned char pixels[SIZE * SIZE * 4];
    GLsync fence;

    glClearColor((frames & 255) / 255.0f, 0, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glRectf(-0.5f, -0.5f, 0.5f, 0.5f);
    fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, 10000000000ull);
    glDeleteSync(fence);
    glReadPixels(0, 0, SIZE, SIZE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    glFinish();
    glXSwapBuffers(window.display, window.window);
    glXWaitGL();
    glXWaitX();
}

static void *draw(void *unused)
{
    (void)unused;
    glXMakeCurrent(window.display, window.window, context);
    while (!stop || frames < LEAST_FRAMES) {
        frame();
        frames++;
    }
    expect_no_error("load");
    glXMakeCurrent(window.display, None, NULL);
    return NULL;
}

static void *count(void *counter)
{
    ++*(atomic_int *)counter;
    return NULL;
}

static int fork_once(int number)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        die("fork");
    if (child == 0)
        _exit(number);
    if (waitpid(child, &status, 0) != child)
        die("waitpid");
    return WIFEXITED(status) && WEXITSTATUS(status) == number;
}

int main(void)
{
    atomic_int counted = 0;
    int children = 0;
    pthread_t drawer, thread;

    XInitThreads();
    open_window(&window, open_display(), SIZE, SIZE);
    context = glXCreateContext(window.display, window.visual, NULL, True);
    /* The first thread of a process makes QEMU flush its translations: start
     * it before and again while the drawer is at work. */
    if (pthread_create(&drawer, NULL, draw, NULL))
        die("no thread");
    while (frames < 2)
        usleep(1000);
    for (int i = 0; i < CHILDREN; i++)
        children += fork_once(i);
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, count, &counted))
            die("no thread");
        pthread_join(thread, NULL);
    }
    stop = 1;
    pthread_join(drawer, NULL);
    printf("children %d threads %d enough frames %d\n", children, counted,
           frames >= LEAST_FRAMES);
    glXDestroyContext(window.display, context);
    close_window(&window);
    XCloseDisplay(window.display);
    return 0;
}
