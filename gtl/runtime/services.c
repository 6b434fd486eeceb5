/* SPDX-License-Identifier: MIT */
/*
 * Guest functions that the host calls for its own purposes (enum gw_service).
 * The X11 ones use the guest's own libX11, which is loaded whenever a guest
 * has a Display to pass; the structs are those of its public ABI.
 */
#include "runtime.h"
#include "guest-syscall.h"

#define LIBX11 "libX11.so.6"
#define LIBXCB "libxcb.so.1"

void *malloc(size_t size) __attribute__((weak));
void free(void *ptr) __attribute__((weak));
void *realloc(void *ptr, size_t size) __attribute__((weak));
int *__errno_location(void) __attribute__((weak));
char *setlocale(int category, const char *locale) __attribute__((weak));
enum { GUEST_LC_CTYPE = 0 }; /* glibc's and musl's */
extern void *stderr __attribute__((weak));
void exit(int status) __attribute__((weak));
size_t fread(void *to, size_t size, size_t count, void *file)
    __attribute__((weak));
size_t fwrite(const void *from, size_t size, size_t count, void *file)
    __attribute__((weak));
int fflush(void *file) __attribute__((weak));

/* The head of Xlib.h's XExtCodes. */
struct ext_codes {
    int extension;
};

/* Xutil.h's XVisualInfo. */
struct visual_info {
    void *visual;
    unsigned long visualid;
    int screen;
    int depth;
    int class;
    unsigned long red_mask, green_mask, blue_mask;
    int colormap_size;
    int bits_per_rgb;
};
enum { VISUAL_ID_MASK = 1, VISUAL_SCREEN_MASK = 2 }; /* Xutil.h */

static void service_malloc(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = malloc ? (uintptr_t)malloc(s->a0) : 0;
}

static void service_free(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    if (free) {
        free((void *)s->a0);
    }
}

static void service_realloc(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = realloc ? (uintptr_t)realloc((void *)s->a0, s->a1) : 0;
}

static void service_xsync(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    int (*sync)(void *, int) = gw_guest_symbol(LIBX11, "XSync");

    if (sync) {
        sync((void *)s->a0, 0);
    }
}

static void service_xvisual(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    struct visual_info *(*get)(void *, long, struct visual_info *, int *) =
        gw_guest_symbol(LIBX11, "XGetVisualInfo");
    struct visual_info template;
    int count = 0;

    template.screen = s->a1;
    template.visualid = s->a2;
    s->ret = get ? (uintptr_t)get((void *)s->a0,
                                  VISUAL_ID_MASK | VISUAL_SCREEN_MASK,
                                  &template, &count)
                 : 0;
}

static void service_xerror(struct gw_callback *cb)
{
    typedef int (*handler)(void *display, void *event);
    struct gw_service_call *s = (void *)cb;
    handler (*set)(handler) = gw_guest_symbol(LIBX11, "XSetErrorHandler");
    handler now;

    if (set) {
        /* There is no function that only asks. */
        now = set(NULL);
        set(now);
        now((void *)s->a0, (void *)s->a1);
    }
}

static int closing(void *display, struct ext_codes *codes)
{
    struct gw_display_call c;

    (void)codes;
    c.call.id = GW_ID_DISPLAY_CLOSED;
    c.display = display;
    gw_cross_block(&c.call);
    return 0;
}

static void service_watch_display(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    void *display = (void *)s->a0;
    struct ext_codes *(*init)(void *, const char *) =
        gw_guest_symbol(LIBX11, "XInitExtension");
    struct ext_codes *(*add)(void *) =
        gw_guest_symbol(LIBX11, "XAddExtension");
    void *(*hook)(void *, int, int (*)(void *, struct ext_codes *)) =
        gw_guest_symbol(LIBX11, "XESetCloseDisplay");
    /* With its name, as the real libGL does: error messages show it. */
    struct ext_codes *codes = init ? init(display, "GLX") : NULL;

    if (!codes && add) {
        codes = add(display);
    }
    if (codes && hook) {
        hook(display, codes->extension, closing);
    }
}

/* xcb.h's cookies hold one number, which every ABI here passes and returns
 * like the number itself. */
static void service_xcb_sync(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    unsigned (*ask)(void *) = gw_guest_symbol(LIBXCB, "xcb_get_input_focus");
    void *(*answer)(void *, unsigned, void *) =
        gw_guest_symbol(LIBXCB, "xcb_get_input_focus_reply");
    int (*descriptor)(void *) =
        gw_guest_symbol(LIBXCB, "xcb_get_file_descriptor");
    void *connection = (void *)s->a0, *reply;

    s->ret = -1;
    if (ask && answer && descriptor && free) {
        reply = answer(connection, ask(connection), NULL);
        free(reply);
        s->ret = descriptor(connection);
    }
}

