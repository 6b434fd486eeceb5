/* SPDX-License-Identifier: MIT */
/*
 * Would catch: xcb's utility libraries (image, keysyms, icccm, ewmh, cursor,
 * aux, render) that answer otherwise than natively: structs returned by
 * value, iterators, and memory that comes from one side and is freed on the
 * other.
 */
#include "common.h"

#include <X11/keysym.h>
#include <sys/shm.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/sync.h>
#include <xcb/xcb.h>
#include <xcb/xcb_aux.h>
#include <xcb/xcb_cursor.h>
#include <xcb/xcb_event.h>
#include <xcb/xcb_ewmh.h>
#include <xcb/xcb_icccm.h>
#include <xcb/xcb_image.h>
#include <xcb/xcb_keysyms.h>
#include <xcb/xcb_renderutil.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>
#include <xcb/xtest.h>

static xcb_connection_t *c;
static xcb_screen_t *screen;
static xcb_window_t window;
static xcb_gcontext_t gc;

static void say_image(const char *what, xcb_image_t *image)
{
    unsigned long value = 0;

    for (unsigned y = 0; y < image->height; y++)
        for (unsigned x = 0; x < image->width; x++)
            value = value * 31 + xcb_image_get_pixel(image, x, y);
    printf("%s: %dx%d bpp %d stride %d pixels %lx\n", what, image->width,
           image->height, image->bpp, image->stride, value);
}

static void images(void)
{
    xcb_image_t *image = xcb_image_create_native(
        c, 20, 10, XCB_IMAGE_FORMAT_Z_PIXMAP, 24, NULL, 0, NULL);
    xcb_image_t *back, *part;
    uint8_t *data = malloc(20 * 10 * 4);
    xcb_image_t *ours = xcb_image_create_native(
        c, 20, 10, XCB_IMAGE_FORMAT_Z_PIXMAP, 24, data, 20 * 10 * 4, data);

    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 20; x++) {
            xcb_image_put_pixel(image, x, y, x * 0x10203 + y);
            xcb_image_put_pixel(ours, x, y, 0xffffff - x);
        }
    say_image("created", image);
    say_image("in our memory", ours);
    xcb_image_put(c, window, gc, image, 3, 3, 0);
    back = xcb_image_get(c, window, 0, 0, 30, 20, 0xffffffff,
                         XCB_IMAGE_FORMAT_Z_PIXMAP);
    say_image("from the window", back);
    part = xcb_image_subimage(back, 2, 2, 8, 8, NULL, 0, NULL);
    say_image("part", part);
    xcb_image_destroy(part);
    xcb_image_destroy(back);
    xcb_image_destroy(ours);
    xcb_image_destroy(image);
}

static void shared_image(void)
{
    xcb_shm_segment_info_t info = {.shmseg = xcb_generate_id(c)};
    xcb_image_t *image;

    info.shmid = shmget(IPC_PRIVATE, 20 * 10 * 4, IPC_CREAT | 0600);
    info.shmaddr = shmat(info.shmid, NULL, 0);
    xcb_shm_attach(c, info.shmseg, info.shmid, 0);
    image = xcb_image_create_native(c, 20, 10, XCB_IMAGE_FORMAT_Z_PIXMAP, 24,
                                    NULL, 20 * 10 * 4, info.shmaddr);
    image->data = info.shmaddr;
    printf("shared: %d\n", xcb_image_shm_get(c, window, image, info, 0, 0,
                                             0xffffffff));
    say_image("shared", image);
    xcb_image_put_pixel(image, 0, 0, 0x123456);
    xcb_image_shm_put(c, window, gc, image, info, 0, 0, 0, 0, 20, 10, 0);
    xcb_shm_detach(c, info.shmseg);
    xcb_aux_sync(c);
    shmctl(info.shmid, IPC_RMID, NULL);
    image->base = NULL;
    xcb_image_destroy(image);
    shmdt(info.shmaddr);
}

