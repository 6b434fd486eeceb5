/* SPDX-License-Identifier: MIT */
/*
 * Would catch: what modern engines use going wrong on the way: attributes of
 * glXCreateContextAttribsARB, arrays of strings (shader sources), buffer
 * offsets passed as pointers, mapped buffers, uniform blocks, instancing,
 * framebuffer objects, queries, fences with 64-bit timeouts, transform
 * feedback, functions fetched through glXGetProcAddress.
 */
#include "common.h"

enum { SIZE = 256, FRAMES = 4, COPIES = 40 };

static const char *const vertex_source[] = {
    "#version 330 core\n",
    "layout(std140) uniform Frame { mat4 turn; vec4 tint; };\n"
    "layout(location = 0) in vec2 corner;\n"
    "layout(location = 1) in vec4 place;\n",
    "out vec2 uv; out vec4 colour; out vec4 seen;\n"
    "void main() {\n"
    "  vec4 p = turn * vec4(corner * place.w + place.xy, place.z, 1);\n"
    "  uv = corner * 0.5 + 0.5;\n"
    "  colour = tint * vec4(1, fract(place.xy * 3.0), 1);\n"
    "  seen = p; gl_Position = p;\n"
    "}\n",
};

static const char *const fragment_source[] = {
    "#version 330 core\n"
    "uniform sampler2DArray picture; uniform int layer;\n"
    "in vec2 uv; in vec4 colour;\n"
    "layout(location = 0) out vec4 a; layout(location = 1) out uvec4 b;\n"
    "void main() {\n"
    "  a = colour * texture(picture, vec3(uv, layer));\n"
    "  b = uvec4(uv * 255.0, uint(gl_PrimitiveID), 7u);\n"
    "}\n",
};

static GLuint compile(GLenum kind, const char *const *source, int count)
{
    GLuint shader = glCreateShader(kind);
    GLint ok;
    char log[1024] = "";

    glShaderSource(shader, count, source, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    glGetShaderInfoLog(shader, sizeof(log), NULL, log);
    if (!ok)
        die("shader: %s", log);
    return shader;
}

static GLuint make_program(void)
{
    static const char *const outputs[] = { "seen" };
    GLuint program = glCreateProgram();
    GLint ok;

    glAttachShader(program, compile(GL_VERTEX_SHADER, vertex_source, 3));
    glAttachShader(program, compile(GL_FRAGMENT_SHADER, fragment_source, 1));
    glTransformFeedbackVaryings(program, 1, outputs, GL_INTERLEAVED_ATTRIBS);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    if (!ok)
        die("program does not link");
    return program;
}

static void print_uniforms(GLuint program)
{
    GLint count, size;
    GLenum type;
    char name[64];

    glGetProgramiv(program, GL_ACTIVE_UNIFORMS, &count);
    for (GLint i = 0; i < count; i++) {
        glGetActiveUniform(program, i, sizeof(name), NULL, &size, &type, name);
        printf("uniform %s type 0x%04x size %d\n", name, type, size);
    }
}

static void make_picture(void)
{
    unsigned char texels[3][16][16][4];
    GLuint texture;

    for (int i = 0; i < (int)sizeof(texels); i++)
        (&texels[0][0][0][0])[i] = (i * 37 + (i >> 6) * 11) & 255;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D_ARRAY, texture);
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_RGBA8, 16, 16, 3, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, texels);
    glGenerateMipmap(GL_TEXTURE_2D_ARRAY);
}

