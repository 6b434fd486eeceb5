/* SPDX-License-Identifier: MIT */
/*
 * Inside of libgangway-host.so: what its own files share, and the functions
 * that hand-written host code of a pack may call besides those of pack.h and
 * of callbacks/.
 */
#ifndef GANGWAY_HOST_RUNTIME_H
#define GANGWAY_HOST_RUNTIME_H

#include "pack.h"

#include <stdarg.h>

/* gw_log(), only with GANGWAY_VERBOSE set. */
GW_PUBLIC void gw_verbose(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A copy of host memory in memory of the guest's malloc(), for the guest to
 * free(); NULL when it has none left.  Only within a call. */
GW_PUBLIC void *gw_guest_copy(const void *data, size_t size);

/*
 * Hands a whole block of the host's malloc() over to the guest: a copy in
 * memory of the guest's malloc(), the host's is freed.  NULL for NULL, and
 * when the guest has none left.  Only within a call.
 */
GW_PUBLIC void *gw_guest_take(void *host);

/* The same for the block that a function has stored at *place, a pointer to a
 * pointer, or NULL; nothing when *place is what it was `before`. */
GW_PUBLIC void gw_guest_take_new(void *place, const void *before);

/*
 * As the libc's, for memory of the host's or of the guest's, wherever the block
 * was allocated (heap.c).  The guest's only within a call.
 */
GW_PUBLIC void gw_either_free(void *memory);
GW_PUBLIC void *gw_either_realloc(void *memory, size_t size);

/* Sets the guest's errno, unless `number` is 0.  Only within a call. */
GW_PUBLIC void gw_guest_errno(int number);

/*
 * Makes writable host memory known to QEMU as the guest's, so that system
 * calls and QEMU's helpers accept it: for ranges that a host function hands
 * to the guest for long, such as mapped buffers.  Whole pages are adopted.
 * Within a call.  True when the caller is to gw_release() the same range;
 * otherwise the pages stay adopted (QEMU lacks the means), or could not be.
 */
GW_PUBLIC bool gw_adopt(const void *address, size_t size);

/* Takes one gw_adopt() that said true back, before the host unmaps or frees
 * the memory.  Any thread. */
GW_PUBLIC void gw_release(const void *address, size_t size);

/*
 * Is this address memory of the guest's own?  False for the host's, adopted or
 * not.  Any thread; where QEMU cannot be asked and outside of a call: false.
 */
GW_PUBLIC bool gw_is_guest(const void *address);

/* A function that host libraries get in place of another library's. */
struct gw_replacement {
    const char *name; /* NULL: the last of a table */
    void *function;
};

/*
 * Replaces functions, in all libraries that are loaded by now and of whose path
 * is_meant() says true, wherever they are called through the loader's slots;
 * again changes nothing.  `data` is handed on.  Not on several threads at once.
 * What could not be replaced is logged.
 */
GW_PUBLIC void gw_replace(bool (*is_meant)(const char *path, const void *data),
                          const void *data,
                          const struct gw_replacement *functions);

/* The pack whose function runs on this thread, or NULL outside of a call. */
GW_PUBLIC struct gw_pack *gw_current_pack(void);

/* The flags (enum gw_function_flags) of the function that runs on this
 * thread, or 0 outside of a call. */
GW_PUBLIC uint32_t gw_current_flags(void);

/* Hand-written code that wants to know that the guest closes a Display
 * registers here, once; called within the guest's XCloseDisplay(). */
GW_PUBLIC void gw_on_display_closed(void (*fn)(void *guest_display));

/* --- private to the library ------------------------------------------- */

/* Takes over what the guest changed in its environment (env.c). */
void gw_import_environment(char **guest);

/* Counting and tracing (observe.c); false unless asked for. */
extern bool gw_observing;
void gw_observe_start(void);
void gw_observe_call(struct gw_pack *pack, struct gw_call *call, gw_thunk fn);

/* A pack's libraries (libraries.c).  Opens them; what is missing counts when a
 * function of it is called. */
void gw_libraries_open(struct gw_pack *pack);
/* The function in its library; for one that no library exports, which is by
 * hand, any address.  NULL: the host lacks it. */
void *gw_libraries_resolve(const struct gw_pack *pack,
                           const struct gw_function *f);
/* Has the pack's libraries allocate with the guest's malloc() (heap.c). */
void gw_heap_share(const struct gw_pack *pack);
/* Says what is missing, and ends the process as ld.so would. */
_Noreturn void gw_libraries_give_up(const struct gw_pack *pack,
                                    const struct gw_function *f);

/* The thunk of a function that was not called before: resolves it. */
void gw_lazy(struct gw_call *call);

/* Answers the ids that are not the pack's own. */
void gw_other_thunk(struct gw_call *call);

/* The result of a function that did not run: 0. */
void gw_clear_result(const struct gw_function *f, struct gw_call *call);

/* Fills the pack's thunks, with gw_lazy() or what observes it. */
void gw_pack_prepare(struct gw_pack *pack);

#endif
