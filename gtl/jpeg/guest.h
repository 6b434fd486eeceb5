/* SPDX-License-Identifier: MIT */
/*
 * What the guest code of this pack needs: libjpeg's types, of which the guest
 * has the same on every ISA, and what the guest's libc has, looked up weakly.
 */
#ifndef GANGWAY_JPEG_GUEST_H
#define GANGWAY_JPEG_GUEST_H

#include "stub.h"

#include <stddef.h>

/* In place of jconfig.h, which is installed for the host's ISA only. */
#define JCONFIG_INCLUDED
#define JPEG_LIB_VERSION 62
#define BITS_IN_JSAMPLE 8
#define MEM_SRCDST_SUPPORTED 1
#define C_ARITH_CODING_SUPPORTED 1
#define D_ARITH_CODING_SUPPORTED 1
typedef struct _IO_FILE FILE;

/* What is defined of it is exported. */
#pragma GCC visibility push(default)
#include <jpeglib.h>
#include <jpegint.h>
#include <jerror.h>
#pragma GCC visibility pop

extern FILE *stderr __attribute__((weak, visibility("default")));
void *malloc(size_t size) __attribute__((weak));
void free(void *block) __attribute__((weak));
void *memcpy(void *to, const void *from, size_t size) __attribute__((weak));
void exit(int status) __attribute__((weak, noreturn));
int fprintf(FILE *file, const char *format, ...)
    __attribute__((weak, format(printf, 2, 3)));
int ferror(FILE *file) __attribute__((weak));
int fflush(FILE *file) __attribute__((weak));
size_t fread(void *buffer, size_t size, size_t count, FILE *file)
    __attribute__((weak));
size_t fwrite(const void *buffer, size_t size, size_t count, FILE *file)
    __attribute__((weak));

GW_HIDDEN void gw_stub_gw_jpeg_std_error(void *err);
GW_HIDDEN void gw_stub_jpeg_destroy(void *cinfo);
GW_HIDDEN int32_t gw_stub_jpeg_resync_to_restart(void *cinfo, int32_t desired);

/* Managers live in the struct's own memory, until it is destroyed. */
static inline void *allocate(void *cinfo, int pool, size_t size)
{
    return ((j_common_ptr)cinfo)->mem->alloc_small(cinfo, pool, size);
}

#endif