static GLuint make_arrays(void)
{
    static const GLfloat corners[] = { -1, -1, 1, -1, 1, 1, -1, 1 };
    static const GLushort order[] = { 0, 1, 2, 0, 2, 3 };
    GLuint array, buffers[3];
    GLfloat *places;

    glGenVertexArrays(1, &array);
    glBindVertexArray(array);
    glGenBuffers(3, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof(corners), corners, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glEnableVertexAttribArray(0);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(order), order,
                 GL_STATIC_DRAW);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[2]);
    glBufferData(GL_ARRAY_BUFFER, 16 + COPIES * 16, NULL, GL_STREAM_DRAW);
    places = glMapBufferRange(GL_ARRAY_BUFFER, 16, COPIES * 16,
                              GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT);
    for (int i = 0; i < COPIES; i++) {
        places[4 * i] = (i % 8 - 3.5f) * 0.25f;
        places[4 * i + 1] = (i / 8 - 2) * 0.35f;
        places[4 * i + 2] = i * 0.01f;
        places[4 * i + 3] = 0.05f + 0.002f * i;
    }
    if (!glUnmapBuffer(GL_ARRAY_BUFFER))
        die("glUnmapBuffer");
    glVertexAttribPointer(1, 4, GL_FLOAT, GL_FALSE, 16, (void *)16);
    glVertexAttribDivisor(1, 1);
    glEnableVertexAttribArray(1);
    return array;
}

static void make_targets(GLuint *framebuffer, GLuint *colour)
{
    static const GLenum attachments[] = { GL_COLOR_ATTACHMENT0,
                                          GL_COLOR_ATTACHMENT1 };
    GLuint depth;

    glGenFramebuffers(1, framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, *framebuffer);
    glGenTextures(2, colour);
    for (int i = 0; i < 2; i++) {
        glBindTexture(GL_TEXTURE_2D, colour[i]);
        glTexImage2D(GL_TEXTURE_2D, 0, i ? GL_RGBA8UI : GL_RGBA8, SIZE, SIZE,
                     0, i ? GL_RGBA_INTEGER : GL_RGBA, GL_UNSIGNED_BYTE, NULL);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glFramebufferTexture2D(GL_FRAMEBUFFER, attachments[i], GL_TEXTURE_2D,
                               colour[i], 0);
    }
    glGenRenderbuffers(1, &depth);
    glBindRenderbuffer(GL_RENDERBUFFER, depth);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT24, SIZE, SIZE);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT,
                              GL_RENDERBUFFER, depth);
    glDrawBuffers(2, attachments);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
        die("framebuffer incomplete");
}

static void set_frame(int frame)
{
    GLfloat block[20] = { 0 };

    block[0] = block[5] = 1 - 0.1f * frame;
    block[1] = 0.12f * frame;
    block[4] = -0.12f * frame;
    block[10] = block[15] = 1;
    block[16] = 1;
    block[17] = 0.25f * frame;
    block[18] = block[19] = 1;
    glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof(block), block);
}

/* Draws one frame, counting samples; prints what queries and fences say. */
static void draw(GLuint query)
{
    static const GLfloat back[] = { 0.2f, 0.3f, 0.4f, 1 };
    static const GLuint back_b[] = { 1, 2, 3, 4 };
    static const GLfloat far = 1;
    GLuint samples;
    GLsync fence;

    glClearBufferfv(GL_COLOR, 0, back);
    glClearBufferuiv(GL_COLOR, 1, back_b);
    glClearBufferfv(GL_DEPTH, 0, &far);
    glBeginQuery(GL_SAMPLES_PASSED, query);
    glDrawElementsInstanced(GL_TRIANGLES, 6, GL_UNSIGNED_SHORT, NULL, COPIES);
    glEndQuery(GL_SAMPLES_PASSED);
    fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, 60000000000ull) ==
        GL_TIMEOUT_EXPIRED)
        die("fence not reached within a minute");
    glDeleteSync(fence);
    glGetQueryObjectuiv(query, GL_QUERY_RESULT, &samples);
    printf("samples %u\n", samples);
}

static void capture(void)
{
    GLuint buffer;
    GLfloat *seen;

    glGenBuffers(1, &buffer);
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffer);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 6 * 16, NULL, GL_STATIC_READ);
    glEnable(GL_RASTERIZER_DISCARD);
    glBeginTransformFeedback(GL_TRIANGLES);
    glDrawElements(GL_TRIANGLES, 6, GL_UNSIGNED_SHORT, NULL);
    glEndTransformFeedback();
    glDisable(GL_RASTERIZER_DISCARD);
    seen = glMapBuffer(GL_TRANSFORM_FEEDBACK_BUFFER, GL_READ_ONLY);
    for (int i = 0; i < 24; i++)
        printf("%.9g%c", seen[i], i % 4 == 3 ? '\n' : ' ');
    glUnmapBuffer(GL_TRANSFORM_FEEDBACK_BUFFER);
}

