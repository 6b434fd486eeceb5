/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dlcall: lets a linux-user guest load host libraries and call their
 * functions, through one system call number that no Linux ABI uses and,
 * where the guest announces them, through doorbell stores.  The interface is
 * described in gangway/abi.h.
 *
 * For trusted guests: a guest that may call any function of any host library
 * can do whatever the user can.  The checks here keep a guest's mistakes from
 * ending QEMU; they are no sandbox.
 */
#include "doorbell.h"
#include "exec.h"
#include "guest-memory.h"
#include "host-pointers.h"
#include "intercept.h"
#include "pages.h"
#include "qemu-api.h"
#include "registry.h"
#include "signals.h"
#include "sysroot.h"
#include "threads.h"

#include "gangway/abi.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

GW_EXPORT int qemu_plugin_version = GW_QEMU_API;

/* Longest path, symbol or key that a guest may pass. */
#define STRING_MAX 4096

static struct {
    int64_t syscall_num;
    bool doorbell;
    bool doorbell_blocks;
    bool verbose;
    char *htl_dir;
    GPtrArray *intercept; /* folders */
    GPtrArray *withheld;  /* file names */
    GPtrArray *lacking;   /* for gw_intercept_lacks() */
    const char *exec;
} config = { .syscall_num = GW_SYSCALL_NUM, .doorbell = true,
             .doorbell_blocks = true };

static const char *attribute(const char *key)
{
    if (!strcmp(key, GW_ATTR_PLUGIN)) {
        return GW_VERSION;
    }
    if (!strcmp(key, GW_ATTR_HTL_DIR)) {
        return config.htl_dir;
    }
    if (!strcmp(key, GW_ATTR_PROVE)) {
        return "1";
    }
    if (!strcmp(key, GW_ATTR_DOORBELL)) {
        return config.doorbell ? "1" : NULL;
    }
    if (!strcmp(key, GW_ATTR_DOORBELL_BLOCKS)) {
        return config.doorbell && gw_doorbell_blocks() ? "1" : NULL;
    }
    return NULL;
}

/* Stores an operation's result; the operation's return value. */
static int64_t answer(uint64_t out, const void *value)
{
    return gw_guest_write_u64(out, (uintptr_t)value) ? 0 : -EFAULT;
}

static int64_t get_host_attribute(uint64_t key, uint64_t out)
{
    g_autofree char *name = gw_guest_string(key, STRING_MAX);

    return name ? answer(out, attribute(name)) : -EFAULT;
}

static int64_t load_library(uint64_t path, uint64_t flags, uint64_t out)
{
    g_autofree char *name = gw_guest_string(path, STRING_MAX);
    int64_t ret;
    void *handle;
    int ignored;

    /* The out pointer before dlopen(), which may run anything. */
    if (!name || answer(out, NULL) != 0) {
        return -EFAULT;
    }
    handle = gw_library_load(name, flags);
    ret = answer(out, handle);
    if (ret != 0 && handle) {
        gw_library_free(handle, &ignored);
    }
    return ret;
}

static int64_t get_proc_address(uint64_t handle, uint64_t symbol, uint64_t out)
{
    g_autofree char *name = gw_guest_string(symbol, STRING_MAX);
    void *proc;

    if (!name) {
        return -EFAULT;
    }
    if (!gw_library_proc((void *)(uintptr_t)handle, name, &proc)) {
        return -EINVAL;
    }
    return answer(out, proc);
}

static int64_t free_library(uint64_t handle, uint64_t out)
{
    int32_t result;

    if (!gw_guest_write_i32(out, 0)) {
        return -EFAULT;
    }
    if (!gw_library_free((void *)(uintptr_t)handle, &result)) {
        return -EINVAL;
    }
    return gw_guest_write_i32(out, result) ? 0 : -EFAULT;
}

static int64_t invoke_proc(uint64_t proc, uint64_t arg1, uint64_t arg2)
{
    if (!gw_proc_known((void *)(uintptr_t)proc)) {
        return -EINVAL;
    }
    if (gw_guest_base) {
        return -ENOTSUP;
    }
    ((gw_proc)(uintptr_t)proc)((void *)(uintptr_t)arg1,
                               (void *)(uintptr_t)arg2);
    return 0;
}

