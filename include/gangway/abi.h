/* SPDX-License-Identifier: MIT */
/*
 * The boundary between guest and host.
 *
 * Everything that both sides must agree on stands in this file and in what
 * thunkgen generates from a pack's model; nothing else crosses.
 *
 * The guest and the host share one address space (QEMU runs with
 * guest_base == 0) and both are LP64 and little-endian, so a pointer means
 * the same on both sides and a struct of fixed-width members has one layout.
 * The plugin proves the first at start, _Static_asserts the second.
 *
 * 1. The dlcall system call
 *    syscall(4096, operation, a, b, c), results through out pointers, return
 *    value 0 or a negative errno.  Operations 0 to 5 and their numbers are
 *    those of upstream QEMU's contrib/plugins/dlcall.c; a GTL needs no more.
 *    Operations from 64 on are Gangway's.  A guest uses one only after
 *    GET_HOST_ATTRIBUTE has announced it (GW_ATTR_*).
 *
 * 2. The call block
 *    A GTL stub builds, on its own stack, a struct whose first member is a
 *    struct gw_call, followed by the arguments in order, each naturally
 *    aligned, followed by `ret` when the function returns something.  It
 *    crosses with the block's address and finds the result in it.
 *
 * 3. The crossing
 *    Either INVOKE_PROC(gw_invoke, block, NULL), which runs outside of
 *    translated code and may block, or the doorbell: the stub stores GW_NEW
 *    to block->status with an instruction whose address was announced with
 *    GW_DOORBELL, and the plugin calls the pack's gw_ring with the address
 *    stored to.  A doorbell that nobody answers leaves the status GW_NEW, and
 *    the stub falls back to the system call; so a stub never needs to know
 *    which plugin it has.  A doorbell may block only where the plugin says so
 *    (GW_ATTR_DOORBELL_BLOCKS).
 *
 * 4. Re-entry
 *    When the host needs guest code to run, the crossing returns with status
 *    GW_CALLBACK and block->callback set.  The guest calls
 *    callback->run(callback), then sets status GW_RESUME and crosses again
 *    with the same block, the same way it crossed first.
 *
 * History
 *   1  first version
 */
#ifndef GANGWAY_ABI_H
#define GANGWAY_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Checked by the HTL when a GTL opens its pack; any difference is refused. */
#define GW_ABI_VERSION 1

/* Upstream's default; `syscall_num=N` of the plugin overrides it. */
#define GW_SYSCALL_NUM 4096

enum gw_op {
    GW_GET_HOST_ATTRIBUTE = 0, /* (const char *key, char **out) */
    GW_LOAD_LIBRARY = 1,       /* (const char *path, int flags, void **out) */
    GW_GET_PROC_ADDRESS = 2,   /* (void *handle, const char *name, void **out) */
    GW_FREE_LIBRARY = 3,       /* (void *handle, int *out) */
    GW_GET_LIBRARY_ERROR = 4,  /* (char **out) */
    GW_INVOKE_PROC = 5,        /* (void *proc, void *arg1, void *arg2) */

    /*
     * (const uint64_t *value, uint64_t copy): 0 when the plugin, reading
     * `value` directly and through QEMU, finds `copy` both times; -ENOTSUP
     * when guest and host addresses differ (guest_base != 0).
     */
    GW_PROVE = 64,
    /*
     * (const int32_t *table, size_t count, void *proc): every table entry
     * holds the distance from itself to one store instruction.  From now on
     * each execution of such a store calls proc(address stored to, waits),
     * where waits is NULL unless GW_ATTR_DOORBELL_BLOCKS is there.
     * The instructions must not have been executed before and must stay
     * mapped until the process ends (link with -z nodelete).
     */
    GW_DOORBELL = 65,
};

/* Keys of GW_GET_HOST_ATTRIBUTE that Gangway's plugin adds.  An unknown key
 * answers NULL (and 0), as upstream's does. */
