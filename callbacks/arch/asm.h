/* SPDX-License-Identifier: MIT */
/* Names of the switch functions: the sanitizers' builds wrap them (stack.c). */
#include "../arrival.h"
#include "../stack-offsets.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ENTER gw_stack_enter_raw
#define SUSPEND gw_stack_suspend_raw
#define RESUME gw_stack_resume_raw
#else
#define ENTER gw_stack_enter
#define SUSPEND gw_stack_suspend
#define RESUME gw_stack_resume
#endif

#define FUNCTION(name) \
    .text; .p2align 4; .globl name; .hidden name; \
    .type name, %function; name: .cfi_startproc
#define LABEL(name) .globl name; .hidden name; name:
#define END(name) .cfi_endproc; .size name, . - name
#define CONSTANT(name, value) \
    .section .rodata; .p2align 3; .globl name; .hidden name; \
    .type name, %object; .size name, 4; name: .long value

    .section .note.GNU-stack, "", %progbits
