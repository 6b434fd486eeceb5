/* SPDX-License-Identifier: MIT */
/* The SSE control and status register, as the instructions see it. */
#ifndef MXCSR_H
#define MXCSR_H

#include <stdint.h>

static inline uint32_t get_mxcsr(void)
{
    uint32_t value;

    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static inline void set_mxcsr(uint32_t value)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

#endif