static void keys(void)
{
    xcb_key_symbols_t *symbols = xcb_key_symbols_alloc(c);
    xcb_keycode_t *codes = xcb_key_symbols_get_keycode(symbols, XK_a);

    printf("a is key %d, shifted %x\n", codes ? codes[0] : -1,
           codes ? xcb_key_symbols_get_keysym(symbols, codes[0], 1) : 0);
    free(codes);
    printf("keypad %d cursor %d\n", xcb_is_keypad_key(XK_KP_5),
           xcb_is_cursor_key(XK_Left));
    xcb_key_symbols_free(symbols);
}

static void icccm(void)
{
    xcb_size_hints_t hints = {0};
    xcb_icccm_wm_hints_t wm = {0};
    xcb_icccm_get_text_property_reply_t name;
    xcb_icccm_get_wm_class_reply_t class;

    xcb_icccm_size_hints_set_min_size(&hints, 11, 12);
    xcb_icccm_size_hints_set_aspect(&hints, 4, 3, 16, 9);
    xcb_icccm_set_wm_normal_hints(c, window, &hints);
    memset(&hints, 0, sizeof(hints));
    printf("hints: %d", xcb_icccm_get_wm_normal_hints_reply(
           c, xcb_icccm_get_wm_normal_hints(c, window), &hints, NULL));
    printf(" %d %d %d\n", hints.min_width, hints.min_height,
           hints.max_aspect_num);
    xcb_icccm_wm_hints_set_iconic(&wm);
    xcb_icccm_set_wm_hints(c, window, &wm);
    xcb_icccm_set_wm_name(c, window, XCB_ATOM_STRING, 8, 5, "title");
    if (xcb_icccm_get_wm_name_reply(c, xcb_icccm_get_wm_name(c, window),
                                    &name, NULL)) {
        printf("name \"%.*s\"\n", name.name_len, name.name);
        xcb_icccm_get_text_property_reply_wipe(&name);
    }
    xcb_icccm_set_wm_class(c, window, 8, "one\0two");
    if (xcb_icccm_get_wm_class_reply(c, xcb_icccm_get_wm_class(c, window),
                                     &class, NULL)) {
        printf("class %s %s\n", class.instance_name, class.class_name);
        xcb_icccm_get_wm_class_reply_wipe(&class);
    }
}

static void ewmh(void)
{
    xcb_ewmh_connection_t e;
    xcb_ewmh_get_utf8_strings_reply_t name;
    xcb_ewmh_get_atoms_reply_t atoms;
    xcb_atom_t state[2];

    if (!xcb_ewmh_init_atoms_replies(&e, xcb_ewmh_init_atoms(c, &e), NULL))
        die("no EWMH atoms");
    printf("screens %d, same connection %d\n", e.nb_screens,
           e.connection == c);
    xcb_ewmh_set_wm_name(&e, window, 6, "gr\303\274ne");
    if (xcb_ewmh_get_wm_name_reply(&e, xcb_ewmh_get_wm_name(&e, window),
                                   &name, NULL)) {
        printf("name %.*s\n", name.strings_len, name.strings);
        xcb_ewmh_get_utf8_strings_reply_wipe(&name);
    }
    state[0] = e._NET_WM_STATE_FULLSCREEN;
    state[1] = e._NET_WM_STATE_ABOVE;
    xcb_ewmh_set_wm_state(&e, window, 2, state);
    if (xcb_ewmh_get_wm_state_reply(&e, xcb_ewmh_get_wm_state(&e, window),
                                    &atoms, NULL)) {
        printf("state: %d, %d\n", atoms.atoms_len,
               atoms.atoms[1] == e._NET_WM_STATE_ABOVE);
        xcb_ewmh_get_atoms_reply_wipe(&atoms);
    }
    xcb_ewmh_connection_wipe(&e);
}

static void cursors_and_formats(void)
{
    xcb_cursor_context_t *context;
    const xcb_render_query_pict_formats_reply_t *formats;
    const xcb_render_pictforminfo_t *format;

    printf("cursor context: %d\n", xcb_cursor_context_new(c, screen,
                                                          &context));
    printf("cursor: %d\n", xcb_cursor_load_cursor(context, "left_ptr") != 0);
    xcb_cursor_context_free(context);
    formats = xcb_render_util_query_formats(c);
    format = xcb_render_util_find_standard_format(formats,
                                                  XCB_PICT_STANDARD_ARGB_32);
    printf("ARGB: depth %d alpha %d\n", format->depth,
           format->direct.alpha_mask);
    xcb_render_util_disconnect(c);
}