/* Both ways must find the same value at the same number. */
static int64_t prove(uint64_t addr, uint64_t expected)
{
    uint64_t through_qemu, direct;

    if (!gw_guest_read(addr, &through_qemu, sizeof(through_qemu))) {
        return -EFAULT;
    }
    if (gw_guest_base || through_qemu != expected ||
        !gw_host_read(addr, &direct, sizeof(direct)) || direct != expected) {
        return -ENOTSUP;
    }
    return 0;
}

static int64_t doorbell(uint64_t table, uint64_t count, uint64_t proc)
{
    if (!config.doorbell || !gw_proc_known((void *)(uintptr_t)proc)) {
        return -EINVAL;
    }
    if (gw_guest_base) {
        return -ENOTSUP;
    }
    return gw_doorbell_announce(table, count, (gw_proc)(uintptr_t)proc);
}

static int64_t operate(uint64_t op, uint64_t a, uint64_t b, uint64_t c)
{
    switch (op) {
    case GW_GET_HOST_ATTRIBUTE:
        return get_host_attribute(a, b);
    case GW_LOAD_LIBRARY:
        return load_library(a, b, c);
    case GW_GET_PROC_ADDRESS:
        return get_proc_address(a, b, c);
    case GW_FREE_LIBRARY:
        return free_library(a, b);
    case GW_GET_LIBRARY_ERROR:
        return answer(a, gw_library_error());
    case GW_INVOKE_PROC:
        return invoke_proc(a, b, c);
    case GW_PROVE:
        return prove(a, b);
    case GW_DOORBELL:
        return doorbell(a, b, c);
    default:
        return -EINVAL;
    }
}

static bool filter(GW_FILTER_PARAMS)
{
    const uint64_t arg[] = { a1, a2, a3, a4, a5, a6 };
    int64_t ret;

    GW_UNUSED_FILTER();
    (void)vcpu_index;
    (void)a7;
    (void)a8;
    if (num == config.syscall_num) {
        *sysret = operate(a1, a2, a3, a4);
        return true;
    }
    gw_signals_before_syscall(num, a1, a2);
    gw_threads_before_syscall(num, a1);
    gw_pages_before_syscall(num, arg);
    if (!gw_intercept_syscall(num, arg, &ret) &&
        !gw_exec_syscall(num, arg, &ret) &&
        !gw_sysroot_syscall(num, arg, &ret) &&
        !gw_host_pointers_syscall(num, arg, &ret)) {
        return false;
    }
    *sysret = ret;
    return true;
}

static void syscall_returned(GW_RET_PARAMS)
{
    GW_UNUSED_RET();
    gw_signals_after_syscall(num);
    gw_threads_after_syscall(num, ret);
    gw_pages_after_syscall(num, ret);
    gw_host_pointers_returned();
}

static void cpu_starts(GW_VCPU_PARAMS)
{
    GW_UNUSED_VCPU();
    gw_signals_cpu_thread();
}

static void cpu_ends(GW_VCPU_PARAMS)
{
    GW_UNUSED_VCPU();
    gw_threads_exit();
}

static void translate(GW_TRANS_PARAMS)
{
    static bool based;

    GW_UNUSED_TRANS();
    if (!based) {
        /* The first block runs before any other thread exists. */
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, 0);
        gw_guest_base = (uintptr_t)qemu_plugin_insn_haddr(insn) -
                        qemu_plugin_insn_vaddr(insn);
        based = true;
        gw_signals_cpu_thread();
        gw_signals_hook();
    }
    gw_doorbell_translate(tb);
}

/* QEMU ends with _exit(): what libraries and stdio still hold goes out now. */
static void finish(GW_EXIT_PARAMS)
{
    GW_UNUSED_EXIT();
    gw_libraries_notify("gw_process_exit");
    if (config.verbose) {
        gw_intercept_report();
    }
    fflush(NULL);
}

static bool parse_bool(const char *text, bool *out)
{
    *out = !strcmp(text, "on");
    return *out || !strcmp(text, "off");
}

