/* SPDX-License-Identifier: MIT */
/*
 * Would catch: EGL on an X11 window and on a pbuffer, GLES 2 through its own
 * library, eglGetProcAddress, configs and strings, eglGetPlatformDisplay with
 * the guest's Display.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 160, FRAMES = 3 };

static const char vertex_source[] =
    "attribute vec2 p; uniform float turn; varying vec2 v;\n"
    "void main() { v = p; float c = cos(turn), s = sin(turn);\n"
    "  gl_Position = vec4(c * p.x - s * p.y, s * p.x + c * p.y, 0, 1); }\n";
static const char fragment_source[] =
    "precision mediump float; varying vec2 v;\n"
    "void main() { gl_FragColor = vec4(abs(v), fract(8.0 * v.x), 1); }\n";

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s failed: EGL 0x%04x GL 0x%04x\n", what, eglGetError(),
            glGetError());
    exit(2);
}

static GLuint make_program(void)
{
    const char *vertex = vertex_source, *fragment = fragment_source;
    GLuint program = glCreateProgram(), shader;
    GLint ok;

    shader = glCreateShader(GL_VERTEX_SHADER);
    glShaderSource(shader, 1, &vertex, NULL);
    glCompileShader(shader);
    glAttachShader(program, shader);
    shader = glCreateShader(GL_FRAGMENT_SHADER);
    glShaderSource(shader, 1, &fragment, NULL);
    glCompileShader(shader);
    glAttachShader(program, shader);
    glBindAttribLocation(program, 5, "p");
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    check(ok, "linking");
    return program;
}

static void write_frame(FILE *out)
{
    static unsigned char pixels[SIZE * SIZE * 4];

    glReadPixels(0, 0, SIZE, SIZE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    fprintf(out, "P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 255\n"
            "TUPLTYPE RGB_ALPHA\nENDHDR\n", SIZE, SIZE);
    check(fwrite(pixels, 1, sizeof(pixels), out) == sizeof(pixels), "writing");
}

static void draw(GLuint program, int frame)
{
    static const GLfloat corners[] = { -0.7f, -0.7f, 0.7f, -0.6f, 0, 0.8f };

    glClearColor(0.1f * frame, 0, 0.3f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glUniform1f(glGetUniformLocation(program, "turn"), 0.4f * frame);
    glVertexAttribPointer(5, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    check(glGetError() == GL_NO_ERROR, "drawing");
}

static void frames(EGLDisplay egl, EGLSurface surface, EGLContext context,
                   FILE *out)
{
    GLuint program;

    check(eglMakeCurrent(egl, surface, surface, context), "eglMakeCurrent");
    program = make_program();
    glUseProgram(program);
    glEnableVertexAttribArray(5);
    glViewport(0, 0, SIZE, SIZE);
    for (int frame = 0; frame < FRAMES; frame++) {
        draw(program, frame);
        write_frame(out);
        check(eglSwapBuffers(egl, surface), "eglSwapBuffers");
    }
    glDeleteProgram(program);
}

static EGLConfig choose(EGLDisplay egl, int kinds)
{
    const EGLint attributes[] = {
        EGL_SURFACE_TYPE, kinds, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT,
        EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8,
        EGL_ALPHA_SIZE, 0, EGL_NONE
    };
    EGLConfig configs[64];
    EGLint count = 0, id;

    check(eglChooseConfig(egl, attributes, configs, 64, &count) && count > 0,
          "eglChooseConfig");
    for (int i = 0; i < count; i++) {
        EGLint depth = 0;

        eglGetConfigAttrib(egl, configs[i], EGL_BUFFER_SIZE, &depth);
        eglGetConfigAttrib(egl, configs[i], EGL_CONFIG_ID, &id);
        if (depth == 24) {
            printf("config %d of %d\n", id, count);
            return configs[i];
        }
    }
    check(0, "finding a 24 bit config");
    return NULL;
}

static Window make_window(Display *display, EGLDisplay egl, EGLConfig config)
{
    XSetWindowAttributes attributes = { 0 };
    XVisualInfo wanted = { 0 }, *visual;
    EGLint id;
    int count;
    Window root = DefaultRootWindow(display), window;

    eglGetConfigAttrib(egl, config, EGL_NATIVE_VISUAL_ID, &id);
    wanted.visualid = id;
    visual = XGetVisualInfo(display, VisualIDMask, &wanted, &count);
    check(visual != NULL, "XGetVisualInfo");
    attributes.colormap = XCreateColormap(display, root, visual->visual,
                                          AllocNone);
    window = XCreateWindow(display, root, 0, 0, SIZE, SIZE, 0, visual->depth,
                           InputOutput, visual->visual,
                           CWColormap | CWBorderPixel, &attributes);
    XMapWindow(display, window);
    XFree(visual);
    return window;
}

int main(int argc, char **argv)
{
    static const EGLint es2[] = { EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE };
    static const EGLint size[] = { EGL_WIDTH, SIZE, EGL_HEIGHT, SIZE,
                                   EGL_NONE };
    PFNEGLGETPLATFORMDISPLAYEXTPROC get_display;
    Display *display = XOpenDisplay(NULL);
    FILE *out = argc > 1 ? fopen(argv[1], "wb") : NULL;
    EGLConfig config;
    EGLContext context;
    EGLDisplay egl;
    EGLint major, minor;

    check(display && out, "opening display and frames file");
    get_display = (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress(
        "eglGetPlatformDisplayEXT");
    check(get_display != NULL, "eglGetProcAddress");
    egl = get_display(EGL_PLATFORM_X11_EXT, display, NULL);
    check(eglInitialize(egl, &major, &minor), "eglInitialize");
    printf("EGL %d.%d %s\n", major, minor, eglQueryString(egl, EGL_VERSION));
    check(eglBindAPI(EGL_OPENGL_ES_API), "eglBindAPI");
    config = choose(egl, EGL_WINDOW_BIT | EGL_PBUFFER_BIT);
    context = eglCreateContext(egl, config, EGL_NO_CONTEXT, es2);
    check(context != EGL_NO_CONTEXT, "eglCreateContext");
    frames(egl, eglCreateWindowSurface(egl, config,
                                       make_window(display, egl, config),
                                       NULL), context, out);
    printf("%s\n%s\n", glGetString(GL_VERSION), glGetString(GL_RENDERER));
    frames(egl, eglCreatePbufferSurface(egl, config, size), context, out);
    check(eglMakeCurrent(egl, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT),
          "letting go");
    check(eglDestroyContext(egl, context), "eglDestroyContext");
    check(eglTerminate(egl), "eglTerminate");
    XCloseDisplay(display);
    check(fclose(out) == 0, "writing");
    return 0;
}
