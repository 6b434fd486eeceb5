/* SPDX-License-Identifier: MIT */
/* Printing to the files of the host's zlib. */
#include "runtime.h"
#include "zlib-htl.h"

#include <errno.h>
#include <zlib.h>

void gw_custom_gw_gzprint(struct gw_args_gw_gzprint *a)
{
    int (*print)(gzFile, const char *, ...) =
        gw_pack_symbol(&gw_zlib_pack, "gzprintf");

    errno = 0;
    a->ret = print ? print(a->file, "%s", (const char *)a->text)
                   : Z_STREAM_ERROR;
    gw_guest_errno(errno);
}
