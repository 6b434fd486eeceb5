/* SPDX-License-Identifier: MIT */
/*
 * The guest's environment for the host's libraries.
 *
 * The host process starts with the user's environment.  A game may change its
 * own before it first calls a library (SDL does), and the driver that reads
 * it is now the host's.  So everything is taken over but what steers a
 * loader or allocator: those settings are meant for guest code.
 */
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

static const char *const guest_only[] = {
    "LD_", "GLIBC_TUNABLES", "GCONV_PATH", "MALLOC_", "GANGWAY_", "QEMU_",
};

static bool is_guest_only(const char *entry)
{
    for (size_t i = 0; i < sizeof(guest_only) / sizeof(*guest_only); i++) {
        if (!strncmp(entry, guest_only[i], strlen(guest_only[i]))) {
            return true;
        }
    }
    return false;
}

static const char *find(char **env, const char *name, size_t length)
{
    for (; env && *env; env++) {
        if (!strncmp(*env, name, length) && (*env)[length] == '=') {
            return *env + length + 1;
        }
    }
    return NULL;
}

static void import_one(const char *entry)
{
    const char *end = strchr(entry, '=');
    char name[256];
    const char *old;

    if (!end || is_guest_only(entry) ||
        (size_t)(end - entry) >= sizeof(name)) {
        return;
    }
    memcpy(name, entry, end - entry);
    name[end - entry] = 0;
    old = getenv(name);
    if (!old || strcmp(old, end + 1)) {
        setenv(name, end + 1, 1);
    }
}

/* What the guest has unset must be gone for the driver, too. */
static void drop_unset(char **guest)
{
    extern char **environ;
    size_t i = 0;

    while (environ && environ[i]) {
        const char *entry = environ[i];
        const char *end = strchr(entry, '=');
        if (end && !is_guest_only(entry) &&
            !find(guest, entry, end - entry)) {
            char *name = strndup(entry, end - entry);
            unsetenv(name);
            free(name);
        } else {
            i++;
        }
    }
}

void gw_import_environment(char **guest)
{
    if (guest) {
        drop_unset(guest);
        for (char **e = guest; *e; e++) {
            import_one(*e);
        }
    }
}
