/* SPDX-License-Identifier: MIT */
/*
 * Ownership.  What the guest frees with free() was made its own when it was
 * returned (take in thunkgen/packs/x11.policy).  The reverse happens here:
 * the host's libraries may be given such memory back, and what the guest
 * allocated itself.
 */
#include "replace.h"
#include "runtime.h"
#include "x11-htl.h"

#include <X11/Xutil.h>
#include <errno.h>
#include <stdlib.h>

void *gw_x11_reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return gw_either_realloc(memory, bytes);
}

/* A host's block at *place becomes the guest's. */
static void hand_over(void *place)
{
    void **at = place;

    *at = gw_guest_take(*at);
}

#define TEXT_PROPERTY(function, condition, property)                          \
    void gw_adjust_##function(struct gw_args_##function *a)                   \
    {                                                                         \
        if (condition) {                                                      \
            hand_over(&((XTextProperty *)a->property)->value);                \
        }                                                                     \
    }
TEXT_PROPERTY(XGetTextProperty, a->ret, p2)
TEXT_PROPERTY(XGetWMName, a->ret, p2)
TEXT_PROPERTY(XGetWMIconName, a->ret, p2)
TEXT_PROPERTY(XGetWMClientMachine, a->ret, p2)
TEXT_PROPERTY(XStringListToTextProperty, a->ret, p2)
/* A positive number counts what could not be converted. */
TEXT_PROPERTY(XmbTextListToTextProperty, a->ret >= Success, text_prop_return)
TEXT_PROPERTY(XwcTextListToTextProperty, a->ret >= Success, text_prop_return)
TEXT_PROPERTY(Xutf8TextListToTextProperty, a->ret >= Success,
              text_prop_return)

void gw_adjust_XGetClassHint(struct gw_args_XGetClassHint *a)
{
    if (a->ret) {
        hand_over(&((XClassHint *)a->p2)->res_name);
        hand_over(&((XClassHint *)a->p2)->res_class);
    }
}

/* All are stored, failure leaves NULL in some. */
void gw_adjust_XGetAtomNames(struct gw_args_XGetAtomNames *a)
{
    for (int i = 0; i < a->p2; i++) {
        hand_over((char **)a->p3 + i);
    }
}
