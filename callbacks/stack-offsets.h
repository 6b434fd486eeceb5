/* SPDX-License-Identifier: MIT */
/* Offsets into struct gw_stack, for arch/; checked in stack.c. */
#define GW_STACK_CALLER 0
#define GW_STACK_TOP 8
#define GW_STACK_SUSPENDED 16
