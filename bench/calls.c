/* SPDX-License-Identifier: MIT */
/*
 * How long one GL call takes, in nanoseconds, one line for each function:
 *
 *     calls REPETITIONS [FUNCTION]
 *
 * With FUNCTION it calls that one only, for a profiler.  A repetition times a
 * loop of CALLS calls; the shortest of all repetitions counts, because
 * whatever else the machine does can only add to it.  All functions are
 * called the cheapest way that there is (state that is already set), so that
 * as much as possible of what is measured is the way to the function rather
 * than the function.
 */
#include "common.h"

#include <time.h>

#define CALLS 20000
/* glBegin and glEnd round as many vertices, so that GL does not draw all of
 * them at once. */
#define BATCH 500

static const GLfloat identity[16] = {
    1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1
};
static GLuint buffer, texture;
static GLint colour, matrix; /* locations of uniforms */

struct call {
    const char *name;
    void (*repeat)(void); /* makes CALLS calls */
};

/* The value, if any, is of no interest; that the call is made is sure, as the
 * compiler knows nothing of the other side. */
#define REPEAT(function, ...)                                               \
    static void repeat_##function(void)                                     \
    {                                                                       \
        for (int i = 0; i < CALLS; i++)                                     \
            function(__VA_ARGS__);                                          \
    }

static GLint answer;

REPEAT(glGetError)
REPEAT(glIsEnabled, GL_BLEND)
REPEAT(glColor4f, 1, 0.5f, 0, 1)
REPEAT(glEnable, GL_BLEND)
REPEAT(glBindTexture, GL_TEXTURE_2D, texture)
REPEAT(glGetIntegerv, GL_MAX_TEXTURE_SIZE, &answer)
REPEAT(glUniform4f, colour, 1, 0.5f, 0, 1)
REPEAT(glUniformMatrix4fv, matrix, 1, GL_FALSE, identity)
REPEAT(glVertexAttribPointer, 0, 4, GL_FLOAT, GL_FALSE, 0, NULL)
REPEAT(glBindBuffer, GL_ARRAY_BUFFER, buffer)
REPEAT(glDrawArrays, GL_TRIANGLES, 0, 0)
REPEAT(glLineWidth, 1)
REPEAT(glXGetCurrentContext)
REPEAT(glFlush)

/* Outside of the picture, so that only the vertex itself costs. */
static void repeat_glVertex3f(void)
{
    for (int i = 0; i < CALLS / BATCH; i++) {
        glBegin(GL_POINTS);
        for (int j = 0; j < BATCH; j++)
            glVertex3f(9, 9, 9);
        glEnd();
    }
}

#define CALL(function) { #function, repeat_##function }
static const struct call calls[] = {
    CALL(glGetError), CALL(glIsEnabled), CALL(glColor4f), CALL(glVertex3f),
    CALL(glEnable), CALL(glBindTexture), CALL(glGetIntegerv),
    CALL(glUniform4f), CALL(glUniformMatrix4fv), CALL(glVertexAttribPointer),
    CALL(glBindBuffer), CALL(glDrawArrays), CALL(glLineWidth),
    CALL(glXGetCurrentContext), CALL(glFlush),
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static double shortest(const struct call *call, int repetitions)
{
    double best = 1e18;

    call->repeat(); /* translates it, and finds the function */
    for (int i = 0; i < repetitions; i++) {
        double start = now(), took;

        call->repeat();
        took = (now() - start) / CALLS;
        if (took < best)
            best = took;
    }
    return best;
}

static GLuint shader(GLenum kind, const char *text)
{
    GLuint made = glCreateShader(kind);
    GLint good;

    glShaderSource(made, 1, &text, NULL);
    glCompileShader(made);
    glGetShaderiv(made, GL_COMPILE_STATUS, &good);
    if (!good)
        die("the shader does not compile");
    return made;
}

static void set_up_program(void)
{
    GLuint program = glCreateProgram();

    glAttachShader(program, shader(GL_VERTEX_SHADER,
        "#version 120\n"
        "uniform mat4 matrix;\n"
        "void main() { gl_Position = matrix * gl_Vertex; }\n"));
    glAttachShader(program, shader(GL_FRAGMENT_SHADER,
        "#version 120\n"
        "uniform vec4 colour;\n"
        "void main() { gl_FragColor = colour; }\n"));
    glLinkProgram(program);
    glUseProgram(program);
    colour = glGetUniformLocation(program, "colour");
    matrix = glGetUniformLocation(program, "matrix");
    if (colour < 0 || matrix < 0)
        die("the program has no uniforms");
    glUniformMatrix4fv(matrix, 1, GL_FALSE, identity);
}

static void set_up(struct window *w)
{
    GLXContext context;

    open_window(w, open_display(), 100, 100);
    context = glXCreateNewContext(w->display, w->config, GLX_RGBA_TYPE, NULL,
                                  True);
    if (!context || !glXMakeCurrent(w->display, w->window, context))
        die("no GL context");
    set_up_program();
    glGenTextures(1, &texture);
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    expect_no_error("preparations");
}

int main(int argc, char **argv)
{
    int repetitions = argc > 1 ? atoi(argv[1]) : 0;
    const char *only = argc > 2 ? argv[2] : NULL;
    struct window window;

    if (repetitions < 1)
        die("usage: %s REPETITIONS [FUNCTION]", argv[0]);
    set_up(&window);
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        if (only && strcmp(only, calls[i].name))
            continue;
        printf("%s %.2f\n", calls[i].name, shortest(&calls[i], repetitions));
        expect_no_error(calls[i].name);
    }
    return 0;
}
