/* SPDX-License-Identifier: MIT */
/* The host's libraries of a pack whose table names them (the policy's host). */
#include "runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATUS 127 /* ld.so's, where a symbol is missing */

static void open_one(struct gw_host_library *l)
{
    const char *file = strcmp(l->file, "-") ? l->file : NULL;

    l->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (l->handle) {
        gw_verbose("%s: the host's", file ? file : l->soname);
    } else {
        l->error = strdup(dlerror());
    }
}

void gw_libraries_open(struct gw_pack *pack)
{
    for (struct gw_host_library *l = pack->libraries; l->soname; l++) {
        open_one(l);
    }
    if (pack->guest_heap) {
        gw_heap_share(pack);
    }
}

static const struct gw_host_library *library_of(const struct gw_pack *pack,
                                                const struct gw_function *f)
{
    const struct gw_host_library *l = pack->libraries;

    while (l->soname && strcmp(l->soname, f->soname)) {
        l++;
    }
    return l;
}

void *gw_libraries_resolve(const struct gw_pack *pack,
                           const struct gw_function *f)
{
    const struct gw_host_library *l;

    if (!f->soname) {
        return pack->libraries;
    }
    l = library_of(pack, f);
    return l->handle ? dlsym(l->handle, f->name) : NULL;
}

void *gw_pack_symbol(const struct gw_pack *pack, const char *name)
{
    const struct gw_host_library *l = pack->libraries;
    void *symbol = NULL;

    for (; !symbol && l->soname; l++) {
        symbol = l->handle ? dlsym(l->handle, name) : NULL;
    }
    return symbol;
}

void gw_libraries_give_up(const struct gw_pack *pack,
                          const struct gw_function *f)
{
    const struct gw_host_library *l = library_of(pack, f);

    if (l->handle) {
        gw_log("the program calls %s, which this machine's %s lacks: install "
               "a newer %s, or run it without --packs=%s", f->name, l->soname,
               l->package, pack->name);
    } else {
        gw_log("the program calls %s, and this machine's %s cannot be used "
               "(%s): install the package %s, or run it without --packs=%s",
               f->name, l->soname, l->error, l->package, pack->name);
    }
    fflush(NULL);
    _exit(STATUS);
}
