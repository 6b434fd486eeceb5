/* SPDX-License-Identifier: MIT */
/*
 * The launcher: `gangway PROGRAM` runs a guest program under QEMU with the
 * GTLs for its ISA, on a display, and ends as the program ends.
 *
 * One thread, no state but what main() owns.  Functions that can fail and
 * have an error to explain print it through gw_fail() and return false or
 * NULL; the caller then only has to leave.
 */
#ifndef GANGWAY_LAUNCHER_H
#define GANGWAY_LAUNCHER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit statuses of the launcher's own, as env(1) has them. */
enum gw_exit {
    GW_EXIT_FAILED = 1,       /* doctor: something is not right */
    GW_EXIT_USAGE = 2,        /* wrong option or profile */
    GW_EXIT_SETUP = 125,      /* something Gangway needs is missing */
    GW_EXIT_CANNOT_RUN = 126, /* PROGRAM exists but cannot be run */
    GW_EXIT_NOT_FOUND = 127,  /* no such PROGRAM */
};

/* One line on stderr, "gangway: ...". */
void gw_say(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The same, and remembers `status` as the launcher's exit status.  Returns
 * false, so that `return gw_fail(...)` reads well. */
bool gw_fail(enum gw_exit status, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* The status of the last gw_fail(), GW_EXIT_SETUP if there was none. */
int gw_failure_status(void);

/* The launcher tells the launchers that a guest's exec starts its options. */
#define GW_ENV_OPTIONS "GANGWAY_OPTIONS"

/* --- options.c --------------------------------------------------------- */

enum gw_x11 { GW_X11_AUTO, GW_X11_GUEST, GW_X11_THUNK };

struct gw_isa;

struct gw_options {
    bool help, version, list, dry_run, doctor, get;
    bool exec; /* started by a guest's exec; program[1] is its argv[0] */
    bool stats, verbose, no_passthrough, no_intercept, native, demo;
    const char *trace; /* pattern, or NULL */
    const char *log, *cpu, *sysroot, *qemu, *screenshot;
    const char *packs; /* optional ones, see gw_gtls_init(), or NULL */
    const char *display; /* "auto", "xvfb" or a display's name */
    const struct gw_isa *isa; /* the program's, or NULL: any */
    enum gw_x11 x11;
    bool crossing_syscall;
    int width, height;    /* of the virtual display */
    double screenshot_at; /* seconds after the start, < 0: at the end */
    double quit_after;    /* seconds after the start, < 0: never */
    GPtrArray *guest_env; /* char *, NAME=VALUE; the options' own array */
    GPtrArray *host_env;
    char **program; /* PROGRAM and ARGS within argv; [0] NULL: none given */
};

/* Fills `o` from the command line, whose strings it keeps using. */
bool gw_options_parse(struct gw_options *o, char **argv);
/* The options that hold for programs which this one starts, too, as one
 * string for GW_ENV_OPTIONS; sysroot: the one found for this program, or
 * NULL.  New string. */
char *gw_options_inherited(const struct gw_options *o, const char *sysroot);
void gw_options_finish(struct gw_options *o);
/* `packs`: the names of the optional packs, NULL-terminated. */
void gw_options_print_help(char **packs);

/* --- elf.c ------------------------------------------------------------- */

struct gw_isa {
    const char *name;    /* ours and QEMU's */
    const char *triplet; /* Debian's multiarch name */
    const char *debian;  /* Debian's architecture */
    const char *cpu;     /* QEMU CPU model to use, NULL: QEMU's default */
    uint16_t machine;    /* ELF e_machine */
};

extern const struct gw_isa gw_isas[];
extern const size_t gw_isa_count;
/* The ISA this launcher was built for; NULL if it is no guest ISA. */
const struct gw_isa *gw_isa_host(void);

enum gw_file_kind { GW_FILE_ELF, GW_FILE_SCRIPT, GW_FILE_OTHER };

struct gw_elf {
    enum gw_file_kind kind;
    const struct gw_isa *isa; /* of an ELF file that Gangway can run */
    char *interp;             /* PT_INTERP of an ELF file, or NULL; owned */
    char *script;             /* first line of a script without #!; owned */
    bool has_symbol;          /* see gw_elf_read() */
};

/*
 * Reads the head of `path`.  `symbol` (may be NULL): is it in the dynamic
 * symbol table?  Fails, with a sentence, when the file cannot be read or is
 * an ELF file that Gangway cannot run.
 */
bool gw_elf_read(struct gw_elf *elf, const char *path, const char *symbol);
void gw_elf_finish(struct gw_elf *elf);
/* The smallest program of that ISA, one that exits with status 0, as an open
 * file descriptor that children inherit; -1 when the system has no memfd. */
int gw_elf_make_true(const struct gw_isa *isa);

/* --- profile.c --------------------------------------------------------- */

struct gw_profile {
    char *name, *path; /* "glxgears", ".../glxgears.conf" */
    char *description, *package, *program, *expect, *notes;
    char **base_args; /* words before all others; never NULL */
    char **args;      /* words; never NULL */
    char **env;       /* NAME=VALUE words; never NULL */
    char **demo_args; /* the unattended run; NULL: the same as args */
    char **demo_env;  /* added to env in the unattended run; never NULL */
    char *packs;      /* as the option; NULL: as by default */
    double demo_quit; /* seconds after which it is told to quit, < 0: never */
};

/* NULL with *found == false: no such profile; NULL with *found: it has an
 * error, which has been printed. */
struct gw_profile *gw_profile_load(const char *dir, const char *name,
                                   bool *found);
void gw_profile_destroy(struct gw_profile *p);
/* Prints a table of all profiles; false if one of them has an error. */
bool gw_profile_list(const char *dir);

/* --- paths.c ----------------------------------------------------------- */

/* Where the installed tree is, from /proc/self/exe; absolute, owned. */
struct gw_paths {
    char *host;  /* lib/gangway/host: plugin, HTLs */
    char *guest; /* lib/gangway/guest: a folder of GTLs per ISA */
    char *games; /* share/gangway/games */
    char *get;   /* libexec/gangway/get/get */
    char *self; /* the launcher */
    char *qemu; /* folder with qemu-<isa>; NULL: not known */
    bool qemu_is_built; /* it is the one that dlcall.so was linked for */
    char *qemu_note; /* who said so, or why it is not known */
    char *plain_qemu; /* the folder that --qemu plain stands for, or NULL */
};

void gw_paths_init(struct gw_paths *p);
void gw_paths_finish(struct gw_paths *p);
/* What --qemu means, or what the paths say without it (`given` is NULL): a
 * folder or a program; borrowed.  NULL: not known, *note says why. */
const char *gw_paths_qemu_place(const struct gw_paths *p, const char *given,
                                const char **note);
/* The QEMU for `isa`: `given` (--qemu), else from the paths.  New string;
 * NULL with a message. */
char *gw_paths_qemu(const struct gw_paths *p, const struct gw_isa *isa,
                    const char *given);
/* The plugin for the API that `qemu`, a program, speaks.  New string; NULL
 * with a message where there is none. */
char *gw_paths_plugin(const struct gw_paths *p, const char *qemu);
char *gw_paths_guest_dir(const struct gw_paths *p, const struct gw_isa *isa);
/* The folder with what `gangway get` has fetched for `isa` (get/store.py).
 * New string. */
char *gw_paths_fetched(const struct gw_isa *isa);
/* What a folder was read for: sorts an array of char *, byte by byte. */
void gw_sort_names(GPtrArray *names);
/* Where scripts/sysroot puts the sysroot for `isa`.  New string. */
char *gw_paths_sysroot(const struct gw_isa *isa);

/* --- program.c --------------------------------------------------------- */

struct gw_program {
    char *path;               /* what QEMU is to load */
    char *argv0;              /* NULL: the same as path */
    GPtrArray *args;          /* its arguments, char *, without argv[0] */
    const struct gw_isa *isa;
    char *sysroot;            /* for -L, or NULL */
    struct gw_profile *profile; /* or NULL */
};

/* Finds what the command line asks for: profile, PATH, scripts' interpreters,
 * ISA, sysroot. */
bool gw_program_init(struct gw_program *prog, const struct gw_options *o,
                     const struct gw_paths *paths);
void gw_program_finish(struct gw_program *prog);

/* --- gpu.c ------------------------------------------------------------- */

/* What the host draws with, for people to read. */
struct gw_gpu {
    char *what;    /* the caller's, for g_free(): the device, or what is wrong */
    bool works;
    bool software; /* draws, but on the processor */
};

/* On the display that DISPLAY names. */
struct gw_gpu gw_gpu_gl(void);
/* All devices, in the driver's order; software: there is no other. */
struct gw_gpu gw_gpu_vulkan(void);

/* --- fetched.c --------------------------------------------------------- */

/* The names of what `gangway get` has fetched for `isa`, sorted; for
 * g_strfreev(). */
char **gw_fetched_names(const struct gw_isa *isa);
/* The root folder of one of them.  New string. */
char *gw_fetched_root(const struct gw_isa *isa, const char *name);
/* `gangway get`: replaces the launcher by the script; returns only when that
 * fails, with a message. */
bool gw_get(const struct gw_options *o, const struct gw_paths *paths);

/* --- demo.c ------------------------------------------------------------ */

/* Makes the home folder for a profile's unattended run and sets HOME in the
 * launcher's own environment.  *home: its name, for gw_demo_finish(), which
 * deletes it; NULL is allowed there. */
bool gw_demo_init(char **home, const struct gw_paths *paths,
                  const struct gw_profile *profile);
void gw_demo_finish(char *home);
/* `word` with @HOME@ replaced by `home`, unless that is NULL.  New string. */
char *gw_demo_expand(const char *word, const char *home);

/* --- packs.c ----------------------------------------------------------- */

/* The guest thunk libraries that a program gets. */
struct gw_gtls {
    GPtrArray *dirs;     /* their folders, char *; none: it gets none */
    GPtrArray *withheld; /* files in there that are the guest's own, char * */
    GPtrArray *lacking;  /* what a library that is loaded later may miss, as
                            the plugin's argument lacks=, char * */
};

/*
 * Chooses them, the optional ones by the option or the profile's key:
 *     auto         those that are proven to pay, where the machine's libraries
 *                  fit the program; the default
 *     none         none of them
 *     NAME,...     these, and only these
 *     +NAME,-NAME  as by default, and this one, but not that one
 * Says which pack that was asked for is not used as this machine lacks its
 * library.  False: a message; gw_gtls_finish() is due nevertheless. */
bool gw_gtls_init(struct gw_gtls *g, const struct gw_options *o,
                  const struct gw_paths *paths, const struct gw_program *prog);
void gw_gtls_finish(struct gw_gtls *g);
/* Is that the folder of the X11 libraries? */
bool gw_gtls_have_x11(const char *dir);
/* Is that one of `auto`? */
bool gw_pack_is_automatic(const char *name);
/* The names of the optional packs, sorted; for g_strfreev(). */
char **gw_packs_list(const struct gw_paths *paths, const struct gw_isa *isa);
/* The libraries that such a pack stands in for, sorted; for g_strfreev(). */
char **gw_pack_libraries(const struct gw_paths *paths,
                         const struct gw_isa *isa, const char *name);

/* --- hostlib.c --------------------------------------------------------- */

/* The file that a pack in QEMU's process gets for the library of that name, or
 * NULL.  New string. */
char *gw_host_library(const struct gw_options *o, const struct gw_paths *paths,
                      const char *soname);

/* --- env.c ------------------------------------------------------------- */

struct gw_env {
    char **host;      /* environment of the QEMU process */
    GPtrArray *guest;  /* NAME=VALUE for the guest only, char * */
    GPtrArray *hidden; /* names in host that the guest is not to see */
};

bool gw_env_init(struct gw_env *env, const struct gw_options *o,
                 const struct gw_program *prog, const struct gw_gtls *gtls);
void gw_env_finish(struct gw_env *env);

/* --- display.c --------------------------------------------------------- */

struct gw_display {
    char *name;      /* of our Xvfb, or NULL */
    pid_t server;    /* our Xvfb, or the child that will be it, or 0 */
    char *authority; /* our Xvfb's cookie file, or NULL */
    char *socket;    /* that we have made for it, or NULL */
    ino_t socket_inode;
};

/* Chooses or prepares the display the options ask for and sets DISPLAY and
 * XAUTHORITY in the launcher's own environment, which is what the program
 * gets.  A virtual server starts, with a line, when somebody connects. */
bool gw_display_init(struct gw_display *d, const struct gw_options *o);
/* Stops the server, if it is ours. */
void gw_display_finish(struct gw_display *d);
/* Is there an X server at `name` (NULL: $DISPLAY)? */
bool gw_display_usable(const char *name);

/* --- screen.c ---------------------------------------------------------- */

enum gw_shot { GW_SHOT_TAKEN, GW_SHOT_EMPTY, GW_SHOT_FAILED };

/* Writes the whole screen of $DISPLAY to `file` as a PNG.  EMPTY: there is no
 * window on it, nothing was written.  FAILED has printed a message. */
enum gw_shot gw_display_screenshot(const char *file);
/* --- windows.c --------------------------------------------------------- */

/* Asks the visible windows of `program`, a process, and of what it has
 * started to close; false: there are none. */
bool gw_display_close_windows(pid_t program);

/* --- run.c ------------------------------------------------------------- */

/*
 * Runs argv with envp to its end, doing what the options ask for meanwhile;
 * `stay`: the launcher must be there afterwards, otherwise the program may
 * replace it.  quit_after: seconds until the program is told to end, < 0:
 * never.  Returns a status as waitpid() has it.
 */
int gw_run(char **argv, char **envp, const struct gw_options *o,
           const struct gw_display *d, double quit_after, bool stay);
/* For main: the exit status for that wait status; where that says "killed by
 * a signal" it dies by that signal. */
int gw_leave_as(int wait_status);

/* --- qemu.c ------------------------------------------------------------ */

/* The command line, NULL-terminated; strings owned by the array.  demo_home:
 * the unattended run's, or NULL. */
GPtrArray *gw_command(const struct gw_options *o,
                      const struct gw_paths *paths,
                      const struct gw_program *prog,
                      const struct gw_env *env, const struct gw_gtls *gtls,
                      const char *demo_home);
/* The -plugin argument that loads `plugin` into QEMU; gtls: what it is to give
 * out, or NULL.  New string. */
char *gw_plugin_argument(const struct gw_options *o,
                         const struct gw_paths *paths, const char *plugin,
                         const struct gw_gtls *gtls);
/* Is there a QEMU, where one is wanted, and does the plugin fit it? */
bool gw_check_qemu(const struct gw_options *o, const struct gw_paths *paths,
                   const struct gw_program *prog);

/* --- x11.c ------------------------------------------------------------- */

/*
 * Whether the program gets thunks of the X11 libraries (--x11): not where a
 * library that it is linked with uses private parts of libX11; then a line
 * says so.
 */
bool gw_x11_is_thunked(const struct gw_options *o,
                       const struct gw_program *prog);

/* The LD_LIBRARY_PATH that the program is to see, or NULL; borrowed. */
const char *gw_guest_library_path(const struct gw_options *o);

/* --- needs.c ----------------------------------------------------------- */

/* One library that a program is linked with, or the program itself; `imports`:
 * the symbols that it takes from others, NULL-terminated. */
typedef bool gw_library_fn(const char *path, char **imports, void *data);
/*
 * Calls fn for the program and every library that its loader would load with
 * it, until fn answers false.  Libraries are looked for as ld.so does, below
 * the sysroot if there is one; what is not found is left out.  guest_path: the
 * guest's LD_LIBRARY_PATH, or NULL.
 */
void gw_needs_walk(const struct gw_program *prog, const char *guest_path,
                   gw_library_fn *fn, void *data);
/* The guest's own library of that name, where the program itself brings none;
 * NULL: there is none.  New string. */
char *gw_guest_library(const struct gw_program *prog, const char *guest_path,
                       const char *soname);

/* --- doctor.c ---------------------------------------------------------- */

/* Checks the installation, one line each; false: something needed is not
 * right. */
bool gw_doctor(const struct gw_options *o, const struct gw_paths *paths);

#endif
