/* SPDX-License-Identifier: MIT */
/*
 * The allocators in a z_stream.  zlib keeps the address of the guest's own
 * struct and checks it, so the struct itself crosses: during a call its two
 * function pointers are the host's, otherwise the guest's.
 */
#ifndef GANGWAY_ZLIB_STREAM_H
#define GANGWAY_ZLIB_STREAM_H

/* Before and after each call with that z_stream; NULL is allowed. */
void gw_zlib_enter(void *stream, void *same);
void gw_zlib_leave(void *stream);

#endif
