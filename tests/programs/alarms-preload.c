/* SPDX-License-Identifier: MIT */
/*
 * Goes into glxgears (LD_PRELOAD), for gears-alarms.py: each frame goes to the
 * file that GEARS_FRAMES names, a clock of frames replaces the real one, so
 * that two runs draw the same, and with GEARS_ALARMS set a timer sends the
 * process SIGALRM 1,000 times a second.  After FRAMES frames it says how many
 * alarms came and how many threads llvmpipe has, and ends the program.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define FRAMES 1020 /* four of its counts, each 5 s of its clock */
#define FRAME_MICROSECONDS 20000
#define SIZE 120 /* glxgears -geometry 120x120 */

/* GL's headers are not there for every ISA's compiler. */
#define GL_RGB 0x1907
#define GL_UNSIGNED_BYTE 0x1401
typedef void (*read_pixels)(int x, int y, int width, int height,
                            unsigned format, unsigned type, void *pixels);
typedef void (*swap_buffers)(void *display, unsigned long drawable);

static volatile sig_atomic_t alarms;
static int frames;

static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}

__attribute__((constructor)) static void start(void)
{
    struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
    struct sigaction action = { .sa_handler = on_alarm,
                                .sa_flags = SA_RESTART };

    /* The launcher gets the library, too. */
    if (getenv("GEARS_ALARMS") &&
        !strcmp(program_invocation_short_name, "glxgears")) {
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &timer, NULL);
    }
}

/* In place of the library's. */
#define INTERPOSED __attribute__((visibility("default")))

INTERPOSED int gettimeofday(struct timeval *time, void *zone)
{
    (void)zone;
    time->tv_sec = frames / (1000000 / FRAME_MICROSECONDS);
    time->tv_usec = frames % (1000000 / FRAME_MICROSECONDS) *
                    FRAME_MICROSECONDS;
    return 0;
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (!function) {
        fprintf(stderr, "no %s\n", name);
        _Exit(2);
    }
    return function;
}

static void write_frame(void)
{
    static unsigned char pixels[SIZE * SIZE * 4];
    static FILE *out;

    if (!out) {
        out = fopen(getenv("GEARS_FRAMES"), "wb");
    }
    memset(pixels, 0, sizeof(pixels));
    ((read_pixels)next("glReadPixels"))(0, 0, SIZE, SIZE, GL_RGB,
                                        GL_UNSIGNED_BYTE, pixels);
    fprintf(out, "P6 %d %d 255\n", SIZE, SIZE);
    if (fwrite(pixels, 3, SIZE * SIZE, out) != SIZE * SIZE || fflush(out)) {
        perror("GEARS_FRAMES");
        _Exit(2);
    }
}

static int is_drivers(const char *thread)
{
    char path[300], name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%s/comm", thread);
    file = fopen(path, "r");
    if (file) {
        fgets(name, sizeof(name), file);
        fclose(file);
    }
    return !strncmp(name, "llvmpipe-", 9);
}

static void finish(void)
{
    struct itimerval never = { { 0, 0 }, { 0, 0 } };
    DIR *threads = opendir("/proc/self/task");
    struct dirent *thread;
    int drivers = 0;

    setitimer(ITIMER_REAL, &never, NULL);
    while (threads && (thread = readdir(threads)) != NULL) {
        drivers += is_drivers(thread->d_name);
    }
    fprintf(stderr, "alarms: %d\n", (int)alarms);
    printf("frames: %d, the driver's threads: %d\n", frames, drivers);
    exit(0);
}

INTERPOSED void glXSwapBuffers(void *display, unsigned long drawable)
{
    write_frame();
    ((swap_buffers)next("glXSwapBuffers"))(display, drawable);
    if (++frames == FRAMES) {
        finish();
    }
}
