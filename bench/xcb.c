/* SPDX-License-Identifier: MIT */
/*
 * How many requests of a kind xcb makes in a second, one line for each kind:
 *
 *     xcb MILLISECONDS
 *
 * A kind is measured for that long, in three parts of which the best counts.
 * "round trip" waits for each reply; "pipelined" sends many requests before
 * it takes the first reply; the others have no reply, and one round trip at
 * the end of a batch makes sure that the server has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xcb/xcb.h>

enum { BATCH = 1000, PARTS = 3 };

static xcb_connection_t *c;
static xcb_window_t window;
static xcb_gcontext_t gc;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void ask(void)
{
    free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
}

/* Each makes some requests and returns how many. */
static int round_trips(void)
{
    for (int i = 0; i < 50; i++)
        ask();
    return 50;
}

static int pipelined(void)
{
    static xcb_get_input_focus_cookie_t cookies[BATCH];

    for (int i = 0; i < BATCH; i++)
        cookies[i] = xcb_get_input_focus(c);
    for (int i = 0; i < BATCH; i++)
        free(xcb_get_input_focus_reply(c, cookies[i], NULL));
    return BATCH;
}

static int properties(void)
{
    for (int i = 0; i < BATCH; i++)
        xcb_change_property(c, XCB_PROP_MODE_REPLACE, window,
                            XCB_ATOM_WM_NAME, XCB_ATOM_STRING, 8, 8,
                            "the name");
    ask();
    return BATCH;
}

static int points(void)
{
    xcb_point_t point = {3, 4};

    for (int i = 0; i < BATCH; i++)
        xcb_poly_point(c, XCB_COORD_MODE_ORIGIN, window, gc, 1, &point);
    ask();
    return BATCH;
}

static const struct { const char *name; int (*make)(void); } kinds[] = {
    {"round-trip", round_trips}, {"pipelined", pipelined},
    {"change-property", properties}, {"poly-point", points},
};

static double rate(int (*make)(void), double seconds)
{
    double best = 0;

    make(); /* translates it, and finds the functions */
    for (int i = 0; i < PARTS; i++) {
        double start = now(), took;
        long made = 0;

        do {
            made += make();
            took = now() - start;
        } while (took < seconds / PARTS);
        if (made / took > best)
            best = made / took;
    }
    return best;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) / 1000 : 0;
    xcb_screen_t *screen;

    c = xcb_connect(NULL, NULL);
    if (seconds <= 0 || xcb_connection_has_error(c)) {
        fprintf(stderr, "usage: %s MILLISECONDS, with an X server\n",
                argv[0]);
        return 2;
    }
    screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    window = xcb_generate_id(c);
    gc = xcb_generate_id(c);
    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0,
                      100, 100, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen->root_visual, 0, NULL);
    xcb_map_window(c, window);
    xcb_create_gc(c, gc, window, 0, NULL);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        printf("%s %.0f\n", kinds[i].name, rate(kinds[i].make, seconds));
    xcb_disconnect(c);
    return 0;
}
