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
    .cfi_adjust_cfa_offset FRAME
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

.macro LOAD_FP
    ld t0, 200(sp)
    fsrm t0
.endm

.macro RESTORE_AND_RETURN
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
    ret
.endm

/* bool ENTER(struct gw_stack *a0, void (*fn)(void *) a1, void *arg a2) */
FUNCTION(ENTER)
    SAVE
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
    LOAD_FP
1:  RESTORE_AND_RETURN
END(ENTER)

/* void SUSPEND(struct gw_stack *a0): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    SAVE
    sd sp, GW_STACK_SUSPENDED(a0)
    ld sp, GW_STACK_CALLER(a0)
    LOAD_FP
    li a0, 0
    RESTORE_AND_RETURN
END(SUSPEND)

/* bool RESUME(struct gw_stack *a0): SUSPEND returns on its stack */
FUNCTION(RESUME)
    SAVE
    sd sp, GW_STACK_CALLER(a0)
    ld sp, GW_STACK_SUSPENDED(a0)
    LOAD_FP
    RESTORE_AND_RETURN
END(RESUME)

/*
 * bool gw_probe(const uint64_t *a0, uint64_t *a1): false when a0 cannot be
 * read; the plugin's signal handler goes on at gw_probe_failed then.
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
