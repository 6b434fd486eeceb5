/* SPDX-License-Identifier: MIT */
/* All that the far library's pack needs by hand. */
#include "far-htl.h"
#include "runtime.h"

#include <dlfcn.h>
#include <stdlib.h>

static void *library;

bool gw_far_open(void)
{
    const char *path = getenv("FAR_LIBRARY");

    library = dlopen(path ? path : "libfar.so.1", RTLD_NOW);
    if (!library) {
        gw_log("the far library: %s", dlerror());
    }
    return library != NULL;
}

void *gw_far_resolve(const char *name)
{
    return dlsym(library, name);
}
