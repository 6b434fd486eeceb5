/* SPDX-License-Identifier: MIT */
/*
 * System V AMD64: callee-saved are rbx, rbp, r12-r15, the x87 control word
 * and the control bits of MXCSR.  A frame on either stack is, from its stack
 * pointer up: MXCSR and control word (8 bytes), r15 r14 r13 r12 rbx rbp,
 * return address.
 */
#include "asm.h"

.macro SAVE
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    pushq %r12
    .cfi_adjust_cfa_offset 8
    pushq %r13
    .cfi_adjust_cfa_offset 8
    pushq %r14
    .cfi_adjust_cfa_offset 8
    pushq %r15
    .cfi_adjust_cfa_offset 8
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
.endm

.macro LOAD_FP
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
.endm

.macro RESTORE_AND_RETURN
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.endm

/* bool ENTER(struct gw_stack *rdi, void (*fn)(void *) rsi, void *arg rdx) */
FUNCTION(ENTER)
    SAVE
    movq %rsp, GW_STACK_CALLER(%rdi)
    movq $0, GW_STACK_SUSPENDED(%rdi)
    movq GW_STACK_TOP(%rdi), %rsp
    /* Unwinding ends here: the frame below may be gone after a suspension. */
    .cfi_undefined rip
    movq %rdi, %rbx
    movq %rdx, %rdi
    xorl %ebp, %ebp
    call *%rsi
    /* Whoever resumed last is the caller now. */
    movq GW_STACK_CALLER(%rbx), %rsp
    movl $1, %eax
    cmpq $0, GW_STACK_SUSPENDED(%rbx)
    je 1f
    /* Its FP control may be another than this stack's. */
    LOAD_FP
1:  RESTORE_AND_RETURN
END(ENTER)

/* void SUSPEND(struct gw_stack *rdi): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    SAVE
    movq %rsp, GW_STACK_SUSPENDED(%rdi)
    movq GW_STACK_CALLER(%rdi), %rsp
    xorl %eax, %eax
    LOAD_FP
    RESTORE_AND_RETURN
END(SUSPEND)

/* bool RESUME(struct gw_stack *rdi): SUSPEND returns on its stack */
FUNCTION(RESUME)
    SAVE
    movq %rsp, GW_STACK_CALLER(%rdi)
    movq GW_STACK_SUSPENDED(%rdi), %rsp
    LOAD_FP
    RESTORE_AND_RETURN
END(RESUME)

/*
 * bool gw_probe(const uint64_t *rdi, uint64_t *rsi): false when rdi cannot be
 * read; the plugin's signal handler goes on at gw_probe_failed then.
 */
FUNCTION(gw_probe)
LABEL(gw_probe_load)
    movq (%rdi), %rax
    movq %rax, (%rsi)
    movl $1, %eax
    ret
LABEL(gw_probe_failed)
    xorl %eax, %eax
    ret
END(gw_probe)
