/* SPDX-License-Identifier: MIT */
/*
 * --stats and --trace: counts, times and prints calls.  Costs nothing unless
 * asked for, because then no thunk points here (pack.c).
 */
#include "runtime.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_CALLED 10

/* The longest string argument that a trace line shows. */
#define STRING_SHOWN 60

bool gw_observing;

static const char *trace_pattern; /* GANGWAY_TRACE: a glob, or NULL */
static bool stats;                /* GANGWAY_STATS */

/* Counters of one pack, one per function. */
struct counters {
    struct counters *next;
    const struct gw_pack *pack;
    atomic_ullong calls[];
};
static _Atomic(struct counters *) all_counters;
static pthread_mutex_t counters_lock = PTHREAD_MUTEX_INITIALIZER;

static atomic_ullong doorbells, system_calls, frames, host_ns;
static atomic_ullong first_frame, last_frame; /* CLOCK_MONOTONIC, ns */
static bool child; /* of fork() */

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

/*
 * In a child of fork(): what the parent has called is the parent's to report.
 * Most children exec or exit and have nothing to report at all.
 */
static void forget(void)
{
    for (struct counters *c = all_counters; c; c = c->next) {
        for (uint32_t i = 0; i < c->pack->callee.count; i++) {
            c->calls[i] = 0;
        }
    }
    doorbells = system_calls = frames = host_ns = 0;
    first_frame = last_frame = 0;
    child = true;
}

static void observe_crossing(bool doorbell)
{
    atomic_fetch_add_explicit(doorbell ? &doorbells : &system_calls, 1,
                              memory_order_relaxed);
}

static struct counters *find_counters(const struct gw_pack *pack)
{
    struct counters *c = atomic_load(&all_counters);

    while (c && c->pack != pack) {
        c = c->next;
    }
    return c;
}

static struct counters *counters_of(const struct gw_pack *pack)
{
    struct counters *c = find_counters(pack);

    if (!c) {
        pthread_mutex_lock(&counters_lock);
        c = find_counters(pack);
        if (!c) {
            c = calloc(1, sizeof(*c) +
                              pack->callee.count * sizeof(c->calls[0]));
            c->pack = pack;
            c->next = atomic_load(&all_counters);
            atomic_store(&all_counters, c);
        }
        pthread_mutex_unlock(&counters_lock);
    }
    return c;
}

static void count(struct gw_pack *pack, const struct gw_call *call,
                  uint64_t start, uint64_t end)
{
    unsigned long long none = 0;

    atomic_fetch_add_explicit(&counters_of(pack)->calls[call->id], 1,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&host_ns, end - start, memory_order_relaxed);
    if (pack->functions[call->id].flags & GW_FN_FRAME) {
        atomic_fetch_add(&frames, 1);
        atomic_compare_exchange_strong(&first_frame, &none, end);
        atomic_store(&last_frame, end);
    }
}

/* --- one line per call ------------------------------------------------- */

/* The size of a call block's member, and its alignment: `type` is a word of
 * gw_function.format. */
static size_t kind_size(const char *type, size_t *align)
{
    size_t size = 8;
    char *end;

    switch (*type) {
    case 'b':
    case 'B':
    case 'c':
    case 'T':
        size = 1;
        break;
    case 'h':
    case 'H':
        size = 2;
        break;
    case 'i':
    case 'u':
    case 'f':
    case 'x':
    case 'E':
        size = 4;
        break;
    case 'S':
        size = strtoul(type + 1, &end, 10);
        *align = strtoul(end + 1, NULL, 10);
        return size;
    case 'v':
        *align = 1;
        return 0;
    }
    *align = size;
    return size;
}

/* A struct by value: its words of four bytes, so that XCB's cookies and
 * iterators can be read. */
static void print_struct(FILE *out, const void *at, size_t size)
{
    fputc('{', out);
    for (size_t i = 0; i < size; i += 4) {
        uint32_t word = 0;
        memcpy(&word, (const char *)at + i, size - i < 4 ? size - i : 4);
        fprintf(out, "%s0x%" PRIx32, i ? " " : "", word);
    }
    fputc('}', out);
}

