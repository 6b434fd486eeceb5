/* SPDX-License-Identifier: MIT */
/*
 * Would catch: SDL2, which opens X11's libraries with dlopen() and uses them
 * its own way, working otherwise than natively: windows, sizes, keys, text,
 * cursors, the clipboard, full screen, software surfaces and GL.
 *
 * A second connection presses keys and looks at the screen.
 */
#include "common.h"

#include <SDL.h>
#include <SDL_opengl.h>
#include <X11/Xatom.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/Xfixes.h>

enum { WIDTH = 160, HEIGHT = 120, KEY_A = 38, KEY_LEFT = 113,
       KEY_SHIFT = 50 };

static Display *other;
static SDL_Window *window;

static void need(int good, const char *what)
{
    if (!good)
        die("%s: %s", what, SDL_GetError());
}

/* The next event of a kind; what else comes meanwhile is left out. */
static SDL_Event next(Uint32 type)
{
    SDL_Event event;

    for (;;) {
        need(SDL_WaitEventTimeout(&event, 20000), "waiting for an event");
        if (event.type == type)
            return event;
    }
}

static void next_window(Uint8 kind)
{
    while (next(SDL_WINDOWEVENT).window.event != kind)
        ;
}

/* Of the screen, as the second connection sees it. */
static void say_screen(const char *what, int width, int height)
{
    SDL_PumpEvents();
    say_pixels(other, DefaultRootWindow(other), width, height, what);
}

static void paint(int seed)
{
    SDL_Surface *surface = SDL_GetWindowSurface(window);

    need(surface != NULL, "the window's surface");
    for (int y = 0; y < surface->h; y++) {
        Uint32 *row = (Uint32 *)((char *)surface->pixels +
                                 y * surface->pitch);

        for (int x = 0; x < surface->w; x++)
            row[x] = (x * seed * 0x10101 + y * 0x305) & 0xffffff;
    }
    need(!SDL_UpdateWindowSurface(window), "updating");
    printf("surface %dx%d, %s\n", surface->w, surface->h,
           SDL_GetPixelFormatName(surface->format->format));
}

static void surfaces(void)
{
    int width, height;

    paint(1);
    say_screen("painted", WIDTH, HEIGHT);
    SDL_SetWindowSize(window, 200, 90);
    next_window(SDL_WINDOWEVENT_SIZE_CHANGED);
    SDL_GetWindowSize(window, &width, &height);
    printf("resized: %dx%d\n", width, height);
    paint(3);
    say_screen("painted again", 200, 90);
}

static void press(int key, Bool shift)
{
    if (shift)
        XTestFakeKeyEvent(other, KEY_SHIFT, True, CurrentTime);
    XTestFakeKeyEvent(other, key, True, CurrentTime);
    XTestFakeKeyEvent(other, key, False, CurrentTime);
    if (shift)
        XTestFakeKeyEvent(other, KEY_SHIFT, False, CurrentTime);
    XSync(other, False);
}

static void say_key(void)
{
    SDL_Event event = next(SDL_KEYDOWN);

    printf("key %s scan code %s modifiers 0x%x\n",
           SDL_GetKeyName(event.key.keysym.sym),
           SDL_GetScancodeName(event.key.keysym.scancode),
           event.key.keysym.mod);
}

static void keyboard(void)
{
    SDL_StartTextInput();
    press(KEY_A, False);
    say_key();
    printf("text \"%s\"\n", next(SDL_TEXTINPUT).text.text);
    press(KEY_A, True);
    say_key();
    say_key();
    printf("text \"%s\"\n", next(SDL_TEXTINPUT).text.text);
    SDL_StopTextInput();
    press(KEY_LEFT, False);
    say_key();
}

static void mouse(void)
{
    static const Uint8 bits[32] = {0xf0, 0x0f, 0xff};
    SDL_Cursor *cursor = SDL_CreateCursor(bits, bits, 16, 16, 3, 4);
    XFixesCursorImage *image;
    SDL_Event event;

    need(cursor != NULL, "a cursor");
    XTestFakeMotionEvent(other, 0, 30, 40, CurrentTime);
    XTestFakeButtonEvent(other, 1, True, CurrentTime);
    XTestFakeButtonEvent(other, 1, False, CurrentTime);
    XSync(other, False);
    event = next(SDL_MOUSEBUTTONDOWN);
    printf("button %d at %d,%d\n", event.button.button, event.button.x,
           event.button.y);
    SDL_SetCursor(cursor);
    SDL_PumpEvents();
    SDL_WarpMouseInWindow(window, 50, 60);
    event = next(SDL_MOUSEMOTION);
    printf("motion to %d,%d\n", event.motion.x, event.motion.y);
    image = XFixesGetCursorImage(other);
    printf("cursor: %dx%d at %d,%d hot %d,%d pixels %016llx\n",
           image->width, image->height, image->x, image->y, image->xhot,
           image->yhot, (unsigned long long)hash(
               image->pixels, image->width * image->height * 8));
    XFree(image);
    SDL_FreeCursor(cursor);
}

