/* SPDX-License-Identifier: MIT */
/*
 * GL debug output: the callback is the guest's, the host gets a closure.
 *
 * A context keeps its callback until it is replaced or the context ends, and
 * ending is not told to us; a closure is therefore kept for as long as the
 * process, one for each guest function ever passed (programs have one or
 * two), as gw_closure_get() gives the same one for the same function.
 */
#define GL_GLEXT_PROTOTYPES
#include "gl-htl.h"
#include "runtime.h"

#include "../../callbacks/closure.h"

#include <GL/gl.h>
#include <GL/glext.h>

static void *closure_for(unsigned signature, void *callback)
{
    void *closure = gw_closure_get(&gw_gl_pack, signature, callback);
    static _Thread_local void *last;

    /* Repeated settings add no references. */
    if (closure && closure == last) {
        gw_closure_put(closure);
    }
    last = closure;
    return closure;
}

#define DEBUG_CALLBACK(name, signature)                                       \
    void gw_custom_##name(struct gw_args_##name *a)                           \
    {                                                                         \
        typedef void (*set)(void *callback, const void *user);                \
                                                                              \
        ((set)gw_gl_real[gw_gl_id_##name])(                                   \
            closure_for(gw_gl_sig_##signature, a->callback), a->userParam);   \
    }

DEBUG_CALLBACK(glDebugMessageCallback, GLDEBUGPROC)
DEBUG_CALLBACK(glDebugMessageCallbackARB, GLDEBUGPROCARB)
DEBUG_CALLBACK(glDebugMessageCallbackKHR, GLDEBUGPROCKHR)
DEBUG_CALLBACK(glDebugMessageCallbackOES, GLDEBUGPROC)
DEBUG_CALLBACK(glDebugMessageCallbackAMD, GLDEBUGPROCAMD)

/* The guest's own function comes back, never the closure. */
static void to_guest(uint32_t pname, void **value)
{
    if (pname == GL_DEBUG_CALLBACK_FUNCTION && value && *value) {
        *value = gw_closure_target(*value);
    }
}

#define GET_POINTER(name)                                                     \
    void gw_custom_##name(struct gw_args_##name *a)                           \
    {                                                                         \
        typedef void (*get)(uint32_t pname, void **params);                   \
                                                                              \
        ((get)gw_gl_real[gw_gl_id_##name])(a->pname, a->params);              \
        to_guest(a->pname, a->params);                                        \
    }

GET_POINTER(glGetPointerv)
GET_POINTER(glGetPointervEXT)
GET_POINTER(glGetPointervKHR)
GET_POINTER(glGetPointervOES)
