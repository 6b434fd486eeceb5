/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of QEMU's plugin API that dlcall uses, for the three versions of it
 * that carry the system-call filter, behind one set of names.
 *
 * GW_QEMU_API selects the version:
 *   4  QEMU 10.0 with qemu/patches (the filter in API 7's form)
 *   6  QEMU 11.0
 *   7  QEMU 11.1: every callback gets a userdata, none gets the plugin id
 *
 * The declarations are our own, so that all three compile on every machine;
 * GW_CHECK_QEMU_HEADER includes the real header first and lets the compiler
 * compare (tests/plugin does so for the QEMU at hand).
 */
#ifndef GANGWAY_QEMU_API_H
#define GANGWAY_QEMU_API_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef GW_QEMU_API
#define GW_QEMU_API 4
#endif
#if GW_QEMU_API != 4 && GW_QEMU_API != 6 && GW_QEMU_API != 7
#error "dlcall knows the plugin APIs 4 (patched), 6 and 7"
#endif

#define GW_EXPORT __attribute__((visibility("default")))

#ifdef GW_CHECK_QEMU_HEADER
#include <qemu-plugin.h>
#else

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

typedef struct qemu_info_t {
    const char *target_name;
    struct {
        int min;
        int cur;
    } version;
    bool system_emulation;
    union {
        struct {
            int smp_vcpus;
            int max_vcpus;
        } system;
    };
} qemu_info_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum qemu_plugin_cb_flags {
    QEMU_PLUGIN_CB_NO_REGS,
    QEMU_PLUGIN_CB_R_REGS,
    QEMU_PLUGIN_CB_RW_REGS,
};

enum qemu_plugin_mem_rw {
    QEMU_PLUGIN_MEM_R = 1,
    QEMU_PLUGIN_MEM_W,
    QEMU_PLUGIN_MEM_RW,
};

typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t id, void *userdata);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int vcpu_index,
                                          qemu_plugin_meminfo_t info,
                                          uint64_t vaddr, void *userdata);
#endif /* GW_CHECK_QEMU_HEADER */

/* What changed between the versions: the shapes of three callbacks. */
#if GW_QEMU_API == 7
#define GW_TRANS_PARAMS struct qemu_plugin_tb *tb, void *userdata
#define GW_FILTER_PARAMS                                                      \
    unsigned int vcpu_index, int64_t num, uint64_t a1, uint64_t a2,           \
        uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,      \
        uint64_t a8, int64_t *sysret, void *userdata
#define GW_EXIT_PARAMS void *userdata
#define GW_VCPU_PARAMS unsigned int vcpu_index, void *userdata
#define GW_RET_PARAMS                                                         \
    unsigned int vcpu_index, int64_t num, int64_t ret, void *userdata
#define GW_UNUSED_TRANS() ((void)userdata)
#define GW_UNUSED_VCPU() ((void)vcpu_index, (void)userdata)
#define GW_UNUSED_RET() ((void)vcpu_index, (void)userdata)
#define GW_UNUSED_FILTER() ((void)userdata)
#define GW_UNUSED_EXIT() ((void)userdata)
#elif GW_QEMU_API == 6
#define GW_TRANS_PARAMS qemu_plugin_id_t plugin_id, struct qemu_plugin_tb *tb
#define GW_FILTER_PARAMS                                                      \
    qemu_plugin_id_t plugin_id, unsigned int vcpu_index, int64_t num,         \
        uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,      \
        uint64_t a6, uint64_t a7, uint64_t a8, uint64_t *sysret
#define GW_EXIT_PARAMS qemu_plugin_id_t plugin_id, void *userdata
#define GW_VCPU_PARAMS qemu_plugin_id_t plugin_id, unsigned int vcpu_index
#define GW_RET_PARAMS                                                         \
    qemu_plugin_id_t plugin_id, unsigned int vcpu_index, int64_t num,         \
        int64_t ret
#define GW_UNUSED_TRANS() ((void)plugin_id)
#define GW_UNUSED_VCPU() ((void)plugin_id, (void)vcpu_index)
#define GW_UNUSED_RET() ((void)plugin_id, (void)vcpu_index)
#define GW_UNUSED_FILTER() ((void)plugin_id)
#define GW_UNUSED_EXIT() ((void)plugin_id, (void)userdata)
#else
#define GW_TRANS_PARAMS qemu_plugin_id_t plugin_id, struct qemu_plugin_tb *tb
#define GW_FILTER_PARAMS                                                      \
    unsigned int vcpu_index, int64_t num, uint64_t a1, uint64_t a2,           \
        uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,      \
        uint64_t a8, int64_t *sysret, void *userdata
#define GW_EXIT_PARAMS qemu_plugin_id_t plugin_id, void *userdata
#define GW_VCPU_PARAMS qemu_plugin_id_t plugin_id, unsigned int vcpu_index
#define GW_RET_PARAMS                                                         \
    qemu_plugin_id_t plugin_id, unsigned int vcpu_index, int64_t num,         \
        int64_t ret
#define GW_UNUSED_TRANS() ((void)plugin_id)
#define GW_UNUSED_VCPU() ((void)plugin_id, (void)vcpu_index)
#define GW_UNUSED_RET() ((void)plugin_id, (void)vcpu_index)
#define GW_UNUSED_FILTER() ((void)userdata)
#define GW_UNUSED_EXIT() ((void)plugin_id, (void)userdata)
#endif

