/* SPDX-License-Identifier: MIT */
/* What an ELF file takes from others; for the launcher and the plugin. */
#ifndef GANGWAY_IMPORTS_H
#define GANGWAY_IMPORTS_H

#include <elf.h>
#include <glib.h>
#include <stdbool.h>

struct gw_image {
    GMappedFile *file;
    const char *data;
    gsize size;
    const Elf64_Ehdr *head;
};

/* False, and nothing to close, when it is no 64-bit ELF file that can be
 * read. */
bool gw_image_open(struct gw_image *m, const char *path);
void gw_image_close(struct gw_image *m);

/* The names of the symbols that it imports; for g_strfreev(). */
char **gw_image_imports(const struct gw_image *m);

/* The same of the file `path`; NULL when gw_image_open() cannot. */
char **gw_imports_of(const char *path);

/* The names of the symbols that it gives others; for g_strfreev(). */
char **gw_image_exports(const struct gw_image *m);

/* The dynamic section's strings (char *) with that tag, in order; owned by the
 * array. */
GPtrArray *gw_image_strings(const struct gw_image *m, int64_t tag);

/* The private part of libX11 that these imports have, or NULL: then the
 * library works with thunks of the X11 libraries. */
const char *gw_private_x11(char **imports);

#endif
