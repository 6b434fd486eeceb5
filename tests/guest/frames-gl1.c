/* SPDX-License-Identifier: MIT */
/*
 * Would catch: float and double arguments in wrong registers, pointers to
 * client memory (vertex arrays, textures) read from the wrong place, display
 * lists, the GLX 1.2 way of choosing a visual, matrix and light state.
 */
#include "common.h"

#include <math.h>

enum { SIZE = 200, FRAMES = 5 };

static void make_texture(void)
{
    unsigned char texels[32][32][4];

    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++) {
            texels[y][x][0] = x * 8;
            texels[y][x][1] = y * 8;
            texels[y][x][2] = (x ^ y) * 8;
            texels[y][x][3] = 255;
        }
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 32, 32, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, texels);
}

static GLuint make_torus(void)
{
    GLuint list = glGenLists(1);

    glNewList(list, GL_COMPILE);
    for (int i = 0; i < 24; i++) {
        glBegin(GL_QUAD_STRIP);
        for (int j = 0; j <= 16; j++)
            for (int k = 0; k < 2; k++) {
                double s = (i + k) * 2 * M_PI / 24, t = j * 2 * M_PI / 16;

                glNormal3d(cos(t) * cos(s), cos(t) * sin(s), sin(t));
                glTexCoord2f((i + k) / 6.0f, j / 4.0f);
                glVertex3d((2 + cos(t)) * cos(s), (2 + cos(t)) * sin(s),
                           sin(t));
            }
        glEnd();
    }
    glEndList();
    return list;
}

static void draw_array(void)
{
    static const GLshort corners[] = { -3, -3, 3, -3, 3, 3, -3, 3 };
    static const GLubyte colours[] = { 255, 0, 0, 0, 255, 0,
                                       0, 0, 255, 255, 255, 0 };
    static const GLubyte indices[] = { 0, 1, 2, 0, 2, 3 };

    glEnableClientState(GL_VERTEX_ARRAY);
    glEnableClientState(GL_COLOR_ARRAY);
    glVertexPointer(2, GL_SHORT, 0, corners);
    glColorPointer(3, GL_UNSIGNED_BYTE, 0, colours);
    glDrawElements(GL_TRIANGLES, 6, GL_UNSIGNED_BYTE, indices);
    glDisableClientState(GL_VERTEX_ARRAY);
    glDisableClientState(GL_COLOR_ARRAY);
}

static void draw(GLuint torus, int frame)
{
    static const GLfloat light[] = { 3, 4, 5, 0 };

    glClearColor(0.1f, 0.2f, 0.05f * frame, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glMatrixMode(GL_PROJECTION);
    glLoadIdentity();
    glFrustum(-1, 1, -1, 1, 2, 40);
    glMatrixMode(GL_MODELVIEW);
    glLoadIdentity();
    glTranslatef(0, 0, -9);
    glLightfv(GL_LIGHT0, GL_POSITION, light);
    glPushMatrix();
    glTranslatef(0, 0, -4);
    glDisable(GL_LIGHTING);
    glDisable(GL_TEXTURE_2D);
    draw_array();
    glPopMatrix();
    glEnable(GL_LIGHTING);
    glEnable(GL_TEXTURE_2D);
    glRotated(30 * frame, 1, 0.5, 0.25);
    glCallList(torus);
}

int main(int argc, char **argv)
{
    int attributes[] = { GLX_RGBA, GLX_DOUBLEBUFFER, GLX_DEPTH_SIZE, 16,
                         None };
    FILE *out = open_frames(argc, argv);
    Display *display = open_display();
    XVisualInfo *visual = glXChooseVisual(display, DefaultScreen(display),
                                          attributes);
    XSetWindowAttributes window_attributes = { 0 };
    Window window;
    GLXContext context;
    GLdouble matrix[16];
    GLuint torus;

    if (!visual)
        die("no GLX visual");
    window_attributes.colormap = XCreateColormap(
        display, DefaultRootWindow(display), visual->visual, AllocNone);
    window = XCreateWindow(display, DefaultRootWindow(display), 0, 0, SIZE,
                           SIZE, 0, visual->depth, InputOutput, visual->visual,
                           CWColormap | CWBorderPixel, &window_attributes);
    XMapWindow(display, window);
    context = glXCreateContext(display, visual, NULL, True);
    printf("direct %d\n", glXIsDirect(display, context));
    glXMakeCurrent(display, window, context);
    glViewport(0, 0, SIZE, SIZE);
    glEnable(GL_DEPTH_TEST);
    glEnable(GL_LIGHT0);
    make_texture();
    torus = make_torus();
    for (int frame = 0; frame < FRAMES; frame++) {
        draw(torus, frame);
        expect_no_error("frame");
        write_frame(out, SIZE, SIZE);
        glXSwapBuffers(display, window);
    }
    glGetDoublev(GL_MODELVIEW_MATRIX, matrix);
    for (int i = 0; i < 16; i++)
        printf("%.9g%c", matrix[i], i % 4 == 3 ? '\n' : ' ');
    glXMakeCurrent(display, None, NULL);
    glXDestroyContext(display, context);
    XFree(visual);
    XCloseDisplay(display);
    close_frames(out);
    return 0;
}
