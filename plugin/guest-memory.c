/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest-memory.h"
#include "qemu-api.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

uintptr_t gw_guest_base;

bool gw_guest_read(uint64_t addr, void *out, size_t size)
{
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new(size);

    if (size == 0 || !qemu_plugin_read_memory_vaddr(addr, bytes, size)) {
        return false;
    }
    memcpy(out, bytes->data, size);
    return true;
}

bool gw_guest_has(uint64_t addr)
{
    /* Asked on every read() and write(): no allocation each time. */
    static _Thread_local GByteArray *byte;

    if (!byte) {
        byte = g_byte_array_sized_new(1);
    }
    return qemu_plugin_read_memory_vaddr(addr, byte, 1);
}

/* One piece, no larger than what a pipe takes at once. */
static bool copy_piece(const int pipe[2], void *to, const void *from,
                       size_t size)
{
    return write(pipe[1], from, size) == (ssize_t)size &&
           read(pipe[0], to, size) == (ssize_t)size;
}

/*
 * Through a pipe of its own each time: a guest closes descriptors that it does
 * not know, and this may be a signal handler.
 */
static bool copy_by_pipe(void *to, const void *from, size_t size)
{
    int saved = errno, ends[2];
    bool good = pipe2(ends, O_CLOEXEC) == 0;
    size_t done = 0;

    if (!good) {
        return false;
    }
    while (good && done < size) {
        size_t piece = MIN(size - done, 4096);
        good = copy_piece(ends, (char *)to + done, (const char *)from + done,
                          piece);
        done += piece;
    }
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return good;
}

/*
 * The kernel copies, so that a read-only page answers EFAULT where a store
 * of our own would be a fault.  Containers may forbid the call for it, and an
 * emulated host (QEMU's user mode) does not have it.
 */
static bool host_copy(uint64_t host, void *local, size_t size, bool write)
{
    void *there = (void *)(uintptr_t)host;
    struct iovec mine = { local, size };
    struct iovec theirs = { there, size };
    ssize_t n = write ? process_vm_writev(getpid(), &mine, 1, &theirs, 1, 0)
                      : process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0);

    if (n < 0 && (errno == ENOSYS || errno == EPERM)) {
        return copy_by_pipe(write ? there : local, write ? local : there,
                            size);
    }
    return n == (ssize_t)size;
}

bool gw_host_read(uint64_t addr, void *out, size_t size)
{
    return host_copy(addr, out, size, false);
}

bool gw_guest_write(uint64_t addr, const void *data, size_t size)
{
    g_autofree char *old = g_malloc(size);

    return gw_guest_read(addr, old, size) &&
           host_copy(addr + gw_guest_base, (void *)data, size, true);
}

bool gw_guest_write_u64(uint64_t addr, uint64_t value)
{
    return gw_guest_write(addr, &value, sizeof(value));
}

bool gw_guest_write_i32(uint64_t addr, int32_t value)
{
    return gw_guest_write(addr, &value, sizeof(value));
}

char *gw_guest_string(uint64_t addr, size_t max)
{
    GString *s = g_string_new(NULL);

    /* Piecewise up to the next 64-byte line, which never leaves the page of
     * a byte that the string has. */
    while (s->len <= max) {
        char piece[64];
        size_t size = sizeof(piece) - (addr + s->len) % sizeof(piece);
        char *end;

        if (!gw_guest_read(addr + s->len, piece, size)) {
            break;
        }
        end = memchr(piece, 0, size);
        g_string_append_len(s, piece, end ? end - piece : (ssize_t)size);
        if (end) {
            return s->len <= max ? g_string_free(s, false)
                                 : (g_string_free(s, true), NULL);
        }
    }
    g_string_free(s, true);
    return NULL;
}