static void print_string(FILE *out, const char *s)
{
    int n = 0;

    if (!s) {
        fputs("NULL", out);
        return;
    }
    fputc('"', out);
    for (; *s && n < STRING_SHOWN; s++, n++) {
        if (*s == '\n') {
            fputs("\\n", out);
        } else {
            fputc(*s, out);
        }
    }
    fputs(*s ? "\"..." : "\"", out);
}

/* The name of a value of that group, or NULL. */
static const char *enum_name(const struct gw_pack *pack, uint32_t group,
                             uint32_t value)
{
    uint32_t low = 0, high = pack->enum_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct gw_enum *e = &pack->enums[middle];
        if (e->group == group && e->value == value) {
            return pack->enum_names + e->name;
        }
        if (e->group < group || (e->group == group && e->value < value)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static void print_enum(FILE *out, const struct gw_pack *pack, uint32_t group,
                       uint32_t value)
{
    const char *name = enum_name(pack, group, value);

    if (!name) {
        name = enum_name(pack, 0, value);
    }
    if (name) {
        fputs(name, out);
    } else {
        fprintf(out, "0x%04" PRIx32, value);
    }
}

/* The names of the bits, and what is left as a number. */
static void print_mask(FILE *out, const struct gw_pack *pack, uint32_t group,
                       uint32_t value)
{
    for (uint32_t bit = 1; group && bit; bit <<= 1) {
        const char *name = value & bit ? enum_name(pack, group, bit) : NULL;
        if (name) {
            value &= ~bit;
            fprintf(out, "%s%s", name, value ? "|" : "");
            if (!value) {
                return;
            }
        }
    }
    fprintf(out, "0x%04" PRIx32, value);
}

/* `type` is a word of a format: the kind, perhaps with its group's number. */
static void print_value(FILE *out, const struct gw_pack *pack,
                        const char *type, const void *at)
{
    uint32_t group = strtoul(type + 1, NULL, 10);
    size_t align, size = kind_size(type, &align);
    char kind = *type;
    union {
        int8_t b;
        uint8_t B;
        int16_t h;
        uint16_t H;
        int32_t i;
        uint32_t u;
        int64_t l;
        uint64_t L;
        float f;
        double d;
        const void *p;
    } v = { 0 };

    if (kind == 'S') {
        print_struct(out, at, size);
        return;
    }
    memcpy(&v, at, size);
    switch (kind) {
    case 'v':
        break;
    case 'c':
    case 'b':
        fprintf(out, "%d", v.b);
        break;
    case 'B':
        fprintf(out, "%u", v.B);
        break;
    case 'T':
        fputs(v.B ? "true" : "false", out);
        break;
    case 'h':
        fprintf(out, "%d", v.h);
        break;
    case 'H':
        fprintf(out, "%u", v.H);
        break;
    case 'i':
        fprintf(out, "%" PRId32, v.i);
        break;
    case 'u':
        fprintf(out, "%" PRIu32, v.u);
        break;
    case 'x':
        print_mask(out, pack, group, v.u);
        break;
    case 'E':
        print_enum(out, pack, group, v.u);
        break;
    case 'l':
        fprintf(out, "%" PRId64, v.l);
        break;
    case 'L':
        fprintf(out, "%" PRIu64, v.L);
        break;
    case 'f':
        fprintf(out, "%g", v.f);
        break;
    case 'd':
        fprintf(out, "%g", v.d);
        break;
    case 's':
        print_string(out, v.p);
        break;
    default:
        fprintf(out, "%p", v.p);
    }
}

/* "name=value, " for each parameter: the format minus its first word. */
static void print_arguments(FILE *out, const struct gw_pack *pack,
                            const char *format, const void *block)
{
    size_t offset = sizeof(struct gw_call);
    const char *p = strchr(format, ' ');

    while (p) {
        const char *name = p + 1;
        const char *colon = strchr(name, ':');
        size_t align, size = kind_size(colon + 1, &align);

        offset = (offset + align - 1) / align * align;
        fprintf(out, "%s%.*s=", name == strchr(format, ' ') + 1 ? "" : ", ",
                (int)(colon - name), name);
        print_value(out, pack, colon + 1, (const char *)block + offset);
        offset += size;
        p = strchr(colon, ' ');
    }
}

static void trace(const struct gw_pack *pack, const struct gw_function *f,
                  const struct gw_call *call, const char *arguments)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fprintf(out, "%s(%s)", f->name, arguments);
    if (f->format[0] != 'v') {
        fputs(" = ", out);
        print_value(out, pack, f->format, (const char *)call + f->ret_offset);
    }
    fclose(out);
    gw_log("%s", text);
    free(text);
}

static char *arguments_text(const struct gw_pack *pack,
                            const struct gw_function *f,
                            const struct gw_call *call)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print_arguments(out, pack, f->format, call);
    fclose(out);
    return text;
}