#define GW_ATTR_PLUGIN "gangway.plugin"   /* the plugin's version */
#define GW_ATTR_HTL_DIR "gangway.htl-dir" /* folder of the HTLs, absolute */
#define GW_ATTR_PROVE "gangway.prove"     /* present: GW_PROVE is there */
#define GW_ATTR_DOORBELL "gangway.doorbell" /* present: GW_DOORBELL is there */
/* present: a call by doorbell may block, as one by system call */
#define GW_ATTR_DOORBELL_BLOCKS "gangway.doorbell-blocks"

/* The guest's environment variable that names the HTLs' folder where the
 * plugin does not (upstream's). */
#define GW_ENV_HTL_DIR "GANGWAY_HTL_DIR"
/* What the guest has set for its own loader, LD_X, travels as this + LD_X in
 * the environment of a launcher that the plugin starts (exec). */
#define GW_ENV_GUEST_LOADER "GANGWAY_GUEST_"
/* The guest program's path, absolute; the launcher tells QEMU's process. */
#define GW_ENV_PROGRAM "GANGWAY_PROGRAM"
/* The folder in which the guest's absolute paths are looked for first, likewise;
 * unset without one. */
#define GW_ENV_SYSROOT "GANGWAY_SYSROOT"
/* Overrides GW_SYSCALL_NUM in the guest; decimal. */
#define GW_ENV_SYSCALL_NUM "GANGWAY_SYSCALL_NUM"

/* Values of gw_call.status. */
enum gw_status {
    GW_NEW = 0,      /* guest to host: please run me */
    GW_DONE = 1,     /* host to guest: ret is valid */
    GW_CALLBACK = 2, /* host to guest: run `callback`, then resume */
    GW_RESUME = 3,   /* guest to host: the callback has run */
};

struct gw_callback;

/* The head of every call block.  `status` is first because the doorbell
 * delivers its address as the block's. */
struct gw_call {
    uint32_t status;              /* enum gw_status; the doorbell word */
    uint32_t id;                  /* index of the function in its pack, or
                                     GW_ID_* */
    struct gw_callback *callback; /* valid while status is GW_CALLBACK */
};

/*
 * The head of every callback block: built by the host on the suspended call's
 * stack, arguments and `ret` follow as in a call block.
 */
struct gw_callback {
    void (*run)(struct gw_callback *cb); /* guest code: unpacks the arguments,
                                            calls target, stores ret */
    void *target;                        /* guest function, for run's use */
    void *stack;                         /* the host's own; not for the guest */
};

/* Function ids that every pack answers; the pack's own count from 0.  All of
 * them cross by system call. */
enum gw_id {
    GW_ID_DISPLAY_CLOSED = 0xffff0000u, /* struct gw_display_call */
    GW_ID_PAIR_WANTED = 0xffff0001u,    /* struct gw_pair_call */
    GW_ID_PAIR_SERVE = 0xffff0002u,     /* struct gw_pair_call */
};

/* GW_ID_DISPLAY_CLOSED: the guest is closing this X11 Display. */
struct gw_display_call {
    struct gw_call call;
    void *display;
};

/*
 * Thread pairs: a host-only thread that calls guest code is paired with a
 * guest thread.  The guest's factory thread asks GW_ID_PAIR_WANTED, which
 * blocks until a pair is wanted and answers with it, or with NULL when it is
 * the guest's last thread and shall end; and gives it to a new guest thread, which calls GW_ID_PAIR_SERVE once: that call runs the
 * callbacks of the host thread by re-entry and returns when that has ended.
 */
struct gw_pair_call {
    struct gw_call call;
    void *pair; /* the host's own.  Into PAIR_WANTED: NULL, or the last one
                   when no guest thread could be made for it */
};

/*
 * Services: guest functions that the host calls for its own purposes.  The
 * GTL runtime passes their addresses in gw_open.services; each takes a
 * callback block as described here (struct gw_service_call).
 */
