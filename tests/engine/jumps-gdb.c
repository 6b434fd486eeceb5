/* SPDX-License-Identifier: MIT
 *
 * What jumps-gdb.py looks at with a debugger: functions that are called
 * through a pointer, so often that an emulator goes there on its own ways,
 * and stops (SIGUSR1) at which breakpoints are set on them.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>

enum { OFTEN = 200000 };

/* In pages of their own: QEMU looks at each instruction of a page with a
 * breakpoint, and what is to be found here are ways into such a page. */
#define CALLED __attribute__((noinline, noclone, section(".text.called")))
#define NEW_PAGE __attribute__((aligned(4096)))

volatile int counter, spins;
static sem_t warm, go_on;

NEW_PAGE CALLED int target(int x)
{
    counter++;
    return x + 1;
}

CALLED int other(int x)
{
    counter += 2;
    return x + 2;
}

CALLED int spun(int x)
{
    spins++;
    return x;
}

NEW_PAGE CALLED void page_of_others(void)
{
}

static int (*const table[])(int) = {target, other};
static int (*volatile spinner)(int) = spun;

__attribute__((noinline, noclone)) int call(int times)
{
    int sum = 0;
    for (int i = 0; i < times; i++) {
        sum += (*(int (*volatile *)(int))&table[i & 1])(i);
    }
    return sum;
}

/* A signal without a handler would not be seen by QEMU, nor by its gdbstub. */
static void ignore(int signal_)
{
    (void)signal_;
}

/* Waits while the other thread is stopped: QEMU stops that thread alone, and
 * changes the list of breakpoints under the feet of one that runs. */
static void *spin(void *unused)
{
    (void)unused;
    for (int i = 0; i < OFTEN; i++) {
        spinner(1);
    }
    sem_post(&warm);
    sem_wait(&go_on);
    for (int i = 0; i < OFTEN; i++) {
        spinner(1);
    }
    return NULL;
}

int main(void)
{
    pthread_t thread;

    signal(SIGUSR1, ignore);
    call(OFTEN);
    raise(SIGUSR1);
    call(OFTEN);
    raise(SIGUSR1);
    pthread_create(&thread, NULL, spin, NULL);
    sem_wait(&warm);
    raise(SIGUSR1);
    sem_post(&go_on);
    pthread_join(thread, NULL);
    printf("done\n");
    return 0;
}
