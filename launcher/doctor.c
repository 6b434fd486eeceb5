/* SPDX-License-Identifier: MIT */
/*
 * `gangway doctor`: one line per thing that must be right, "ok" or "--" with
 * what to do.  What it says is right it has tried: QEMU has run a program
 * with the plugin, the host's GL has made a context.
 */
#include "gangway.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct doctor {
    const struct gw_options *o;
    const struct gw_paths *paths;
    int missing; /* needed things that are not right */
};

static void ok(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void wrong(struct doctor *d, bool needed, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void ok(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fputs("ok  ", stdout);
    vprintf(format, list);
    putchar('\n');
    va_end(list);
}

static void wrong(struct doctor *d, bool needed, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fputs("--  ", stdout);
    vprintf(format, list);
    puts(needed ? "" : " (optional)");
    va_end(list);
    d->missing += needed;
}

/* Runs a command, both its outputs into *out; its exit status or -1. */
static int run(char **argv, char **out)
{
    g_autofree char *text = NULL, *errors = NULL;
    int status;

    *out = NULL;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_LEAVE_DESCRIPTORS_OPEN, NULL,
                      NULL, &text, &errors, &status, NULL))
        return -1;
    *out = g_strstrip(g_strconcat(text, errors, NULL));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void first_line_only(char *text)
{
    if (text)
        text[strcspn(text, "\n")] = '\0';
}

static void check_plugin(struct doctor *d, const struct gw_isa *isa,
                         const char *qemu)
{
    g_autofree char *plugin = gw_paths_plugin(d->paths, qemu);
    g_autofree char *argument = NULL, *program = NULL, *out = NULL;
    int fd;

    if (!plugin) {
        wrong(d, true, "plugin: none for %s, see above: run `make`", qemu);
        return;
    }
    argument = gw_plugin_argument(d->o, d->paths, plugin, NULL);
    fd = gw_elf_make_true(isa);
    program = g_strdup_printf("/proc/self/fd/%d", fd);
    if (!run((char *[]){(char *)qemu, "-plugin", argument, program, NULL},
             &out))
        ok("plugin: qemu-%s runs a program with %s", isa->name,
           plugin);
    else
        wrong(d, true, "plugin: qemu-%s does not run with %s (%s): build "
              "plugin and QEMU from one tree (`make`)", isa->name,
              plugin, out ? out : "it could not be started");
    close(fd);
}

/* The speed patches can be told by what they add for plugins. */
static void check_speed(struct doctor *d, const struct gw_isa *isa,
                        const char *qemu)
{
    struct gw_elf elf;

    if (!gw_elf_read(&elf, qemu, "qemu_plugin_register_vcpu_mem_blocking_cb"))
        return;
    if (!elf.has_symbol)
        wrong(d, false, "QEMU for %s: %s lacks the patches that make games "
              "several times faster: let `make` build one", isa->name, qemu);
    gw_elf_finish(&elf);
}

static void check_qemu_file(struct doctor *d, const struct gw_isa *isa,
                            const char *qemu)
{
    static const char *const api =
        "qemu_plugin_register_vcpu_syscall_filter_cb";
    g_autofree char *version = NULL;
    struct gw_elf elf;

    if (!gw_elf_read(&elf, qemu, api)) {
        wrong(d, true, "QEMU for %s: %s is no program for this machine",
              isa->name, qemu);
        return;
    }
    run((char *[]){(char *)qemu, "--version", NULL}, &version);
    first_line_only(version);
    if (!elf.interp)
        wrong(d, true, "QEMU for %s: %s is statically linked and cannot load "
              "plugins (Debian's is): let `make` build one", isa->name,
              qemu);
    else if (!elf.has_symbol)
        wrong(d, true, "QEMU for %s: %s (%s) lacks the system-call filter "
              "(plugin API 6, QEMU 11.0): let `make` build one", isa->name,
              qemu, version);
    else {
        ok("QEMU for %s: %s, %s", isa->name, qemu, version);
        check_speed(d, isa, qemu);
        check_plugin(d, isa, qemu);
    }
    gw_elf_finish(&elf);
}

/* Programs of other ISAs may well never be wanted. */
static bool is_needed(const struct gw_isa *isa)
{
    return isa == gw_isa_host();
}

static void check_qemu(struct doctor *d, const struct gw_isa *isa)
{
    g_autofree char *name = g_strconcat("qemu-", isa->name, NULL);
    const char *note;
    const char *dir = gw_paths_qemu_place(d->paths, d->o->qemu, &note);
    g_autofree char *path = dir ? g_build_filename(dir, name, NULL) : NULL;

    if (!dir)
        wrong(d, is_needed(isa), "QEMU for %s: %s", isa->name, note);
    else if (access(path, X_OK))
        wrong(d, is_needed(isa), "QEMU for %s: %s is not there: "
              "`make QEMU_TARGETS=\"x86_64 aarch64 riscv64\"` builds it",
              isa->name, path);
    else
        check_qemu_file(d, isa, path);
}

static bool ends_with_so(const char *name)
{
    return strstr(name, ".so");
}

/* Reads every library in the folder of GTLs; how many are for the ISA. */
static int count_libraries(struct doctor *d, const struct gw_isa *isa,
                           const char *dir)
{
    GDir *entries = g_dir_open(dir, 0, NULL);
    const char *entry;
    int count = 0;

    while (entries && (entry = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(dir, entry, NULL);
        struct gw_elf elf;

        if (!ends_with_so(entry) || !gw_elf_read(&elf, path, NULL))
            continue;
        if (elf.isa == isa)
            count++;
        else
            wrong(d, true, "guest libraries for %s: %s is for another ISA: "
                  "run `make` again", isa->name, path);
        gw_elf_finish(&elf);
    }
    if (entries)
        g_dir_close(entries);
    return count;
}

static void check_guest_libraries(struct doctor *d, const struct gw_isa *isa)
{
    g_autofree char *dir = gw_paths_guest_dir(d->paths, isa);
    int count = count_libraries(d, isa, dir);

    if (count)
        ok("guest libraries for %s: %d in %s", isa->name, count, dir);
    else
        wrong(d, is_needed(isa), "guest libraries for %s: none in %s: "
              "`make` builds them when a compiler for %s is installed",
              isa->name, dir, isa->triplet);
}

static void check_host_pack(struct doctor *d, const char *file)
{
    g_autofree char *path = g_build_filename(d->paths->host, file, NULL);
    void *pack = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (!pack)
        wrong(d, true, "host pack %s: %s: run `make` again", file,
              dlerror());
    else if (!dlsym(pack, "gw_open"))
        wrong(d, true, "host pack %s: it has no gw_open and so is no pack: "
              "run `make` again", path);
    else
        ok("host pack: %s", path);
}

static void check_host_packs(struct doctor *d)
{
    GDir *entries = g_dir_open(d->paths->host, 0, NULL);
    const char *entry;
    int count = 0;

    while (entries && (entry = g_dir_read_name(entries)))
        if (g_str_has_prefix(entry, "htl-")) {
            check_host_pack(d, entry);
            count++;
        }
    if (entries)
        g_dir_close(entries);
    if (!count)
        wrong(d, true, "host packs: no htl-*.so in %s: run `make`",
              d->paths->host);
}

static void check_optional_pack(struct doctor *d, const char *pack,
                                char **sonames)
{
    const char *asked = gw_pack_is_automatic(pack)
        ? "used without being asked for" : "used where asked for";
    g_autofree char *last = NULL;
    guint good = 0;

    for (char **soname = sonames; *soname; soname++) {
        g_autofree char *file = gw_host_library(d->o, d->paths, *soname);
        if (file) {
            g_free(last);
            last = realpath(file, NULL);
            good++;
        } else if (!g_str_has_prefix(*soname, "libgw")) /* Gangway's own */
            wrong(d, false, "optional pack %s: this machine has no %s: "
                  "install the package that has it", pack, *soname);
    }
    if (good == 1)
        ok("optional pack %s: %s, %s", pack, last, asked);
    else if (good)
        ok("optional pack %s: %u libraries, %s", pack, good, asked);
}

static void check_optional_packs(struct doctor *d)
{
    const struct gw_isa *isa = gw_isa_host() ? gw_isa_host() : &gw_isas[0];
    g_auto(GStrv) packs = gw_packs_list(d->paths, isa);

    for (char **pack = packs; *pack; pack++) {
        g_auto(GStrv) sonames = gw_pack_libraries(d->paths, isa, *pack);
        check_optional_pack(d, *pack, sonames);
    }
}

/* What the host draws with, and what to install where it cannot. */
static void check_gpu(struct doctor *d, bool needed, const char *api,
                      const struct gw_gpu *gpu, const char *packages)
{
    if (!gpu->works) {
        wrong(d, needed, "host %s: %s: install a driver (Debian: %s)", api,
              gpu->what, packages);
        return;
    }
    ok("host %s: %s", api, gpu->what);
    if (gpu->software)
        wrong(d, false, "host %s: this calculates on the processor, which is "
              "slow: if the machine has a GPU, install its driver", api);
}

/* The whole way, with a real program. */
static void check_guest_gl(struct doctor *d, const char *renderer)
{
    g_autofree char *glxinfo = g_find_program_in_path("glxinfo");
    g_autofree char *out = NULL, *wanted = NULL;
    int status;

    if (!glxinfo) {
        wrong(d, false, "guest GL: not tried, glxinfo is not there: install "
              "mesa-utils");
        return;
    }
    status = run((char *[]){"/proc/self/exe", "--display", "none", glxinfo,
                            "-B", NULL}, &out);
    wanted = g_strndup(renderer,
                       (gsize)(strstr(renderer, ", OpenGL") - renderer));
    if (!status && out && strstr(out, wanted))
        ok("guest GL: glxinfo under QEMU draws with %s", wanted);
    else
        wrong(d, true, "guest GL: glxinfo under QEMU ended with status %d: "
              "run `gangway --verbose glxinfo -B`", status);
}

/* The user's display, or one for what is to be tried on one. */
static bool find_display(struct doctor *d, struct gw_display *display)
{
    struct gw_options o = *d->o;
    const char *name = g_getenv("DISPLAY");

    if (!strcmp(o.display, "auto"))
        o.display = name && *name ? name : "xvfb";
    if (!gw_display_init(display, &o)) {
        wrong(d, true, "display: none for what follows");
        return false;
    }
    if (!g_getenv("DISPLAY"))
        wrong(d, true, "display: none, as asked for");
    else
        ok("display: %s%s", g_getenv("DISPLAY"),
           display->server ? ", an Xvfb started for this" : "");
    return g_getenv("DISPLAY");
}

static void check_display(struct doctor *d)
{
    struct gw_display display;
    struct gw_gpu gl;

    if (!find_display(d, &display))
        return;
    gl = gw_gpu_gl();
    check_gpu(d, true, "GL", &gl, "libgl1, libgl1-mesa-dri");
    if (gl.works && !d->missing)
        check_guest_gl(d, gl.what);
    g_free(gl.what);
    gw_display_finish(&display);
}

static void check_programs(struct doctor *d, const struct gw_isa *isa)
{
    g_autofree char *sysroot = gw_paths_sysroot(isa);
    g_autofree char *dir = gw_paths_fetched(isa);
    g_auto(GStrv) names = gw_fetched_names(isa);
    g_autofree char *list = g_strjoinv(", ", names);

    if (*list)
        ok("programs for %s: %s, in %s", isa->name, list, dir);
    else if (g_file_test(sysroot, G_FILE_TEST_IS_DIR))
        ok("sysroot for %s: %s", isa->name, sysroot);
    else if (isa != gw_isa_host())
        wrong(d, false, "programs for %s: none in %s: `gangway get --isa %s "
              "NAME` fetches them", isa->name, dir, isa->name);
}

/* What the script needs. */
static void check_get(struct doctor *d)
{
    static const char *const tools[][2] = {
        {"apt-get", "apt"}, {"dpkg-deb", "dpkg"}, {"tar", "tar"},
        {"python3", "python3"}};
    static const char keys[] =
        "/usr/share/keyrings/debian-archive-keyring.gpg";
    int missing = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(tools); i++) {
        g_autofree char *path = g_find_program_in_path(tools[i][0]);
        if (path)
            continue;
        wrong(d, false, "gangway get: no %s here: install %s", tools[i][0],
              tools[i][1]);
        missing++;
    }
    if (access(keys, R_OK))
        wrong(d, false, "gangway get: no %s: install debian-archive-keyring",
              keys);
    else if (!missing)
        ok("gangway get: apt-get fetches programs, %s checks them", keys);
}

static void check_vulkan(struct doctor *d)
{
    struct gw_gpu vulkan = gw_gpu_vulkan();

    check_gpu(d, false, "Vulkan", &vulkan,
              "libvulkan1, mesa-vulkan-drivers");
    g_free(vulkan.what);
}

/* What is said of speed, or of a bug, means little without. */
static void name_processor(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    const char *name = NULL;

    g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL);
    lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line && !name; line++)
        if (g_str_has_prefix(*line, "model name") && strchr(*line, ':'))
            name = g_strstrip(strchr(*line, ':') + 1);
    ok("processor: %s%s%u cores", name ? name : "", name ? ", " : "",
       g_get_num_processors());
}

/* Not for want of anything on this machine. */
static void name_limits(struct doctor *d)
{
    wrong(d, false, "32-bit programs: Gangway runs 64-bit ones only");
}

bool gw_doctor(const struct gw_options *o, const struct gw_paths *paths)
{
    struct doctor d = {.o = o, .paths = paths};

    setvbuf(stdout, NULL, _IOLBF, 0);
    name_processor();
    for (size_t i = 0; i < gw_isa_count; i++) {
        check_qemu(&d, &gw_isas[i]);
        check_guest_libraries(&d, &gw_isas[i]);
        check_programs(&d, &gw_isas[i]);
    }
    check_get(&d);
    check_host_packs(&d);
    check_optional_packs(&d);
    check_display(&d);
    check_vulkan(&d);
    name_limits(&d);
    if (d.missing)
        return gw_fail(GW_EXIT_FAILED, "%d of the things above must be put right",
                       d.missing);
    return true;
}
