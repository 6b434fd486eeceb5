/* SPDX-License-Identifier: MIT */
/*
 * Would catch: host code running on the guest's stack.  A thread with the
 * smallest stack that pthreads allow (16 KiB) compiles shaders and draws;
 * Mesa's compiler alone needs far more.  On aarch64 the smallest is larger,
 * and natively the host's own code runs on the thread's stack, so natively
 * the thread gets a big one: the output is the same.
 */
#include "common.h"

#include <limits.h>
#include <pthread.h>
#include <unistd.h>

enum { SIZE = 64 };

static struct window window;
static GLXContext context;
static FILE *out;

static const char *vertex = "varying vec4 c; void main() {"
    " c = gl_Vertex * 0.5 + 0.5; gl_Position = gl_Vertex; }";
static const char *fragment = "varying vec4 c; void main() { vec4 s = c;"
    " for (int i = 0; i < 9; i++) s = fract(s * 1.7 + sin(s.yzwx));"
    " gl_FragColor = s; }";

static void attach(GLuint program, GLenum kind, const char **source)
{
    GLuint shader = glCreateShader(kind);

    glShaderSource(shader, 1, source, NULL);
    glCompileShader(shader);
    glAttachShader(program, shader);
}

/* Writes the frame row by row: a 16 KiB stack has no room for stdio's own
 * buffers growing, and malloc may not be relied on to be small either. */
static void write_rows(void)
{
    static unsigned char row[SIZE * 3];

    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    for (int y = 0; y < SIZE; y++) {
        glReadPixels(0, y, SIZE, 1, GL_RGB, GL_UNSIGNED_BYTE, row);
        fwrite(row, 1, sizeof(row), out);
    }
}

static void *work(void *unused)
{
    GLuint program;
    GLint linked;

    (void)unused;
    glXMakeCurrent(window.display, window.window, context);
    program = glCreateProgram();
    attach(program, GL_VERTEX_SHADER, &vertex);
    attach(program, GL_FRAGMENT_SHADER, &fragment);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    if (!linked)
        return (void *)1;
    glUseProgram(program);
    glRectf(-1, -1, 1, 1);
    write_rows();
    glXSwapBuffers(window.display, window.window);
    glXMakeCurrent(window.display, None, NULL);
    return NULL;
}

/* 16 KiB where that is allowed at all. */
static size_t smallest(void)
{
    return PTHREAD_STACK_MIN > 16384 ? PTHREAD_STACK_MIN : 16384;
}

int main(int argc, char **argv)
{
    size_t size = argc > 2 ? strtoul(argv[2], NULL, 0) : smallest();
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;

    out = open_frames(argc, argv);
    XInitThreads();
    open_window(&window, open_display(), SIZE, SIZE);
    context = glXCreateContext(window.display, window.visual, NULL, True);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, size))
        die("no stack of %zu bytes", size);
    if (pthread_create(&thread, &attributes, work, NULL))
        die("no thread");
    pthread_join(thread, &result);
    if (result)
        die("the program does not link");
    glXDestroyContext(window.display, context);
    close_window(&window);
    XCloseDisplay(window.display);
    close_frames(out);
    return 0;
}
