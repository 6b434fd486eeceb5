/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's and the runtime's arithmetic with pages, as on hosts with other
 * page sizes, and the system calls that the plugin makes itself, for each
 * guest's numbers.
 * Catches: a page that is not adopted because the range begins or ends within
 * it; a neighbour that is; a page that is given back while somebody wants it;
 * memory of the guest's own that QEMU is told to forget; a flag of open() that
 * goes to the host with the guest's number; a struct with the guest's numbers
 * that goes there at all.
 */
#include "gangway/memory.h"
#include "host-pointers.h"
#include "pages.h"
#include "runtime.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* --- what the parts ask of QEMU, of the host, of the guest --------------- */

uintptr_t gw_guest_base;
static long page_size;
static bool cpu_thread;

long __wrap_sysconf(int name);
long __real_sysconf(int name);
GW_PUBLIC bool qemu_plugin_set_guest_pages(uint64_t start, uint64_t size,
                                           int prot);

long __wrap_sysconf(int name)
{
    return name == _SC_PAGESIZE ? page_size : __real_sysconf(name);
}

/* QEMU's table, of the guest's pages. */
enum { GUEST_PAGE = 4096, BASE = 0x40000000, TABLE = 256 };
static int table[TABLE];

static int *entry(uint64_t address)
{
    CHECK(address >= BASE && (address - BASE) / GUEST_PAGE < TABLE);
    return &table[(address - BASE) / GUEST_PAGE];
}

bool qemu_plugin_set_guest_pages(uint64_t start, uint64_t size, int prot)
{
    CHECK(start % page_size == 0 && size % page_size == 0 && size);
    for (uint64_t a = start; a < start + size; a += GUEST_PAGE) {
        *entry(a) = prot;
    }
    return true;
}

bool gw_guest_has(uint64_t address)
{
    return address >= BASE && address < BASE + TABLE * GUEST_PAGE &&
           *entry(address);
}

bool gw_host_read(uint64_t address, void *out, size_t size)
{
    memcpy(out, (void *)(uintptr_t)address, size);
    return true;
}

bool gw_is_cpu_thread(void)
{
    return cpu_thread;
}

void gw_verbose(const char *format, ...)
{
    (void)format;
}

static uint64_t mprotect_first, mprotect_size;

uint64_t gw_guest_service(enum gw_service which, uint64_t a0, uint64_t a1,
                          uint64_t a2)
{
    (void)a2;
    CHECK(which == GW_SERVICE_ADOPT);
    mprotect_first = a0;
    mprotect_size = a1;
    return true;
}

/* --- pages ---------------------------------------------------------------- */

/* QEMU has exactly the pages from `first` to before `end` as `prot`. */
static bool only(uint64_t first, uint64_t end, int prot)
{
    for (uint64_t a = BASE; a < BASE + TABLE * GUEST_PAGE; a += GUEST_PAGE) {
        if (*entry(a) != (a >= first && a < end ? prot : 0)) {
            return false;
        }
    }
    return true;
}

static void rounds(void)
{
    const int prot = PROT_READ | PROT_WRITE;
    const uint64_t at = BASE + 2 * page_size;

    /* Within a page; its last byte and the next one's first; whole pages. */
    CHECK(gw_pages_adopt(at + 10, 1, true));
    CHECK(only(at, at + page_size, prot));
    gw_pages_release(at + 10, 1);
    CHECK(only(0, 0, 0));
    CHECK(gw_pages_adopt(at + page_size - 1, 2, true));
    CHECK(only(at, at + 2 * page_size, prot));
    gw_pages_release(at + page_size - 1, 2);
    CHECK(gw_pages_adopt(at, page_size, false));
    CHECK(only(at, at + page_size, PROT_READ));
    CHECK(gw_pages_are_hosts(at) && gw_pages_are_hosts(at + page_size - 1));
    CHECK(!gw_pages_are_hosts(at - 1) && !gw_pages_are_hosts(at + page_size));
    gw_pages_release(at, page_size);
    CHECK(!gw_pages_adopt(at, 0, true) && only(0, 0, 0));
}

/* Two that share a page, and one within both. */
static void counts(void)
{
    const int prot = PROT_READ | PROT_WRITE;
    const uint64_t at = BASE + page_size;

    CHECK(gw_pages_adopt(at + 8, page_size, true));
    CHECK(gw_pages_adopt(at + page_size + 8, page_size, true));
    CHECK(gw_pages_adopt(at + page_size + 4, 4, false));
    CHECK(only(at, at + 3 * page_size, prot));
    gw_pages_release(at + 8, page_size);
    CHECK(only(at + page_size, at + 3 * page_size, prot));
    gw_pages_release(at + page_size + 8, page_size);
    CHECK(only(at + page_size, at + 2 * page_size, prot));
    gw_pages_release(at + page_size + 4, 4);
    CHECK(only(0, 0, 0));
}

/* The guest's last pages in one of the host's, given to a host function. */
static void leaves_the_guests(void)
{
    const uint64_t at = BASE + 2 * page_size - GUEST_PAGE;

    *entry(at) = PROT_READ;
    CHECK(gw_pages_adopt(at + 100, 200, true));
    CHECK(only(at, at + GUEST_PAGE, PROT_READ) && !gw_pages_are_hosts(at));
    gw_pages_release(at + 100, 200);
    CHECK(only(at, at + GUEST_PAGE, PROT_READ));
    *entry(at) = 0;
}

