/* SPDX-License-Identifier: MIT */
/*
 * Xlib's lists of variable arguments: pairs of a name and a value, each as
 * wide as a pointer, up to a name of NULL.  Guest code, as only it knows how
 * they were passed; collected here, read on the host.
 */
#include <stdarg.h>

static int count_words(va_list args)
{
    int count = 0;

    while (va_arg(args, void *)) {
        va_arg(args, void *);
        count += 2;
    }
    return count;
}

static void copy_words(va_list args, void **words, int count)
{
    for (int i = 0; i < count; i++) {
        words[i] = va_arg(args, void *);
    }
}

/* `call` uses words and count. */
#define GW_VALUES(result, function, first, call)                              \
    __attribute__((visibility("default"))) result function(first, ...)        \
    {                                                                         \
        va_list args;                                                         \
        int count;                                                            \
        va_start(args, object);                                               \
        count = count_words(args);                                            \
        va_end(args);                                                         \
        void *words[count + 1];                                               \
        va_start(args, object);                                               \
        copy_words(args, words, count);                                       \
        va_end(args);                                                         \
        return call;                                                          \
    }
#define GW_OBJECT_VALUES(result, function)                                    \
    GW_VALUES(result, function, void *object,                                 \
              gw_stub_gw_##function(object, words, count))

GW_OBJECT_VALUES(void *, XCreateIC)
GW_OBJECT_VALUES(void *, XSetICValues)
GW_OBJECT_VALUES(void *, XGetICValues)
GW_OBJECT_VALUES(void *, XSetIMValues)
GW_OBJECT_VALUES(void *, XGetIMValues)
GW_OBJECT_VALUES(void *, XCreateOC)
GW_OBJECT_VALUES(void *, XSetOCValues)
GW_OBJECT_VALUES(void *, XGetOCValues)
GW_OBJECT_VALUES(void *, XSetOMValues)
GW_OBJECT_VALUES(void *, XGetOMValues)
GW_VALUES(void *, XVaCreateNestedList, int object,
          ((void)object, gw_stub_gw_XVaCreateNestedList(words, count)))
