/* SPDX-License-Identifier: MIT
 *
 * Two libraries of one layout: jumps.c closes one and opens the other, which
 * then lies where the first did, and has another ANSWER.
 */
__attribute__((noinline, section(".text.near"))) int answer(void)
{
    __asm__ volatile("");
    return ANSWER;
}

/* In another page than what it calls. */
__attribute__((noinline, aligned(4096), section(".text.far")))
int far_answer(void)
{
    int value = answer();
    __asm__ volatile("" : "+r"(value));
    return value;
}
