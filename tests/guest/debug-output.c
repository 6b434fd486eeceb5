/* SPDX-License-Identifier: MIT */
/*
 * Debug output of GL (KHR, ARB and, where there is one, AMD; synchronous and
 * not) and of EGL, with GL calls made inside of the callback.
 *
 * Would catch: messages that are lost or told twice, a text or an id that
 * changes on its way, calls inside the callback that find no context, a host
 * address where the program's own callback is asked for.
 */
#include "common.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>

/* Written by the driver's threads, too, when output is not synchronous. */
static int count, nested_bad;
static const char *who;
static GLXContext context;

static void GLAPIENTRY message(GLenum source, GLenum type, GLuint id,
                               GLenum severity, GLsizei length,
                               const GLchar *text, const void *user)
{
    GLint viewport[4] = { 0 };

    count++;
    printf("%s %04x %04x %u %04x [%.*s] user %d\n", who, source, type, id,
           severity, length < 0 ? (int)strlen(text) : (int)length, text,
           user == &count);
    /* The context is current here as well. */
    if (glXGetCurrentContext() == context) {
        glGetIntegerv(GL_VIEWPORT, viewport);
        glViewport(1, 2, viewport[2] + 1, 40);
        if (!glIsEnabled(GL_DITHER) || !glGetString(GL_VERSION))
            nested_bad++;
    } else {
        nested_bad++;
    }
}

static void GLAPIENTRY amd_message(GLuint id, GLenum category,
                                   GLenum severity, GLsizei length,
                                   const GLchar *text, void *user)
{
    message(category, 0, id, severity, length, text, user);
}

static void provoke(void)
{
    GLuint buffer;

    glEnable(0xffff);
    glBindTexture(GL_TEXTURE_2D, 4000000000u);
    glDrawArrays(GL_TRIANGLES, -1, 3);
    glBegin(77);
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, -5, NULL, GL_STATIC_DRAW);
    glUseProgram(12345);
    glMatrixMode(GL_FOG);
    while (glGetError() != GL_NO_ERROR) {
    }
}

static void insert(PFNGLDEBUGMESSAGEINSERTPROC function, int n)
{
    for (int i = 0; i < n; i++) {
        char text[64];
        snprintf(text, sizeof(text), "message number %d", i);
        function(GL_DEBUG_SOURCE_APPLICATION, GL_DEBUG_TYPE_MARKER, 1000 + i,
                 GL_DEBUG_SEVERITY_LOW, i % 2 ? -1 : (int)strlen(text), text);
    }
}

static void *proc(const char *name)
{
    void *function = (void *)glXGetProcAddressARB((const GLubyte *)name);

    if (!function)
        printf("%s is missing\n", name);
    return function;
}

static void read_log(void)
{
    char text[4096];
    GLenum source, type, severity;
    GLsizei length;
    GLuint id;

    insert(glDebugMessageInsert, 3);
    while (glGetDebugMessageLog(1, sizeof(text), &source, &type, &id,
                                &severity, &length, text))
        printf("log %04x %04x %u %04x %d [%s]\n", source, type, id, severity,
               (int)length, text);
}

static void show_pointer(GLDEBUGPROC expected)
{
    void *function = NULL, *user = NULL;

    glGetPointerv(GL_DEBUG_CALLBACK_FUNCTION, &function);
    glGetPointerv(GL_DEBUG_CALLBACK_USER_PARAM, &user);
    printf("the program's own: %d %d\n", function == (void *)expected,
           user == &count);
}

