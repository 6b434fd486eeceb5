/* SPDX-License-Identifier: MIT */
/* What the host's X11 libraries get in place of their libc's functions. */
#include "replace.h"
#include "runtime.h"

#include <string.h>

static const struct gw_replacement functions[] = {
    { "poll", gw_x11_poll },
    { "pthread_cond_init", gw_x11_cond_init },
    { "pthread_cond_destroy", gw_x11_cond_destroy },
    { "pthread_cond_wait", gw_x11_cond_wait },
    { "pthread_cond_signal", gw_x11_cond_wake },
    { "pthread_cond_broadcast", gw_x11_cond_wake },
    { "exit", gw_x11_exit },
    { "free", gw_either_free },
    { "realloc", gw_either_realloc },
    { "reallocarray", gw_x11_reallocarray },
    { "setlocale", gw_x11_setlocale },
    { "getenv", gw_x11_getenv },
    { NULL, NULL },
};

/* libX11.so.6, libXext.so.6, libxcb.so.1, libxcb-randr.so.0 ... */
static bool is_family(const char *path, const void *unused)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    (void)unused;
    return !strncmp(name, "libX", 4) || !strncmp(name, "libxcb", 6);
}

void gw_x11_replace(void)
{
    gw_replace(is_family, NULL, functions);
}
