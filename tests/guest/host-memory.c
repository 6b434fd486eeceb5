/* SPDX-License-Identifier: MIT */
/*
 * System calls on memory of the host's: a driver's strings, mapped buffers.
 *
 * Would catch: EFAULT for them (QEMU asks its table of guest pages first), in
 * any of the calls that take a buffer, a vector or a path; data that goes
 * elsewhere; a mapping that is mapped again and no longer accepted; a struct
 * in there that is laid out as the host's (epoll_event is packed on x86).
 */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SIZE 300000

static const unsigned char *source; /* this program's file */
static size_t source_size;

static void say(const char *what, long result)
{
    printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
           result < 0 ? strerror(errno) : "");
    fflush(stdout);
}

static void strings(void)
{
    const char *text = (const char *)glGetString(GL_EXTENSIONS);
    struct iovec vector[] = { { (void *)"[", 1 }, { (void *)text, 20 },
                              { (void *)"]\n", 2 } };
    struct msghdr message = { .msg_iov = vector, .msg_iovlen = 3 };
    char back[100];
    int pair[2];

    say("write", write(1, text, 30));
    say("writev", writev(1, vector, 3));
    /* Large enough that stdio writes it directly. */
    setvbuf(stdout, NULL, _IOFBF, 512);
    say("fwrite", fwrite(text, 1, strlen(text), stdout) == strlen(text));
    say("open", open(text, O_RDONLY));
    say("access", access(text, R_OK));
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        die("socketpair");
    say("send", send(pair[0], text, 40, 0));
    say("recv", recv(pair[1], back, sizeof(back), 0));
    say("same", !memcmp(text, back, 40));
    say("sendmsg", sendmsg(pair[0], &message, 0));
    say("recv", recv(pair[1], back, sizeof(back), 0));
    say("same", !memcmp(text, back + 1, 20));
    close(pair[0]);
    close(pair[1]);
}

static void check(const char *what, const void *mapped, size_t size)
{
    say(what, !memcmp(mapped, source, size));
    memset((void *)mapped, 0, size);
}

static void events(char *map)
{
    struct epoll_event *event = (struct epoll_event *)(map + 12288);
    int set = epoll_create1(0), ends[2];

    event[0] = (struct epoll_event){ EPOLLIN, { .u64 = 0x1122334455667788 } };
    event[1] = (struct epoll_event){ EPOLLIN, { .u64 = 0x99aabbccddeeff00 } };
    if (pipe(ends) || write(ends[1], "x", 1) != 1)
        die("pipe");
    say("epoll_ctl", epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event[1]));
    say("epoll_wait", epoll_wait(set, event, 2, 0));
    say("events", event[0].events);
    say("data", event[0].data.u64 == 0x99aabbccddeeff00);
    say("the next one", event[1].data.u64 == 0x99aabbccddeeff00);
    close(set);
    close(ends[0]);
    close(ends[1]);
}

static void mapped_buffer(char *map, const char *program, const char *copy)
{
    struct iovec vector[] = { { map, 1000 }, { map + 50000, 2000 } };
    struct stat status;
    int in = open(program, O_RDONLY), out, pair[2];
    FILE *file;

    say("read", read(in, map, 5000));
    check("same", map, 5000);
    say("pread", pread(in, map, SIZE, 0) == (long)source_size ||
        source_size > SIZE);
    check("same", map, source_size < SIZE ? source_size : SIZE);
    lseek(in, 0, SEEK_SET);
    say("readv", readv(in, vector, 2));
    say("same", !memcmp(map + 50000, source + 1000, 2000));
    file = fdopen(in, "rb");
    rewind(file);
    say("fread", fread(map, 1, 9000, file));
    out = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
    say("write", write(out, map, 9000));
    say("pwrite", pwrite(out, map + 10, 4000, 10));
    say("pread", pread(out, map + 20000, 9000, 0));
    check("same", map + 20000, 9000);
    close(out);
    fclose(file);
    file = fopen(copy, "wb");
    say("fwrite", fwrite(map, 1, 9000, file));
    fclose(file);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        die("socketpair");
    say("send", send(pair[0], map, 3000, 0));
    say("recv", recv(pair[1], map + 70000, 3000, MSG_WAITALL));
    check("same", map + 70000, 3000);
    /* Paths, and calls that no list of buffers has. */
    strcpy(map + 1000, copy);
    say("open", (out = open(map + 1000, O_RDONLY)) >= 0);
    close(out);
    say("stat", stat(map + 1000, &status));
    say("stat into it", stat(copy, (struct stat *)(map + 4096)));
    say("size", (long)((struct stat *)(map + 4096))->st_size);
    say("unlink", unlink(map + 1000));
    say("pipe", pipe((int *)(map + 8192)));
    say("getcwd", getcwd(map + 100, 4000) != NULL);
    events(map);
    memset(map, 0, SIZE);
    printf("zeroed: %d\n", map[0] + map[SIZE - 1]);
}

