/* SPDX-License-Identifier: MIT */
/* A list of variable arguments: an attribute's number, where to store it, and
 * so on up to an attribute of 0.  Guest code, as in values.c. */
#include <stdarg.h>

/* Xag.h knows attributes 1 to 7. */
enum { GW_GROUP_WORDS = 2 * 7 };

__attribute__((visibility("default"))) int
XagGetApplicationGroupAttributes(void *display, unsigned long group, ...)
{
    void *words[GW_GROUP_WORDS + 1] = { 0 };
    va_list args;
    int attribute;

    va_start(args, group);
    for (int i = 0; i < GW_GROUP_WORDS && (attribute = va_arg(args, int));
         i += 2) {
        words[i] = (void *)(long)attribute;
        words[i + 1] = va_arg(args, void *);
    }
    va_end(args);
    return gw_stub_gw_XagGet(display, group, words);
}
