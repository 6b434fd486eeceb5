/* SPDX-License-Identifier: MIT */
/*
 * The standard error manager.  What prints and what ends the program is guest
 * code, with the guest's stderr and exit(); the rest is the host's.
 */
#include "jpeg/guest.h"

static void error_exit(j_common_ptr cinfo)
{
    cinfo->err->output_message(cinfo);
    gw_stub_jpeg_destroy(cinfo);
    exit(1);
}

static void output_message(j_common_ptr cinfo)
{
    char text[JMSG_LENGTH_MAX];

    cinfo->err->format_message(cinfo, text);
    fprintf(stderr, "%s\n", text);
}

struct jpeg_error_mgr *jpeg_std_error(struct jpeg_error_mgr *err)
{
    gw_stub_gw_jpeg_std_error(err);
    err->error_exit = error_exit;
    err->output_message = output_message;
    return err;
}
