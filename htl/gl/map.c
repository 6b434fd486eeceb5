/* SPDX-License-Identifier: MIT */
/* Mapped buffers: the guest may pass them to any system call (gw_adopt()). */
#define GL_GLEXT_PROTOTYPES
#include "gl-htl.h"
#include "runtime.h"

#include <GL/gl.h>
#include <GL/glext.h>

static void adopt_target(const void *mapped, GLenum target)
{
    GLint size = 0;

    if (mapped) {
        gw_gl_host(glGetBufferParameteriv)(target, GL_BUFFER_SIZE, &size);
        gw_adopt(mapped, size);
    }
}

static void adopt_named(const void *mapped, GLuint buffer)
{
    GLint size = 0;

    if (mapped && gw_gl_host(glGetNamedBufferParameteriv)) {
        gw_gl_host(glGetNamedBufferParameteriv)(buffer, GL_BUFFER_SIZE, &size);
        gw_adopt(mapped, size);
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
    gw_adopt(a->ret, a->length);
}

void gw_adjust_glMapBufferRangeEXT(struct gw_args_glMapBufferRangeEXT *a)
{
    gw_adopt(a->ret, a->length);
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
    gw_adopt(a->ret, a->length);
}

void gw_adjust_glMapNamedBufferRangeEXT(
    struct gw_args_glMapNamedBufferRangeEXT *a)
{
    gw_adopt(a->ret, a->length);
}
