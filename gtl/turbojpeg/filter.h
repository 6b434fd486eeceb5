/* SPDX-License-Identifier: MIT */
/*
 * The callback block of tjtransform.customFilter, which takes structs by value:
 * how these are passed, the guest's and the host's compiler know.
 */
#ifndef GANGWAY_TURBOJPEG_FILTER_H
#define GANGWAY_TURBOJPEG_FILTER_H

#include "gangway/abi.h"

/* What guest code defines of it is exported. */
#pragma GCC visibility push(default)
#include <turbojpeg.h>
#pragma GCC visibility pop

struct gw_tj_filter {
    struct gw_callback cb; /* its target is the guest's filter */
    short *coefficients;
    tjtransform *transform; /* the guest's own */
    tjregion array, plane;
    int32_t component, index;
    int32_t ret;
};

#endif
