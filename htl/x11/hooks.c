/* SPDX-License-Identifier: MIT */
/*
 * Extension hooks and data: what generated thunks cannot do, since structs
 * have functions in them.
 */
#include "replace.h"
#include "runtime.h"
#include "x11-htl.h"

#include "gangway/lock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <X11/Xlib.h>
#include <X11/Xlibint.h>
#include <X11/extensions/Xext.h>
#include <X11/extensions/extutil.h>

/* --- XextAddDisplay() -------------------------------------------------- */

#define HOOK(member, signature)                                               \
    .member = (void *)gw_closure_keep_local(                                  \
        &gw_x11_pack, gw_x11_sig_##signature, (void *)guest->member)

/* libXext registers them one by one and does not keep the struct. */
void gw_custom_XextAddDisplay(struct gw_args_XextAddDisplay *a)
{
    const XExtensionHooks *guest = a->p3;
    XExtensionHooks host = {
        HOOK(create_gc, XESetCreateGC_2),
        HOOK(copy_gc, XESetCreateGC_2),
        HOOK(flush_gc, XESetCreateGC_2),
        HOOK(free_gc, XESetCreateGC_2),
        HOOK(create_font, XESetCreateFont_2),
        HOOK(free_font, XESetCreateFont_2),
        HOOK(close_display, XESetCloseDisplay_2),
        HOOK(wire_to_event, XESetWireToEvent_2),
        HOOK(event_to_wire, XESetWireToEvent_2),
        HOOK(error, XESetError_2),
        HOOK(error_string, XESetErrorString_2),
    };

    a->ret = gw_x11_host(XextAddDisplay)(a->p0, a->p1, a->p2, &host, a->p4,
                                         a->p5);
}

/* --- XESetPrintErrorValues() ------------------------------------------- */

/* The hook writes to a FILE, which is each libc's own. */
struct printer {
    struct printer *next;
    void *guest;
    void *host;
};

GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct printer *printers; /* kept: one for each guest function */

static void print_values(ffi_cif *cif, void *ret, void **args, void *data)
{
    const struct printer *printer = data;
    const void *error = (void *)gw_guest_service(GW_SERVICE_STDERR, 0, 0, 0);

    (void)cif;
    (void)ret;
    if (error) {
        gw_x11_call_guest(printer->guest, *(void **)args[0],
                          *(void **)args[1], error);
    }
}

/* With the lock held. */
static struct printer *make_printer(void *guest)
{
    static ffi_type *types[] = {
        &ffi_type_pointer, &ffi_type_pointer, &ffi_type_pointer
    };
    static ffi_cif cif;
    struct printer *p = calloc(1, sizeof(*p));

    if (!p || ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 3, &ffi_type_void,
                           types) != FFI_OK) {
        abort();
    }
    p->guest = guest;
    p->host = gw_x11_function(&cif, print_values, p);
    p->next = printers;
    printers = p;
    return p;
}

static void *printer_for(void *guest)
{
    struct printer *p;

    if (!guest) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    for (p = printers; p && p->guest != guest; p = p->next) {
    }
    p = p ? p : make_printer(guest);
    pthread_mutex_unlock(&lock);
    return p->host;
}

/* No library of the family has such a hook, so it is one of ours. */
static void *printed_by(const void *host)
{
    struct printer *p;

    pthread_mutex_lock(&lock);
    for (p = printers; p && p->host != host; p = p->next) {
    }
    pthread_mutex_unlock(&lock);
    return p ? p->guest : NULL;
}

void gw_custom_XESetPrintErrorValues(struct gw_args_XESetPrintErrorValues *a)
{
    a->ret = printed_by((void *)gw_x11_host(XESetPrintErrorValues)(
        a->p0, a->p1, printer_for(a->p2)));
}

/* --- lists of extension data ------------------------------------------- */

/*
 * Xlib frees what is in such a list, with its own free() or with the function
 * that the element names.  So an element of the guest's is represented by one
 * of the host's, which looks the same to who walks through the list.
 */
struct element {
    XExtData head;
    XExtData *guest;
};

static int free_element(XExtData *data)
{
    XExtData *guest = ((struct element *)data)->guest;

    if (guest->free_private) {
        gw_x11_call_guest((void *)guest->free_private, guest, NULL, NULL);
    } else {
        gw_either_free(guest->private_data);
    }
    gw_either_free(guest);
    return 0;
}

void gw_custom_XAddToExtensionList(struct gw_args_XAddToExtensionList *a)
{
    struct element *element = calloc(1, sizeof(*element));
    XExtData **list = a->p0;

    if (!element) {
        a->ret = 0;
        return;
    }
    element->guest = a->p1;
    element->guest->next = *list;
    element->head = *element->guest;
    element->head.free_private = free_element;
    a->ret = gw_x11_host(XAddToExtensionList)(list, &element->head);
}

void gw_custom_XFindOnExtensionList(struct gw_args_XFindOnExtensionList *a)
{
    XExtData *data = gw_x11_host(XFindOnExtensionList)(a->p0, a->p1);

    a->ret = data && data->free_private == free_element
                 ? ((struct element *)data)->guest : data;
}
