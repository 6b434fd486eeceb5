/* SPDX-License-Identifier: MIT */
/* The command line: one table, from which the help is printed too. */
#include "gangway.h"

#include <stdio.h>
#include <string.h>

struct option {
    const char *name;
    const char *value; /* what it takes; NULL: nothing, "[=...]": maybe */
    const char *help;
    /* `value` is NULL for an option without one. */
    bool (*set)(struct gw_options *o, const char *value);
};

static bool bad_value(const char *option, const char *value,
                      const char *wanted)
{
    return gw_fail(GW_EXIT_USAGE, "%s: '%s' is not %s", option, value,
                   wanted);
}

#define FLAG(field)                                                         \
    static bool set_##field(struct gw_options *o, const char *value)        \
    {                                                                       \
        (void)value;                                                        \
        o->field = true;                                                    \
        return true;                                                        \
    }
#define STRING(field)                                                       \
    static bool set_##field(struct gw_options *o, const char *value)        \
    {                                                                       \
        o->field = value;                                                   \
        return true;                                                        \
    }

FLAG(help)
FLAG(version)
FLAG(list)
FLAG(dry_run)
FLAG(stats)
FLAG(verbose)
FLAG(no_passthrough)
FLAG(no_intercept)
FLAG(native)
FLAG(demo)
STRING(cpu)
STRING(sysroot)
STRING(qemu)
STRING(log)
STRING(packs)
STRING(screenshot)
STRING(display)

static bool set_trace(struct gw_options *o, const char *value)
{
    o->trace = value && *value ? value : "*";
    return true;
}

static bool set_x11(struct gw_options *o, const char *value)
{
    if (!strcmp(value, "auto"))
        o->x11 = GW_X11_AUTO;
    else if (!strcmp(value, "guest"))
        o->x11 = GW_X11_GUEST;
    else if (!strcmp(value, "thunk"))
        o->x11 = GW_X11_THUNK;
    else
        return bad_value("--x11", value, "auto, guest or thunk");
    return true;
}

static bool set_isa(struct gw_options *o, const char *value)
{
    for (size_t i = 0; i < gw_isa_count; i++)
        if (!strcmp(value, gw_isas[i].name)) {
            o->isa = &gw_isas[i];
            return true;
        }
    return bad_value("--isa", value, "x86_64, aarch64 or riscv64");
}

static bool set_crossing(struct gw_options *o, const char *value)
{
    o->crossing_syscall = !strcmp(value, "syscall");
    if (!o->crossing_syscall && strcmp(value, "doorbell"))
        return bad_value("--crossing", value, "doorbell or syscall");
    return true;
}

static bool parse_seconds(const char *option, const char *value, double *out)
{
    char *end;
    double seconds = g_ascii_strtod(value, &end);

    if (end == value || *end || !(seconds >= 0 && seconds < 1e6))
        return bad_value(option, value, "a number of seconds");
    *out = seconds;
    return true;
}

static bool set_screenshot_at(struct gw_options *o, const char *value)
{
    return parse_seconds("--screenshot-at", value, &o->screenshot_at);
}

static bool set_quit_after(struct gw_options *o, const char *value)
{
    return parse_seconds("--quit-after", value, &o->quit_after);
}

static bool set_size(struct gw_options *o, const char *value)
{
    char rest;

    if (sscanf(value, "%dx%d%c", &o->width, &o->height, &rest) != 2 ||
        o->width < 1 || o->height < 1 || o->width > 16384 ||
        o->height > 16384)
        return bad_value("--size", value, "a size such as 1280x720");
    return true;
}

static bool add_variable(GPtrArray *list, const char *option,
                         const char *value)
{
    if (*value == '=' || !strchr(value, '='))
        return bad_value(option, value, "of the form NAME=VALUE");
    g_ptr_array_add(list, g_strdup(value));
    return true;
}

static bool set_guest_env(struct gw_options *o, const char *value)
{
    return add_variable(o->guest_env, "--guest-env", value);
}

static bool set_host_env(struct gw_options *o, const char *value)
{
    return add_variable(o->host_env, "--host-env", value);
}

