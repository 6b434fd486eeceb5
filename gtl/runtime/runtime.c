/* SPDX-License-Identifier: MIT */
/*
 * The guest's half of a crossing: finds the plugin, loads the HTL, announces
 * the doorbells, and runs the loop behind every crossing.
 */
#include "runtime.h"
#include "guest-syscall.h"

#include <stdarg.h>

/* Exit status of a program whose GTL cannot work, as a shell's "not found". */
#define UNUSABLE_STATUS 127

/* RTLD_NOW; the same number on every Linux that Gangway knows. */
#define LOAD_NOW 2

extern char **environ __attribute__((weak));
extern char *program_invocation_name __attribute__((weak));

/* Distances to the doorbell stores; the linker provides both ends. */
GW_HIDDEN extern const int32_t __start_gw_doorbells[];
GW_HIDDEN extern const int32_t __stop_gw_doorbells[];

static long syscall_num = GW_SYSCALL_NUM;
bool gw_rings_may_block;
static void *invoke; /* the HTL's gw_invoke, or NULL when it is unusable */

static long dlcall(enum gw_op op, const void *a, const void *b, const void *c)
{
    return gw_syscall(syscall_num, op, (long)a, (long)b, (long)c);
}

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n]) {
        n++;
    }
    return n;
}

bool gw_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Small: a guest thread may have 16 KiB of stack. */
#define LINE_MAX 512

static size_t put(char *line, size_t n, const char *s)
{
    while (*s && n < LINE_MAX - 1) {
        line[n++] = *s++;
    }
    return n;
}

void gw_say(const char *text, ...)
{
    char line[LINE_MAX];
    size_t n = put(line, put(line, 0, "gangway: "), text);
    const char *s;
    va_list args;

    va_start(args, text);
    while ((s = va_arg(args, const char *)) != NULL) {
        n = put(line, n, s);
    }
    va_end(args);
    line[n++] = '\n';
    gw_syscall(GW_NR_WRITE, 2, (long)line, n, 0);
}

const char *gw_guest_getenv(const char *name)
{
    size_t n = length(name);

    for (char **e = &environ ? environ : NULL; e && *e; e++) {
        size_t i = 0;
        while (i < n && (*e)[i] == name[i]) {
            i++;
        }
        if (i == n && (*e)[n] == '=') {
            return *e + n + 1;
        }
    }
    return NULL;
}

static const char *attribute(const char *key)
{
    char *value = NULL;

    return dlcall(GW_GET_HOST_ATTRIBUTE, key, &value, NULL) == 0 ? value
                                                                 : NULL;
}

static void read_syscall_num(void)
{
    const char *s = gw_guest_getenv(GW_ENV_SYSCALL_NUM);
    long n = 0;

    for (; s && *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + *s - '0';
    }
    if (n >= GW_SYSCALL_NUM) {
        syscall_num = n;
    }
}

/* Is there a plugin, and does it share our address space? */
static bool find_plugin(void)
{
    static volatile uint64_t known = UINT64_C(0x67616e6777617921);
    char *error;
    long ret = dlcall(GW_GET_LIBRARY_ERROR, &error, NULL, NULL);

    if (ret == -GW_ENOSYS) {
        gw_say(gw_soname, " is Gangway's and needs its plugin: start the "
               "program with `gangway`, or take the folder of this library "
               "out of LD_LIBRARY_PATH", NULL);
        return false;
    }
    if (attribute(GW_ATTR_PROVE)) {
        ret = dlcall(GW_PROVE, (const void *)&known,
                     (const void *)(uintptr_t)known, NULL);
    }
    if (ret == -GW_ENOTSUP) {
        gw_say(gw_soname, ": guest and host addresses differ (QEMU's "
               "guest_base is not 0): run QEMU without -B and -R", NULL);
    } else if (ret != 0) {
        gw_say(gw_soname, ": the dlcall plugin does not answer as expected; "
               "build Gangway and its plugin anew", NULL);
    }
    return ret == 0;
}

static void append(char *out, size_t size, size_t *n, const char *s)
{
    while (*s && *n < size - 1) {
        out[(*n)++] = *s++;
    }
    out[*n] = 0;
}

/* The host's own words about its last failure. */
static const char *library_error(void)
{
    char *error = NULL;

    dlcall(GW_GET_LIBRARY_ERROR, &error, NULL, NULL);
    return error ? error : "no reason given";
}

