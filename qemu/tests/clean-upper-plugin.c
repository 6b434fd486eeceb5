/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU plugin that looks, wherever generated code calls out, whether it has
 * left the upper halves of the host's vector registers dirty: on many Intel
 * processors every legacy SSE instruction of the C code then pays for it.
 *
 * The processor itself knows: XGETBV with ECX=1 answers which state components
 * are in use, and bit 2 is the upper halves (Intel SDM vol. 1, 13.1, 13.2).
 */
#include <qemu-plugin.h>
#include <stdio.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define XINUSE_UPPER 4u

static unsigned long looked, dirty;

static void look(void)
{
    unsigned int low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    __atomic_fetch_add(&looked, 1, __ATOMIC_RELAXED);
    if (low & XINUSE_UPPER)
        __atomic_fetch_add(&dirty, 1, __ATOMIC_RELAXED);
}

/* What a block before this one has left, if this one has no vectors. */
static void on_block(unsigned int cpu, void *data)
{
    (void)cpu, (void)data;
    look();
}

static void on_memory(unsigned int cpu, qemu_plugin_meminfo_t info,
                      uint64_t address, void *data)
{
    (void)cpu, (void)info, (void)address, (void)data;
    look();
}

static void on_syscall(qemu_plugin_id_t id, unsigned int cpu, int64_t number,
                       uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                       uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
    (void)id, (void)cpu, (void)number, (void)a1, (void)a2, (void)a3;
    (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    look();
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    look();
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS,
                                         NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i),
                                         on_memory, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, NULL);
}

static void on_exit_say(qemu_plugin_id_t id, void *data)
{
    char text[80];

    (void)id, (void)data;
    snprintf(text, sizeof(text), "looked %lu dirty %lu\n", looked, dirty);
    qemu_plugin_outs(text);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                           const qemu_info_t *info, int argc,
                                           char **argv)
{
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    qemu_plugin_register_atexit_cb(id, on_exit_say, NULL);
    return 0;
}