/* Names of files that the driver has written, in memory of its own. */
static void paths(char *map)
{
    struct stat status = { 0 };
    struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
    char *other = map + 2000, target[100] = "";

    strcpy(map, "host-memory-path");
    strcpy(other, "host-memory-other");
    say("openat", close(open(map, O_WRONLY | O_CREAT | O_TRUNC, 0600)));
    say("truncate", truncate(map, 12345));
    say("fstatat", fstatat(AT_FDCWD, map, &status, 0));
    say("size", (long)status.st_size);
    say("chmod", chmod(map, 0640));
    say("utimensat", utimensat(AT_FDCWD, map, times, 0));
    say("lstat", lstat(map, &status));
    say("mode", status.st_mode);
    say("time", (long)status.st_mtime);
    say("link", link(map, other));
    say("unlink", unlink(other));
    say("symlink", symlink(map, other));
    say("readlink", readlink(other, target, sizeof(target)));
    say("same", !strcmp(target, map));
    say("unlink", unlink(other) + unlink(map));
    say("stat nothing", stat(map, &status));
    strcpy(map, "host-memory-folder");
    say("mkdir", mkdir(map, 0700));
    say("rmdir", rmdir(map));
}

/*
 * Memory that was mapped and is not any more: the driver's still (then it is
 * read as before) or nobody's (EFAULT, as natively).  Its page is not to be
 * taken for the guest's; a mapping of the guest's own in its place is.
 */
static void unmapped(const char *copy)
{
    /* More than malloc() ever takes from its heap. */
    const size_t size = 40 << 20;
    GLuint buffer[2];
    char *map[2];
    int out = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0600);

    glGenBuffers(2, buffer);
    for (int i = 0; i < 2; i++) {
        glBindBuffer(GL_ARRAY_BUFFER, buffer[i]);
        glBufferData(GL_ARRAY_BUFFER, size, NULL, GL_STATIC_DRAW);
        map[i] = glMapBuffer(GL_ARRAY_BUFFER, GL_READ_WRITE);
        memset(map[i], i + 1, size);
        say("write", write(out, map[i], 5000));
    }
    glBindBuffer(GL_ARRAY_BUFFER, buffer[0]);
    say("unmap", glUnmapBuffer(GL_ARRAY_BUFFER));
    /* The other one is mapped still: a call that only QEMU can make. */
    say("stat into it", stat(copy, (struct stat *)(map[1] + 4096)));
    /* Deleting unmaps; memory of this size goes back to the system. */
    glDeleteBuffers(2, buffer);
    glFinish();
    for (int i = 0; i < 2; i++) {
        say("stat into nothing", stat(copy, (struct stat *)(map[i] + 4096)));
        say("write nothing", write(out, map[i] + 4096, 1000));
        say("open nothing", open(map[i] + 4096, O_RDONLY));
    }
    close(out);
}

static void read_source(const char *program)
{
    FILE *file = fopen(program, "rb");
    unsigned char *data = malloc(SIZE);

    if (!file || !data)
        die("cannot read %s", program);
    source_size = fread(data, 1, SIZE, file);
    source = data;
    fclose(file);
}

int main(int argc, char **argv)
{
    static const GLbitfield persistent =
        GL_MAP_READ_BIT | GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT;
    Display *display = open_display();
    struct window w;
    GLuint buffer[2];
    GLXContext context;
    char *map;
    int out;

    if (argc < 2)
        die("usage: %s FILE", argv[0]);
    read_source(argv[0]);
    open_window(&w, display, 64, 64);
    context = glXCreateNewContext(display, w.config, GLX_RGBA_TYPE, NULL,
                                  True);
    glXMakeCurrent(display, w.window, context);
    strings();
    glGenBuffers(2, buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer[0]);
    glBufferData(GL_ARRAY_BUFFER, SIZE, NULL, GL_STATIC_DRAW);
    for (int i = 0; i < 2; i++) {
        map = glMapBuffer(GL_ARRAY_BUFFER, GL_READ_WRITE);
        mapped_buffer(map, argv[0], argv[1]);
        say("unmap", glUnmapBuffer(GL_ARRAY_BUFFER));
    }
    map = glMapBufferRange(GL_ARRAY_BUFFER, 0, SIZE,
                           GL_MAP_READ_BIT | GL_MAP_WRITE_BIT);
    mapped_buffer(map, argv[0], argv[1]);
    glUnmapBuffer(GL_ARRAY_BUFFER);
    glBindBuffer(GL_ARRAY_BUFFER, buffer[1]);
    glBufferStorage(GL_ARRAY_BUFFER, SIZE, NULL, persistent);
    map = glMapBufferRange(GL_ARRAY_BUFFER, 0, SIZE, persistent);
    mapped_buffer(map, argv[0], argv[1]);
    out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < SIZE; i++)
        map[i] = i / 1000;
    say("write all", write(out, map, SIZE));
    close(out);
    paths(map);
    glDeleteBuffers(2, buffer);
    unmapped(argv[1]);
    expect_no_error("buffers");
    glXMakeCurrent(display, None, NULL);
    glXDestroyContext(display, context);
    close_window(&w);
    return 0;
}
