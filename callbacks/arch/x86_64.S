/* SPDX-License-Identifier: MIT */
/*
 * System V AMD64: callee-saved are rbx, rbp, r12-r15, the x87 control word
 * and the control bits of MXCSR.  A frame on either stack is, from its stack
 * pointer up: MXCSR and control word (8 bytes), r15 r14 r13 r12 rbx rbp,
 * return address.
 */
#include "asm.h"

#define MXCSR_CONTROL 0xffc0

.macro SAVE
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
.endm

/* Loads the frame's FP control where the one in the frame at \current, which
 * is in use, differs: the instructions that load are slow. */
.macro LOAD_FP current
    movl (\current), %ecx
    xorl (%rsp), %ecx
    testl $MXCSR_CONTROL, %ecx
    jz 8f
    ldmxcsr (%rsp)
8:  movzwl 4(\current), %ecx
    cmpw %cx, 4(%rsp)
    je 9f
    fldcw 4(%rsp)
9:
.endm

.macro RESTORE
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
.endm

/* With its stack in rax. */
.macro LEAVE_STACK
    SAVE
    movq %rsp, %r10
    movq %rsp, GW_STACK_SUSPENDED(%rax)
    movq GW_STACK_CALLER(%rax), %rsp
    LOAD_FP %r10
    xorl %eax, %eax
    RESTORE
    ret
.endm

/* bool ENTER(struct gw_stack *rdi, void (*fn)(void *) rsi, void *arg rdx) */
FUNCTION(ENTER)
    SAVE
    .cfi_adjust_cfa_offset 56
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
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
1:  RESTORE
    ret
END(ENTER)

/* void SUSPEND(struct gw_stack *rdi): ENTER or RESUME returns false */
FUNCTION(SUSPEND)
    movq %rdi, %rax
    LEAVE_STACK
END(SUSPEND)

/*
 * bool RESUME(struct gw_stack *rdi): SUSPEND returns on its stack.
 * By a jump, so that the processor goes on expecting a return to RESUME's
 * caller, for which the next suspension is one.
 */
FUNCTION(RESUME)
    SAVE
    .cfi_adjust_cfa_offset 56
    movq %rsp, %r10
    movq %rsp, GW_STACK_CALLER(%rdi)
    movq GW_STACK_SUSPENDED(%rdi), %rsp
    LOAD_FP %r10
    RESTORE
    popq %rcx
    jmp *%rcx
END(RESUME)

/* The trampoline's data, rdi's struct gw_arrival, the caller's frame. */
FUNCTION(gw_closure_arrive)
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    subq $GW_ARRIVAL_SIZE, %rsp
    movq %rdi, GW_ARRIVAL_INTEGER(%rsp)
    movq %rsi, GW_ARRIVAL_INTEGER+8(%rsp)
    movq %rdx, GW_ARRIVAL_INTEGER+16(%rsp)
    movq %rcx, GW_ARRIVAL_INTEGER+24(%rsp)
    movq %r8, GW_ARRIVAL_INTEGER+32(%rsp)
    movq %r9, GW_ARRIVAL_INTEGER+40(%rsp)
    movsd %xmm0, GW_ARRIVAL_REAL(%rsp)
    movsd %xmm1, GW_ARRIVAL_REAL+8(%rsp)
    movsd %xmm2, GW_ARRIVAL_REAL+16(%rsp)
    movsd %xmm3, GW_ARRIVAL_REAL+24(%rsp)
    movsd %xmm4, GW_ARRIVAL_REAL+32(%rsp)
    movsd %xmm5, GW_ARRIVAL_REAL+40(%rsp)
    movsd %xmm6, GW_ARRIVAL_REAL+48(%rsp)
    movsd %xmm7, GW_ARRIVAL_REAL+56(%rsp)
    movq %r11, GW_ARRIVAL_CLOSURE(%rsp)
    movq %rsp, %rdi
    call gw_closure_enter
    testq %rax, %rax
    jz 2f
    /* As SUSPEND, without a call: the return to the guest's side is then
     * where the processor expects the one to the caller. */
    leaq 1f(%rip), %rcx
    pushq %rcx
    LEAVE_STACK
1:  movq %rsp, %rdi
    call gw_closure_leave
2:  movq GW_ARRIVAL_INTEGER(%rsp), %rax
    movsd GW_ARRIVAL_REAL(%rsp), %xmm0
    leave
    .cfi_def_cfa rsp, 8
    ret
END(gw_closure_arrive)

CONSTANT(gw_integer_registers, 6)
CONSTANT(gw_real_registers, 8)
CONSTANT(gw_reals_overflow, 0)

    .section .rodata
    .globl gw_trampoline
    .hidden gw_trampoline
gw_trampoline:
    movq gw_trampoline + GW_TRAMPOLINE_POOL(%rip), %r11
    jmp *gw_trampoline + GW_TRAMPOLINE_POOL + 8(%rip)
    .balign GW_TRAMPOLINE_SIZE, 0xcc

/*
 * bool gw_probe(const uint64_t *rdi, uint64_t *rsi): false when rdi cannot be
 * read; a signal handler goes on at gw_probe_failed then.
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

/* void gw_pause(void) */
FUNCTION(gw_pause)
    pause
    ret
END(gw_pause)
