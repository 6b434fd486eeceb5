/* SPDX-License-Identifier: MIT */
/* The host's X11 libraries: each is loaded when one of its functions is first
 * called. */
#include "replace.h"
#include "runtime.h"
#include "x11-htl.h"
#include "x11.h"

#include "gangway/lock.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct library {
    const char *soname;
    void *handle; /* NULL: not on this machine */
    struct library *next;
};

GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct library *libraries;

static struct library *load(const char *soname)
{
    struct library *l = calloc(1, sizeof(*l));

    if (!l) {
        return NULL;
    }
    l->soname = soname;
    l->handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) {
        gw_log("this machine has no %s (%s): its functions do nothing; "
               "install it, or run with --x11=guest", soname, dlerror());
    }
    gw_x11_replace(); /* in it and what came with it */
    l->next = libraries;
    libraries = l;
    return l;
}

void *gw_x11_symbol(const char *soname, const char *name)
{
    struct library *l;
    void *symbol;

    pthread_mutex_lock(&lock);
    for (l = libraries; l && strcmp(l->soname, soname); l = l->next) {
    }
    l = l ? l : load(soname);
    symbol = l && l->handle ? dlsym(l->handle, name) : NULL;
    pthread_mutex_unlock(&lock);
    return symbol;
}

bool gw_x11_open(void)
{
    gw_x11_thunked();
    return true;
}

/* Functions of the pack's own stand on no library of the host's; any address
 * says that they are there. */
void *gw_x11_resolve(const char *name)
{
    int id = gw_pack_find(&gw_x11_pack, name);
    const char *soname = gw_x11_pack.functions[id].soname;

    return soname ? gw_x11_symbol(soname, name) : (void *)gw_x11_resolve;
}

/* What the guest's libraries export (thunkgen/packs/x11.policy, data). */
static const struct {
    const char *name, *soname, *symbol;
} extensions[] = {
    { "BIG-REQUESTS", "libxcb.so.1", "xcb_big_requests_id" },
    { "XC-MISC", "libxcb.so.1", "xcb_xc_misc_id" },
    { "RENDER", "libxcb-render.so.0", "xcb_render_id" },
    { "SHAPE", "libxcb-shape.so.0", "xcb_shape_id" },
    { "XFIXES", "libxcb-xfixes.so.0", "xcb_xfixes_id" },
    { "Composite", "libxcb-composite.so.0", "xcb_composite_id" },
    { "DAMAGE", "libxcb-damage.so.0", "xcb_damage_id" },
    { "DPMS", "libxcb-dpms.so.0", "xcb_dpms_id" },
    { "DRI2", "libxcb-dri2.so.0", "xcb_dri2_id" },
    { "DRI3", "libxcb-dri3.so.0", "xcb_dri3_id" },
    { "GLX", "libxcb-glx.so.0", "xcb_glx_id" },
    { "RANDR", "libxcb-randr.so.0", "xcb_randr_id" },
    { "SYNC", "libxcb-sync.so.1", "xcb_sync_id" },
    { "Present", "libxcb-present.so.0", "xcb_present_id" },
    { "X-Resource", "libxcb-res.so.0", "xcb_res_id" },
    { "MIT-SCREEN-SAVER", "libxcb-screensaver.so.0", "xcb_screensaver_id" },
    { "MIT-SHM", "libxcb-shm.so.0", "xcb_shm_id" },
    { "XFree86-DRI", "libxcb-xf86dri.so.0", "xcb_xf86dri_id" },
    { "XINERAMA", "libxcb-xinerama.so.0", "xcb_xinerama_id" },
    { "XInputExtension", "libxcb-xinput.so.0", "xcb_input_id" },
    { "XKEYBOARD", "libxcb-xkb.so.1", "xcb_xkb_id" },
    { "XTEST", "libxcb-xtest.so.0", "xcb_test_id" },
    { "XVideo", "libxcb-xv.so.0", "xcb_xv_id" },
};

/* The head of xcb_extension_t, which xcbext.h keeps to itself. */
struct extension {
    const char *name;
};

void *gw_x11_extension(void *guest)
{
    const struct extension *e = guest;
    void *host;

    for (size_t i = 0; e && i < sizeof(extensions) / sizeof(*extensions);
         i++) {
        if (!strcmp(e->name, extensions[i].name)) {
            host = gw_x11_symbol(extensions[i].soname, extensions[i].symbol);
            return host ? host : guest;
        }
    }
    return guest;
}