/* The guest maps one of its pages in the middle of what was adopted. */
static void guest_maps(void)
{
    const uint64_t at = BASE + page_size, arg[6] = { 0, GUEST_PAGE };
    const uint64_t arm_mmap = 222;

    CHECK(gw_pages_adopt(at, 3 * page_size, true));
    gw_pages_before_syscall(arm_mmap, arg);
    gw_pages_after_syscall(arm_mmap, at + page_size);
    CHECK(gw_pages_are_hosts(at) && gw_pages_are_hosts(at + 2 * page_size));
    CHECK(!gw_pages_are_hosts(at + page_size));
    gw_pages_release(at, 3 * page_size);
    CHECK(only(at + page_size, at + 2 * page_size, PROT_READ | PROT_WRITE));
    memset(table, 0, sizeof(table));
}

/* Where the plugin cannot, the guest's mprotect() does. */
static void guest_adopts(void)
{
    const uint64_t at = (uint64_t)1 << 40;

    CHECK(!gw_adopt((void *)(at + page_size - 1), 2));
    CHECK(mprotect_first == at && mprotect_size == 2 * (uint64_t)page_size);
    mprotect_size = 0;
    CHECK(!gw_adopt((void *)(at + page_size), page_size));
    CHECK(!mprotect_size); /* it was there */
    CHECK(!gw_adopt((void *)(at + 2 * page_size), 1));
    CHECK(mprotect_first == at + 2 * page_size &&
          mprotect_size == (uint64_t)page_size);
}

/* --- system calls ---------------------------------------------------------- */

static const struct guest {
    const char *name;
    int openat, openat2, writev, sendmsg;
    uint64_t directory, nofollow;
} guests[] = {
    { "x86_64", 257, 437, 20, 46, 0200000, 0400000 },
    { "aarch64", 56, 437, 66, 211, 040000, 0100000 },
    { "riscv64", 56, 437, 66, 211, 0200000, 0400000 },
};

static int64_t call(int number, uint64_t a0, const void *a1, uint64_t a2,
                    uint64_t a3)
{
    const uint64_t arg[6] = { a0, (uintptr_t)a1, a2, a3 };
    int64_t ret = -EDOM;

    CHECK(gw_host_pointers_syscall(number, arg, &ret));
    return ret;
}

static void opens(const struct guest *g)
{
    const int cwd = AT_FDCWD;
    const char *file = "plugin-test.file", *way = "plugin-test.link";

    unlink(way);
    CHECK(!close(open(file, O_CREAT | O_WRONLY, 0600)));
    CHECK(!symlink(file, way));
    CHECK(call(g->openat, cwd, file, g->directory, 0) == -ENOTDIR);
    CHECK(call(g->openat, cwd, way, g->nofollow, 0) == -ELOOP);
    CHECK(!close(call(g->openat, cwd, ".", g->directory | g->nofollow, 0)));
    CHECK(!close(call(g->openat, cwd, way, 0, 0)));
    unlink(way);
    unlink(file);
}

/* Flags in a struct are not read, so they must mean the same. */
static void opens_by_struct(const struct guest *g)
{
#ifdef __aarch64__
    const bool same = !strcmp(g->name, "aarch64");
#else
    const bool same = strcmp(g->name, "aarch64");
#endif
    const struct { uint64_t flags, mode, resolve; } how = {
        .flags = g->directory };
    const uint64_t arg[6] = { AT_FDCWD, (uintptr_t)".", (uintptr_t)&how,
                              sizeof(how) };
    int64_t fd;

    CHECK(gw_host_pointers_syscall(g->openat2, arg, &fd) == same);
    if (same && fd != -ENOSYS) {
        CHECK(fd >= 0 && !close(fd));
    }
}

static void sends(const struct guest *g)
{
    struct iovec vector[] = { { "ab", 2 }, { "cd", 2 } };
    struct msghdr message = { .msg_iov = vector, .msg_iovlen = 2 };
    char text[5] = "";
    int pair[2];

    CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(call(g->writev, pair[0], vector, 2, 0) == 4);
    CHECK(read(pair[1], text, 4) == 4 && !strcmp(text, "abcd"));
    CHECK(call(g->sendmsg, pair[0], &message, 0, 0) == 4);
    CHECK(read(pair[1], text, 4) == 4 && !strcmp(text, "abcd"));
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    char folder[] = "/tmp/plugin-test-XXXXXX";

    cpu_thread = true;
    for (page_size = 4096; page_size <= 65536; page_size *= 4) {
        gw_pages_init("aarch64");
        rounds();
        counts();
        leaves_the_guests();
        guest_maps();
    }
    page_size = 65536;
    guest_adopts();
    /* Paths cannot be made the guest's, and the host's call is made. */
    cpu_thread = false;
    CHECK(mkdtemp(folder) && !chdir(folder));
    for (size_t i = 0; i < sizeof(guests) / sizeof(*guests); i++) {
        gw_host_pointers_init(guests[i].name);
        opens(&guests[i]);
        opens_by_struct(&guests[i]);
        sends(&guests[i]);
    }
    CHECK(!rmdir(folder));
    return 0;
}
