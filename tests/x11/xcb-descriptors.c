/* SPDX-License-Identifier: MIT */
/*
 * Would catch: what else xcb passes than requests and replies and that is
 * lost or freed on the wrong side: file descriptors in both directions,
 * connections made of a descriptor or with given credentials, queues of
 * special events with their stamp, requests that are put together or taken
 * apart by hand.
 */
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <xcb/present.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xcbext.h>
#include <xcb/xkb.h>

static xcb_connection_t *c;
static xcb_screen_t *screen;

static void say_memory(const char *what, xcb_shm_seg_t segment, void *data)
{
    xcb_shm_get_image_reply_t *reply;
    uint32_t *pixels = data;

    pixels[5] = 0x12345678;
    reply = xcb_shm_get_image_reply(c, xcb_shm_get_image(
        c, screen->root, 0, 0, 4, 4, ~0u, XCB_IMAGE_FORMAT_Z_PIXMAP, segment,
        0), NULL);
    printf("%s: %d bytes %u, written %d\n", what, reply != NULL,
           reply ? reply->size : 0, pixels[5] != 0x12345678);
    free(reply);
}

/* The server gives a descriptor, and the program gives one. */
static void descriptors(void)
{
    xcb_shm_seg_t segment = xcb_generate_id(c);
    xcb_shm_create_segment_reply_t *reply = xcb_shm_create_segment_reply(
        c, xcb_shm_create_segment(c, segment, 4096, 0), NULL);
    int *fds = reply ? xcb_shm_create_segment_reply_fds(c, reply) : NULL, fd;
    struct stat about;
    void *data;

    printf("descriptors: %d\n", reply ? reply->nfd : -1);
    if (!fds || fstat(fds[0], &about))
        die("no shared memory from the server");
    data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
    if (data == MAP_FAILED)
        die("the server's memory cannot be mapped");
    close(fds[0]);
    free(reply);
    say_memory("the server's", segment, data);
    xcb_shm_detach(c, segment);
    munmap(data, 4096);

    segment = xcb_generate_id(c);
    fd = memfd_create("ours", 0);
    if (fd < 0 || ftruncate(fd, 4096))
        die("no memory file");
    data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    xcb_shm_attach_fd(c, segment, fd, 0); /* closes it */
    say_memory("ours", segment, data);
    printf("closed: %d\n", fcntl(fd, F_GETFD) < 0);
    xcb_shm_detach(c, segment);
    munmap(data, 4096);
}

static void special_events(void)
{
    xcb_window_t window = xcb_generate_id(c);
    xcb_pixmap_t pixmap = xcb_generate_id(c);
    uint32_t id = xcb_generate_id(c), stamp = 0;
    xcb_special_event_t *queue;
    xcb_present_generic_event_t *event;

    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0,
                      20, 20, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen->root_visual, 0, NULL);
    xcb_map_window(c, window);
    xcb_create_pixmap(c, screen->root_depth, pixmap, window, 20, 20);
    queue = xcb_register_for_special_xge(c, &xcb_present_id, id, &stamp);
    xcb_present_select_input(c, id, window,
                             XCB_PRESENT_EVENT_MASK_COMPLETE_NOTIFY);
    xcb_present_pixmap(c, window, pixmap, 77, 0, 0, 0, 0, 0, 0, 0,
                       XCB_PRESENT_OPTION_NONE, 0, 0, 0, 0, NULL);
    xcb_flush(c);
    event = (void *)xcb_wait_for_special_event(c, queue);
    printf("special: %d, type %d, stamped %u\n", event != NULL,
           event ? event->evtype : -1, stamp);
    if (event)
        printf("serial %u\n",
               ((xcb_present_complete_notify_event_t *)event)->serial);
    free(event);
    printf("one more: %d\n", xcb_poll_for_special_event(c, queue) != NULL);
    xcb_unregister_for_special_event(c, queue);
    xcb_destroy_window(c, window);
}

static void say_connection(const char *what, xcb_connection_t *other)
{
    xcb_get_input_focus_reply_t *reply = xcb_get_input_focus_reply(
        other, xcb_get_input_focus(other), NULL);

    printf("%s: error %d, answers %d\n", what,
           xcb_connection_has_error(other), reply != NULL);
    free(reply);
    xcb_disconnect(other);
}

/* A second socket to where the first one is connected. */
static int same_server(void)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    int fd;

    if (getpeername(xcb_get_file_descriptor(c), (void *)&address, &size))
        die("the server has no address");
    fd = socket(address.ss_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (void *)&address, size))
        die("the server cannot be reached again");
    return fd;
}

static void connections(void)
{
    xcb_auth_info_t nothing = {0};
    char *host = NULL;
    int display = -1, number = -1;

    printf("parsed: %d", xcb_parse_display("there:5.2", &host, &display,
                                           &number));
    printf(" %s %d %d\n", host, display, number);
    free(host);
    say_connection("of a descriptor", xcb_connect_to_fd(same_server(), NULL));
    say_connection("credentials", xcb_connect_to_display_with_auth_info(
                   NULL, &nothing, &number));
    printf("screen %d\n", number);
    say_connection("nowhere", xcb_connect(":there.is.none", NULL));
}

/* Lists and parts that depend on flags. */
static void parts(void)
{
    xcb_xkb_select_events_details_t details = {
        .affectNewKeyboard = 3, .newKeyboardDetails = 1,
        .affectState = 5, .stateDetails = 4}, back = {0};
    xcb_create_window_value_list_t values = {
        .background_pixel = 0x112233, .event_mask = 7}, same = {0};
    uint16_t which = XCB_XKB_EVENT_TYPE_NEW_KEYBOARD_NOTIFY |
                     XCB_XKB_EVENT_TYPE_STATE_NOTIFY;
    uint32_t mask = XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK;
    void *buffer = NULL;
    int size = xcb_xkb_select_events_details_serialize(
        &buffer, which, 0, 0, &details);

    printf("details: %d bytes %016llx\n", size,
           (unsigned long long)hash(buffer, size));
    xcb_xkb_select_events_details_unpack(buffer, which, 0, 0, &back);
    printf("back: %d %d %d %d\n", back.affectNewKeyboard,
           back.newKeyboardDetails, back.affectState, back.stateDetails);
    free(buffer);
    buffer = NULL;
    size = xcb_create_window_value_list_serialize(&buffer, mask, &values);
    printf("values: %d bytes\n", size);
    xcb_create_window_value_list_unpack(buffer, mask, &same);
    printf("back: %x %x\n", same.background_pixel, same.event_mask);
    free(buffer);
}

int main(void)
{
    c = xcb_connect(NULL, NULL);
    if (xcb_connection_has_error(c))
        die("no connection");
    screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    descriptors();
    special_events();
    connections();
    parts();
    xcb_disconnect(c);
    return 0;
}
