/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plugin that only says what the QEMU that loads it can do: its plugin API
 * and whether it has the system call filter. It then fails to install, which
 * ends QEMU, so no guest program is needed.
 *
 * It is compiled without QEMU's header, since none need be installed; of
 * qemu_info_t it reads the first members only, which are the same in every
 * API.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct info {
    const char *target_name;
    struct {
        int min;
        int cur;
    } version;
};

extern void qemu_plugin_register_vcpu_syscall_filter_cb(void)
    __attribute__((weak));

int qemu_plugin_version;

/* QEMU refuses a plugin made for an API it does not know; the caller tries. */
__attribute__((constructor))
static void choose_version(void)
{
    const char *api = getenv("GANGWAY_PROBE_API");

    qemu_plugin_version = api ? atoi(api) : 0;
}

int qemu_plugin_install(uint64_t id, const struct info *info, int argc,
                        char **argv)
{
    (void)id;
    (void)argc;
    (void)argv;
    printf("api=%d filter=%d\n", info->version.cur,
           &qemu_plugin_register_vcpu_syscall_filter_cb != NULL);
    fflush(stdout);
    return -1;
}
