/* SPDX-License-Identifier: MIT */
/* Guest functions that closures of the policy's cannot stand for. */
#include "runtime.h"
#include "x11-htl.h"
#include "x11-layout.h"

#include <stdlib.h>

int gw_x11_call_guest(void *function, const void *a, const void *b,
                      const void *c)
{
    struct gw_cb_XICProc block = {
        .cb.run = gw_x11_pack.guest_unpackers[gw_x11_sig_XICProc],
        .cb.target = function,
        .p0 = (void *)a, .p1 = (void *)b, .p2 = (void *)c,
    };

    if (!gw_call_guest(&block.cb)) {
        gw_log("an X11 callback was called on a thread of the host's own");
    }
    return block.ret;
}

void *gw_x11_function(const ffi_cif *cif,
                      void (*fn)(ffi_cif *cif, void *ret, void **args,
                                 void *data), void *data)
{
    void *code;
    ffi_closure *closure = ffi_closure_alloc(sizeof(*closure), &code);

    if (!closure || ffi_prep_closure_loc(closure, (ffi_cif *)cif, fn, data,
                                         code) != FFI_OK) {
        gw_log("no memory left for a callback");
        abort();
    }
    return code;
}
