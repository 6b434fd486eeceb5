/* SPDX-License-Identifier: MIT */
/*
 * Would catch: the current context not belonging to the thread that made it
 * current, calls of two threads mixing their call blocks, objects that one
 * thread makes not being seen by the other.
 *
 * The worker draws frames into textures in its own context on its own
 * Display; main, in a context that shares objects, puts each on the screen.
 * They take turns, so that every frame is determined.
 */
#include "common.h"

#include <pthread.h>
#include <semaphore.h>

enum { SIZE = 96, FRAMES = 30, SPIN = 400 };

struct worker {
    Display *display;
    GLXContext context;
    GLXPbuffer buffer;
    GLuint texture;
    sem_t drawn, shown;
};

static void worker_frame(struct worker *self, GLuint framebuffer, int frame)
{
    glBindTexture(GL_TEXTURE_2D, self->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, SIZE, SIZE, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0,
                           GL_TEXTURE_2D, self->texture, 0);
    glViewport(0, 0, SIZE, SIZE);
    glClearColor(frame / (float)FRAMES, 0.5f, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glBegin(GL_TRIANGLES);
    glColor3f(0, 0, 1);
    glVertex2f(-1, -1);
    glVertex2f(1, frame / (float)FRAMES);
    glVertex2f(0, 1);
    glEnd();
    expect_no_error("worker");
    glFinish();
}

static void *work(void *argument)
{
    struct worker *self = argument;
    GLuint framebuffer;

    if (!glXMakeContextCurrent(self->display, self->buffer, self->buffer,
                               self->context))
        die("worker: no context");
    glGenFramebuffers(1, &framebuffer);
    for (int frame = 0; frame < FRAMES; frame++) {
        worker_frame(self, framebuffer, frame);
        sem_post(&self->drawn);
        /* Calls of both threads at the same time. */
        for (int i = 0; i < SPIN; i++)
            glVertexAttrib1f(3, i);
        while (sem_wait(&self->shown))
            ;
    }
    if (glXGetCurrentContext() != self->context)
        die("worker: another context is current");
    glXMakeContextCurrent(self->display, None, None, NULL);
    return NULL;
}

static void show(struct window *w, GLuint texture, FILE *out)
{
    glViewport(0, 0, SIZE, SIZE);
    glEnable(GL_TEXTURE_2D);
    glBindTexture(GL_TEXTURE_2D, texture);
    glClear(GL_COLOR_BUFFER_BIT);
    glBegin(GL_QUADS);
    glTexCoord2f(0, 0);
    glVertex2f(-0.8f, -0.8f);
    glTexCoord2f(1, 0);
    glVertex2f(0.8f, -0.8f);
    glTexCoord2f(1, 1);
    glVertex2f(0.8f, 0.8f);
    glTexCoord2f(0, 1);
    glVertex2f(-0.8f, 0.8f);
    glEnd();
    expect_no_error("main");
    write_frame(out, SIZE, SIZE);
    glXSwapBuffers(w->display, w->window);
}

static void start(struct worker *worker, GLXContext share)
{
    static const int wanted[] = {
        GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT | GLX_WINDOW_BIT, GLX_RENDER_TYPE,
        GLX_RGBA_BIT, GLX_DEPTH_SIZE, 24, None
    };
    static const int size[] = { GLX_PBUFFER_WIDTH, SIZE, GLX_PBUFFER_HEIGHT,
                                SIZE, None };
    GLXFBConfig config;

    worker->display = open_display();
    config = choose_config(worker->display, wanted);
    worker->buffer = glXCreatePbuffer(worker->display, config, size);
    worker->context = glXCreateNewContext(worker->display, config,
                                          GLX_RGBA_TYPE, share, True);
    if (!worker->context)
        die("no shared context");
    sem_init(&worker->drawn, 0, 0);
    sem_init(&worker->shown, 0, 0);
}

int main(int argc, char **argv)
{
    FILE *out = open_frames(argc, argv);
    struct worker worker;
    struct window w;
    GLXContext context;
    pthread_t thread;

    XInitThreads();
    open_window(&w, open_display(), SIZE, SIZE);
    context = glXCreateNewContext(w.display, w.config, GLX_RGBA_TYPE, NULL,
                                  True);
    start(&worker, context);
    glXMakeCurrent(w.display, w.window, context);
    glGenTextures(1, &worker.texture);
    if (pthread_create(&thread, NULL, work, &worker))
        die("no thread");
    for (int frame = 0; frame < FRAMES; frame++) {
        for (int i = 0; i < SPIN; i++)
            glTexCoord2f(i, frame);
        while (sem_wait(&worker.drawn))
            ;
        show(&w, worker.texture, out);
        sem_post(&worker.shown);
    }
    pthread_join(thread, NULL);
    if (glXGetCurrentContext() != context)
        die("main: another context is current");
    printf("texture is %d\n", glIsTexture(worker.texture));
    glXMakeCurrent(w.display, None, NULL);
    glXDestroyContext(worker.display, worker.context);
    glXDestroyPbuffer(worker.display, worker.buffer);
    glXDestroyContext(w.display, context);
    XCloseDisplay(worker.display);
    close_window(&w);
    XCloseDisplay(w.display);
    close_frames(out);
    return 0;
}