/* What SDL has on the clipboard, as another program gets it. */
static void clipboard(void)
{
    Window asking = XCreateSimpleWindow(other, DefaultRootWindow(other), 0,
                                        0, 1, 1, 0, 0, 0);
    Atom selection = XInternAtom(other, "CLIPBOARD", False);
    Atom utf8 = XInternAtom(other, "UTF8_STRING", False), type;
    unsigned char *data = NULL;
    unsigned long items, left;
    int format;
    XEvent event;
    char *text;

    need(!SDL_SetClipboardText("gr\303\274ne W\303\266rter"), "clipboard");
    text = SDL_GetClipboardText();
    printf("ours: %s\n", text);
    SDL_free(text);
    XConvertSelection(other, selection, utf8, XA_PRIMARY, asking,
                      CurrentTime);
    XFlush(other);
    while (!XCheckTypedWindowEvent(other, asking, SelectionNotify, &event))
        SDL_Delay(5), SDL_PumpEvents();
    XGetWindowProperty(other, asking, XA_PRIMARY, 0, 99, True,
                       AnyPropertyType, &type, &format, &items, &left,
                       &data);
    printf("another's view: %s, as UTF-8 %d\n", data, type == utf8);
    XFree(data);
    XDestroyWindow(other, asking);
}

static void full_screen(void)
{
    int width, height;

    need(!SDL_SetWindowFullscreen(window, SDL_WINDOW_FULLSCREEN_DESKTOP),
         "full screen");
    SDL_GetWindowSize(window, &width, &height);
    printf("full screen: %dx%d flags 0x%x\n", width, height,
           SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN_DESKTOP);
    need(!SDL_SetWindowFullscreen(window, 0), "back");
    printf("back: flags 0x%x\n", SDL_GetWindowFlags(window) &
           SDL_WINDOW_FULLSCREEN_DESKTOP);
}

static void gl(void)
{
    SDL_Window *drawn = SDL_CreateWindow("GL", 0, 0, WIDTH, HEIGHT,
                                         SDL_WINDOW_OPENGL |
                                         SDL_WINDOW_BORDERLESS);
    static unsigned char pixels[WIDTH * HEIGHT * 4];
    SDL_GLContext context;

    need(drawn != NULL, "a GL window");
    context = SDL_GL_CreateContext(drawn);
    need(context != NULL, "a GL context");
    SDL_GL_SetSwapInterval(0);
    for (int frame = 0; frame < 3; frame++) {
        glClearColor(0.25f * frame, 0.5f, 0.75f, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        glBegin(GL_TRIANGLES);
        glColor3f(1, 0, 0);
        glVertex2f(-0.9f, -0.8f);
        glColor3f(0, 1, 0);
        glVertex2f(0.9f, -0.7f);
        glColor3f(0, 0, 1);
        glVertex2f(0.1f * frame, 0.9f);
        glEnd();
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
        printf("frame %d: %016llx\n", frame, (unsigned long long)
               hash(pixels, sizeof(pixels)));
        glFinish();
        SDL_GL_SwapWindow(drawn);
    }
    SDL_GL_DeleteContext(context);
    SDL_DestroyWindow(drawn);
}

int main(int argc, char **argv)
{
    SDL_DisplayMode mode;

    (void)argc;
    (void)argv;
    other = open_display();
    /* A click right after the focus came counts, too. */
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    need(!SDL_Init(SDL_INIT_VIDEO), "SDL");
    printf("driver %s, %d displays\n", SDL_GetCurrentVideoDriver(),
           SDL_GetNumVideoDisplays());
    need(!SDL_GetDesktopDisplayMode(0, &mode), "the display's mode");
    printf("mode %dx%d %s\n", mode.w, mode.h,
           SDL_GetPixelFormatName(mode.format));
    window = SDL_CreateWindow("a window", 0, 0, WIDTH, HEIGHT,
                              SDL_WINDOW_RESIZABLE);
    need(window != NULL, "a window");
    SDL_RaiseWindow(window);
    next_window(SDL_WINDOWEVENT_EXPOSED);
    surfaces();
    SDL_SetWindowInputFocus(window);
    keyboard();
    mouse();
    clipboard();
    full_screen();
    gl();
    SDL_DestroyWindow(window);
    SDL_Quit();
    XCloseDisplay(other);
    return 0;
}
