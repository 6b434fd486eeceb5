/* SPDX-License-Identifier: MIT */
/*
 * gzprintf() and gzvprintf(): only the guest's libc can read the guest's
 * variable arguments.  What it makes of them goes to the host as one string.
 */
#include "stub.h"

#include <stdarg.h>

#define Z_STREAM_ERROR (-2) /* zlib.h */
#define EXPORT __attribute__((visibility("default")))

void *malloc(size_t size) __attribute__((weak));
void free(void *ptr) __attribute__((weak));
int vsnprintf(char *out, size_t size, const char *format, va_list args)
    __attribute__((weak, format(printf, 3, 0)));

GW_HIDDEN int32_t gw_stub_gw_gzprint(void *file, void *text);

EXPORT int gzvprintf(void *file, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
EXPORT int gzprintf(void *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

int gzvprintf(void *file, const char *format, va_list args)
{
    int length, result = Z_STREAM_ERROR;
    char *text = NULL;
    va_list again;

    if (!vsnprintf || !malloc || !free) {
        return Z_STREAM_ERROR;
    }
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0) {
        text = malloc((size_t)length + 1);
    }
    if (text) {
        vsnprintf(text, (size_t)length + 1, format, args);
        result = gw_stub_gw_gzprint(file, text);
        free(text);
    }
    return result;
}

int gzprintf(void *file, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = gzvprintf(file, format, args);
    va_end(args);
    return result;
}
