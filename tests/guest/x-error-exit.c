/* SPDX-License-Identifier: MIT */
/*
 * Would catch: an X error of the host's that nobody handles not ending the
 * program the way Xlib does (its sentence, status 1), or ending it with
 * another error's name.
 */
#include "common.h"

int main(void)
{
    static const int nonsense[] = { 0x7777, 1, None };
    struct window w;

    open_window(&w, open_display(), 64, 64);
    glXCreateContextAttribsARB(w.display, w.config, NULL, True, nonsense);
    XSync(w.display, False);
    printf("still here\n");
    return 0;
}
