/* SPDX-License-Identifier: MIT */
/*
 * Surfaces.  A window's id is the server's, so a connection of the host's to
 * the same server will do; x11.h has one for each of the guest's Displays.
 *
 * An xcb connection of the guest's is opaque, but its socket is not: a guest's
 * file descriptor is the host's, and the socket's other end names the server.
 * One connection of the host's for each server lives as long as the process,
 * as nobody tells when the guest disconnects.
 *
 * Where X11 is thunked, the guest's connections are the host's.
 */
#include "vulkan-htl.h"
#include "runtime.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <xcb/xcb.h>

void gw_custom_vkCreateXlibSurfaceKHR(struct gw_args_vkCreateXlibSurfaceKHR *a)
{
    VkXlibSurfaceCreateInfoKHR info =
        *(const VkXlibSurfaceCreateInfoKHR *)a->pCreateInfo;
    VkAllocationCallbacks storage;
    void *guest = info.dpy;

    gw_x11_before_drawable(guest, info.window);
    info.dpy = gw_x11_host_display(guest);
    if (!info.dpy) {
        a->ret = VK_ERROR_OUT_OF_HOST_MEMORY;
        return;
    }
    a->ret = gw_vk(a->instance, vkCreateXlibSurfaceKHR)(
        a->instance, &info, gw_vk_allocator(a->pAllocator, &storage),
        a->pSurface);
    gw_x11_after(guest);
}

/* --- xcb ----------------------------------------------------------------- */

#define SERVER_NAME_MAX 320 /* a host, a colon and a number */

struct server {
    struct server *next;
    char name[SERVER_NAME_MAX]; /* as in DISPLAY */
    xcb_connection_t *connection;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list */
static struct server *servers;

/* "/tmp/.X11-unix/X5", perhaps in the abstract namespace: ":5". */
static bool local_name(const struct sockaddr_un *address, socklen_t length,
                       char *name)
{
    char path[sizeof(address->sun_path) + 1] = "";
    size_t size = length - offsetof(struct sockaddr_un, sun_path);
    const char *number;

    memcpy(path, address->sun_path, size);
    number = strrchr(path + !path[0], 'X');
    if (!number || strspn(number + 1, "0123456789") != strlen(number + 1) ||
        !number[1]) {
        return false;
    }
    snprintf(name, SERVER_NAME_MAX, ":%s", number + 1);
    return true;
}

static bool network_name(const struct sockaddr *address, socklen_t length,
                         char *name)
{
    enum { FIRST_PORT = 6000 };
    char host[256], port[16];

    if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
        atoi(port) < FIRST_PORT) {
        return false;
    }
    snprintf(name, SERVER_NAME_MAX, "%s:%d", host, atoi(port) - FIRST_PORT);
    return true;
}

/* The server at the other end of a socket, as in DISPLAY. */
static bool name_of(int fd, char *name)
{
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_storage storage;
    } address;
    socklen_t length = sizeof(address);

    if (fd < 0 || getpeername(fd, &address.any, &length) != 0) {
        return false;
    }
    return address.any.sa_family == AF_UNIX
               ? local_name(&address.local, length, name)
               : network_name(&address.any, length, name);
}

/* With the lock held. */
static struct server *connect_to(const char *name)
{
    struct server *s = servers;

    while (s && strcmp(s->name, name) != 0) {
        s = s->next;
    }
    if (s && xcb_connection_has_error(s->connection)) {
        xcb_disconnect(s->connection);
        s->connection = xcb_connect(name, NULL);
    }
    if (!s && (s = calloc(1, sizeof(*s)))) {
        strcpy(s->name, name);
        s->connection = xcb_connect(name, NULL);
        s->next = servers;
        servers = s;
    }
    return s;
}

/* A host's connection to the server of a guest's, whose requests so far the
 * server has seen; NULL when the server refuses. */
static xcb_connection_t *connection_like(void *guest)
{
    int fd = (int)gw_guest_service(GW_SERVICE_XCB_SYNC, (uintptr_t)guest, 0, 0);
    char name[SERVER_NAME_MAX] = "";
    xcb_connection_t *connection = NULL;
    struct server *s;

    if (!name_of(fd, name)) {
        snprintf(name, sizeof(name), "%s",
                 getenv("DISPLAY") ? getenv("DISPLAY") : "");
    }
    pthread_mutex_lock(&lock);
    s = connect_to(name);
    if (s && !xcb_connection_has_error(s->connection)) {
        connection = s->connection;
    } else {
        gw_log("cannot open a second connection to the X server %s; is its "
               "number of clients exhausted, or XAUTHORITY unset?", name);
    }
    pthread_mutex_unlock(&lock);
    return connection;
}

static xcb_connection_t *host_connection(void *guest)
{
    return gw_x11_is_hosts(guest) ? guest : connection_like(guest);
}

void gw_custom_vkCreateXcbSurfaceKHR(struct gw_args_vkCreateXcbSurfaceKHR *a)
{
    VkXcbSurfaceCreateInfoKHR info =
        *(const VkXcbSurfaceCreateInfoKHR *)a->pCreateInfo;
    VkAllocationCallbacks storage;

    info.connection = host_connection(info.connection);
    a->ret = info.connection
        ? gw_vk(a->instance, vkCreateXcbSurfaceKHR)(
              a->instance, &info, gw_vk_allocator(a->pAllocator, &storage),
              a->pSurface)
        : VK_ERROR_OUT_OF_HOST_MEMORY;
}

void gw_custom_vkGetPhysicalDeviceXcbPresentationSupportKHR(
    struct gw_args_vkGetPhysicalDeviceXcbPresentationSupportKHR *a)
{
    xcb_connection_t *connection = host_connection(a->connection);

    a->ret = connection &&
             gw_vk(a->physicalDevice,
                   vkGetPhysicalDeviceXcbPresentationSupportKHR)(
                 a->physicalDevice, a->queueFamilyIndex, connection,
                 a->visual_id);
}

/* --- Wayland: not advertised, so nobody may ask --------------------------- */

void gw_custom_vkCreateWaylandSurfaceKHR(
    struct gw_args_vkCreateWaylandSurfaceKHR *a)
{
    a->ret = VK_ERROR_EXTENSION_NOT_PRESENT;
}

void gw_custom_vkGetPhysicalDeviceWaylandPresentationSupportKHR(
    struct gw_args_vkGetPhysicalDeviceWaylandPresentationSupportKHR *a)
{
    a->ret = VK_FALSE;
}
