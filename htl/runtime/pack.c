/* SPDX-License-Identifier: MIT */
/*
 * A pack's life: opened by the guest, its host library loaded on the first
 * call, each function resolved on its first call.
 */
#include "runtime.h"

#include "gangway/lock.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSED, OPEN, FAILED }; /* gw_pack.state: the host library */

/*
 * Guards every pack's state, thunks and real functions while they change.
 * Recursive: opening a library may make it call us.
 */
GW_DEFINE_LOCK(lock, PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP);

static bool refuse(struct gw_open *open, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(struct gw_open *open, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(open->message, sizeof(open->message), format, args);
    va_end(args);
    open->result = -EINVAL;
    return false;
}

static bool check(const struct gw_pack *pack, struct gw_open *open)
{
    if (open->abi_version != GW_ABI_VERSION) {
        return refuse(open, "this library speaks version %u of Gangway's "
                      "boundary, the host's half speaks %u; install both from "
                      "one build", open->abi_version, GW_ABI_VERSION);
    }
    if (open->model_hash != pack->model_hash ||
        open->stub_count != pack->callee.count) {
        return refuse(open, "this library and the host's htl-%s.so were "
                      "generated from different models; install both from "
                      "one build", pack->name);
    }
    return true;
}

/* Each library of a pack may have other stubs. */
static void note_stubs(struct gw_pack *pack, const struct gw_open *open)
{
    for (uint32_t id = 0; id < pack->callee.count; id++) {
        if (!pack->guest_stubs[id] && open->stubs[id]) {
            pack->guest_stubs[id] =
                (char *)&open->stubs[id] + open->stubs[id];
        }
    }
}

void gw_pack_open(struct gw_pack *pack, struct gw_open *open)
{
    if (!check(pack, open)) {
        return;
    }
    pthread_mutex_lock(&lock);
    if (!pack->guest_stubs) {
        pack->guest_stubs = calloc(pack->callee.count, sizeof(void *));
        if (!pack->guest_stubs) {
            abort();
        }
        pack->callee.services = open->services;
        pack->guest_unpackers = open->unpackers;
        pack->guest_environ = open->guest_environ;
        gw_pack_prepare(pack);
        if (open->program) {
            /* Drivers choose workarounds by the program's name. */
            const char *slash = strrchr(open->program, '/');
            program_invocation_name = strdup(open->program);
            program_invocation_short_name =
                strdup(slash ? slash + 1 : open->program);
        }
    }
    note_stubs(pack, open);
    pthread_mutex_unlock(&lock);
    gw_verbose("%s (%s guest): thunks of pack %s, %u functions", open->soname,
               open->isa, pack->name, pack->callee.count);
    open->result = 0;
}

/* With the lock held. */
static bool open_host_library(struct gw_pack *pack)
{
    if (pack->state == CLOSED) {
        pack->state = FAILED;
        if (pack->guest_environ) {
            gw_import_environment(*pack->guest_environ);
        }
        if (pack->libraries) {
            gw_libraries_open(pack);
            pack->state = OPEN;
        } else if (pack->open()) {
            pack->state = OPEN;
        }
    }
    return pack->state == OPEN;
}

void gw_clear_result(const struct gw_function *f, struct gw_call *call)
{
    memset((char *)call + f->ret_offset, 0, f->ret_size);
}

static void missing(struct gw_call *call)
{
    gw_clear_result(&gw_current_pack()->functions[call->id], call);
}

/* With the lock held. */
static gw_thunk resolve(struct gw_pack *pack, uint32_t id)
{
    const struct gw_function *f = &pack->functions[id];

    if (!f->thunk) {
        return missing; /* withheld by policy */
    }
    if (open_host_library(pack) && !pack->real[id]) {
        pack->real[id] = pack->libraries ? gw_libraries_resolve(pack, f)
                                         : pack->resolve(f->name);
    }
    return pack->real[id] ? f->thunk : missing;
}

/* With the lock held: the thunk for a call.  A program that goes on with a hash
 * of 0, or a picture of nothing, is worse off than one that ends. */
static gw_thunk resolve_call(struct gw_pack *pack, uint32_t id)
{
    gw_thunk thunk = resolve(pack, id);

    if (thunk == missing && pack->libraries && pack->functions[id].thunk) {
        gw_libraries_give_up(pack, &pack->functions[id]);
    }
    return thunk;
}

/* Every function's first thunk. */
void gw_lazy(struct gw_call *call)
{
    struct gw_pack *pack = gw_current_pack();
    gw_thunk now;

    pthread_mutex_lock(&lock);
    now = resolve_call(pack, call->id);
    if (now == missing && pack->callee.thunks[call->id] == gw_lazy) {
        gw_log("the host's library lacks %s; it does nothing and returns 0",
               pack->functions[call->id].name);
    }
    __atomic_store_n(&pack->callee.thunks[call->id], now, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
    now(call);
}

/* With --stats or --trace every call goes this way. */
static void observed(struct gw_call *call)
{
    struct gw_pack *pack = gw_current_pack();
    gw_thunk fn;

    pthread_mutex_lock(&lock);
    fn = resolve_call(pack, call->id);
    pthread_mutex_unlock(&lock);
    gw_observe_call(pack, call, fn);
}

void gw_pack_prepare(struct gw_pack *pack)
{
    gw_observe_start();
    pack->callee.lazy = gw_lazy;
    pack->callee.other = gw_other_thunk;
    for (uint32_t i = 0; i < pack->callee.count; i++) {
        pack->callee.thunks[i] = gw_observing ? observed : gw_lazy;
    }
}

int gw_pack_find(const struct gw_pack *pack, const char *name)
{
    int low = 0, high = (int)pack->callee.count - 1;

    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, pack->functions[middle].name);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    return -1;
}

void *gw_pack_real(struct gw_pack *pack, uint32_t id)
{
    pthread_mutex_lock(&lock);
    resolve(pack, id);
    pthread_mutex_unlock(&lock);
    return pack->real[id];
}

void *gw_pack_guest_proc(struct gw_pack *pack, const char *name)
{
    int id = gw_pack_find(pack, name);

    if (id < 0 || !gw_pack_real(pack, id)) {
        return NULL;
    }
    return pack->guest_stubs[id];
}

/* The stub that stands for a host function that has no name; the first to
 * ask takes a free one. */
static void *nameless(struct gw_pack *pack, int signature, void *function)
{
    const struct gw_pack_signature *s = &pack->signatures[signature];
    void *stub = NULL;

    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < s->host_count && !stub; i++) {
        uint32_t id = s->first_host + i;
        if (!pack->real[id]) {
            pack->real[id] = function;
        }
        if (pack->real[id] == function) {
            stub = pack->guest_stubs[id];
        }
    }
    pthread_mutex_unlock(&lock);
    return stub;
}

