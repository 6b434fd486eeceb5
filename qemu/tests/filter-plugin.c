/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system call filter that the test can recognise: the result is the sum of
 * each argument times its position times `factor`, so that swapped or lost
 * arguments, a lost userdata and a wrong plugin all show.
 *
 * Arguments: num=N (the call it handles), factor=N, once=on (remove the filter
 * from inside of it).
 */
#include <glib.h>
#include <qemu-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
    qemu_plugin_id_t id;
    int64_t num;
    int64_t factor;
    bool once;
};

static struct state state = { .num = 4096, .factor = 1 };

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static bool filter(unsigned int vcpu_index, int64_t num, uint64_t a1,
                   uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                   uint64_t a6, uint64_t a7, uint64_t a8, int64_t *sysret,
                   void *userdata)
{
    struct state *s = userdata;

    (void)vcpu_index;
    (void)a7; /* x86_64 passes six */
    (void)a8;
    if (num != s->num)
        return false;
    if (s->once)
        qemu_plugin_register_vcpu_syscall_filter_cb(s->id, NULL, NULL);
    *sysret = s->factor * (int64_t)(a1 + 2 * a2 + 3 * a3 + 4 * a4 + 5 * a5 +
                                    6 * a6);
    return true;
}

static void seen(qemu_plugin_id_t id, unsigned int vcpu_index, int64_t num,
                 int64_t ret)
{
    (void)id;
    (void)vcpu_index;
    if (num == state.num)
        fprintf(stderr, "returned %lld\n", (long long)ret);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                           const qemu_info_t *info, int argc,
                                           char **argv)
{
    (void)info;
    state.id = id;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "num=", 4))
            state.num = atoll(argv[i] + 4);
        else if (!strncmp(argv[i], "factor=", 7))
            state.factor = atoll(argv[i] + 7);
        else if (!strcmp(argv[i], "once=on"))
            state.once = true;
        else
            return -1;
    }
    qemu_plugin_register_vcpu_syscall_filter_cb(id, filter, &state);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, seen);
    return 0;
}
