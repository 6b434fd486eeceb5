/* SPDX-License-Identifier: MIT */
/*
 * An input method for input-methods.c, which does one thing for each key it
 * is sent, so that every callback that a client can have is called.  It runs
 * beside the test, natively, says "ready" and ends when it gets the key q.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xcb-imdkit/imdkit.h>
#include <xcb/xcb.h>

/* Key codes of a PC keyboard. */
enum { KEY_Q = 24, KEY_A = 38, KEY_S, KEY_D, KEY_F, KEY_G, KEY_H };

static bool ended;

static void draw_preedit(xcb_im_t *im, xcb_im_input_context_t *ic)
{
    uint32_t feedback[] = {XCB_XIM_UNDERLINE, XCB_XIM_UNDERLINE,
                           XCB_XIM_REVERSE};
    xcb_im_preedit_draw_fr_t draw = {
        .caret = 2, .chg_first = 0, .chg_length = 0,
        .preedit_string = (uint8_t *)"pre", .length_of_preedit_string = 3,
        .feedback_array = {3, feedback}};

    xcb_im_preedit_draw_callback(im, ic, &draw);
}

static void status(xcb_im_t *im, xcb_im_input_context_t *ic)
{
    uint32_t feedback[] = {0, 0};
    xcb_im_status_draw_text_fr_t text = {
        .type = 0, .status_string = (uint8_t *)"on",
        .length_of_status_string = 2, .feedback_array = {2, feedback}};
    xcb_im_status_draw_bitmap_fr_t bitmap = {.type = 1, .pixmap_data = 0x77};

    xcb_im_status_start_callback(im, ic);
    xcb_im_status_draw_text_callback(im, ic, &text);
    xcb_im_status_draw_bitmap_callback(im, ic, &bitmap);
    xcb_im_status_done_callback(im, ic);
}

static void key(xcb_im_t *im, xcb_im_input_context_t *ic,
                xcb_key_press_event_t *event)
{
    xcb_im_preedit_caret_fr_t caret = {.position = 1, .direction = 2,
                                       .style = 1};

    if ((event->response_type & 127) != XCB_KEY_PRESS)
        return;
    switch (event->detail) {
    case KEY_A: xcb_im_preedit_start_callback(im, ic); break;
    case KEY_S: draw_preedit(im, ic); break;
    case KEY_D: xcb_im_preedit_caret_callback(im, ic, &caret); break;
    case KEY_F: xcb_im_preedit_done_callback(im, ic); break;
    case KEY_G: status(im, ic); break;
    case KEY_H:
        xcb_im_commit_string(im, ic, XCB_XIM_LOOKUP_CHARS, "committed", 9,
                             0);
        break;
    case KEY_Q: ended = true; break;
    default: xcb_im_forward_event(im, ic, event);
    }
}

static void on_request(xcb_im_t *im, xcb_im_client_t *client,
                       xcb_im_input_context_t *ic,
                       const xcb_im_packet_header_fr_t *header, void *frame,
                       void *argument, void *data)
{
    (void)client;
    (void)frame;
    (void)data;
    if (header->major_opcode == XCB_XIM_FORWARD_EVENT)
        key(im, ic, argument);
}

int main(void)
{
    static uint32_t styles[] = {
        XCB_IM_PreeditCallbacks | XCB_IM_StatusCallbacks,
        XCB_IM_PreeditPosition | XCB_IM_StatusNothing,
        XCB_IM_PreeditNothing | XCB_IM_StatusNothing};
    static char *names[] = {"COMPOUND_TEXT"};
    static const xcb_im_styles_t all = {3, styles};
    static const xcb_im_encodings_t encodings = {1, names};
    static const xcb_im_trigger_keys_t none = {0, NULL};
    int screen;
    xcb_connection_t *c = xcb_connect(NULL, &screen);
    xcb_screen_t *s = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    xcb_window_t window = xcb_generate_id(c);
    xcb_generic_event_t *event;
    xcb_im_t *im;

    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, s->root, 0, 0, 1, 1,
                      0, XCB_WINDOW_CLASS_INPUT_OUTPUT, s->root_visual, 0,
                      NULL);
    im = xcb_im_create(c, screen, window, "gangway", XCB_IM_ALL_LOCALES,
                       &all, &none, &none, &encodings, 0, on_request, NULL);
    if (!xcb_im_open_im(im)) {
        fprintf(stderr, "the input method cannot be opened\n");
        return 1;
    }
    xcb_flush(c);
    printf("ready\n");
    fflush(stdout);
    while (!ended && (event = xcb_wait_for_event(c))) {
        xcb_im_filter_event(im, event);
        xcb_flush(c);
        free(event);
    }
    xcb_im_close_im(im);
    xcb_im_destroy(im);
    xcb_disconnect(c);
    return 0;
}