static const struct option options[] = {
    {"stats", NULL, "at the end, print frames, calls and crossings",
     set_stats},
    {"trace", "[=PATTERN]", "print each call whose name matches", set_trace},
    {"verbose", NULL, "say which libraries are the host's", set_verbose},
    {"log", "FILE", "write what the three above print to FILE", set_log},
    {"demo", NULL, "the profile's unattended run", set_demo},
    {"cpu", "MODEL", "QEMU's CPU model", set_cpu},
    {"isa", "ISA", "take the program for that ISA, see `gangway get`",
     set_isa},
    {"sysroot", "DIR", "where the guest's own libraries are", set_sysroot},
    {"x11", "auto|guest|thunk", "whose libX11 the program uses", set_x11},
    {"crossing", "doorbell|syscall", "how calls reach the host",
     set_crossing},
    {"qemu", "PATH|plain", "QEMU: program, folder, or without speed patches",
     set_qemu},
    {"no-passthrough", NULL, "plain emulation, for comparison",
     set_no_passthrough},
    {"packs", "LIST", "auto, none, NAMES, +NAME or -NAME; see below",
     set_packs},
    {"no-intercept", NULL, "set LD_LIBRARY_PATH instead of watching open()",
     set_no_intercept},
    {"native", NULL, "no QEMU at all, for comparison", set_native},
    {"display", "auto|xvfb|none|NAME", "the X server; xvfb: a virtual one",
     set_display},
    {"size", "WxH", "size of the virtual X server's screen", set_size},
    {"screenshot", "FILE", "save the screen as a PNG", set_screenshot},
    {"screenshot-at", "SECONDS", "when; otherwise as late as possible",
     set_screenshot_at},
    {"quit-after", "SECONDS", "close the program's windows, then end it",
     set_quit_after},
    {"guest-env", "NAME=VALUE", "a variable that QEMU itself does not get",
     set_guest_env},
    {"host-env", "NAME=VALUE", "a variable for QEMU, too; LD_*: only for it",
     set_host_env},
    {"list", NULL, "list the programs that have a profile", set_list},
    {"dry-run", NULL, "print the command line instead of running it",
     set_dry_run},
    {"help", NULL, "print this help", set_help},
    {"version", NULL, "print Gangway's version", set_version},
};

void gw_options_print_help(char **packs)
{
    g_autofree char *list = g_strjoinv(", ", packs);

    puts("Usage: gangway [OPTIONS] PROGRAM [ARGS]\n"
         "       gangway get [OPTIONS] NAME...\n"
         "       gangway doctor\n"
         "Runs PROGRAM under QEMU with the host's graphics libraries.\n"
         "A bare name is looked up among the profiles (--list), then in\n"
         "PATH and the usual folders for games, then in what `gangway get`\n"
         "has fetched (`gangway get --help`).\n");
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *value = options[i].value;
        g_autofree char *left =
            g_strdup_printf("--%s%s%s", options[i].name,
                            value && *value != '[' ? " " : "",
                            value ? value : "");
        printf("  %-28s %s\n", left, options[i].help);
    }
    printf("\nPACKS, host libraries for more than graphics: %s.\n"
           "--packs=auto, the default, uses those that pay and fit the "
           "program;\n`gangway doctor` says which.\n", *list ? list : "none");
    puts("ENVIRONMENT: GANGWAY_QEMU_DIR names the folder with the QEMUs.");
}

static int distance(const char *a, const char *b)
{
    int row[64];
    int rows = (int)strlen(a), columns = (int)strlen(b);

    if (columns >= (int)G_N_ELEMENTS(row))
        return columns;
    for (int j = 0; j <= columns; j++)
        row[j] = j;
    for (int i = 1; i <= rows; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= columns; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[columns];
}

static bool unknown_option(const char *name)
{
    const struct option *best = options;

    for (size_t i = 1; i < G_N_ELEMENTS(options); i++)
        if (distance(name, options[i].name) < distance(name, best->name))
            best = &options[i];
    if (distance(name, best->name) * 3 <= (int)strlen(name))
        return gw_fail(GW_EXIT_USAGE,
                       "unknown option --%s: did you mean --%s? "
                       "(`gangway --help` lists them all)",
                       name, best->name);
    return gw_fail(GW_EXIT_USAGE,
                   "unknown option --%s: `gangway --help` lists them", name);
}

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (!strcmp(name, options[i].name))
            return &options[i];
    return NULL;
}

