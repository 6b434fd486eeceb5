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

/* Loads the frame's FPCR where the one in use, in x9, differs: that is slow. */
.macro LOAD_FP
    ldr x10, [sp, #160]
    cmp x9, x10
    b.eq 9f
    msr fpcr, x10
9:
.endm

.macro RESTORE
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
.endm

/* With its stack in x0. */
.macro LEAVE_STACK
    SAVE
    mov x10, sp
    str x10, [x0, #GW_STACK_SUSPENDED]
    ldr x10, [x0, #GW_STACK_CALLER]
    mov sp, x10
    LOAD_FP
    mov w0, #0
    RESTORE
    ret
.endm

/* bool ENTER(struct gw_stack *x0, void (*fn)(void *) x1, void *arg x2) */
FUNCTION(ENTER)
    SAVE
    .cfi_adjust_cfa_offset FRAME
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
    ldr x9, [sp, #160]
    msr fpcr, x9
1:  RESTORE
    ret
END(ENTER)

/* void SUSPEND(struct gw_stack *x0): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    LEAVE_STACK
END(SUSPEND)

/*
 * bool RESUME(struct gw_stack *x0): SUSPEND returns on its stack.
 * By a jump, so that the processor goes on expecting a return to RESUME's
 * caller, for which the next suspension is one.
 */
FUNCTION(RESUME)
    SAVE
    .cfi_adjust_cfa_offset FRAME
    mov x10, sp
    str x10, [x0, #GW_STACK_CALLER]
    ldr x10, [x0, #GW_STACK_SUSPENDED]
    mov sp, x10
    LOAD_FP
    RESTORE
    mov x16, x30
    br x16
END(RESUME)

/* The trampoline's data, x17, and the caller's frame. */
FUNCTION(gw_closure_arrive)
    stp x29, x30, [sp, #-16]!
    .cfi_def_cfa_offset 16
    .cfi_offset x29, -16
    .cfi_offset x30, -8
    mov x29, sp
    .cfi_def_cfa_register x29
    sub sp, sp, #GW_ARRIVAL_SIZE
    stp x0, x1, [sp, #GW_ARRIVAL_INTEGER]
    stp x2, x3, [sp, #GW_ARRIVAL_INTEGER + 16]
    stp x4, x5, [sp, #GW_ARRIVAL_INTEGER + 32]
    stp x6, x7, [sp, #GW_ARRIVAL_INTEGER + 48]
    stp d0, d1, [sp, #GW_ARRIVAL_REAL]
    stp d2, d3, [sp, #GW_ARRIVAL_REAL + 16]
    stp d4, d5, [sp, #GW_ARRIVAL_REAL + 32]
    stp d6, d7, [sp, #GW_ARRIVAL_REAL + 48]
    str x17, [sp, #GW_ARRIVAL_CLOSURE]
    mov x0, sp
    bl gw_closure_enter
    cbz x0, 2f
    /* As SUSPEND, without a call: the return to the guest's side is then
     * where the processor expects the one to the caller. */
    adr x30, 1f
    LEAVE_STACK
1:  mov x0, sp
    bl gw_closure_leave
2:  ldr x0, [sp, #GW_ARRIVAL_INTEGER]
    ldr d0, [sp, #GW_ARRIVAL_REAL]
    mov sp, x29
    ldp x29, x30, [sp], #16
    .cfi_def_cfa sp, 0
    ret
END(gw_closure_arrive)

CONSTANT(gw_integer_registers, 8)
CONSTANT(gw_real_registers, 8)
CONSTANT(gw_reals_overflow, 0)

    .section .rodata
    .p2align 3
    .globl gw_trampoline
    .hidden gw_trampoline
gw_trampoline:
    ldr x17, . + GW_TRAMPOLINE_POOL
    ldr x16, . + GW_TRAMPOLINE_POOL + 4
    br x16
    nop

/*
 * bool gw_probe(const uint64_t *x0, uint64_t *x1): false when x0 cannot be
 * read; a signal handler goes on at gw_probe_failed then.
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

/* void gw_pause(void) */
FUNCTION(gw_pause)
    yield
    ret
END(gw_pause)
