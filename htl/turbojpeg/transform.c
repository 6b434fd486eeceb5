/* SPDX-License-Identifier: MIT */
/*
 * tjTransform() with the guest's filters.  The library gets a copy of the
 * transforms, and a filter of the host's that runs the guest's with the guest's
 * own struct.
 */
#include "runtime.h"
#include "turbojpeg-htl.h"
#include "turbojpeg/filter.h"

#include <stdlib.h>

/* What the filter finds before the array that it is given an element of. */
struct transforms {
    tjtransform *guest;
    void (*run)(struct gw_callback *cb);
    tjtransform copy[];
};

static int filter(short *coefficients, tjregion array, tjregion plane,
                  int component, int index, tjtransform *transform)
{
    struct transforms *t = (struct transforms *)(
        (char *)(transform - index) - offsetof(struct transforms, copy));
    struct gw_tj_filter f = {
        .cb.run = t->run,
        .cb.target = (void *)t->guest[index].customFilter,
        .coefficients = coefficients,
        .transform = &t->guest[index],
        .array = array,
        .plane = plane,
        .component = component,
        .index = index,
    };

    gw_call_guest(&f.cb);
    return f.ret;
}

static bool have_filters(const tjtransform *transforms, int n)
{
    int i = 0;

    while (transforms && i < n && !transforms[i].customFilter) {
        i++;
    }
    return transforms && i < n;
}

static struct transforms *copy(tjtransform *guest, int n, void *run)
{
    struct transforms *t = malloc(sizeof(*t) + n * sizeof(*guest));

    if (!t) {
        abort();
    }
    t->guest = guest;
    t->run = (void (*)(struct gw_callback *))run;
    for (int i = 0; i < n; i++) {
        t->copy[i] = guest[i];
        t->copy[i].customFilter = guest[i].customFilter ? filter : NULL;
    }
    return t;
}

void gw_custom_gw_tjTransform(struct gw_args_gw_tjTransform *a)
{
    __typeof__(tjTransform) *real = (__typeof__(tjTransform) *)gw_pack_symbol(
        &gw_turbojpeg_pack, "tjTransform");
    struct transforms *t = have_filters(a->transforms, a->n)
        ? copy(a->transforms, a->n, a->run) : NULL;

    a->ret = real ? real(a->handle, a->jpeg, a->size, a->n, a->buffers,
                         a->sizes, t ? t->copy : a->transforms, a->flags)
                  : -1;
    free(t);
}