/* Handles argv[0], "--name" or "--name=value"; *used: how many words. */
static bool parse_one(struct gw_options *o, char **argv, int *used)
{
    const char *equals = strchr(argv[0], '=');
    g_autofree char *name =
        equals ? g_strndup(argv[0] + 2, (gsize)(equals - argv[0] - 2))
               : g_strdup(argv[0] + 2);
    const struct option *option = find_option(name);
    const char *value = equals ? equals + 1 : NULL;

    *used = 1;
    if (!option)
        return unknown_option(name);
    if (!option->value && value)
        return gw_fail(GW_EXIT_USAGE, "--%s takes no value", name);
    if (option->value && *option->value != '[' && !value) {
        value = argv[1];
        *used = 2;
        if (!value)
            return gw_fail(GW_EXIT_USAGE, "--%s needs a value: %s", name,
                           option->value);
    }
    return option->set(o, value);
}

static bool check_combinations(const struct gw_options *o)
{
    if (o->native && o->no_passthrough)
        return gw_fail(GW_EXIT_USAGE,
                       "--native and --no-passthrough exclude each other");
    if (o->isa && o->sysroot)
        return gw_fail(GW_EXIT_USAGE, "--isa and --sysroot exclude each "
                       "other: a sysroot has one ISA's programs");
    if (o->native && o->qemu)
        return gw_fail(GW_EXIT_USAGE, "--native uses no QEMU: leave --qemu "
                                      "or --native out");
    if (o->screenshot_at >= 0 && !o->screenshot)
        return gw_fail(GW_EXIT_USAGE,
                       "--screenshot-at needs --screenshot FILE");
    return true;
}

char *gw_options_inherited(const struct gw_options *o, const char *sysroot)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *const pairs[][2] = {
        {"cpu", o->cpu},
        {"sysroot", sysroot},
        {"packs", o->packs},
        {"qemu", o->qemu},
        {"crossing", o->crossing_syscall ? "syscall" : NULL},
        {"x11", o->x11 == GW_X11_THUNK   ? "thunk"
                : o->x11 == GW_X11_GUEST ? "guest" : NULL}};

    if (o->no_intercept)
        g_string_append(text, " --no-intercept");
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (pairs[i][1]) {
            g_autofree char *value = g_shell_quote(pairs[i][1]);
            g_string_append_printf(text, " --%s=%s", pairs[i][0], value);
        }
    return g_strdup(text->str);
}

/*
 * The plugin has replaced a guest's exec by `gangway --exec FILE ARGV...`.
 * The options are those of the launcher before; the display is whatever the
 * guest says.
 */
static bool parse_exec(struct gw_options *o, char **argv)
{
    const char *text = g_getenv(GW_ENV_OPTIONS);
    char **words = NULL; /* the options' strings: kept */

    if (!argv[0] || !argv[1])
        return gw_fail(GW_EXIT_USAGE, "--exec needs FILE ARGV0 [ARGV...]");
    o->exec = true;
    o->display = "none";
    o->program = argv;
    if (text && *text && !g_shell_parse_argv(text, NULL, &words, NULL))
        return gw_fail(GW_EXIT_USAGE, "%s: cannot be read", GW_ENV_OPTIONS);
    for (int used; words && *words; words += used)
        if (!parse_one(o, words, &used))
            return false;
    o->stats = g_getenv("GANGWAY_STATS");
    o->verbose = g_getenv("GANGWAY_VERBOSE");
    o->trace = g_getenv("GANGWAY_TRACE");
    return true;
}

bool gw_options_parse(struct gw_options *o, char **argv)
{
    int used;

    *o = (struct gw_options){.display = "auto", .width = 1280, .height = 720,
                             .screenshot_at = -1, .quit_after = -1,
                             .guest_env = g_ptr_array_new_with_free_func(
                                 g_free),
                             .host_env = g_ptr_array_new_with_free_func(
                                 g_free)};
    if (argv[1] && !strcmp(argv[1], "--exec"))
        return parse_exec(o, argv + 2);
    for (argv++; *argv && **argv == '-'; argv += used) {
        used = 1;
        if (!strcmp(*argv, "--")) {
            argv++;
            break;
        }
        if (!strcmp(*argv, "-h"))
            o->help = true;
        else if (!strncmp(*argv, "--", 2)) {
            if (!parse_one(o, argv, &used))
                return false;
        } else
            return gw_fail(GW_EXIT_USAGE, "unknown option %s: `gangway "
                                          "--help` lists them", *argv);
    }
    o->program = argv;
    o->doctor = *argv && !strcmp(*argv, "doctor");
    o->get = *argv && !strcmp(*argv, "get");
    return check_combinations(o);
}

void gw_options_finish(struct gw_options *o)
{
    g_ptr_array_free(o->guest_env, TRUE);
    g_ptr_array_free(o->host_env, TRUE);
}
