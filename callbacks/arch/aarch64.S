/* SPDX-License-Identifier: MIT */
/*
 * AAPCS64: callee-saved are x19-x28, x29, x30 (as return address), the low
 * halves of v8-v15, and FPCR.  A frame on either stack is, from its stack
 * pointer up: x19-x28, x29 x30, d8-d15, FPCR, padding.
 */
#include "asm.h"

#define FRAME 176

.macro SAVE
    sub sp, sp, #FRAME
    .cfi_adjust_cfa_offset FRAME
    stp x19, x20, [sp]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mrs x9, fpcr
    str x9, [sp, #160]
.endm

.macro LOAD_FP
    ldr x9, [sp, #160]
    msr fpcr, x9
.endm

.macro RESTORE_AND_RETURN
    ldp x19, x20, [sp]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #FRAME
    ret
.endm

/* bool ENTER(struct gw_stack *x0, void (*fn)(void *) x1, void *arg x2) */
FUNCTION(ENTER)
    SAVE
    mov x9, sp
    str x9, [x0, #GW_STACK_CALLER]
    str xzr, [x0, #GW_STACK_SUSPENDED]
    ldr x9, [x0, #GW_STACK_TOP]
    mov sp, x9
    /* Unwinding ends here: the frame below may be gone after a suspension. */
    .cfi_undefined x30
    mov x19, x0
    mov x0, x2
    mov x29, xzr
    blr x1
    /* Whoever resumed last is the caller now. */
    ldr x9, [x19, #GW_STACK_CALLER]
    mov sp, x9
    ldr x9, [x19, #GW_STACK_SUSPENDED]
    mov w0, #1
    cbz x9, 1f
    /* Its FP control may be another than this stack's. */
    LOAD_FP
1:  RESTORE_AND_RETURN
END(ENTER)

/* void SUSPEND(struct gw_stack *x0): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    SAVE
    mov x9, sp
    str x9, [x0, #GW_STACK_SUSPENDED]
    ldr x9, [x0, #GW_STACK_CALLER]
    mov sp, x9
    LOAD_FP
    mov w0, #0
    RESTORE_AND_RETURN
END(SUSPEND)

/* bool RESUME(struct gw_stack *x0): SUSPEND returns on its stack */
FUNCTION(RESUME)
    SAVE
    mov x9, sp
    str x9, [x0, #GW_STACK_CALLER]
    ldr x9, [x0, #GW_STACK_SUSPENDED]
    mov sp, x9
    LOAD_FP
    RESTORE_AND_RETURN
END(RESUME)

/*
 * bool gw_probe(const uint64_t *x0, uint64_t *x1): false when x0 cannot be
 * read; the plugin's signal handler goes on at gw_probe_failed then.
 */
FUNCTION(gw_probe)
LABEL(gw_probe_load)
    ldr x2, [x0]
    str x2, [x1]
    mov w0, #1
    ret
LABEL(gw_probe_failed)
    mov w0, #0
    ret
END(gw_probe)
