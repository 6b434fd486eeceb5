/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * How long a half looks for its turn before it sleeps: about what waking a
 * sleeper costs, so that at most twice the cheaper of both is spent.
 */
#define SPIN_NS 6000
/* How often between two looks at the clock. */
#define LOOKS 32

enum turn { HOST, GUEST };

enum message {
    CALLBACK, /* to the guest half: run pair->callback */
    RETURNED, /* to the guest half: pair->call has ended or wants a callback */
    ENDED,    /* to the guest half: the host thread has ended */
    READY,    /* to the host half: I am here */
    CALL,     /* to the host half: run pair->call */
    ANSWERED, /* to the host half: the callback has run */
    GONE,     /* to the host half: the guest thread has ended */
};

struct gw_pair {
    struct gw_pair *next_wanted;
    /* Whose turn it is; everything below belongs to that half. */
    _Atomic(uint32_t) turn;
    _Atomic(uint32_t) sleeping[2]; /* that half waits in the kernel */
    enum message message;
    struct gw_callback *callback;
    struct gw_callee *callee;
    struct gw_call *call;
    bool guest_gone;
    unsigned generation; /* of the process that it was made in */
    _Atomic(int) references; /* one for each half */
};

/* Pairs that the factory has yet to find a guest thread for. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted_changed = PTHREAD_COND_INITIALIZER;
static pthread_cond_t factory_changed = PTHREAD_COND_INITIALIZER;
static struct gw_pair *wanted;
static enum { NONE, STARTING, RUNNING } factory;
static bool alone; /* the factory is the guest's last thread */

_Atomic(unsigned) gw_pair_count;

/* How many forks lie between the program's start and this process. */
static unsigned generation;

static pthread_key_t own_pair;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void futex(_Atomic(uint32_t) *word, int op, uint32_t value)
{
    syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/*
 * What this half has written is the other one's with the turn (release, and
 * acquire in await_turn()).  Sequentially consistent because of the sleeper: it
 * stores `sleeping` and then reads the turn, here it is the other way round,
 * and one of both must see what the other one has stored.
 */
static void give_turn(struct gw_pair *pair, enum turn to, enum message message)
{
    pair->message = message;
    atomic_store(&pair->turn, to);
    if (atomic_load(&pair->sleeping[to])) {
        futex(&pair->turn, FUTEX_WAKE, 1);
    }
}

/* A half may still be in give_turn() when the other one is through with the
 * pair; hence the count. */
static void put(struct gw_pair *pair)
{
    if (atomic_fetch_sub(&pair->references, 1) == 1) {
        gw_pair_count -= pair->generation == generation;
        free(pair);
    }
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static bool spin(struct gw_pair *pair, enum turn mine)
{
    uint64_t start = now();

    do {
        for (int i = 0; i < LOOKS; i++) {
            if (atomic_load_explicit(&pair->turn, memory_order_acquire) ==
                mine) {
                return true;
            }
            gw_pause();
        }
    } while (now() - start < SPIN_NS);
    return false;
}

/* False when a signal came first. */
static bool await_turn(struct gw_pair *pair, enum turn mine)
{
    if (spin(pair, mine)) {
        return true;
    }
    atomic_store(&pair->sleeping[mine], 1);
    while (atomic_load(&pair->turn) != mine) {
        errno = 0;
        futex(&pair->turn, FUTEX_WAIT, !mine);
        if (errno == EINTR && mine == GUEST) {
            atomic_store(&pair->sleeping[mine], 0);
            return atomic_load(&pair->turn) == mine;
        }
    }
    atomic_store(&pair->sleeping[mine], 0);
    return true;
}

static void await_host_turn(struct gw_pair *pair)
{
    while (!await_turn(pair, HOST)) {
    }
}

/* --- the host half ------------------------------------------------------- */

/* The host thread ends: so does its guest half. */
static void host_ended(void *arg)
{
    struct gw_pair *pair = arg;

    if (!pair->guest_gone) {
        give_turn(pair, GUEST, ENDED);
    }
    put(pair);
}

/* No other thread exists in a forked child; if this one is a guest half, it
 * runs its host calls itself from now on. */
static void forget_threads(void)
{
    generation++;
    atomic_store(&gw_pair_count, 0);
    gw_set_pair(NULL, NULL);
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&wanted_changed, NULL);
    pthread_cond_init(&factory_changed, NULL);
    wanted = NULL;
    factory = NONE;
    alone = false;
}

static void start(void)
{
    if (pthread_key_create(&own_pair, host_ended) != 0) {
        gw_log("no thread-specific key left in the process");
        abort();
    }
    pthread_atfork(NULL, NULL, forget_threads);
}

void gw_pair_prepare(void)
{
    bool mine;

    pthread_once(&once, start);
    pthread_mutex_lock(&lock);
    while (factory == STARTING) {
        pthread_cond_wait(&factory_changed, &lock);
    }
    mine = factory == NONE;
    factory = mine ? STARTING : factory;
    pthread_mutex_unlock(&lock);
    if (mine) {
        bool ok = gw_guest_service(GW_SERVICE_START_FACTORY, 0, 0, 0);
        pthread_mutex_lock(&lock);
        factory = ok ? RUNNING : NONE;
        pthread_cond_broadcast(&factory_changed);
        pthread_mutex_unlock(&lock);
    }
}

static struct gw_pair *make_pair(void)
{
    struct gw_pair *pair = calloc(1, sizeof(*pair));

    pthread_once(&once, start);
    pthread_mutex_lock(&lock);
    if (!pair || factory != RUNNING) {
        pthread_mutex_unlock(&lock);
        free(pair);
        return NULL;
    }
    atomic_store(&pair->turn, GUEST);
    atomic_store(&pair->references, 2);
    pair->generation = generation;
    gw_pair_count++;
    pair->next_wanted = wanted;
    wanted = pair;
    pthread_cond_signal(&wanted_changed);
    pthread_mutex_unlock(&lock);
    await_host_turn(pair);
    pthread_setspecific(own_pair, pair);
    return pair;
}

/* This thread's pair, or NULL. */
static struct gw_pair *get_pair(void)
{
    struct gw_pair *pair;

    pthread_once(&once, start);
    pair = pthread_getspecific(own_pair);
    if (pair && pair->guest_gone) {
        pthread_setspecific(own_pair, NULL);
        put(pair);
        pair = NULL;
    }
    return pair ? pair : make_pair();
}

bool gw_pair_callback(struct gw_callback *cb)
{
    int saved = errno;
    struct gw_pair *pair = get_pair();

    if (!pair || pair->guest_gone) {
        return false;
    }
    pair->callback = cb;
    give_turn(pair, GUEST, CALLBACK);
    for (;;) {
        await_host_turn(pair);
        if (pair->message != CALL) {
            errno = saved;
            return true; /* ANSWERED, or GONE: the result is what it is */
        }
        gw_run_here(pair->callee, pair->call);
        give_turn(pair, GUEST, RETURNED);
    }
}

/* --- the guest half ------------------------------------------------------- */

/*
 * While a guest thread is parked here the kernel must give process-directed
 * signals to others, since QEMU would queue them for a thread that may not
 * run guest code for hours.  Real-time signals are left alone: the guest's
 * libc sends its own to single threads and waits for the answer.  So are
 * those that a fault raises.
 */
static void block_signals(sigset_t *old)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
                                  SIGABRT, SIGSYS };
    sigset_t set;

    sigemptyset(&set);
    for (int sig = 1; sig < 32; sig++) {
        sigaddset(&set, sig);
    }
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        sigdelset(&set, faults[i]);
    }
    pthread_sigmask(SIG_BLOCK, &set, old);
}