void gw_observe_call(struct gw_pack *pack, struct gw_call *call, gw_thunk fn)
{
    const struct gw_function *f = &pack->functions[call->id];
    char *arguments = NULL;
    uint64_t start;

    if (trace_pattern && fnmatch(trace_pattern, f->name, 0) == 0) {
        /* Before the call: it may change what they point to. */
        arguments = arguments_text(pack, f, call);
    }
    start = now();
    fn(call);
    if (stats) {
        count(pack, call, start, now());
    }
    if (arguments) {
        trace(pack, f, call, arguments);
        free(arguments);
    }
}

/* --- the summary ------------------------------------------------------- */

struct top {
    const char *name;
    unsigned long long calls;
};

/* Keeps `top` sorted, the most called first. */
static void offer(struct top *top, const char *name, unsigned long long calls)
{
    for (int i = 0; i < MOST_CALLED; i++) {
        if (calls > top[i].calls) {
            struct top pushed = top[i];
            top[i] = (struct top){ name, calls };
            name = pushed.name;
            calls = pushed.calls;
        }
    }
}

static unsigned long long collect(struct top *top)
{
    unsigned long long total = 0;

    for (struct counters *c = all_counters; c; c = c->next) {
        for (uint32_t i = 0; i < c->pack->callee.count; i++) {
            unsigned long long n = c->calls[i];
            total += n;
            offer(top, c->pack->functions[i].name, n);
        }
    }
    return total;
}

static void summarize(void)
{
    struct top top[MOST_CALLED] = { 0 };
    unsigned long long total = collect(top);
    double seconds = (last_frame - first_frame) / 1e9;

    if (child && !total) {
        return;
    }
    gw_log("stats: %llu frames, %.1f per second", frames,
           frames > 1 && seconds > 0 ? (frames - 1) / seconds : 0.0);
    gw_log("stats: %llu calls, %.1f per frame, %.3f s in host calls", total,
           frames ? (double)total / frames : 0.0, host_ns / 1e9);
    gw_log("stats: %llu crossings by doorbell, %llu by system call",
           doorbells, system_calls);
    for (int i = 0; i < MOST_CALLED && top[i].calls; i++) {
        gw_log("stats: %12llu %s", top[i].calls, top[i].name);
    }
}

static void summarize_once(void)
{
    static atomic_bool done;

    if (stats && !atomic_exchange(&done, true)) {
        summarize();
    }
}

/* The plugin calls this when the process ends (plugin/dlcall.c). */
GW_PUBLIC void gw_process_exit(void *unused1, void *unused2);

void gw_process_exit(void *unused1, void *unused2)
{
    (void)unused1;
    (void)unused2;
    summarize_once();
}

/* The signal is blocked meanwhile and kills when this returns. */
static void end_by_signal(int sig)
{
    summarize_once();
    signal(sig, SIG_DFL);
    raise(sig);
}

/*
 * Signals by which users end programs.  Where the guest has no handler QEMU
 * leaves them to the kernel, which ends the process without a word to the
 * plugin.  A handler that the guest sets later replaces this one.
 */
static void watch_signals(void)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
    struct sigaction ours = { .sa_handler = end_by_signal,
                              .sa_flags = SA_RESTART };

    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        struct sigaction now;
        if (!sigaction(signals[i], NULL, &now) &&
            !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL) {
            sigaction(signals[i], &ours, NULL);
        }
    }
}

static void watch_ends(void)
{
    pthread_atfork(NULL, NULL, forget);
    watch_signals();
}

void gw_observe_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *pattern = getenv("GANGWAY_TRACE");

    trace_pattern = pattern && !*pattern ? "*" : pattern;
    stats = getenv("GANGWAY_STATS") != NULL;
    gw_observing = trace_pattern || stats;
    gw_call_observer = gw_observing ? observe_crossing : NULL;
    if (stats) {
        pthread_once(&once, watch_ends);
    }
}
