/* SPDX-License-Identifier: MIT */
/* Whose X11 libraries a program uses: its own, or thunks of the host's. */
#include "gangway.h"
#include "imports.h"

#include <string.h>

struct finding {
    char *library;
    const char *part; /* NULL: none */
};

/* The family itself and what the GL pack replaces are the host's then. */
static bool is_replaced(const char *path)
{
    static const char *const names[] = {
        "libX11.", "libX11-xcb.", "libXext.", "libXrandr.", "libXi.",
        "libXcursor.", "libXfixes.", "libXrender.", "libXinerama.",
        "libXss.", "libXxf86vm.", "libXcomposite.", "libXdamage.",
        "libXtst.", "libXpresent.", "libGL.", "libGLX", "libEGL.",
    };
    g_autofree char *file = g_path_get_basename(path);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(file, names[i]))
            return true;
    return false;
}

static bool look(const char *path, char **imports, void *data)
{
    struct finding *f = data;

    if (!is_replaced(path))
        f->part = gw_private_x11(imports);
    if (f->part)
        f->library = g_path_get_basename(path);
    return !f->part;
}

const char *gw_guest_library_path(const struct gw_options *o)
{
    static const char variable[] = "LD_LIBRARY_PATH=";
    const char *path = g_getenv("LD_LIBRARY_PATH");

    for (guint i = 0; i < o->guest_env->len; i++)
        if (g_str_has_prefix(o->guest_env->pdata[i], variable))
            path = (char *)o->guest_env->pdata[i] + strlen(variable);
    return path;
}

bool gw_x11_is_thunked(const struct gw_options *o,
                       const struct gw_program *prog)
{
    struct finding f = {0};

    if (o->x11 != GW_X11_THUNK)
        return false;
    gw_needs_walk(prog, gw_guest_library_path(o), look, &f);
    if (f.library)
        gw_say("--x11=guest is used: %s touches private parts of libX11 (%s)",
               f.library, f.part);
    g_free(f.library);
    return !f.library;
}
