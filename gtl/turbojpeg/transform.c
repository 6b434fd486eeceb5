/* SPDX-License-Identifier: MIT */
/* tjTransform(): guest code, as only it can call the filters. */
#include "stub.h"
#include "turbojpeg/filter.h"

GW_HIDDEN int32_t gw_stub_gw_tjTransform(
    void *handle, void *jpeg, uint64_t size, int32_t n, void *buffers,
    void *sizes, void *transforms, int32_t flags, void *run);

static void run(struct gw_callback *cb)
{
    struct gw_tj_filter *f = (struct gw_tj_filter *)cb;
    __typeof__(f->transform->customFilter) filter =
        (__typeof__(filter))cb->target;

    f->ret = filter(f->coefficients, f->array, f->plane, f->component,
                    f->index, f->transform);
}

int tjTransform(tjhandle handle, const unsigned char *jpeg, unsigned long size,
                int n, unsigned char **buffers, unsigned long *sizes,
                tjtransform *transforms, int flags)
{
    return gw_stub_gw_tjTransform(handle, (void *)jpeg, size, n, buffers,
                                  sizes, transforms, flags, (void *)run);
}
