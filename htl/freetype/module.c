/* SPDX-License-Identifier: MIT */
/*
 * Modules of the guest's, renderers above all, and functions in structs that
 * FreeType copies or uses for the time of a call.
 */
#include "freetype-host.h"
#include "freetype-htl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A guest function for the host; a host's own, which programs copy from
 * classes that they derive from, stays. */
static void *for_host(unsigned signature, void *function,
                      void (*around)(struct gw_closure_call *))
{
    if (!function || gw_ft_is_hosts(function)) {
        return function;
    }
    return around ? gw_closure_keep_around(&gw_freetype_pack, signature,
                                           function, around)
                  : gw_closure_keep_local(&gw_freetype_pack, signature,
                                          function);
}

#define FOR_HOST(place, type, around)                                         \
    ((place) = (type)for_host(gw_freetype_sig_##type, (void *)(place), around))

/* What the guest gave, where it is the guest's. */
#define FOR_GUEST(place)                                                      \
    ((place) = gw_closure_target((void *)(place))                             \
                   ? (__typeof__(place))gw_closure_target((void *)(place))    \
                   : (place))

const FT_Outline_Funcs *gw_ft_outline_funcs(const void *guest,
                                            FT_Outline_Funcs *storage)
{
    if (!guest) {
        return NULL;
    }
    *storage = *(const FT_Outline_Funcs *)guest;
    FOR_HOST(storage->move_to, FT_Outline_MoveToFunc, NULL);
    FOR_HOST(storage->line_to, FT_Outline_LineToFunc, NULL);
    FOR_HOST(storage->conic_to, FT_Outline_ConicToFunc, NULL);
    FOR_HOST(storage->cubic_to, FT_Outline_CubicToFunc, NULL);
    return storage;
}

/* --- rasters ------------------------------------------------------------- */

/* The library fills in what the raster is to work on, also for the caller. */
void gw_custom_FT_Outline_Render(struct gw_args_FT_Outline_Render *a)
{
    FT_Raster_Params *guest = a->params, host;

    if (!guest) {
        a->ret = gw_freetype_host(FT_Outline_Render)(a->library, a->outline,
                                                     NULL);
        return;
    }
    host = *guest;
    FOR_HOST(host.gray_spans, FT_SpanFunc, NULL);
    FOR_HOST(host.black_spans, FT_SpanFunc, NULL);
    FOR_HOST(host.bit_test, FT_Raster_BitTest_Func, NULL);
    FOR_HOST(host.bit_set, FT_Raster_BitSet_Func, NULL);
    a->ret = gw_freetype_host(FT_Outline_Render)(a->library, a->outline,
                                                 &host);
    guest->source = host.source;
    guest->clip_box = host.clip_box;
}

/* A guest's raster gets the guest's functions, and memory that it can use. */

static void around_render(struct gw_closure_call *call)
{
    const FT_Raster_Params *host = *(const FT_Raster_Params **)call->args[1];
    FT_Raster_Params guest = *host;
    const FT_Raster_Params *pointer = &guest;

    FOR_GUEST(guest.gray_spans);
    FOR_GUEST(guest.black_spans);
    FOR_GUEST(guest.bit_test);
    FOR_GUEST(guest.bit_set);
    call->args[1] = &pointer;
    gw_closure_proceed(call);
}

static void around_new(struct gw_closure_call *call)
{
    FT_Memory memory = gw_ft_memory_view(*(FT_Memory *)call->args[0]);

    call->args[0] = &memory;
    gw_closure_proceed(call);
}

/* --- modules ------------------------------------------------------------- */

/* The library keeps the class of a module: one mirror for each, for ever. */
struct class {
    const FT_Module_Class *guest;
    FT_Renderer_Class was;   /* what the guest's was */
    FT_Raster_Funcs was_raster;
    FT_Renderer_Class host;
    FT_Raster_Funcs raster;
    struct class *next;
};

/* Under the lock; no guest code runs under it. */
static struct class *classes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Interfaces are tables of functions that no header has: the library would
 * call the guest's as they are. */
static void around_interface(struct gw_closure_call *call)
{
    static bool said;

    gw_closure_proceed(call);
    if (*(uint64_t *)call->ret && !said) {
        said = true;
        gw_log("FreeType: an interface \"%s\" of a module of the program's "
               "is not used", *(const char **)call->args[1]);
    }
    *(uint64_t *)call->ret = 0;
}

static void fill(struct class *c, const FT_Module_Class *guest)
{
    memset(c, 0, sizeof(*c));
    c->guest = guest;
    if (guest->module_flags & FT_MODULE_RENDERER) {
        c->was = *(const FT_Renderer_Class *)guest;
    } else {
        c->was.root = *guest;
    }
    c->host = c->was;
    if (c->was.raster_class) {
        c->was_raster = *c->was.raster_class;
    }
}

static void convert(struct class *c)
{
    FT_Renderer_Class *r = &c->host;

    FOR_HOST(r->root.module_init, FT_Module_Constructor, NULL);
    FOR_HOST(r->root.module_done, FT_Module_Destructor, NULL);
    FOR_HOST(r->root.get_interface, FT_Module_Requester, around_interface);
    FOR_HOST(r->render_glyph, FT_Renderer_RenderFunc, NULL);
    FOR_HOST(r->transform_glyph, FT_Renderer_TransformFunc, NULL);
    FOR_HOST(r->get_glyph_cbox, FT_Renderer_GetCBoxFunc, NULL);
    FOR_HOST(r->set_mode, FT_Renderer_SetModeFunc, NULL);
    if (r->raster_class && !gw_ft_is_hosts(r->raster_class)) {
        c->raster = c->was_raster;
        r->raster_class = &c->raster;
        FOR_HOST(c->raster.raster_new, FT_Raster_NewFunc, around_new);
        FOR_HOST(c->raster.raster_done, FT_Raster_DoneFunc, NULL);
        FOR_HOST(c->raster.raster_reset, FT_Raster_ResetFunc, NULL);
        FOR_HOST(c->raster.raster_set_mode, FT_Raster_SetModeFunc, NULL);
        FOR_HOST(c->raster.raster_render, FT_Raster_RenderFunc,
                 around_render);
    }
}

/* The mirror of the guest's class; NULL where there is no memory. */
static const FT_Module_Class *mirror(const FT_Module_Class *guest)
{
    struct class *c, *made = malloc(sizeof(*made));

    if (!made) {
        return NULL;
    }
    fill(made, guest);
    pthread_mutex_lock(&lock);
    for (c = classes; c; c = c->next) {
        if (c->guest == guest && !memcmp(&c->was, &made->was, sizeof(c->was)) &&
            !memcmp(&c->was_raster, &made->was_raster,
                    sizeof(c->was_raster))) {
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    if (c) {
        free(made);
        return &c->host.root;
    }
    convert(made);
    pthread_mutex_lock(&lock);
    made->next = classes;
    classes = made;
    pthread_mutex_unlock(&lock);
    return &made->host.root;
}

/* A class of this library's, or of a renderer that another program made. */
static bool is_hosts_class(const FT_Module_Class *clazz)
{
    bool found = gw_ft_is_hosts(clazz);

    pthread_mutex_lock(&lock);
    for (struct class *c = classes; c && !found; c = c->next) {
        found = clazz == &c->host.root;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void gw_custom_FT_Add_Module(struct gw_args_FT_Add_Module *a)
{
    const FT_Module_Class *clazz = a->clazz;
    const FT_ULong private = FT_MODULE_FONT_DRIVER | FT_MODULE_HINTER;

    if (clazz && !is_hosts_class(clazz)) {
        if (clazz->module_flags & private) {
            gw_log("FreeType: \"%s\" is not used: no public header has what "
                   "makes up a font driver or a hinter", clazz->module_name);
            a->ret = FT_Err_Unimplemented_Feature;
            return;
        }
        clazz = mirror(clazz);
        if (!clazz) {
            a->ret = FT_Err_Out_Of_Memory;
            return;
        }
    }
    a->ret = gw_freetype_host(FT_Add_Module)(a->library, clazz);
}

/* --- properties ---------------------------------------------------------- */

static bool is_hooks(const char *module, const char *property)
{
    return module && property && !strcmp(module, "ot-svg") &&
           !strcmp(property, "svg-hooks");
}

void gw_custom_FT_Property_Set(struct gw_args_FT_Property_Set *a)
{
    SVG_RendererHooks hooks;
    const void *value = a->value;

    if (value && is_hooks(a->module_name, a->property_name)) {
        hooks = *(const SVG_RendererHooks *)value;
        FOR_HOST(hooks.init_svg, SVG_Lib_Init_Func, NULL);
        FOR_HOST(hooks.free_svg, SVG_Lib_Free_Func, NULL);
        FOR_HOST(hooks.render_svg, SVG_Lib_Render_Func, NULL);
        FOR_HOST(hooks.preset_slot, SVG_Lib_Preset_Slot_Func, NULL);
        value = &hooks;
    }
    a->ret = gw_freetype_host(FT_Property_Set)(a->library, a->module_name,
                                               a->property_name, value);
}

void gw_adjust_FT_Property_Get(struct gw_args_FT_Property_Get *a)
{
    SVG_RendererHooks *hooks = a->value;

    if (!a->ret && hooks && is_hooks(a->module_name, a->property_name)) {
        FOR_GUEST(hooks->init_svg);
        FOR_GUEST(hooks->free_svg);
        FOR_GUEST(hooks->render_svg);
        FOR_GUEST(hooks->preset_slot);
    }
}

/* --- the log ------------------------------------------------------------- */

/* Libraries that log are built for that; others, Debian's among them, do
 * nothing here.  What one logs goes where it does by default. */
void gw_custom_FT_Set_Log_Handler(struct gw_args_FT_Set_Log_Handler *a)
{
    (void)a;
}
