/* SPDX-License-Identifier: MIT */
/*
 * Guest program that starts programs and opens libraries in every way.
 * Catches: a start that leaves Gangway or loses its environment; a path to a
 * replaced library that gets past the interception.
 *
 * usage: starts report [WORDS]     say what was given and whose libGL this is
 *        starts exec|bare|at|spawn|system|fork PROGRAM [WORDS]
 *        starts open|openat|openat2|dlopen FILE
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Refers to libGL, so that the loader loads it; not in the plain variant. */
#ifndef STARTS_PLAIN
int glXQueryExtension(void *display, int *error, int *event);
static int (*volatile gl)(void *, int *, int *) = glXQueryExtension;
#endif

static int ended(int status)
{
    printf("status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}

/* Does one of our mapped files lie in a folder of guest thunk libraries? */
static const char *whose_gl(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    const char *answer = "real";
    char line[4096];

    while (maps && fgets(line, sizeof(line), maps)) {
        if (strstr(line, "/gangway/guest/")) {
            answer = "thunk";
        }
    }
    if (maps) {
        fclose(maps);
    }
    return answer;
}

static int report(int argc, char **argv)
{
    const char *kept = getenv("STARTS_KEPT"), *set = getenv("STARTS_SET");

#ifndef STARTS_PLAIN
    (void)gl;
#endif
    for (int i = 0; i < argc; i++) {
        printf("[%s]", i ? argv[i] : strrchr(argv[i], '/')
               ? strrchr(argv[i], '/') + 1 : argv[i]);
    }
    printf(" kept %s, set %s, libGL %s\n", kept ? kept : "nothing",
           set ? set : "nothing", whose_gl());
    return 7;
}

static int spawn(char **argv)
{
    pid_t pid;
    int status;

    if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) != 0) {
        perror("posix_spawn");
        return 1;
    }
    waitpid(pid, &status, 0);
    return ended(status);
}

/* vfork()s by way of system(), too. */
static int by_shell(int argc, char **argv)
{
    char line[4096] = "exec";

    for (int i = 0; i < argc; i++) {
        strcat(strcat(strcat(line, " '"), argv[i]), "'");
    }
    return ended(system(line));
}

/* A child that only computes, as a crash handler or a saving game has it. */
static int compute(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        unsigned sum = 0;
        for (unsigned i = 0; i < 1000000; i++) {
            sum = sum * 31 + i;
        }
        _exit(sum % 100);
    }
    waitpid(pid, &status, 0);
    return ended(status);
}

static int start(const char *how, int argc, char **argv)
{
    char *bare[] = { "STARTS_SET=bare", NULL };

    setenv("STARTS_SET", how, 1);
    if (!strcmp(how, "exec")) {
        execv(argv[0], argv);
    } else if (!strcmp(how, "bare")) {
        execve(argv[0], argv, bare);
    } else if (!strcmp(how, "at")) {
        syscall(SYS_execveat, AT_FDCWD, argv[0], argv, environ, 0);
    } else if (!strcmp(how, "spawn")) {
        return spawn(argv);
    } else if (!strcmp(how, "system")) {
        return by_shell(argc, argv);
    } else {
        return compute();
    }
    perror(how);
    return 1;
}

static int open_as(const char *how, const char *path)
{
    struct open_how options = { .flags = O_RDONLY };

    if (!strcmp(how, "openat2")) {
        return syscall(SYS_openat2, AT_FDCWD, path, &options,
                       sizeof(options));
    }
#ifdef SYS_open
    if (!strcmp(how, "open")) {
        return syscall(SYS_open, path, O_RDONLY);
    }
#endif
    return openat(AT_FDCWD, path, O_RDONLY);
}

/* What was opened: a thunk library has its runtime's words in it. */
static int show(int fd)
{
    static char text[8 << 20];
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof(text));

    printf("%s\n", fd < 0 ? "nothing"
           : memmem(text, size, "gangway: ", 9) ? "thunk" : "real");
    return 0;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc < 2) {
        return 2;
    }
    if (!strcmp(argv[1], "report")) {
        return report(argc, argv);
    }
    if (argc > 2 && !strncmp(argv[1], "open", 4)) {
        return show(open_as(argv[1], argv[2]));
    }
    if (argc > 2 && !strcmp(argv[1], "dlopen")) {
        void *handle = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
        printf("%s, libGL %s\n", handle ? "loaded" : "not loaded",
               whose_gl());
        return 0;
    }
    return start(argv[1], argc - 2, argv + 2);
}
