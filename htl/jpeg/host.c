/* SPDX-License-Identifier: MIT */
/* The host's libjpeg, and those of its functions that have no name. */
#include "runtime.h"
#include "jpeg-htl.h"

#include <dlfcn.h>
#include <string.h>

static void *library;

/* Every error manager and every memory manager has the same functions. */
static bool learn(void)
{
    void (*create)(j_decompress_ptr, int, size_t) =
        (void (*)(j_decompress_ptr, int, size_t))dlsym(
            library, "jpeg_CreateDecompress");
    void (*destroy)(j_decompress_ptr) =
        (void (*)(j_decompress_ptr))dlsym(library, "jpeg_destroy_decompress");
    struct jpeg_error_mgr *(*std_error)(struct jpeg_error_mgr *) =
        (struct jpeg_error_mgr *(*)(struct jpeg_error_mgr *))dlsym(
            library, "jpeg_std_error");
    struct jpeg_decompress_struct cinfo = { .err = &gw_jpeg_standard };

    if (!create || !destroy || !std_error) {
        return false;
    }
    std_error(&gw_jpeg_standard);
    create(&cinfo, JPEG_LIB_VERSION, sizeof(cinfo));
    gw_jpeg_memory = *cinfo.mem;
    destroy(&cinfo);
    return true;
}

bool gw_jpeg_open(void)
{
    library = dlopen("libjpeg.so.62", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        gw_log("this machine has no libjpeg (%s): install the package "
               "libjpeg62-turbo", dlerror());
    } else if (!learn()) {
        gw_log("this machine's libjpeg.so.62 is none: install the package "
               "libjpeg62-turbo");
        return false;
    }
    return library != NULL;
}

#define METHOD(manager, member) \
    { "gw_jpeg_" #member, offsetof(struct manager, member) }

static const struct method {
    const char *name;
    size_t offset;
} errors[] = {
    METHOD(jpeg_error_mgr, emit_message),
    METHOD(jpeg_error_mgr, format_message),
    METHOD(jpeg_error_mgr, reset_error_mgr),
    { NULL, 0 },
}, memory[] = {
    METHOD(jpeg_memory_mgr, alloc_small),
    METHOD(jpeg_memory_mgr, alloc_large),
    METHOD(jpeg_memory_mgr, alloc_sarray),
    METHOD(jpeg_memory_mgr, alloc_barray),
    METHOD(jpeg_memory_mgr, request_virt_sarray),
    METHOD(jpeg_memory_mgr, request_virt_barray),
    METHOD(jpeg_memory_mgr, realize_virt_arrays),
    METHOD(jpeg_memory_mgr, access_virt_sarray),
    METHOD(jpeg_memory_mgr, access_virt_barray),
    METHOD(jpeg_memory_mgr, free_pool),
    METHOD(jpeg_memory_mgr, self_destruct),
    { NULL, 0 },
};

static void *member(const struct method *methods, const void *manager,
                    const char *name)
{
    while (methods->name && strcmp(methods->name, name)) {
        methods++;
    }
    return methods->name
        ? *(void **)((const char *)manager + methods->offset) : NULL;
}

void *gw_jpeg_resolve(const char *name)
{
    void *function = member(errors, &gw_jpeg_standard, name);

    if (!strcmp(name, "gw_jpeg_std_error")) {
        name = "jpeg_std_error";
    }
    function = function ? function : member(memory, &gw_jpeg_memory, name);
    return function ? function : dlsym(library, name);
}
