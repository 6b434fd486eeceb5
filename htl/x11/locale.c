/* SPDX-License-Identifier: MIT */
/* Xlib asks its own libc for the locale, which is not the guest's. */
#include "runtime.h"
#include "x11-htl.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *followed; /* the guest's, as it was last */

/* One of the same encoding, where there is one. */
static const char *substitute(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot && (!strncasecmp(dot, ".utf-8", 6) ||
                   !strncasecmp(dot, ".utf8", 5)) ? "C.UTF-8" : "C";
}

static void set(const char *name)
{
    if (!setlocale(LC_CTYPE, name)) {
        const char *other = substitute(name);

        gw_log("this machine lacks the locale %s that the guest has set: X11 "
               "works with %s; generate it with locale-gen", name, other);
        setlocale(LC_CTYPE, other);
    }
}

void gw_x11_follow_locale(void)
{
    const char *guest =
        (const char *)gw_guest_service(GW_SERVICE_LOCALE, 0, 0, 0);

    if (!guest) {
        return;
    }
    pthread_mutex_lock(&lock);
    if (!followed || strcmp(followed, guest)) {
        free(followed);
        followed = strdup(guest);
        set(guest);
    }
    pthread_mutex_unlock(&lock);
}
