/* SPDX-License-Identifier: MIT */
/* The host's libc, which is there already. */
#include "qsort-htl.h"

#include <dlfcn.h>

bool gw_qsort_open(void)
{
    return true;
}

void *gw_qsort_resolve(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}
