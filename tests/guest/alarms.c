/* SPDX-License-Identifier: MIT */
/*
 * A timer sends SIGALRM 1,000 times a second to the process while it draws.
 *
 * Would catch: a signal that the kernel gives to a thread of the driver's,
 * which QEMU takes for one of its CPUs (it crashes); a frame that is lost or
 * drawn in halves because a call was interrupted.
 */
#include "common.h"

#include <math.h>
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}

static void draw(int frame)
{
    glClearColor(0.1f * (frame % 10), 0.3f, 0.5f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glBegin(GL_TRIANGLES);
    for (int i = 0; i < 300; i++) {
        double a = i * 0.37 + frame * 0.1;
        glColor3ub(i, frame, 255 - i);
        glVertex3d(cos(a) * i / 300, sin(a) * i / 300, (i % 17) / 17.0);
    }
    glEnd();
}

int main(int argc, char **argv)
{
    struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
    struct sigaction action = { .sa_handler = on_alarm,
                                .sa_flags = SA_RESTART };
    Display *display = open_display();
    FILE *out = open_frames(argc, argv);
    struct window w;
    GLXContext context;
    int frame;

    open_window(&w, display, 200, 200);
    context = glXCreateNewContext(display, w.config, GLX_RGBA_TYPE, NULL,
                                  True);
    glXMakeCurrent(display, w.window, context);
    glEnable(GL_DEPTH_TEST);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    for (frame = 0; frame < 400 || alarms < 200; frame++) {
        draw(frame % 100);
        if (frame < 100)
            write_frame(out, w.width, w.height);
        glXSwapBuffers(display, w.window);
    }
    timer = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &timer, NULL);
    expect_no_error("frames");
    printf("at least 400 frames: %d, alarms: %d\n", frame >= 400,
           alarms >= 200);
    close_frames(out);
    glXMakeCurrent(display, None, NULL);
    glXDestroyContext(display, context);
    close_window(&w);
    return 0;
}