void gw_pair_wanted(struct gw_call *call)
{
    struct gw_pair *pair;
    sigset_t old;

    if (((struct gw_pair_call *)call)->pair) {
        gw_pair_guest_gone(((struct gw_pair_call *)call)->pair);
    }
    block_signals(&old);
    pthread_mutex_lock(&lock);
    while (!wanted && !alone) {
        pthread_cond_wait(&wanted_changed, &lock);
    }
    pair = wanted;
    if (pair) {
        wanted = pair->next_wanted;
    } else {
        factory = NONE;
    }
    alone = false;
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    ((struct gw_pair_call *)call)->pair = pair;
}

void gw_pair_alone(void)
{
    pthread_mutex_lock(&lock);
    alone = factory == RUNNING;
    pthread_cond_signal(&wanted_changed);
    pthread_mutex_unlock(&lock);
}

/* Waits parked; a signal sends the thread through guest code once, where
 * QEMU delivers it. */
static void await_guest_turn(struct gw_pair *pair)
{
    for (;;) {
        sigset_t old;
        bool mine;

        block_signals(&old);
        mine = await_turn(pair, GUEST);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (mine) {
            return;
        }
        gw_guest_service(GW_SERVICE_FREE, 0, 0, 0); /* free(NULL) */
    }
}

void gw_pair_serve(struct gw_call *call)
{
    struct gw_pair *pair = ((struct gw_pair_call *)call)->pair;

    gw_set_pair(pair, call);
    give_turn(pair, HOST, READY);
    for (;;) {
        await_guest_turn(pair);
        if (pair->message == ENDED) {
            break;
        }
        gw_call_guest(pair->callback);
        if (pair->generation != generation) {
            gw_log("a forked child returns from a callback to a thread of "
                   "the host's own, which only its parent has; this thread "
                   "ends");
            break;
        }
        give_turn(pair, HOST, ANSWERED);
    }
    gw_set_pair(NULL, NULL);
    put(pair);
}

void gw_pair_hand_over(struct gw_pair *pair, struct gw_callee *callee,
                       struct gw_call *call)
{
    pair->callee = callee;
    pair->call = call;
    give_turn(pair, HOST, CALL);
    while (!await_turn(pair, GUEST)) {
    }
}

void gw_pair_guest_gone(struct gw_pair *pair)
{
    pair->guest_gone = true;
    give_turn(pair, HOST, GONE);
    put(pair);
}
