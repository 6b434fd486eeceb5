/* SPDX-License-Identifier: MIT */
/* GL debug output: who asks for the callback gets the guest's own function. */
#include "gl-htl.h"


#include <GL/gl.h>
#include <GL/glext.h>

static void to_guest(uint32_t pname, void **value)
{
    if (pname == GL_DEBUG_CALLBACK_FUNCTION && value && *value) {
        *value = gw_closure_target(*value);
    }
}

#define GET_POINTER(name)                                                     \
    void gw_adjust_##name(struct gw_args_##name *a)                           \
    {                                                                         \
        to_guest(a->pname, a->params);                                        \
    }

GET_POINTER(glGetPointerv)
GET_POINTER(glGetPointervEXT)
GET_POINTER(glGetPointervKHR)
GET_POINTER(glGetPointervOES)
