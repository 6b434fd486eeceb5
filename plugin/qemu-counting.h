/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of QEMU's plugin API the plugins that count use besides dlcall's. */
#ifndef GANGWAY_QEMU_COUNTING_H
#define GANGWAY_QEMU_COUNTING_H

#include "qemu-api.h"

#ifndef GW_CHECK_QEMU_HEADER
struct qemu_plugin_scoreboard;
typedef struct {
    struct qemu_plugin_scoreboard *score;
    size_t offset;
} qemu_plugin_u64;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned int vcpu_index);
void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned int vcpu_index,
                         uint64_t value);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
    struct qemu_plugin_tb *tb, enum qemu_plugin_op op, qemu_plugin_u64 entry,
    uint64_t imm);
#endif

/* Adds the block's instructions to a counter whenever it begins. */
static inline void gw_count_block(struct qemu_plugin_tb *tb,
                                  qemu_plugin_u64 counter)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
        tb, QEMU_PLUGIN_INLINE_ADD_U64, counter, qemu_plugin_tb_n_insns(tb));
}

#endif
