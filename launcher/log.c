/* SPDX-License-Identifier: MIT */
/* What the launcher says, and the status it then leaves with. */
#include "gangway.h"

#include <stdarg.h>
#include <stdio.h>

static int failure = GW_EXIT_SETUP;

static void say(const char *format, va_list list)
{
    g_autofree char *text = g_strdup_vprintf(format, list);

    /* One write, so that lines of several processes do not mix. */
    fprintf(stderr, "gangway: %s\n", text);
}

void gw_say(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
}

bool gw_fail(enum gw_exit status, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
    failure = status;
    return false;
}

int gw_failure_status(void)
{
    return failure;
}
