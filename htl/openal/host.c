/* SPDX-License-Identifier: MIT */
/* The host's libopenal: finding its functions, and what it finds of its own. */
#include "runtime.h"
#include "openal-htl.h"

#include <dlfcn.h>

static void *library;
/* The library's own function that finds others. */
static void *(*find)(ALCdevice *, const ALCchar *);

bool gw_openal_open(void)
{
    library = dlopen("libopenal.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        gw_log("this machine has no libopenal.so.1 (%s), so there is no "
               "sound: install the package libopenal1", dlerror());
        return false;
    }
    gw_verbose("libopenal.so.1: the host's");
    find = (void *(*)(ALCdevice *, const ALCchar *))dlsym(
        library, "alcGetProcAddress");
    return true;
}

/* Some functions are exported, others found, most are both. */
void *gw_openal_resolve(const char *name)
{
    void *function = dlsym(library, name);

    return function || !find ? function : find(NULL, name);
}

/* The guest's stub in place of what the library found. */
static void *stub(const ALCchar *name, const void *found)
{
    void *ours = found ? gw_pack_guest_proc(&gw_openal_pack, name) : NULL;

    if (found && !ours) {
        gw_log("%s is newer than Gangway's tables: the program is told that "
               "there is no such function", name);
    }
    return ours;
}

void gw_custom_alcGetProcAddress(struct gw_args_alcGetProcAddress *a)
{
    a->ret = stub(a->funcname, gw_openal_host(alcGetProcAddress)(
                                   a->device, a->funcname));
}

void gw_custom_alGetProcAddress(struct gw_args_alGetProcAddress *a)
{
    a->ret = stub(a->fname, gw_openal_host(alGetProcAddress)(a->fname));
}

/* --- callbacks that are asked for ----------------------------------------- */

static void *to_guest(void *function)
{
    void *target = gw_closure_target(function);

    return target ? target : function;
}

static bool is_callback(ALenum name)
{
    return name == AL_EVENT_CALLBACK_FUNCTION_SOFT ||
        name == AL_BUFFER_CALLBACK_FUNCTION_SOFT ||
        name == AL_DEBUG_CALLBACK_FUNCTION_EXT;
}

/* A function as the result, and at the address that the last argument is. */
#define RESULT(function)                                                      \
    void gw_adjust_##function(struct gw_args_##function *a)                   \
    {                                                                         \
        if (is_callback(a->pname)) {                                          \
            a->ret = to_guest(a->ret);                                        \
        }                                                                     \
    }
#define STORED(function, name, values)                                        \
    void gw_adjust_##function(struct gw_args_##function *a)                   \
    {                                                                         \
        void **place = a->values;                                             \
                                                                              \
        if (is_callback(a->name) && place) {                                  \
            *place = to_guest(*place);                                        \
        }                                                                     \
    }

RESULT(alGetPointerSOFT)
RESULT(alGetPointerEXT)
STORED(alGetPointervSOFT, pname, values)
STORED(alGetPointervEXT, pname, values)
STORED(alGetBufferPtrSOFT, param, value)
STORED(alGetBufferPtrvSOFT, param, values)