enum gw_service {
    GW_SERVICE_MALLOC,        /* a0 size -> ret pointer, guest's allocator */
    GW_SERVICE_FREE,          /* a0 pointer */
    GW_SERVICE_XSYNC,         /* a0 guest Display: XSync(dpy, False) */
    GW_SERVICE_XVISUAL,       /* a0 guest Display, a1 screen, a2 visual id ->
                                 ret XVisualInfo * that the guest may XFree */
    GW_SERVICE_XERROR,        /* a0 guest Display, a1 XErrorEvent *: runs the
                                 guest's error handler */
    GW_SERVICE_WATCH_DISPLAY, /* a0 guest Display: GW_ID_DISPLAY_CLOSED when
                                 the guest closes it */
    GW_SERVICE_START_FACTORY, /* starts the factory of thread pairs -> ret 1,
                                 or 0 when the guest has no threads */
    GW_SERVICE_ADOPT,         /* a0 address, a1 size: mprotect() for reading
                                 and writing -> ret 1 if it succeeded */
    GW_SERVICE_XCB_SYNC,      /* a0 guest xcb_connection_t: returns when the
                                 server has seen its requests -> ret its file
                                 descriptor, -1 without libxcb */
    GW_SERVICE_ERRNO,         /* a0 the guest's new errno */
    GW_SERVICE_LOCALE,        /* -> ret the guest's setlocale(LC_CTYPE, NULL),
                                 a string that is the guest's, 0 without */
    GW_SERVICE_REALLOC,       /* a0 pointer, a1 size -> ret pointer, guest's
                                 allocator */
    GW_SERVICE_STDERR,        /* -> ret the guest's stderr, its libc's FILE *,
                                 0 without */
    GW_SERVICE_POLL,          /* a0 struct pollfd *, a1 their number, a2
                                 milliseconds or negative: poll() -> ret its
                                 result or a negative errno.  The guest's
                                 signal handlers run, and may not return */
    GW_SERVICE_FUTEX_WAIT,    /* a0 address, a1 value: until woken, or the
                                 value is another; handlers as above */
    GW_SERVICE_EXIT,          /* a0 status: the guest's exit(), does not
                                 return */
    GW_SERVICE_IS_GUEST,      /* a0 address -> ret 1 when QEMU knows the page
                                 as the guest's */
    GW_SERVICE_FREAD,         /* a0 the guest's FILE *, a1 address, a2 size:
                                 fread() -> ret bytes, 0 without stdio */
    GW_SERVICE_FWRITE,        /* the same: fwrite() */
    GW_SERVICE_FFLUSH,        /* a0 the guest's FILE * -> ret fflush()'s */
    GW_SERVICE_COUNT
};

struct gw_service_call {
    struct gw_callback cb;
    uint64_t a0, a1, a2, a3;
    uint64_t ret;
};

/*
 * What a GTL tells its HTL, once, through the HTL's gw_open(struct gw_open *,
 * NULL), before any call block travels.  The memory that it points to lives
 * as long as the guest process.
 */
struct gw_open {
    uint32_t abi_version;   /* GW_ABI_VERSION */
    uint32_t stub_count;    /* functions in the pack's model */
    uint64_t model_hash;    /* of the model both sides were generated from */
    const char *isa;        /* "x86_64", "aarch64", "riscv64" */
    const char *soname;     /* the library this GTL stands in for */
    char ***guest_environ;  /* address of the guest's `environ`, or NULL */
    const char *program;    /* the guest's program_invocation_name, or NULL */
    const int32_t *stubs;   /* [stub_count]: distance from the entry itself to
                               the guest's stub for that function */
    void (*const *services)(struct gw_callback *); /* [GW_SERVICE_COUNT] */
    void (*const *unpackers)(struct gw_callback *); /* one per callback
                               signature of the model, or NULL */
    /* answers */
    int32_t result;         /* 0, or a negative errno */
    char message[256];      /* what is wrong and the remedy, when result != 0 */
};

_Static_assert(sizeof(void *) == 8, "Gangway needs LP64 on both sides");
_Static_assert(offsetof(struct gw_call, status) == 0, "the doorbell word");
_Static_assert(sizeof(struct gw_call) == 16, "call block head");
_Static_assert(sizeof(struct gw_callback) == 24, "callback block head");
_Static_assert(offsetof(struct gw_open, message) == 76, "gw_open");

#endif
