/* SPDX-License-Identifier: MIT */
/*
 * Would catch: a GL function that blocks, or takes long, while QEMU counts
 * its thread as running translated code (a doorbell call, design section 3).
 * fork, thread creation and mprotect of code need all threads out of
 * translated code; with such a call they wait for it, or for ever when it
 * waits for them.
 *
 * First one thread swaps, finishes, waits and reads back without a pause while
 * main forks children and creates threads; then everything is counted.  Then
 * one call after the other waits for a drawing that takes half a second or
 * more, and main must get several forks and threads done meanwhile.
 */
#include "common.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 128, CHILDREN = 40, THREADS = 60, LEAST_FRAMES = 20, LEAST = 2 };

static struct window window;
static GLXContext context;
static atomic_int stop, frames;

/* Which of `waits` the drawer is in, or -1; how often main forked and created
 * a thread while it was. */
static atomic_int waiting = -1, progress;
static unsigned char pixels[SIZE * SIZE * 4];

static void frame(void)
{
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

static void wait_fence(void)
{
    GLsync fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);

    glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, 60000000000ull);
    glDeleteSync(fence);
}

static void wait_pixels(void)
{
    glReadPixels(0, 0, SIZE, SIZE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
}

static void wait_swap(void)
{
    glXSwapBuffers(window.display, window.window);
}

static void wait_query(void)
{
    GLuint query = 7, samples;

    glGetQueryObjectuiv(query, GL_QUERY_RESULT, &samples);
}

static const struct wait {
    const char *name;
    void (*call)(void);
} waits[] = {
    { "glFinish", glFinish }, { "glClientWaitSync", wait_fence },
    { "glReadPixels", wait_pixels }, { "glXSwapBuffers", wait_swap },
    { "glGetQueryObjectuiv", wait_query },
};

enum { WAITS = sizeof(waits) / sizeof(*waits) };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* A program whose drawing takes as long as its uniform `n` says. */
static GLint slow_program(void)
{
    static const char *source = "#version 130\n"
        "uniform int n;\n"
        "void main() { vec4 s = gl_FragCoord;\n"
        "  for (int i = 0; i < n; i++) s = fract(s * 1.7 + sin(s.yzwx));\n"
        "  gl_FragColor = s; }\n";
    GLuint program = glCreateProgram();
    GLuint shader = glCreateShader(GL_FRAGMENT_SHADER);

    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    glAttachShader(program, shader);
    glLinkProgram(program);
    glUseProgram(program);
    return glGetUniformLocation(program, "n");
}

static void draw_slowly(GLint location, int iterations)
{
    glUniform1i(location, iterations);
    glBeginQuery(GL_SAMPLES_PASSED, 7);
    glRectf(-1, -1, 1, 1);
    glEndQuery(GL_SAMPLES_PASSED);
}

static double seconds(GLint location, int iterations)
{
    double start = now();

    draw_slowly(location, iterations);
    glFinish();
    return now() - start;
}

/* Iterations for a drawing of more than half a second, also the quickest of
 * three times: a busy machine makes single ones look slow. */
static int calibrate(GLint location)
{
    int n = 64;

    while (n < 1 << 28 && (seconds(location, n) < 0.6 ||
                           seconds(location, n) < 0.6 ||
                           seconds(location, n) < 0.6))
        n *= 2;
    return n;
}

static void *draw(void *unused)
{
    GLint location;
    int iterations;

    (void)unused;
    glXMakeCurrent(window.display, window.window, context);
    while (!stop || frames < LEAST_FRAMES) {
        frame();
        frames++;
    }
    location = slow_program();
    iterations = calibrate(location);
    wait_query(); /* a function's first call may cross differently */
    for (int i = 0; i < WAITS; i++) {
        draw_slowly(location, iterations);
        progress = 0;
        waiting = i;
        waits[i].call();
        waiting = -1;
        printf("%s: forks and threads went on %d\n", waits[i].name,
               progress >= LEAST);
        glFinish();
    }
    stop = 2;
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

static void thread_once(atomic_int *counted)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, count, counted))
        die("no thread");
    pthread_join(thread, NULL);
}

int main(void)
{
    atomic_int counted = 0, more = 0;
    int children = 0;
    pthread_t drawer;

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
    for (int i = 0; i < THREADS; i++)
        thread_once(&counted);
    printf("children %d threads %d\n", children, counted);
    stop = 1;
    while (stop != 2) {
        int before = waiting;

        if (before < 0) {
            usleep(1000);
            continue;
        }
        fork_once(1);
        thread_once(&more);
        /* Only what began and ended within one wait counts. */
        if (waiting == before)
            progress++;
    }
    pthread_join(drawer, NULL);
    printf("enough frames %d\n", frames >= LEAST_FRAMES);
    glXDestroyContext(window.display, context);
    close_window(&window);
    XCloseDisplay(window.display);
    return 0;
}
