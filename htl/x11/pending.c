/* SPDX-License-Identifier: MIT */
#include "runtime.h"
#include "x11-htl.h"
#define P(n) void gw_custom_##n(struct gw_args_##n *a) { (void)a; gw_log("pending: " #n); }
P(gw_image_get_pixel) P(gw_image_put_pixel) P(gw_image_sub_image)
P(gw_image_add_pixel) P(gw_image_destroy_image)