/* Iterators and lists within replies. */
static void lists(void)
{
    xcb_randr_get_monitors_reply_t *monitors =
        xcb_randr_get_monitors_reply(c, xcb_randr_get_monitors(
            c, screen->root, 1), NULL);
    xcb_randr_monitor_info_iterator_t m =
        xcb_randr_get_monitors_monitors_iterator(monitors);
    xcb_input_xi_query_device_reply_t *devices =
        xcb_input_xi_query_device_reply(c, xcb_input_xi_query_device(
            c, XCB_INPUT_DEVICE_ALL), NULL);
    xcb_input_xi_device_info_iterator_t i =
        xcb_input_xi_query_device_infos_iterator(devices);
    xcb_list_fonts_reply_t *fonts = xcb_list_fonts_reply(
        c, xcb_list_fonts(c, 4, 7, "*fixed*"), NULL);
    xcb_str_iterator_t f = xcb_list_fonts_names_iterator(fonts);

    for (; m.rem; xcb_randr_monitor_info_next(&m))
        printf("monitor %dx%d, outputs %d\n", m.data->width, m.data->height,
               xcb_randr_monitor_info_outputs_length(m.data));
    for (; i.rem; xcb_input_xi_device_info_next(&i))
        printf("device %d %.*s\n", i.data->deviceid,
               xcb_input_xi_device_info_name_length(i.data),
               xcb_input_xi_device_info_name(i.data));
    for (; f.rem; xcb_str_next(&f))
        printf("font %.*s\n", xcb_str_name_length(f.data),
               xcb_str_name(f.data));
    free(monitors);
    free(devices);
    free(fonts);
}

static void helpers(void)
{
    xcb_params_gc_t parameters = {.foreground = 0xff00ff, .line_width = 3};
    xcb_generic_error_t *error;
    xcb_visualtype_t *visual = xcb_aux_find_visual_by_id(
        screen, screen->root_visual);
    uint16_t red, green, blue;

    xcb_aux_change_gc(c, gc, XCB_GC_FOREGROUND | XCB_GC_LINE_WIDTH,
                      &parameters);
    printf("visual class %d depth %d\n", visual->_class,
           xcb_aux_get_depth_of_visual(screen, visual->visual_id));
    printf("parsed %d", xcb_aux_parse_color("#123456", &red, &green, &blue));
    printf(" %04x %04x %04x\n", red, green, blue);
    printf("screen: %d, event %s, error %s\n",
           xcb_aux_get_screen(c, 0) == screen, xcb_event_get_label(12),
           xcb_event_get_error_label(3));
    error = xcb_request_check(c, xcb_destroy_window_checked(c, 0x1234));
    printf("error: %s\n", error ? xcb_event_get_error_label(
           error->error_code) : "none");
    free(error);
    xcb_prefetch_extension_data(c, &xcb_xfixes_id);
    printf("xfixes: %d, sync %d\n",
           xcb_get_extension_data(c, &xcb_xfixes_id)->present,
           xcb_get_extension_data(c, &xcb_sync_id)->present);
}

int main(void)
{
    uint32_t values[] = {0x112233, XCB_EVENT_MASK_EXPOSURE};
    int number;

    c = xcb_connect(NULL, &number);
    if (xcb_connection_has_error(c))
        die("no connection");
    screen = xcb_aux_get_screen(c, number);
    window = xcb_generate_id(c);
    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0,
                      40, 30, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen->root_visual,
                      XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, values);
    xcb_map_window(c, window);
    xcb_flush(c);
    for (int shown = 0; !shown; ) {
        xcb_generic_event_t *event = xcb_wait_for_event(c);

        shown = XCB_EVENT_RESPONSE_TYPE(event) == XCB_EXPOSE;
        free(event);
    }
    gc = xcb_generate_id(c);
    xcb_create_gc(c, gc, window, 0, NULL);
    images();
    shared_image();
    keys();
    icccm();
    ewmh();
    cursors_and_formats();
    lists();
    helpers();
    xcb_disconnect(c);
    return 0;
}