static void khr(int synchronous)
{
    who = synchronous ? "khr" : "khr-async";
    count = 0;
    glEnable(GL_DEBUG_OUTPUT);
    (synchronous ? glEnable : glDisable)(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    glDebugMessageControl(GL_DONT_CARE, GL_DONT_CARE, GL_DONT_CARE, 0, NULL,
                          GL_TRUE);
    glDebugMessageCallback(message, &count);
    show_pointer(message);
    provoke();
    insert(glDebugMessageInsert, 100);
    glPushDebugGroup(GL_DEBUG_SOURCE_APPLICATION, 7, -1, "a group");
    glPopDebugGroup();
    glFinish();
    glDebugMessageCallback(NULL, NULL);
    show_pointer(NULL);
    read_log();
    printf("%s: %d messages\n", who, count);
}

static void arb(int synchronous)
{
    PFNGLDEBUGMESSAGECALLBACKARBPROC set = proc("glDebugMessageCallbackARB");
    PFNGLDEBUGMESSAGEINSERTARBPROC say = proc("glDebugMessageInsertARB");

    who = synchronous ? "arb" : "arb-async";
    count = 0;
    (synchronous ? glEnable : glDisable)(GL_DEBUG_OUTPUT_SYNCHRONOUS_ARB);
    if (set && say) {
        set(message, &count);
        show_pointer(message);
        provoke();
        insert((PFNGLDEBUGMESSAGEINSERTPROC)say, 20);
        glFinish();
        set(NULL, NULL);
    }
    printf("%s: %d messages\n", who, count);
}

static void amd(void)
{
    const char *extensions = (const char *)glGetString(GL_EXTENSIONS);
    PFNGLDEBUGMESSAGECALLBACKAMDPROC set;
    PFNGLDEBUGMESSAGEINSERTAMDPROC say;

    if (!extensions || !strstr(extensions, "GL_AMD_debug_output")) {
        printf("amd: the driver has none\n");
        return;
    }
    who = "amd";
    count = 0;
    set = proc("glDebugMessageCallbackAMD");
    say = proc("glDebugMessageInsertAMD");
    if (set && say) {
        set(amd_message, &count);
        provoke();
        say(GL_DEBUG_CATEGORY_APPLICATION_AMD, GL_DEBUG_SEVERITY_LOW_AMD, 9,
            5, "hello");
        set(NULL, NULL);
    }
    printf("amd: %d messages\n", count);
}

static void EGLAPIENTRY egl_message(EGLenum error, const char *command,
                                    EGLint type, EGLLabelKHR thread,
                                    EGLLabelKHR object, const char *text)
{
    count++;
    printf("egl %04x %s %04x %d %d [%s]\n", error, command, type,
           thread != NULL, object != NULL, text ? text : "none");
}

static void egl(Display *x)
{
    static const EGLAttrib on[] = { EGL_DEBUG_MSG_WARN_KHR, EGL_TRUE,
                                    EGL_NONE };
    PFNEGLDEBUGMESSAGECONTROLKHRPROC control =
        (void *)eglGetProcAddress("eglDebugMessageControlKHR");
    PFNEGLQUERYDEBUGKHRPROC query =
        (void *)eglGetProcAddress("eglQueryDebugKHR");
    EGLDisplay display = eglGetDisplay(x);
    EGLAttrib function = 0;

    count = 0;
    if (!control || !query) {
        printf("egl: no EGL_KHR_debug\n");
        return;
    }
    printf("control %04x\n", control(egl_message, on));
    eglInitialize(display, NULL, NULL);
    eglMakeCurrent(display, (EGLSurface)1, (EGLSurface)1, (EGLContext)1);
    eglBindAPI(0x1234);
    eglDestroyContext(display, (EGLContext)2);
    query(EGL_DEBUG_CALLBACK_KHR, &function);
    printf("the program's own: %d\n", function == (EGLAttrib)egl_message);
    printf("control %04x\n", control(NULL, NULL));
    eglDestroyContext(display, (EGLContext)2);
    printf("egl: %d messages\n", count);
    eglTerminate(display);
}

int main(void)
{
    static const int wanted[] = { GLX_CONTEXT_FLAGS_ARB,
                                  GLX_CONTEXT_DEBUG_BIT_ARB, None };
    Display *display = open_display();
    struct window w;

    open_window(&w, display, 64, 64);
    context = glXCreateContextAttribsARB(display, w.config, NULL, True,
                                         wanted);
    if (!context || !glXMakeCurrent(display, w.window, context))
        die("no debug context");
    khr(1);
    khr(0);
    arb(1);
    arb(0);
    amd();
    printf("calls inside the callback that failed: %d\n", nested_bad);
    glXMakeCurrent(display, None, NULL);
    glXDestroyContext(display, context);
    egl(display);
    close_window(&w);
    return 0;
}