static void service_adopt(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    enum { READ_WRITE = 3 }; /* PROT_READ | PROT_WRITE, every ISA */

    s->ret = gw_syscall(GW_NR_MPROTECT, s->a0, s->a1, READ_WRITE, 0) == 0;
}

static void service_errno(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    if (__errno_location) {
        *__errno_location() = s->a0;
    }
}

static void service_locale(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = setlocale ? (uintptr_t)setlocale(GUEST_LC_CTYPE, NULL) : 0;
}

static void service_stderr(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = &stderr ? (uintptr_t)stderr : 0;
}

/* poll.h's struct pollfd. */
struct poll_entry {
    int fd;
    short events, revents;
};
/* The kernel's struct timespec of 64-bit systems. */
struct time {
    long seconds, nanoseconds;
};
enum { POLL_MAX = 16 };

/* On a copy: QEMU's system calls take the guest's memory only. */
static void service_poll(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    struct poll_entry *entries = (void *)s->a0, mine[POLL_MAX];
    struct time limit;
    int timeout = s->a2;

    if (s->a1 > POLL_MAX) {
        s->ret = -GW_EINVAL;
        return;
    }
    for (uint64_t i = 0; i < s->a1; i++) {
        mine[i] = entries[i];
    }
    limit.seconds = timeout / 1000;
    limit.nanoseconds = timeout % 1000 * 1000000L;
    s->ret = gw_syscall(GW_NR_PPOLL, (long)mine, s->a1,
                        timeout < 0 ? 0 : (long)&limit, 0);
    for (uint64_t i = 0; i < s->a1; i++) {
        entries[i].revents = mine[i].revents;
    }
}

static void service_futex_wait(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    enum { WAIT_PRIVATE = 128 }; /* linux/futex.h */

    s->ret = gw_syscall(GW_NR_FUTEX, s->a0, WAIT_PRIVATE, s->a1, 0);
}

static void service_exit(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    if (exit) {
        exit(s->a0);
    }
    gw_syscall(GW_NR_EXIT_GROUP, s->a0, 0, 0, 0);
}

/* The one call that says so and does nothing else. */
static void service_is_guest(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;
    unsigned char resident;
    enum { PAGE = 4096, NO_PAGE_OF_THE_HOSTS = -22 /* EINVAL */ };
    long result = gw_syscall(GW_NR_MINCORE, s->a0 & -PAGE, 1, (long)&resident,
                             0);

    /* QEMU looks into its table before the host looks at the alignment, and
     * the host's pages may be larger than the guest knows. */
    s->ret = result == 0 || result == NO_PAGE_OF_THE_HOSTS;
}

static void service_fread(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = fread ? fread((void *)s->a1, 1, s->a2, (void *)s->a0) : 0;
}

static void service_fwrite(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = fwrite ? fwrite((void *)s->a1, 1, s->a2, (void *)s->a0) : 0;
}

static void service_fflush(struct gw_callback *cb)
{
    struct gw_service_call *s = (void *)cb;

    s->ret = fflush ? fflush((void *)s->a0) : 0;
}

void (*const gw_services[GW_SERVICE_COUNT])(struct gw_callback *) = {
    [GW_SERVICE_MALLOC] = service_malloc,
    [GW_SERVICE_FREE] = service_free,
    [GW_SERVICE_XSYNC] = service_xsync,
    [GW_SERVICE_XVISUAL] = service_xvisual,
    [GW_SERVICE_XERROR] = service_xerror,
    [GW_SERVICE_WATCH_DISPLAY] = service_watch_display,
    [GW_SERVICE_START_FACTORY] = gw_service_start_factory,
    [GW_SERVICE_ADOPT] = service_adopt,
    [GW_SERVICE_XCB_SYNC] = service_xcb_sync,
    [GW_SERVICE_ERRNO] = service_errno,
    [GW_SERVICE_LOCALE] = service_locale,
    [GW_SERVICE_STDERR] = service_stderr,
    [GW_SERVICE_REALLOC] = service_realloc,
    [GW_SERVICE_POLL] = service_poll,
    [GW_SERVICE_FUTEX_WAIT] = service_futex_wait,
    [GW_SERVICE_EXIT] = service_exit,
    [GW_SERVICE_IS_GUEST] = service_is_guest,
    [GW_SERVICE_FREAD] = service_fread,
    [GW_SERVICE_FWRITE] = service_fwrite,
    [GW_SERVICE_FFLUSH] = service_fflush,
};
