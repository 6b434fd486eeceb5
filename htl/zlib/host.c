/* SPDX-License-Identifier: MIT */
/* The host's zlib, and printing to its files. */
#include "runtime.h"
#include "zlib-htl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

static void *library;

bool gw_zlib_open(void)
{
    library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        gw_log("this machine has no zlib (%s): install the package zlib1g",
               dlerror());
    }
    return library != NULL;
}

/* The pack's own functions stand on these of zlib's. */
void *gw_zlib_resolve(const char *name)
{
    if (!strcmp(name, "gw_gzprint")) {
        name = "gzprintf";
    } else if (!strcmp(name, "gw_zalloc") || !strcmp(name, "gw_zfree")) {
        name = "deflateInit_";
    }
    return dlsym(library, name);
}

void gw_custom_gw_gzprint(struct gw_args_gw_gzprint *a)
{
    int (*print)(gzFile, const char *, ...) =
        (void *)gw_zlib_real[gw_zlib_id_gw_gzprint];

    errno = 0;
    a->ret = print(a->file, "%s", (const char *)a->text);
    gw_guest_errno(errno);
}