static bool parse_arg(const char *arg)
{
    const char *value = strchr(arg, '=');
    char *end;

    if (!value) {
        return false;
    }
    value++;
    if (g_str_has_prefix(arg, "syscall_num=")) {
        config.syscall_num = strtoll(value, &end, 10);
        return !*end && config.syscall_num >= GW_SYSCALL_NUM;
    }
    if (g_str_has_prefix(arg, "doorbell=")) {
        return parse_bool(value, &config.doorbell);
    }
    if (g_str_has_prefix(arg, "doorbell_blocks=")) {
        return parse_bool(value, &config.doorbell_blocks);
    }
    if (g_str_has_prefix(arg, "verbose=")) {
        return parse_bool(value, &config.verbose);
    }
    if (g_str_has_prefix(arg, "intercept=")) {
        g_ptr_array_add(config.intercept, (char *)value);
        return *value == '/';
    }
    if (g_str_has_prefix(arg, "withhold=")) {
        g_ptr_array_add(config.withheld, (char *)value);
        return *value;
    }
    if (g_str_has_prefix(arg, "lacks=")) {
        g_ptr_array_add(config.lacking, (char *)value);
        return *value;
    }
    if (g_str_has_prefix(arg, "private_x11=")) {
        bool allowed;
        if (!parse_bool(value, &allowed)) {
            return false;
        }
        if (!allowed) {
            gw_intercept_refuse_private();
        }
        return true;
    }
    if (g_str_has_prefix(arg, "exec=")) {
        config.exec = value;
        return *value == '/';
    }
    if (g_str_has_prefix(arg, "htl_dir=")) {
        g_free(config.htl_dir);
        config.htl_dir = g_strdup(value);
        return *value == '/';
    }
    return false;
}

/* By default the HTLs lie beside this plugin. */
static char *own_folder(void)
{
    Dl_info info;

    return dladdr(&qemu_plugin_version, &info) && info.dli_fname
        ? g_path_get_dirname(info.dli_fname) : NULL;
}

GW_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                  int argc, char **argv)
{
    if (info->system_emulation) {
        fprintf(stderr, "dlcall: works with QEMU's user-mode emulation only; "
                        "run qemu-%s instead\n", info->target_name);
        return -1;
    }
    config.htl_dir = own_folder();
    config.intercept = g_ptr_array_new();
    config.withheld = g_ptr_array_new();
    config.lacking = g_ptr_array_new();
    for (int i = 0; i < argc; i++) {
        if (!parse_arg(argv[i])) {
            fprintf(stderr, "dlcall: bad argument '%s'; known are "
                    "syscall_num=N (N >= %d), doorbell=on|off, "
                    "doorbell_blocks=on|off, "
                    "verbose=on|off, intercept=/FOLDER, "
                    "withhold=FILE and lacks=PACK/LIBRARY/SYMBOL/... "
                    "(any number), private_x11=on|off, "
                    "exec=/LAUNCHER and htl_dir=/FOLDER\n", argv[i], GW_SYSCALL_NUM);
            return -1;
        }
    }
    for (guint i = 0; i < config.intercept->len; i++) {
        if (!gw_intercept_init(config.intercept->pdata[i], info->target_name,
                               config.verbose)) {
            return -1;
        }
    }
    for (guint i = 0; i < config.withheld->len; i++) {
        gw_intercept_withhold(config.withheld->pdata[i]);
    }
    for (guint i = 0; i < config.lacking->len; i++) {
        gw_intercept_lacks(config.lacking->pdata[i]);
    }
    if (config.exec) {
        gw_exec_init(config.exec, info->target_name);
    }
    gw_doorbell_init(config.doorbell_blocks);
    gw_sysroot_init(info->target_name);
    gw_signals_init(info->target_name);
    gw_threads_init(info->target_name);
    gw_pages_init(info->target_name);
    gw_host_pointers_init(info->target_name);
    gw_register_vcpu_init(id, cpu_starts);
    gw_register_vcpu_exit(id, cpu_ends);
    gw_register_syscall_ret(id, syscall_returned);
    gw_register_trans(id, translate);
    gw_register_filter(id, filter);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
