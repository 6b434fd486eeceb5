/* SPDX-License-Identifier: MIT */
#include "mirror.h"
#include "jpeg-htl.h"

#include "gangway/lock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Which struct it is does not matter for what both begin with. */
_Static_assert(offsetof(struct jpeg_decompress_struct, src) ==
               sizeof(struct jpeg_common_struct), "src follows");
_Static_assert(offsetof(struct jpeg_compress_struct, dest) ==
               sizeof(struct jpeg_common_struct), "dest follows");
_Static_assert(offsetof(struct gw_jpeg_mirror, host) == 0,
               "callbacks are given the host's struct");
_Static_assert(sizeof(struct jpeg_compress_struct) !=
               sizeof(struct jpeg_decompress_struct), "tells them apart");

#define IO sizeof(struct jpeg_common_struct) /* where src or dest is */
#define REST (IO + sizeof(void *))

/* --- all mirrors -------------------------------------------------------- */

#define BUCKETS 256

/* Guards the lists; held for a few instructions. */
GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static struct gw_jpeg_mirror *mirrors[BUCKETS]; /* by the guest's address */

static struct gw_jpeg_mirror **bucket(const void *guest)
{
    return &mirrors[(uintptr_t)guest * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

/* With the lock held. */
static struct gw_jpeg_mirror *by_address(const void *guest)
{
    struct gw_jpeg_mirror *m = *bucket(guest);

    while (m && m->guest != guest) {
        m = m->next;
    }
    return m;
}

/* With the lock held.  For a struct that the program has moved: its memory
 * manager stays where it was. */
static struct gw_jpeg_mirror *by_memory(const void *mem)
{
    for (unsigned i = 0; mem && i < BUCKETS; i++) {
        for (struct gw_jpeg_mirror *m = mirrors[i]; m; m = m->next) {
            if (&m->given == mem) {
                return m;
            }
        }
    }
    return NULL;
}

/* Both with the lock held. */
static void insert(struct gw_jpeg_mirror *m, void *guest)
{
    m->guest = guest;
    m->next = *bucket(guest);
    *bucket(guest) = m;
}

static void extract(struct gw_jpeg_mirror *m)
{
    struct gw_jpeg_mirror **link = bucket(m->guest);

    while (*link != m) {
        link = &(*link)->next;
    }
    *link = m->next;
}

/* With the lock held. */
static struct gw_jpeg_mirror *add(void *guest)
{
    struct gw_jpeg_mirror *m = calloc(1, sizeof(*m));

    if (!m) {
        abort();
    }
    insert(m, guest);
    return m;
}

/* With the lock held.  It is no longer found by the guest's address: there
 * is another struct now, and this one was moved, or never destroyed. */
static void detach(struct gw_jpeg_mirror *m)
{
    extract(m);
    insert(m, NULL);
}

/* With the lock held. */
static bool is_of(const struct gw_jpeg_mirror *m, const void *mem)
{
    return !m->mem || !m->host.common.mem || mem == &m->given;
}

/* NULL where there is none. */
static struct gw_jpeg_mirror *find(void *guest)
{
    void *mem = ((struct jpeg_common_struct *)guest)->mem;
    struct gw_jpeg_mirror *m, *moved;

    pthread_mutex_lock(&lock);
    m = by_address(guest);
    if (!m || mem != &m->given) {
        moved = by_memory(mem);
        if (m && (moved || !is_of(m, mem))) {
            detach(m);
            m = NULL;
        }
        if (moved) {
            extract(moved);
            insert(moved, guest);
            m = moved;
        }
    }
    pthread_mutex_unlock(&lock);
    return m;
}

static void forget(struct gw_jpeg_mirror *m)
{
    pthread_mutex_lock(&lock);
    extract(m);
    pthread_mutex_unlock(&lock);
    free(m);
}

/* --- copying ------------------------------------------------------------ */

static void err_in(struct gw_jpeg_mirror *m)
{
    m->guest_err = m->host.common.err;
    if (m->guest_err) {
        m->err = *m->guest_err;
        m->err_before = m->err;
        gw_jpeg_err_methods(&m->err, m->guest_err);
        m->host.common.err = &m->err;
    }
}

/* Several structs, on several threads, may have the same error manager: it is
 * written to only where the library has written to it. */
static void err_out(struct gw_jpeg_mirror *m)
{
    const size_t from = offsetof(struct jpeg_error_mgr, msg_code);
    const size_t size = sizeof(m->err) - from;

    if (m->guest_err && memcmp((char *)&m->err + from,
                               (char *)&m->err_before + from, size)) {
        memcpy((char *)m->guest_err + from, (char *)&m->err + from, size);
        m->err_before = m->err;
    }
}

static void progress_in(struct gw_jpeg_mirror *m)
{
    m->guest_progress = m->host.common.progress;
    if (m->guest_progress) {
        m->progress = *m->guest_progress;
        gw_jpeg_progress_methods(&m->progress);
        m->host.common.progress = &m->progress;
    }
}

static void *progress_out(struct gw_jpeg_mirror *m)
{
    if (m->host.common.progress != &m->progress) {
        return m->host.common.progress; /* NULL, of a new struct */
    }
    m->progress.progress_monitor = m->guest_progress->progress_monitor;
    *m->guest_progress = m->progress;
    gw_jpeg_progress_methods(&m->progress);
    return m->guest_progress;
}

static void src_in(struct gw_jpeg_mirror *m)
{
    struct jpeg_source_mgr *guest = m->host.decompress.src;

    m->guest_io = guest;
    if (guest) {
        m->src.next_input_byte = guest->next_input_byte;
        m->src.bytes_in_buffer = guest->bytes_in_buffer;
        gw_jpeg_src_methods(&m->src, guest);
        m->host.decompress.src = &m->src;
    }
}

static void *src_out(struct gw_jpeg_mirror *m)
{
    struct jpeg_source_mgr *guest = m->guest_io;

    if (m->host.decompress.src != &m->src) {
        return m->host.decompress.src;
    }
    guest->next_input_byte = m->src.next_input_byte;
    guest->bytes_in_buffer = m->src.bytes_in_buffer;
    return guest;
}

static void dest_in(struct gw_jpeg_mirror *m)
{
    struct jpeg_destination_mgr *guest = m->host.compress.dest;

    m->guest_io = guest;
    if (guest) {
        m->dest.next_output_byte = guest->next_output_byte;
        m->dest.free_in_buffer = guest->free_in_buffer;
        gw_jpeg_dest_methods(&m->dest);
        m->host.compress.dest = &m->dest;
    }
}

static void *dest_out(struct gw_jpeg_mirror *m)
{
    struct jpeg_destination_mgr *guest = m->guest_io;

    if (m->host.compress.dest != &m->dest) {
        return m->host.compress.dest;
    }
    guest->next_output_byte = m->dest.next_output_byte;
    guest->free_in_buffer = m->dest.free_in_buffer;
    return guest;
}

/* The library's memory manager stays its own, and what the guest has changed
 * in the one that it was given is called from there.  (The library knows what
 * lies behind its own; so no program puts another one in its place.) */
static void mem_in(struct gw_jpeg_mirror *m)
{
    if (m->host.common.mem != &m->given) {
        m->host.common.mem = NULL; /* not created, or destroyed */
        return;
    }
    m->host.common.mem = m->mem;
    if (memcmp(&m->given, &m->given_before, sizeof(m->given))) {
        gw_jpeg_mem_methods(m->mem, &m->given);
        m->mem->max_memory_to_use = m->given.max_memory_to_use;
        m->mem->max_alloc_chunk = m->given.max_alloc_chunk;
        m->given_before = m->given;
    }
}

static void *mem_out(struct gw_jpeg_mirror *m)
{
    struct jpeg_memory_mgr *mem = m->host.common.mem;

    if (mem && mem != m->mem) { /* just made */
        gw_jpeg_give_mem(&m->given);
        m->given.max_memory_to_use = mem->max_memory_to_use;
        m->given.max_alloc_chunk = mem->max_alloc_chunk;
        m->given_before = m->given;
        m->mem = mem;
    }
    return mem ? &m->given : NULL;
}

static bool decompresses(const struct gw_jpeg_mirror *m)
{
    return m->size == sizeof(struct jpeg_decompress_struct);
}

/* A struct that is not created may hold anything but the error manager; the
 * library finds the rest empty. */
void gw_jpeg_in(struct gw_jpeg_mirror *m)
{
    memcpy(&m->host, m->guest, m->size);
    err_in(m);
    mem_in(m);
    if (!m->mem) {
        m->host.common.progress = NULL;
        m->host.decompress.src = NULL;
        return;
    }
    progress_in(m);
    if (decompresses(m)) {
        src_in(m);
    } else {
        dest_in(m);
    }
}

void gw_jpeg_out(struct gw_jpeg_mirror *m)
{
    struct jpeg_common_struct *guest = m->guest;

    err_out(m);
    guest->mem = mem_out(m);
    guest->client_data = m->host.common.client_data;
    guest->is_decompressor = m->host.common.is_decompressor;
    guest->global_state = m->host.common.global_state;
    if (!m->mem) {
        return;
    }
    guest->progress = progress_out(m);
    *(void **)(guest + 1) = decompresses(m) ? src_out(m) : dest_out(m);
    memcpy((char *)guest + REST, (char *)&m->host + REST, m->size - REST);
}

/* --- calls -------------------------------------------------------------- */

static void *enter(void *guest, size_t size)
{
    struct gw_jpeg_mirror *m;

    if (!guest) {
        return NULL;
    }
    m = find(guest);
    if (!m) {
        pthread_mutex_lock(&lock);
        m = add(guest);
        pthread_mutex_unlock(&lock);
    }
    if (!m->mem) {
        m->size = size;
        m->users++;
    }
    gw_jpeg_in(m);
    return &m->host;
}

void *gw_jpeg_decompress(void *guest)
{
    return enter(guest, sizeof(struct jpeg_decompress_struct));
}

void *gw_jpeg_compress(void *guest)
{
    return enter(guest, sizeof(struct jpeg_compress_struct));
}

void *gw_jpeg_common(void *guest)
{
    return enter(guest, sizeof(struct jpeg_common_struct));
}

void gw_jpeg_leave(void *guest)
{
    struct gw_jpeg_mirror *m = guest ? find(guest) : NULL;
    bool created;

    if (!m) {
        return; /* a callback has destroyed it */
    }
    created = m->mem != NULL;
    gw_jpeg_out(m);
    if (!created) {
        m->users--;
    }
    if (!m->host.common.mem && !m->destructing && (created || !m->users)) {
        forget(m);
    }
}

struct gw_jpeg_mirror *gw_jpeg_create(void *guest, size_t size)
{
    struct jpeg_common_struct *g = guest;
    struct gw_jpeg_mirror *m, *next;

    pthread_mutex_lock(&lock);
    m = by_address(guest);
    if (m && m->mem) {
        detach(m);
        m = NULL;
    }
    m = m ? m : add(guest);
    next = m->next;
    memset(m, 0, sizeof(*m));
    m->next = next;
    m->guest = guest;
    m->users = 1;
    pthread_mutex_unlock(&lock);
    /* The library refuses a struct of another size, but not before it has
     * written to it. */
    m->size = size == sizeof(m->host.compress) ||
              size == sizeof(m->host.decompress)
                  ? size : sizeof(m->host.common);
    g->mem = NULL; /* no longer whatever was there */
    m->host.common.err = g->err;
    m->host.common.client_data = g->client_data;
    err_in(m);
    return m;
}
