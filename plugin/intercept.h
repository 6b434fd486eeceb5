/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Library interception: whoever opens a library that a pack replaces, by
 * whatever path, gets the guest thunk library; also where the guest has no
 * such file at all.
 */
#ifndef GANGWAY_INTERCEPT_H
#define GANGWAY_INTERCEPT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes the libraries in `folder`, too, as ones to give out; those of a later
 * folder win.  `target` is qemu_info_t's name.  False, after a message, when it
 * cannot be read.  The string is kept.
 */
bool gw_intercept_init(const char *folder, const char *target, bool verbose);

/* The library of that name is the guest's own after all; after the folders. */
void gw_intercept_withhold(const char *name);

/*
 * PACK/LIBRARY/SYMBOL/SYMBOL...: what the guest's own library has and the pack
 * or the host's library has not; after the folders.  A library that the guest
 * opens later and that takes one of them gets the guest's own, if nothing of
 * the pack was opened before; else a line says how to run it.
 */
void gw_intercept_lacks(const char *what);

/* Says which optional pack (a folder `optional/PACK`) the program has opened
 * nothing of.  At the program's end; says nothing in a forked child. */
void gw_intercept_report(void);

/* From now on a library that cannot work with thunks of the X11 libraries is not
 * there for the guest; a line on standard error says so. */
void gw_intercept_refuse_private(void);

/* Opens the thunk library if this is a system call that opens one of the
 * libraries for reading; true when it did, the answer in *ret. */
bool gw_intercept_syscall(int64_t num, const uint64_t arg[6], int64_t *ret);

#endif
