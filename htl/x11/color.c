/* SPDX-License-Identifier: MIT */
/*
 * Color spaces and sets of functions that the guest adds to Xcms: structs of
 * functions, which Xlib keeps until the process ends; so do their copies.
 */
#include "runtime.h"
#include "x11-htl.h"

#include <stdlib.h>
#include <X11/Xcms.h>
#include <X11/Xlib.h>

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory) {
        gw_log("no memory left for a color space");
        abort();
    }
    return memory;
}

static void *keep(unsigned signature, void *function)
{
    return gw_closure_keep_local(&gw_x11_pack, signature, function);
}

/* One closure for each function: Xlib looks for steps that two spaces have in
 * common by comparing addresses. */
static XcmsFuncListPtr copy_steps(unsigned signature, XcmsFuncListPtr guest)
{
    XcmsFuncListPtr host;
    size_t count = 0;

    while (guest[count]) {
        count++;
    }
    host = allocate((count + 1) * sizeof(*host));
    for (size_t i = 0; i < count; i++) {
        host[i] = (XcmsConversionProc)keep(signature, (void *)guest[i]);
    }
    return host;
}

static XcmsColorSpace *copy_space(unsigned signature,
                                  const XcmsColorSpace *guest)
{
    XcmsColorSpace *host = allocate(sizeof(*host));

    *host = *guest;
    host->parseString = (XcmsParseStringProc)keep(
        gw_x11_sig_XcmsParseStringProc, (void *)guest->parseString);
    host->to_CIEXYZ = copy_steps(signature, guest->to_CIEXYZ);
    host->from_CIEXYZ = copy_steps(signature, guest->from_CIEXYZ);
    return host;
}

/* Xlib gives the space its number. */
void gw_custom_XcmsAddColorSpace(struct gw_args_XcmsAddColorSpace *a)
{
    XcmsColorSpace *guest = a->p0, *host =
        copy_space(gw_x11_sig_XcmsDIConversionProc, guest);

    a->ret = gw_x11_host(XcmsAddColorSpace)(host);
    guest->id = host->id;
}

/* A set of the guest's, and the host's with the same functions. */
struct set {
    XcmsFunctionSet host;
    XcmsFunctionSet *guest;
};

/* Status (*XcmsScreenInitProc)(Display *, int, XcmsPerScrnInfo *): the guest
 * stores which set the screen uses. */
static void init_screen(ffi_cif *cif, void *ret, void **args, void *data)
{
    const struct set *set = data;
    XcmsPerScrnInfo *info = *(XcmsPerScrnInfo **)args[2];

    (void)cif;
    *(ffi_sarg *)ret = gw_x11_call_guest(
        (void *)set->guest->screenInitProc, *(void **)args[0],
        (void *)(intptr_t)*(int *)args[1], info);
    if (info->functionSet == (XPointer)set->guest) {
        info->functionSet = (XPointer)&set->host;
    }
}

static void *screen_function(struct set *set)
{
    static ffi_type *types[] = {
        &ffi_type_pointer, &ffi_type_sint, &ffi_type_pointer
    };
    ffi_cif *cif = allocate(sizeof(*cif));

    if (ffi_prep_cif(cif, FFI_DEFAULT_ABI, 3, &ffi_type_sint,
                     types) != FFI_OK) {
        abort();
    }
    return gw_x11_function(cif, init_screen, set);
}

static XcmsColorSpace **copy_spaces(XcmsColorSpace **guest)
{
    XcmsColorSpace **host;
    size_t count = 0;

    while (guest && guest[count]) {
        count++;
    }
    host = allocate((count + 1) * sizeof(*host));
    for (size_t i = 0; i < count; i++) {
        host[i] = copy_space(gw_x11_sig_XcmsDDConversionProc, guest[i]);
    }
    return host;
}

void gw_custom_XcmsAddFunctionSet(struct gw_args_XcmsAddFunctionSet *a)
{
    XcmsFunctionSet *guest = a->p0;
    struct set *set = allocate(sizeof(*set));

    set->guest = guest;
    set->host.DDColorSpaces = copy_spaces(guest->DDColorSpaces);
    set->host.screenInitProc = (XcmsScreenInitProc)screen_function(set);
    set->host.screenFreeProc = (XcmsScreenFreeProc)keep(
        gw_x11_sig_XcmsScreenFreeProc, (void *)guest->screenFreeProc);
    a->ret = gw_x11_host(XcmsAddFunctionSet)(&set->host);
    for (size_t i = 0; set->host.DDColorSpaces[i]; i++) {
        guest->DDColorSpaces[i]->id = set->host.DDColorSpaces[i]->id;
    }
}
