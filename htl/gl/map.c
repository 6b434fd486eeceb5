/* SPDX-License-Identifier: MIT */
/*
 * Mapped buffers: the guest may pass them to any system call (gw_adopt()) until
 * they are unmapped or deleted.
 *
 * A buffer is known by the context that mapped it and its name.  What another
 * context of a share group unmaps, or glBufferData() replaces, is released when
 * the driver maps the same memory again.
 */
#define GL_GLEXT_PROTOTYPES
#include "gl-htl.h"
#include "runtime.h"

#include "gangway/lock.h"

#include <EGL/egl.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <GL/glx.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* <GLES2/gl2ext.h>, which does not go with <GL/gl.h>. */
GLboolean glUnmapBufferOES(GLenum target);

struct mapping {
    struct mapping *next;
    const void *context;
    GLuint buffer;
    const void *address;
    size_t size;
};

/* Guards the list, which has as many members as buffers are mapped. */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct mapping *mappings;
/* Read without the lock: most programs delete buffers with none mapped. */
static _Atomic(bool) any;

static const void *current_context(void)
{
    const void *context = gw_gl_host(glXGetCurrentContext)
        ? (const void *)gw_gl_host(glXGetCurrentContext)() : NULL;

    return context || !gw_gl_host(eglGetCurrentContext)
        ? context : gw_gl_host(eglGetCurrentContext)();
}

/* The query for what is bound to a target, or 0. */
static GLenum binding_of(GLenum target)
{
    switch (target) {
    case GL_ARRAY_BUFFER:
        return GL_ARRAY_BUFFER_BINDING;
    case GL_ELEMENT_ARRAY_BUFFER:
        return GL_ELEMENT_ARRAY_BUFFER_BINDING;
    case GL_PIXEL_PACK_BUFFER:
        return GL_PIXEL_PACK_BUFFER_BINDING;
    case GL_PIXEL_UNPACK_BUFFER:
        return GL_PIXEL_UNPACK_BUFFER_BINDING;
    case GL_UNIFORM_BUFFER:
        return GL_UNIFORM_BUFFER_BINDING;
    case GL_TRANSFORM_FEEDBACK_BUFFER:
        return GL_TRANSFORM_FEEDBACK_BUFFER_BINDING;
    case GL_SHADER_STORAGE_BUFFER:
        return GL_SHADER_STORAGE_BUFFER_BINDING;
    case GL_DRAW_INDIRECT_BUFFER:
        return GL_DRAW_INDIRECT_BUFFER_BINDING;
    case GL_DISPATCH_INDIRECT_BUFFER:
        return GL_DISPATCH_INDIRECT_BUFFER_BINDING;
    case GL_ATOMIC_COUNTER_BUFFER:
        return GL_ATOMIC_COUNTER_BUFFER_BINDING;
    case GL_PARAMETER_BUFFER:
        return GL_PARAMETER_BUFFER_BINDING;
    case GL_QUERY_BUFFER:
        return GL_QUERY_BUFFER_BINDING;
    /* For these the value of target and query is one (gl.xml). */
    case GL_COPY_READ_BUFFER:
    case GL_COPY_WRITE_BUFFER:
    case GL_TEXTURE_BUFFER:
        return target;
    default:
        return 0;
    }
}

static GLuint bound_to(GLenum target)
{
    GLenum binding = binding_of(target);
    GLint buffer = 0;

    if (binding) {
        gw_gl_host(glGetIntegerv)(binding, &buffer);
    }
    return buffer;
}

/* Takes the mapping out that is at this address, or else, with a context, of
 * this buffer; and releases it. */
static void forget(const void *address, const void *context, GLuint buffer)
{
    struct mapping **link = &mappings, *m;

    pthread_mutex_lock(&lock);
    while ((m = *link) != NULL &&
           !(context ? m->context == context && m->buffer == buffer
                     : m->address == address)) {
        link = &m->next;
    }
    if (m) {
        *link = m->next;
    }
    any = mappings != NULL;
    pthread_mutex_unlock(&lock);
    if (m) {
        gw_release(m->address, m->size);
        free(m);
    }
}

static void forget_bound(GLenum target)
{
    if (any) {
        forget(NULL, current_context(), bound_to(target));
    }
}

static void forget_named(GLsizei count, const GLuint *buffers)
{
    const void *context = any ? current_context() : NULL;

    for (GLsizei i = 0; context && i < count; i++) {
        forget(NULL, context, buffers[i]);
    }
}