/* The second attachment through a pixel buffer object. */
static void print_integers(void)
{
    GLuint buffer, sum = 0;
    const unsigned char *bytes;

    glGenBuffers(1, &buffer);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer);
    glBufferData(GL_PIXEL_PACK_BUFFER, SIZE * SIZE * 4, NULL, GL_STREAM_READ);
    glReadBuffer(GL_COLOR_ATTACHMENT1);
    glReadPixels(0, 0, SIZE, SIZE, GL_RGBA_INTEGER, GL_UNSIGNED_BYTE, NULL);
    bytes = glMapBuffer(GL_PIXEL_PACK_BUFFER, GL_READ_ONLY);
    for (int i = 0; i < SIZE * SIZE * 4; i++)
        sum = sum * 31 + bytes[i];
    printf("integer attachment %u\n", sum);
    glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glReadBuffer(GL_COLOR_ATTACHMENT0);
}

static GLXContext make_context(struct window *w)
{
    static const int attributes[] = {
        GLX_CONTEXT_MAJOR_VERSION_ARB, 3, GLX_CONTEXT_MINOR_VERSION_ARB, 3,
        GLX_CONTEXT_PROFILE_MASK_ARB, GLX_CONTEXT_CORE_PROFILE_BIT_ARB,
        GLX_CONTEXT_FLAGS_ARB, GLX_CONTEXT_FORWARD_COMPATIBLE_BIT_ARB, None
    };
    PFNGLXCREATECONTEXTATTRIBSARBPROC create =
        (PFNGLXCREATECONTEXTATTRIBSARBPROC)glXGetProcAddressARB(
            (const GLubyte *)"glXCreateContextAttribsARB");

    if (!create)
        die("no glXCreateContextAttribsARB");
    return create(w->display, w->config, NULL, True, attributes);
}

static void prepare(GLuint program)
{
    GLuint uniforms;

    glUseProgram(program);
    glUniformBlockBinding(program, glGetUniformBlockIndex(program, "Frame"),
                          3);
    glGenBuffers(1, &uniforms);
    glBindBufferBase(GL_UNIFORM_BUFFER, 3, uniforms);
    glBufferData(GL_UNIFORM_BUFFER, 80, NULL, GL_DYNAMIC_DRAW);
    make_picture();
    glBindVertexArray(make_arrays());
    glEnable(GL_DEPTH_TEST);
    glViewport(0, 0, SIZE, SIZE);
}

int main(int argc, char **argv)
{
    FILE *out = open_frames(argc, argv);
    GLuint program, framebuffer, colour[2], query;
    struct window w;
    GLXContext context;

    open_window(&w, open_display(), SIZE, SIZE);
    context = make_context(&w);
    glXMakeContextCurrent(w.display, w.window, w.window, context);
    printf("%s\n%s\n", glGetString(GL_VERSION), glGetStringi(GL_EXTENSIONS, 3));
    program = make_program();
    print_uniforms(program);
    prepare(program);
    make_targets(&framebuffer, colour);
    glGenQueries(1, &query);
    for (int frame = 0; frame < FRAMES; frame++) {
        set_frame(frame);
        glUniform1i(glGetUniformLocation(program, "layer"), frame % 3);
        draw(query);
        expect_no_error("draw");
        write_frame(out, SIZE, SIZE);
        glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
        glBlitFramebuffer(0, 0, SIZE, SIZE, 0, 0, SIZE, SIZE,
                          GL_COLOR_BUFFER_BIT, GL_NEAREST);
        glXSwapBuffers(w.display, w.window);
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    }
    capture();
    print_integers();
    expect_no_error("end");
    glXMakeContextCurrent(w.display, None, None, NULL);
    glXDestroyContext(w.display, context);
    close_window(&w);
    XCloseDisplay(w.display);
    close_frames(out);
    return 0;
}