static void *load_htl(void)
{
    const char *dir = attribute(GW_ATTR_HTL_DIR);
    void *handle = NULL;
    char path[1024];
    size_t n = 0;

    if (!dir) {
        dir = gw_guest_getenv(GW_ENV_HTL_DIR);
    }
    if (!dir) {
        gw_say(gw_soname, ": where are the host's thunk libraries? Set "
               GW_ENV_HTL_DIR " to their folder", NULL);
        return NULL;
    }
    append(path, sizeof(path), &n, dir);
    append(path, sizeof(path), &n, "/htl-");
    append(path, sizeof(path), &n, gw_gtl.pack);
    append(path, sizeof(path), &n, ".so");
    if (dlcall(GW_LOAD_LIBRARY, path, (const void *)LOAD_NOW, &handle) != 0 ||
        !handle) {
        gw_say(gw_soname, ": cannot load ", path, " (", library_error(),
               "); build Gangway anew", NULL);
        return NULL;
    }
    return handle;
}

static void *host_proc(void *htl, const char *name)
{
    void *proc = NULL;

    dlcall(GW_GET_PROC_ADDRESS, htl, name, &proc);
    return proc;
}

static bool open_pack(void *htl)
{
    void *proc = host_proc(htl, "gw_open");
    struct gw_open open;

    open.abi_version = GW_ABI_VERSION;
    open.stub_count = gw_gtl.stub_count;
    open.model_hash = gw_gtl.model_hash;
    open.isa = GW_ISA;
    open.soname = gw_soname;
    open.guest_environ = &environ;
    open.program = &program_invocation_name ? program_invocation_name : NULL;
    open.stubs = gw_gtl.stubs;
    open.services = gw_services;
    gw_find_unpackers();
    open.unpackers = gw_gtl.unpackers;
    open.result = -GW_ENOSYS;
    open.message[0] = 0;
    if (!proc || dlcall(GW_INVOKE_PROC, proc, &open, NULL) != 0) {
        gw_say(gw_soname, ": htl-", gw_gtl.pack, ".so is no thunk library of "
               "Gangway; build Gangway anew", NULL);
        return false;
    }
    if (open.result != 0) {
        gw_say(gw_soname, ": ", open.message, NULL);
    }
    return open.result == 0;
}

__attribute__((constructor)) static void start(void)
{
    size_t doorbells = __stop_gw_doorbells - __start_gw_doorbells;
    void *htl;

    read_syscall_num();
    if (!find_plugin()) {
        return;
    }
    htl = load_htl();
    if (!htl || !open_pack(htl)) {
        return;
    }
    if (attribute(GW_ATTR_DOORBELL)) {
        dlcall(GW_DOORBELL, __start_gw_doorbells, (const void *)doorbells,
               host_proc(htl, "gw_ring"));
        gw_rings_may_block = attribute(GW_ATTR_DOORBELL_BLOCKS) != NULL;
    }
    invoke = host_proc(htl, "gw_invoke");
}

/* A program may link the library and never call it, so the end comes with the
 * first call; what is wrong was said at start. */
static void give_up(void)
{
    gw_say(gw_soname, ": a call cannot be made, see above; giving up", NULL);
    gw_syscall(GW_NR_EXIT_GROUP, UNUSABLE_STATUS, 0, 0, 0);
}

static void cross(struct gw_call *call)
{
    long ret = invoke ? dlcall(GW_INVOKE_PROC, invoke, call, NULL) : -1;

    /* Another thread ends the process, and QEMU has taken its plugins down
     * already: nothing is left to do but to end with it. */
    while (ret == -GW_ENOSYS) {
        gw_syscall(GW_NR_PPOLL, 0, 0, 0, 0);
    }
    if (ret != 0) {
        give_up();
    }
}

void gw_cross_block(struct gw_call *call)
{
    volatile uint32_t *status = &call->status;

    *status = GW_NEW;
    cross(call);
    while (*status == GW_CALLBACK) {
        call->callback->run(call->callback);
        *status = GW_RESUME;
        cross(call);
    }
}

void gw_cross_ring(struct gw_call *call)
{
    volatile uint32_t *status = &call->status;
    struct {
        struct gw_call call;
    } *block = (void *)call;

    if (*status == GW_NEW) {
        gw_cross_block(call);
        return;
    }
    while (*status == GW_CALLBACK) {
        call->callback->run(call->callback);
        GW_DOORBELL_STORE(*block, GW_RESUME);
        if (*status == GW_RESUME) {
            /* Where a doorbell may not block, the host leaves it to this. */
            cross(call);
        }
    }
}