void *gw_pack_host_function(struct gw_pack *pack, int signature,
                            const void *function)
{
    const struct gw_pack_signature *s = &pack->signatures[signature];

    for (uint32_t i = 0; function && i < s->host_count; i++) {
        if (pack->guest_stubs[s->first_host + i] == function) {
            return pack->real[s->first_host + i];
        }
    }
    return NULL;
}

/* The id of a function that the host's library exports, or -1. */
static int exported(const struct gw_pack *pack, void *function)
{
    Dl_info info;

    if (!dladdr(function, &info) || info.dli_saddr != function ||
        !info.dli_sname) {
        return -1;
    }
    return gw_pack_find(pack, info.dli_sname);
}

void *gw_pack_guest_function(struct gw_pack *pack, int signature,
                             void *function)
{
    void *target = gw_closure_target(function);
    int id;

    if (target || !function) {
        return target;
    }
    id = exported(pack, function);
    if (id >= 0 && pack->guest_stubs[id]) {
        return pack->guest_stubs[id];
    }
    target = nameless(pack, signature, function);
    if (target) {
        return target;
    }
    gw_log("a function of the host's own library came back (pack %s); the "
           "guest gets NULL for it", pack->name);
    return NULL;
}

void *gw_guest_copy(const void *data, size_t size)
{
    void *copy =
        (void *)(uintptr_t)gw_guest_service(GW_SERVICE_MALLOC, size, 0, 0);

    return copy ? memcpy(copy, data, size) : NULL;
}

void *gw_guest_take(void *host)
{
    void *copy =
        host ? gw_guest_copy(host, malloc_usable_size(host)) : NULL;

    free(host);
    return copy;
}

void gw_guest_take_new(void *place, const void *before)
{
    void **at = place;

    if (at && *at != before) {
        *at = gw_guest_take(*at);
    }
}

void gw_guest_errno(int number)
{
    if (number) {
        gw_guest_service(GW_SERVICE_ERRNO, number, 0, 0);
    }
}
