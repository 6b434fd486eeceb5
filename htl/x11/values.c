/* SPDX-License-Identifier: MIT */
/*
 * Input and output methods and contexts: functions that take pairs of a name
 * and a value, collected by the guest (gtl/x11/values.c).
 *
 * The host's functions get the same pairs, but for what has a guest function
 * in it: XIMCallback, in the pairs or in a list that is one of their values.
 * Xlib copies it, as programs keep it on their stacks, so the host's own lives
 * as long as the call; its closure is kept.
 */
#include "runtime.h"
#include "x11-htl.h"

#include <X11/Xlib.h>
#include <ffi.h>
#include <stdlib.h>
#include <string.h>

#define LIBX11 "libX11.so.6"
#define LIBXEXT "libXext.so.6"

/* Xlib's XIMArg, what an XVaNestedList is an array of. */
struct argument {
    char *name; /* NULL: the end */
    void *value;
};

/* What one call allocates. */
struct block {
    struct block *next;
    max_align_t data[];
};

/* Where the host stores a callback that the guest asks for. */
struct slot {
    struct slot *next;
    XICCallback *host;
    XICCallback **guest;
};

struct conversion {
    bool get; /* values say where to store, not what to set */
    struct block *blocks;
    struct slot *slots;
};

static void *allocate(struct conversion *c, size_t size)
{
    struct block *b = calloc(1, sizeof(*b) + size);

    if (!b) {
        gw_log("no memory left for the values of an input method");
        abort();
    }
    b->next = c->blocks;
    c->blocks = b;
    return b->data;
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names)) {
        names++;
    }
    return *names;
}

static bool is_list(const char *name)
{
    static const char *const names[] = {
        XNVaNestedList, XNPreeditAttributes, XNStatusAttributes, NULL
    };

    return is_one_of(name, names);
}

static bool is_callback(const char *name)
{
    static const char *const names[] = {
        XNPreeditStartCallback, XNPreeditDoneCallback, XNPreeditDrawCallback,
        XNPreeditCaretCallback, XNPreeditStateNotifyCallback,
        XNStatusStartCallback, XNStatusDoneCallback, XNStatusDrawCallback,
        XNGeometryCallback, XNDestroyCallback, XNStringConversionCallback,
        NULL
    };

    return is_one_of(name, names);
}

/* Those that return something return an int; that the others' closures do,
 * too, is seen by nobody. */
static void *convert_callback(struct conversion *c, const XICCallback *guest)
{
    XICCallback *host = allocate(c, sizeof(*host));

    host->client_data = guest->client_data;
    host->callback = (XICProc)gw_closure_keep_local(
        &gw_x11_pack, gw_x11_sig_XICProc, (void *)guest->callback);
    return host;
}

static void *make_slot(struct conversion *c, XICCallback **guest)
{
    struct slot *slot = allocate(c, sizeof(*slot));

    slot->guest = guest;
    slot->next = c->slots;
    c->slots = slot;
    return &slot->host;
}

static void *convert_list(struct conversion *c, const struct argument *list);

static void *convert(struct conversion *c, const char *name, void *value)
{
    if (!value) {
        return NULL;
    }
    if (is_list(name)) {
        return convert_list(c, value);
    }
    if (!is_callback(name)) {
        return value;
    }
    return c->get ? make_slot(c, value) : convert_callback(c, value);
}

static void *convert_list(struct conversion *c, const struct argument *list)
{
    struct argument *copy;
    size_t count = 0;

    while (list[count].name) {
        count++;
    }
    copy = allocate(c, (count + 1) * sizeof(*copy));
    for (size_t i = 0; i < count; i++) {
        copy[i].name = list[i].name;
        copy[i].value = convert(c, list[i].name, list[i].value);
    }
    return copy;
}

/* The struct is a copy that was made for the caller, who will XFree() it. */
static void answer_slots(struct conversion *c)
{
    for (struct slot *s = c->slots; s; s = s->next) {
        if (s->host) {
            s->host->callback = (XICProc)gw_closure_target(
                (void *)s->host->callback);
            *s->guest = s->host;
        }
    }
}

static void finish(struct conversion *c)
{
    struct block *b = c->blocks;

    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

/*
 * Calls a function of variable arguments that are as wide as pointers: `fixed`
 * of the `count` values belong to the parameters that it names.  Its result,
 * which may be narrower.
 */
static void *call_variadic(void *function, unsigned fixed, void **values,
                           unsigned count)
{
    ffi_cif cif;
    ffi_type *types[count];
    void *places[count];
    ffi_arg result = 0;

    for (unsigned i = 0; i < count; i++) {
        types[i] = &ffi_type_pointer;
        places[i] = &values[i];
    }
    if (function && ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, fixed, count,
                                     &ffi_type_pointer, types) == FFI_OK) {
        ffi_call(&cif, FFI_FN(function), &result, places);
    }
    return (void *)result;
}

static void *with_values(const char *function, bool get, void *object,
                         void **words, int count)
{
    struct conversion c = { .get = get };
    void *values[count + 2], *result;

    values[0] = object;
    for (int i = 0; i < count; i += 2) {
        values[1 + i] = words[i];
        values[2 + i] = convert(&c, words[i], words[i + 1]);
    }
    values[1 + count] = NULL;
    result = call_variadic(gw_x11_symbol(LIBX11, function), 1, values,
                           count + 2);
    answer_slots(&c);
    finish(&c);
    return result;
}

#define VALUES(function, get, object)                                         \
    void gw_custom_gw_##function(struct gw_args_gw_##function *a)             \
    {                                                                         \
        a->ret = with_values(#function, get, a->object, a->words, a->count);  \
    }

VALUES(XCreateIC, false, im)
VALUES(XSetICValues, false, ic)
VALUES(XGetICValues, true, ic)
VALUES(XSetIMValues, false, im)
VALUES(XGetIMValues, true, im)
VALUES(XCreateOC, false, om)
VALUES(XSetOCValues, false, oc)
VALUES(XGetOCValues, true, oc)
VALUES(XSetOMValues, false, om)
VALUES(XGetOMValues, true, om)

/* Keeps the guest's own values: they are converted where the list is used. */
void gw_custom_gw_XVaCreateNestedList(struct gw_args_gw_XVaCreateNestedList *a)
{
    void **words = a->words, *values[a->count + 2];

    values[0] = NULL; /* a number that means nothing */
    memcpy(values + 1, words, a->count * sizeof(*words));
    values[a->count + 1] = NULL;
    a->ret = call_variadic(gw_x11_symbol(LIBX11, "XVaCreateNestedList"), 1,
                           values, a->count + 2);
}

/* Pairs of an attribute's number and a place, up to a number of 0. */
void gw_custom_gw_XagGet(struct gw_args_gw_XagGet *a)
{
    enum { ATTRIBUTES = 7 };
    void **words = a->words, *values[2 + 2 * ATTRIBUTES + 1];
    unsigned count = 0;

    values[count++] = a->display;
    values[count++] = (void *)a->group;
    for (int i = 0; i < 2 * ATTRIBUTES && words[i]; i += 2) {
        values[count++] = words[i];
        values[count++] = words[i + 1];
    }
    values[count++] = NULL;
    a->ret = (int)(intptr_t)call_variadic(
        gw_x11_symbol(LIBXEXT, "XagGetApplicationGroupAttributes"), 2, values,
        count);
}
