/* SPDX-License-Identifier: MIT */
/* A game of the test's own: finds its data in the ways that games do. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DATA "/usr/share/games/gw-fun/"

static const char *prefix = ""; /* of natively run ones */
static char name[4096];

static const char *in_data(const char *file)
{
    snprintf(name, sizeof(name), "%s%s%s", prefix, DATA, file);
    return name;
}

static void show(const char *what, const char *path)
{
    char text[100] = "";
    FILE *file = fopen(path, "r");

    if (!file || !fgets(text, sizeof(text), file))
        snprintf(text, sizeof(text), "%s\n", strerror(errno));
    printf("%s: %s", what, text);
    if (file)
        fclose(file);
}

static void ask(const char *what, long answer)
{
    printf("%s: %s\n", what, answer < 0 ? strerror(errno) : "good");
}

int main(int argc, char **argv)
{
    struct statx st;

    if (argc > 1)
        prefix = argv[1];
    printf("gw-fun %s\n", VERSION);
    show("data", in_data("data"));
    show("through an absolute link", in_data("link"));
    ask("access", access(in_data("data"), R_OK));
    ask("faccessat", syscall(SYS_faccessat, AT_FDCWD, in_data("data"), R_OK));
    ask("faccessat2", syscall(SYS_faccessat2, AT_FDCWD, in_data("data"), R_OK,
                              0));
    ask("what is not there", faccessat(AT_FDCWD, in_data("none"), F_OK, 0));
    ask("statx", statx(AT_FDCWD, in_data("data"), 0, STATX_SIZE, &st));
    printf("size: %llu\n", (unsigned long long)st.stx_size);
    ask("chdir", chdir(in_data("")));
    show("from there", "data");
    /* Irrlicht lists files by the name that this gives. */
    ask("getcwd", getcwd(name, sizeof(name)) ? 0 : -1);
    printf("folder: %s\n", name + strlen(prefix));
    ask("chdir to /", chdir("/"));
    printf("folder: %s\n", getcwd(name, sizeof(name)));
    ask("chdir to nothing", chdir(in_data("none")));
    return 7;
}
