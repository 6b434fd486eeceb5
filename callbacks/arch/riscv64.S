/* SPDX-License-Identifier: MIT */
/*
 * RISC-V LP64D: callee-saved are s0-s11, fs0-fs11, ra (as return address) and
 * the rounding mode.  A frame on either stack is, from its stack pointer up:
 * ra, s0-s11, fs0-fs11, frm, padding.
 */
#include "asm.h"

#define FRAME 208

.macro SAVE
    addi sp, sp, -FRAME
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    sd s2, 24(sp)
    sd s3, 32(sp)
    sd s4, 40(sp)
    sd s5, 48(sp)
    sd s6, 56(sp)
    sd s7, 64(sp)
    sd s8, 72(sp)
    sd s9, 80(sp)
    sd s10, 88(sp)
    sd s11, 96(sp)
    fsd fs0, 104(sp)
    fsd fs1, 112(sp)
    fsd fs2, 120(sp)
    fsd fs3, 128(sp)
    fsd fs4, 136(sp)
    fsd fs5, 144(sp)
    fsd fs6, 152(sp)
    fsd fs7, 160(sp)
    fsd fs8, 168(sp)
    fsd fs9, 176(sp)
    fsd fs10, 184(sp)
    fsd fs11, 192(sp)
    frrm t0
    sd t0, 200(sp)
.endm

/* Loads the frame's rounding mode where the one in use, in t0, differs. */
.macro LOAD_FP
    ld t1, 200(sp)
    beq t0, t1, 9f
    fsrm t1
9:
.endm

.macro RESTORE
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    ld s2, 24(sp)
    ld s3, 32(sp)
    ld s4, 40(sp)
    ld s5, 48(sp)
    ld s6, 56(sp)
    ld s7, 64(sp)
    ld s8, 72(sp)
    ld s9, 80(sp)
    ld s10, 88(sp)
    ld s11, 96(sp)
    fld fs0, 104(sp)
    fld fs1, 112(sp)
    fld fs2, 120(sp)
    fld fs3, 128(sp)
    fld fs4, 136(sp)
    fld fs5, 144(sp)
    fld fs6, 152(sp)
    fld fs7, 160(sp)
    fld fs8, 168(sp)
    fld fs9, 176(sp)
    fld fs10, 184(sp)
    fld fs11, 192(sp)
    addi sp, sp, FRAME
.endm

/* With its stack in a0. */
.macro LEAVE_STACK
    SAVE
    sd sp, GW_STACK_SUSPENDED(a0)
    ld sp, GW_STACK_CALLER(a0)
    LOAD_FP
    li a0, 0
    RESTORE
    ret
.endm

/* bool ENTER(struct gw_stack *a0, void (*fn)(void *) a1, void *arg a2) */
FUNCTION(ENTER)
    SAVE
    .cfi_adjust_cfa_offset FRAME
    sd sp, GW_STACK_CALLER(a0)
    sd zero, GW_STACK_SUSPENDED(a0)
    ld sp, GW_STACK_TOP(a0)
    /* Unwinding ends here: the frame below may be gone after a suspension. */
    .cfi_undefined ra
    mv s1, a0
    mv a0, a2
    mv s0, zero
    jalr a1
    /* Whoever resumed last is the caller now. */
    ld sp, GW_STACK_CALLER(s1)
    ld t1, GW_STACK_SUSPENDED(s1)
    li a0, 1
    beqz t1, 1f
    /* Its FP control may be another than this stack's. */
    ld t0, 200(sp)
    fsrm t0
1:  RESTORE
    ret
END(ENTER)

/* void SUSPEND(struct gw_stack *a0): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    LEAVE_STACK
END(SUSPEND)

/*
 * bool RESUME(struct gw_stack *a0): SUSPEND returns on its stack.
 * By a jump that is no return (not from ra or t0), so that the processor goes
 * on expecting a return to RESUME's caller, for which the next suspension is
 * one.
 */
FUNCTION(RESUME)
    SAVE
    .cfi_adjust_cfa_offset FRAME
    sd sp, GW_STACK_CALLER(a0)
    ld sp, GW_STACK_SUSPENDED(a0)
    LOAD_FP
    RESTORE
    mv t1, ra
    jr t1
END(RESUME)

/* The trampoline's data, t1, and the caller's frame. */
FUNCTION(gw_closure_arrive)
    addi sp, sp, -16
    .cfi_def_cfa_offset 16
    sd ra, 8(sp)
    .cfi_offset ra, -8
    sd s0, 0(sp)
    .cfi_offset s0, -16
    addi s0, sp, 16
    .cfi_def_cfa s0, 0
    addi sp, sp, -GW_ARRIVAL_SIZE
    sd a0, GW_ARRIVAL_INTEGER(sp)
    sd a1, GW_ARRIVAL_INTEGER + 8(sp)
    sd a2, GW_ARRIVAL_INTEGER + 16(sp)
    sd a3, GW_ARRIVAL_INTEGER + 24(sp)
    sd a4, GW_ARRIVAL_INTEGER + 32(sp)
    sd a5, GW_ARRIVAL_INTEGER + 40(sp)
    sd a6, GW_ARRIVAL_INTEGER + 48(sp)
    sd a7, GW_ARRIVAL_INTEGER + 56(sp)
    fsd fa0, GW_ARRIVAL_REAL(sp)
    fsd fa1, GW_ARRIVAL_REAL + 8(sp)
    fsd fa2, GW_ARRIVAL_REAL + 16(sp)
    fsd fa3, GW_ARRIVAL_REAL + 24(sp)
    fsd fa4, GW_ARRIVAL_REAL + 32(sp)
    fsd fa5, GW_ARRIVAL_REAL + 40(sp)
    fsd fa6, GW_ARRIVAL_REAL + 48(sp)
    fsd fa7, GW_ARRIVAL_REAL + 56(sp)
    sd t1, GW_ARRIVAL_CLOSURE(sp)
    mv a0, sp
    call gw_closure_enter
    beqz a0, 2f
    /* As SUSPEND, without a call: the return to the guest's side is then
     * where the processor expects the one to the caller. */
    lla ra, 1f
    LEAVE_STACK
1:  mv a0, sp
    call gw_closure_leave
2:  ld a0, GW_ARRIVAL_INTEGER(sp)
    fld fa0, GW_ARRIVAL_REAL(sp)
    addi sp, s0, -16
    .cfi_def_cfa sp, 16
    ld s0, 0(sp)
    ld ra, 8(sp)
    addi sp, sp, 16
    .cfi_def_cfa_offset 0
    ret
END(gw_closure_arrive)

CONSTANT(gw_integer_registers, 8)
CONSTANT(gw_real_registers, 8)
CONSTANT(gw_reals_overflow, 1)

    .section .rodata
    .p2align 3
    .globl gw_trampoline
    .hidden gw_trampoline
    .option push
    .option norvc
gw_trampoline:
    auipc t2, GW_TRAMPOLINE_POOL >> 12
    ld t1, 0(t2)
    ld t2, 8(t2)
    jr t2
    .option pop

/*
 * bool gw_probe(const uint64_t *a0, uint64_t *a1): false when a0 cannot be
 * read; a signal handler goes on at gw_probe_failed then.
 */
FUNCTION(gw_probe)
LABEL(gw_probe_load)
    ld a2, 0(a0)
    sd a2, 0(a1)
    li a0, 1
    ret
LABEL(gw_probe_failed)
    li a0, 0
    ret
END(gw_probe)

/* void gw_pause(void) */
FUNCTION(gw_pause)
    .word 0x0100000f  /* pause, for assemblers that do not know it */
    ret
END(gw_pause)