/* Without a name (0) it cannot be told when it is unmapped. */
static void adopt(const void *address, size_t size, GLuint buffer)
{
    struct mapping *m;

    if (!address) {
        return;
    }
    if (any) {
        forget(address, NULL, 0);
    }
    m = gw_adopt(address, size) && buffer ? malloc(sizeof(*m)) : NULL;
    if (m) {
        *m = (struct mapping){ NULL, current_context(), buffer, address,
                               size };
        pthread_mutex_lock(&lock);
        m->next = mappings;
        mappings = m;
        any = true;
        pthread_mutex_unlock(&lock);
    }
}

static void adopt_target(const void *mapped, GLenum target)
{
    GLint size = 0;

    if (mapped) {
        gw_gl_host(glGetBufferParameteriv)(target, GL_BUFFER_SIZE, &size);
        adopt(mapped, size, bound_to(target));
    }
}

static void adopt_range(const void *mapped, GLenum target, GLsizeiptr size)
{
    if (mapped) {
        adopt(mapped, size, bound_to(target));
    }
}

static void adopt_named(const void *mapped, GLuint buffer)
{
    GLint size = 0;

    if (mapped && gw_gl_host(glGetNamedBufferParameteriv)) {
        gw_gl_host(glGetNamedBufferParameteriv)(buffer, GL_BUFFER_SIZE, &size);
        adopt(mapped, size, buffer);
    }
}

void gw_adjust_glMapBuffer(struct gw_args_glMapBuffer *a)
{
    adopt_target(a->ret, a->target);
}

void gw_adjust_glMapBufferARB(struct gw_args_glMapBufferARB *a)
{
    adopt_target(a->ret, a->target);
}

void gw_adjust_glMapBufferOES(struct gw_args_glMapBufferOES *a)
{
    adopt_target(a->ret, a->target);
}

void gw_adjust_glMapBufferRange(struct gw_args_glMapBufferRange *a)
{
    adopt_range(a->ret, a->target, a->length);
}

void gw_adjust_glMapBufferRangeEXT(struct gw_args_glMapBufferRangeEXT *a)
{
    adopt_range(a->ret, a->target, a->length);
}

void gw_adjust_glMapNamedBuffer(struct gw_args_glMapNamedBuffer *a)
{
    adopt_named(a->ret, a->buffer);
}

void gw_adjust_glMapNamedBufferEXT(struct gw_args_glMapNamedBufferEXT *a)
{
    adopt_named(a->ret, a->buffer);
}

void gw_adjust_glMapNamedBufferRange(struct gw_args_glMapNamedBufferRange *a)
{
    adopt(a->ret, a->length, a->buffer);
}

void gw_adjust_glMapNamedBufferRangeEXT(
    struct gw_args_glMapNamedBufferRangeEXT *a)
{
    adopt(a->ret, a->length, a->buffer);
}

/* The pages are released while they are the buffer's. */
void gw_custom_glUnmapBuffer(struct gw_args_glUnmapBuffer *a)
{
    forget_bound(a->target);
    a->ret = gw_gl_host(glUnmapBuffer)(a->target);
}

void gw_custom_glUnmapBufferARB(struct gw_args_glUnmapBufferARB *a)
{
    forget_bound(a->target);
    a->ret = gw_gl_host(glUnmapBufferARB)(a->target);
}

void gw_custom_glUnmapBufferOES(struct gw_args_glUnmapBufferOES *a)
{
    forget_bound(a->target);
    a->ret = gw_gl_host(glUnmapBufferOES)(a->target);
}

void gw_custom_glUnmapNamedBuffer(struct gw_args_glUnmapNamedBuffer *a)
{
    forget_named(1, &a->buffer);
    a->ret = gw_gl_host(glUnmapNamedBuffer)(a->buffer);
}

void gw_custom_glUnmapNamedBufferEXT(struct gw_args_glUnmapNamedBufferEXT *a)
{
    forget_named(1, &a->buffer);
    a->ret = gw_gl_host(glUnmapNamedBufferEXT)(a->buffer);
}

void gw_custom_glDeleteBuffers(struct gw_args_glDeleteBuffers *a)
{
    forget_named(a->n, a->buffers);
    gw_gl_host(glDeleteBuffers)(a->n, a->buffers);
}

void gw_custom_glDeleteBuffersARB(struct gw_args_glDeleteBuffersARB *a)
{
    forget_named(a->n, a->buffers);
    gw_gl_host(glDeleteBuffersARB)(a->n, a->buffers);
}
