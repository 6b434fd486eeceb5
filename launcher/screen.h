/* SPDX-License-Identifier: MIT */
/* What is done on the program's display while it runs; see screen.c. */
#ifndef GANGWAY_LAUNCHER_SCREEN_H
#define GANGWAY_LAUNCHER_SCREEN_H

#include <X11/Xlib.h>
#include <stdbool.h>

/* Runs work(argument) in a process of at most ten seconds; the status it
 * returned, -1 if it did not come to that. */
int gw_apart(int (*work)(const void *), const void *argument);

/* For such work only. $DISPLAY, with errors ignored; NULL if there is none. */
Display *gw_open_display(void);
bool gw_window_visible(Display *display, Window window);

#endif
