/* SPDX-License-Identifier: MIT */
/*
 * What the host's X11 libraries ask their libc, and only the guest's knows:
 * the locale and the environment.
 */
#include "replace.h"
#include "runtime.h"
#include "x11-htl.h"

#include "gangway/lock.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

GW_DEFINE_LOCK(lock, PTHREAD_MUTEX_INITIALIZER);
static char *followed; /* the guest's locale, as it was last */

/* One of the same encoding, where there is one. */
static const char *substitute(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot && (!strncasecmp(dot, ".utf-8", 6) ||
                   !strncasecmp(dot, ".utf8", 5)) ? "C.UTF-8" : "C";
}

static void set_locale(const char *name)
{
    if (!setlocale(LC_CTYPE, name)) {
        const char *other = substitute(name);

        gw_log("this machine lacks the locale %s that the guest has set: X11 "
               "works with %s; generate it with locale-gen", name, other);
        setlocale(LC_CTYPE, other);
    }
}

static void follow_locale(void)
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
        set_locale(guest);
    }
    pthread_mutex_unlock(&lock);
}

char *gw_x11_setlocale(int category, const char *name)
{
    if (!name) {
        follow_locale();
    }
    return setlocale(category, name);
}

/* The guest's list is read where it lies, if its libc has one. */
char *gw_x11_getenv(const char *name)
{
    char ***guest = gw_x11_pack.guest_environ;
    char **entry = guest ? *guest : environ;
    size_t length = strlen(name);

    while (entry && *entry &&
           (strncmp(*entry, name, length) || (*entry)[length] != '=')) {
        entry++;
    }
    return entry && *entry ? *entry + length + 1 : NULL;
}
