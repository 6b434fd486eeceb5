/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Not a part of Gangway: a plugin for bench/count that says at the end how
 * many instructions the program has executed, those left out with which it
 * waited.  A block counts as a whole when it begins.
 *
 * Whoever waits for another thread executes the processor's hint for that over
 * and over, as often as the other's emulator is slow.  So what is executed
 * between two of them on one thread, when it is little, is left out.
 */
#include "qemu-counting.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#if GW_QEMU_API != 4
#error "only for the QEMU that qemu/get-qemu builds"
#endif

#define LITTLE 300

/* What of the API nobody else uses. */
#ifndef GW_CHECK_QEMU_HEADER
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int vcpu_index,
                                            void *userdata);

size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to,
                             size_t size);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
                                          qemu_plugin_vcpu_udata_cb_t cb,
                                          enum qemu_plugin_cb_flags flags,
                                          void *userdata);
#endif

/* The hint of each ISA, as gw_pause() has it. */
static const struct {
    const char *target;
    size_t size;
    unsigned char code[4];
} hints[] = {
    { "x86_64", 2, { 0xf3, 0x90 } },
    { "aarch64", 4, { 0x3f, 0x20, 0x03, 0xd5 } },
    { "riscv64", 4, { 0x0f, 0x00, 0x00, 0x01 } },
};
static unsigned isa;

static qemu_plugin_u64 executed, at_last_hint;
static _Atomic(uint64_t) waited;

static void on_hint(unsigned int vcpu, void *unused)
{
    uint64_t now = qemu_plugin_u64_get(executed, vcpu);
    uint64_t since = now - qemu_plugin_u64_get(at_last_hint, vcpu);

    (void)unused;
    qemu_plugin_u64_set(at_last_hint, vcpu, now);
    if (since < LITTLE) {
        waited += since;
    }
}

static bool has_hint(const struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb), size = hints[isa].size;
    unsigned char code[4];

    for (size_t i = 0; i < count; i++) {
        if (qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i), code,
                                  size) == size &&
            !memcmp(code, hints[isa].code, size)) {
            return true;
        }
    }
    return false;
}

static void on_translation(GW_TRANS_PARAMS)
{
    GW_UNUSED_TRANS();
    gw_count_block(tb, executed);
    if (has_hint(tb)) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_hint,
                                             QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void report(GW_EXIT_PARAMS)
{
    GW_UNUSED_EXIT();
    fprintf(stderr, "instructions: %" PRIu64 ", waiting: %" PRIu64 "\n",
            qemu_plugin_u64_sum(executed) - waited, waited);
}

GW_EXPORT int qemu_plugin_version = GW_QEMU_API;

GW_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                  int argc, char **argv);
GW_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                  int argc, char **argv)
{
    (void)argc;
    (void)argv;
    while (strcmp(hints[isa].target, info->target_name)) {
        if (++isa == sizeof(hints) / sizeof(*hints)) {
            fprintf(stderr, "count: does not know %s\n", info->target_name);
            return -1;
        }
    }
    executed.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
    at_last_hint.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
    gw_register_trans(id, on_translation);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
