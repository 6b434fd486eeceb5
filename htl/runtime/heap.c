/* SPDX-License-Identifier: MIT */
/*
 * Memory that both sides free.  A library whose blocks a program frees with its
 * own free(), or which frees and reallocates a program's, has one heap with the
 * program natively; here it is given the guest's.
 */
#include "runtime.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

void gw_either_free(void *memory)
{
    if (memory && gw_is_guest(memory)) {
        gw_guest_service(GW_SERVICE_FREE, (uintptr_t)memory, 0, 0);
    } else {
        free(memory);
    }
}

/* What the guest has allocated stays where its free() works. */
void *gw_either_realloc(void *memory, size_t size)
{
    if (memory && gw_is_guest(memory)) {
        return (void *)gw_guest_service(GW_SERVICE_REALLOC,
                                        (uintptr_t)memory, size, 0);
    }
    return realloc(memory, size);
}

/* Outside of a call, in a constructor say, there is no guest to ask. */
static void *guest_malloc(size_t size)
{
    void *memory;

    if (!gw_current_pack()) {
        return malloc(size);
    }
    memory = (void *)gw_guest_service(GW_SERVICE_MALLOC, size, 0, 0);
    if (!memory) {
        errno = ENOMEM;
    }
    return memory;
}

static void *guest_calloc(size_t count, size_t size)
{
    size_t bytes;
    void *memory;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    memory = guest_malloc(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

static void *guest_realloc(void *memory, size_t size)
{
    return memory ? gw_either_realloc(memory, size) : guest_malloc(size);
}

static const struct gw_replacement functions[] = {
    { "malloc", guest_malloc },
    { "calloc", guest_calloc },
    { "realloc", guest_realloc },
    { "free", gw_either_free },
    { NULL, NULL },
};

static bool is_it(const char *path, const void *data)
{
    return !strcmp(path, data);
}

void gw_heap_share(const struct gw_pack *pack)
{
    for (const struct gw_host_library *l = pack->libraries; l->soname; l++) {
        struct link_map *map;
        if (l->handle && !dlinfo(l->handle, RTLD_DI_LINKMAP, &map)) {
            gw_replace(is_it, map->l_name, functions);
        }
    }
}
