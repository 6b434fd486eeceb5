/* SPDX-License-Identifier: MIT */
/*
 * Would catch: something kept per context, window, Display or thread and
 * never given back: memory, file descriptors, host X connections, host call
 * stacks.
 *
 * Makes and destroys 200 windows with a context each, every tenth on Displays
 * of their own and in a thread of their own.  At round 50 and at the end
 * it prints "round N rss KiB fds COUNT" and waits for a line on the file that
 * its first argument names (a FIFO), so that the test can count the X
 * server's clients meanwhile.
 */
#include "common.h"
#include "../lib/resident.h"

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

enum { ROUNDS = 200, FIRST = 50, EVERY = 10, SIZE = 64 };

static void draw(Display *display)
{
    struct window w;
    GLXContext context;
    unsigned char pixel[4];
    GLuint texture;

    open_window(&w, display, SIZE, SIZE);
    context = glXCreateNewContext(display, w.config, GLX_RGBA_TYPE, NULL,
                                  True);
    if (!context || !glXMakeCurrent(display, w.window, context))
        die("no context");
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 256, 256, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, NULL);
    glClearColor(1, 0.5f, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glReadPixels(1, 1, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    if (pixel[0] != 255 || pixel[2] != 0)
        die("wrong pixel %d %d %d", pixel[0], pixel[1], pixel[2]);
    glXSwapBuffers(display, w.window);
    glXMakeCurrent(display, None, NULL);
    glXDestroyContext(display, context);
    close_window(&w);
}

/* Several Displays at a time and more each time, so that what is kept per
 * Display does not go unseen because the next one gets the same address. */
static void *draw_elsewhere(void *argument)
{
    int count = *(int *)argument / EVERY;
    Display *displays[ROUNDS / EVERY];

    for (int i = 0; i < count; i++) {
        displays[i] = open_display();
        draw(displays[i]);
    }
    for (int i = 0; i < count; i++)
        XCloseDisplay(displays[i]);
    return NULL;
}

static int open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    if (!folder)
        die("no /proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void report(int round, const char *path)
{
    FILE *gate;

    printf("round %d rss %ld fds %d\n", round, resident(), open_files());
    fflush(stdout);
    gate = fopen(path, "r");
    if (!gate || fgetc(gate) == EOF)
        die("nobody answers on %s", path);
    fclose(gate);
}

int main(int argc, char **argv)
{
    Display *display;
    pthread_t thread;

    if (argc < 2)
        die("usage: churn FIFO");
    XInitThreads();
    display = open_display();
    for (int round = 1; round <= ROUNDS; round++) {
        if (round % EVERY == 0) {
            if (pthread_create(&thread, NULL, draw_elsewhere, &round))
                die("no thread");
            pthread_join(thread, NULL);
        } else {
            draw(display);
        }
        if (round == FIRST || round == ROUNDS)
            report(round, argv[1]);
    }
    XCloseDisplay(display);
    return 0;
}