#ifndef GW_CHECK_QEMU_HEADER
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(GW_TRANS_PARAMS);
typedef void (*gw_vcpu_cb)(GW_VCPU_PARAMS);
typedef void (*qemu_plugin_vcpu_syscall_ret_cb_t)(GW_RET_PARAMS);
typedef bool (*qemu_plugin_vcpu_syscall_filter_cb_t)(GW_FILTER_PARAMS);
#if GW_QEMU_API == 7
typedef void (*gw_exit_cb)(void *userdata);
#else
typedef qemu_plugin_udata_cb_t gw_exit_cb;
#endif

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                      qemu_plugin_vcpu_mem_cb_t cb,
                                      enum qemu_plugin_cb_flags flags,
                                      enum qemu_plugin_mem_rw rw,
                                      void *userdata);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, gw_exit_cb cb,
                                    void *userdata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_read_memory_vaddr(uint64_t addr, GByteArray *data,
                                   size_t len);
#if GW_QEMU_API == 7
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, gw_vcpu_cb cb,
                                       void *userdata);
void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id, gw_vcpu_cb cb,
                                       void *userdata);
void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t cb,
    void *userdata);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t cb,
                                           void *userdata);
#else
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, gw_vcpu_cb cb);
void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id, gw_vcpu_cb cb);
void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t cb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t cb);
#endif
#if GW_QEMU_API == 6
void qemu_plugin_register_vcpu_syscall_filter_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_filter_cb_t cb);
#else
void qemu_plugin_register_vcpu_syscall_filter_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_filter_cb_t cb,
    void *userdata);
#endif
#else
#if GW_QEMU_API == 7
typedef qemu_plugin_vcpu_udata_cb_t gw_vcpu_cb;
#else
typedef qemu_plugin_vcpu_simple_cb_t gw_vcpu_cb;
#endif
#endif /* GW_CHECK_QEMU_HEADER */

/* Registers a callback of shape GW_VCPU_PARAMS, run on each new CPU's own
 * thread. */
static inline void gw_register_vcpu_init(qemu_plugin_id_t id, gw_vcpu_cb cb)
{
#if GW_QEMU_API == 7
    qemu_plugin_register_vcpu_init_cb(id, cb, NULL);
#else
    qemu_plugin_register_vcpu_init_cb(id, cb);
#endif
}

/* Registers a callback of shape GW_VCPU_PARAMS, run on the thread of a CPU
 * that ends. */
static inline void gw_register_vcpu_exit(qemu_plugin_id_t id, gw_vcpu_cb cb)
{
#if GW_QEMU_API == 7
    qemu_plugin_register_vcpu_exit_cb(id, cb, NULL);
#else
    qemu_plugin_register_vcpu_exit_cb(id, cb);
#endif
}

/* Registers a callback of shape GW_RET_PARAMS, run after system calls. */
static inline void
gw_register_syscall_ret(qemu_plugin_id_t id,
                        qemu_plugin_vcpu_syscall_ret_cb_t cb)
{
#if GW_QEMU_API == 7
    qemu_plugin_register_vcpu_syscall_ret_cb(id, cb, NULL);
#else
    qemu_plugin_register_vcpu_syscall_ret_cb(id, cb);
#endif
}

/* Registers a translation callback of shape GW_TRANS_PARAMS. */
static inline void gw_register_trans(qemu_plugin_id_t id,
                                     qemu_plugin_vcpu_tb_trans_cb_t cb)
{
#if GW_QEMU_API == 7
    qemu_plugin_register_vcpu_tb_trans_cb(id, cb, NULL);
#else
    qemu_plugin_register_vcpu_tb_trans_cb(id, cb);
#endif
}

/*
 * What the speed patch "memory callbacks that may block" adds; NULL in any
 * other QEMU.  Weak also where the real header declares it.
 */
bool qemu_plugin_register_vcpu_mem_blocking_cb(struct qemu_plugin_insn *insn,
                                               qemu_plugin_vcpu_mem_cb_t cb,
                                               enum qemu_plugin_mem_rw rw,
                                               void *userdata)
    __attribute__((weak));

/* Can a callback wait while QEMU goes on without this CPU? */
static inline bool gw_stores_may_block(void)
{
    return &qemu_plugin_register_vcpu_mem_blocking_cb != NULL;
}

/* Registers a callback that runs behind a plain store, outside of translated
 * code. */
static inline void gw_register_blocking_store(struct qemu_plugin_insn *insn,
                                              qemu_plugin_vcpu_mem_cb_t cb,
                                              void *userdata)
{
    qemu_plugin_register_vcpu_mem_blocking_cb(insn, cb, QEMU_PLUGIN_MEM_W,
                                              userdata);
}

/* Registers a system-call filter of shape GW_FILTER_PARAMS. */
static inline void gw_register_filter(qemu_plugin_id_t id,
                                      qemu_plugin_vcpu_syscall_filter_cb_t cb)
{
#if GW_QEMU_API == 6
    qemu_plugin_register_vcpu_syscall_filter_cb(id, cb);
#else
    qemu_plugin_register_vcpu_syscall_filter_cb(id, cb, NULL);
#endif
}

#endif
