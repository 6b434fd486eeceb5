/* SPDX-License-Identifier: MIT */
/*
 * All of zlib that is special under Gangway: allocators (its own, the
 * program's, one that leaves by longjmp), copies of streams, inflateBack(),
 * files with their macros and printing, strings and tables.  What it prints
 * must be the same natively.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SIZE 200000

/* Programs of two compilers are compared, so no statement makes two calls of
 * which one changes what the other returns. */
static unsigned char text[SIZE], packed[SIZE + 1000], back[SIZE];
static int allocated, freed;

static void fill(void)
{
    unsigned x = 1;

    for (int i = 0; i < SIZE; i++) {
        x = x * 1103515245 + 12345;
        text[i] = i % 7 ? (unsigned char)"compressible "[i % 13] : x >> 28;
    }
}

static void *my_alloc(void *opaque, unsigned items, unsigned size)
{
    ++*(int *)opaque;
    return calloc(items, size);
}

static void my_free(void *opaque, void *address)
{
    (void)opaque;
    freed++;
    free(address);
}

static void show(const char *what, const z_stream *z, int result)
{
    printf("%s: %d, in %lu out %lu adler %08lx msg %s type %d\n", what,
           result, z->total_in, z->total_out, z->adler,
           z->msg ? z->msg : "none", z->data_type);
}

static void with_allocator(bool mine)
{
    z_stream d = { 0 }, i = { 0 };
    int result;

    allocated = freed = 0;
    if (mine) {
        d.zalloc = i.zalloc = my_alloc;
        d.zfree = i.zfree = my_free;
        d.opaque = i.opaque = &allocated;
    }
    show("init", &d, deflateInit2(&d, 6, Z_DEFLATED, 31, 8,
                                  Z_DEFAULT_STRATEGY));
    d.next_in = text;
    d.avail_in = SIZE;
    d.next_out = packed;
    d.avail_out = sizeof(packed);
    show("deflate", &d, deflate(&d, Z_FINISH));
    if (mine) {
        printf("still the program's: %d\n", d.zalloc == my_alloc &&
               d.zfree == my_free && d.opaque == &allocated);
    } else {
        /* What zlib filled in can be called. */
        void *memory = d.zalloc(d.opaque, 10, 10);
        memset(memory, 1, 100);
        d.zfree(d.opaque, memory);
    }
    i.next_in = packed;
    i.avail_in = d.total_out;
    show("init", &i, inflateInit2(&i, 31));
    i.next_out = back;
    i.avail_out = SIZE;
    result = inflate(&i, Z_FINISH);
    show("inflate", &i, result);
    printf("equal: %d\n", !memcmp(text, back, SIZE));
    printf("ends: %d %d\n", deflateEnd(&d), inflateEnd(&i));
    printf("allocated %d freed %d\n", allocated, freed);
}

static void copies(void)
{
    z_stream a = { 0 }, b, i = { 0 }, j;
    static unsigned char other[SIZE + 1000];

    allocated = freed = 0;
    a.zalloc = i.zalloc = my_alloc;
    a.zfree = i.zfree = my_free;
    a.opaque = i.opaque = &allocated;
    deflateInit(&a, 9);
    a.next_in = text;
    a.avail_in = SIZE / 2;
    a.next_out = packed;
    a.avail_out = sizeof(packed);
    show("half", &a, deflate(&a, Z_SYNC_FLUSH));
    printf("copy: %d\n", deflateCopy(&b, &a));
    b.next_out = other + (b.next_out - packed);
    memcpy(other, packed, b.next_out - other);
    a.avail_in = b.avail_in = SIZE / 2;
    show("one", &a, deflate(&a, Z_FINISH));
    show("other", &b, deflate(&b, Z_FINISH));
    printf("equal: %d, the copy's allocator %d\n",
           !memcmp(packed, other, a.total_out), b.zalloc == my_alloc);
    i.next_in = packed;
    i.avail_in = a.total_out;
    inflateInit(&i);
    i.next_out = back;
    i.avail_out = 1000;
    show("some", &i, inflate(&i, Z_NO_FLUSH));
    printf("copy: %d\n", inflateCopy(&j, &i));
    j.avail_out = i.avail_out = SIZE - 1000;
    show("copy's rest", &j, inflate(&j, Z_FINISH));
    printf("equal: %d\n", !memcmp(text, back, SIZE));
    printf("ends: %d %d %d %d\n", deflateEnd(&a), deflateEnd(&b),
           inflateEnd(&i), inflateEnd(&j));
    printf("allocated %d freed %d\n", allocated, freed);
    printf("bad copies: %d %d\n", deflateCopy(&a, NULL),
           inflateCopy(NULL, &i));
}

static jmp_buf escape;

static void *leaving_alloc(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    (void)items;
    (void)size;
    longjmp(escape, 1);
}

static void *failing_alloc(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    (void)items;
    (void)size;
    return NULL;
}

static void bad_allocators(void)
{
    static z_stream z;

    z.zalloc = failing_alloc;
    z.zfree = my_free;
    show("no memory", &z, deflateInit(&z, 6));
    for (volatile int n = 0; n < 1000; n++) {
        z.zalloc = leaving_alloc;
        if (!setjmp(escape)) {
            printf("never: %d\n", inflateInit(&z));
        }
    }
    z.zalloc = my_alloc;
    z.opaque = &allocated;
    printf("after longjmp: %d\n", inflateInit(&z));
    printf("end: %d\n", inflateEnd(&z));
    printf("no stream: %d %d %d\n", deflateEnd(NULL), inflate(NULL, 0),
           deflateInit(NULL, 6));
    printf("wrong size: %d\n", deflateInit_(&z, 6, ZLIB_VERSION, 5));
    printf("wrong version: %d\n", deflateInit_(&z, 6, "0", sizeof(z)));
}

struct feed {
    const unsigned char *data;
    unsigned left, calls, got;
};

static unsigned feed_in(void *arg, z_const unsigned char **data)
{
    struct feed *feed = arg;
    unsigned n = feed->left < 1000 ? feed->left : 1000;

    *data = (z_const unsigned char *)feed->data;
    feed->data += n;
    feed->left -= n;
    feed->calls++;
    return n;
}

static int feed_out(void *arg, unsigned char *data, unsigned n)
{
    struct feed *feed = arg;

    feed->calls++;
    memcpy(back + feed->got, data, n);
    feed->got += n;
    /* The library, from within. */
    return zError(Z_OK) == NULL;
}

static int stop_out(void *arg, unsigned char *data, unsigned n)
{
    (void)arg;
    (void)data;
    return n > 0;
}

static void back_functions(void)
{
    static unsigned char window[32768];
    z_stream z = { 0 }, d = { 0 };
    struct feed in = { packed, 0, 0, 0 }, out = { 0 };

    deflateInit2(&d, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    d.next_in = text;
    d.avail_in = SIZE;
    d.next_out = packed;
    d.avail_out = sizeof(packed);
    deflate(&d, Z_FINISH);
    in.left = d.total_out;
    deflateEnd(&d);
    memset(back, 0, sizeof(back));
    printf("init: %d\n", inflateBackInit(&z, 15, window));
    printf("back: %d", inflateBack(&z, feed_in, &in, feed_out, &out));
    printf(", %u in %u out %u bytes equal %d\n", in.calls, out.calls, out.got,
           !memcmp(text, back, SIZE));
    in = (struct feed){ packed, 5000, 0, 0 };
    printf("stopped: %d\n", inflateBack(&z, feed_in, &in, stop_out, &out));
    printf("end: %d\n", inflateBackEnd(&z));
}

__attribute__((format(printf, 2, 3)))
static int print(gzFile file, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = gzvprintf(file, format, args);
    va_end(args);
    return n;
}

static void file_errors(void)
{
    gzFile file;
    int number = 0;

    errno = 0;
    printf("no file: %d", gzopen("/nonexistent/file.gz", "r") == NULL);
    printf(" errno %d\n", errno);
    errno = 0;
    file = gzopen("/", "w");
    printf("a folder: %d errno %d\n", file == NULL, errno);
    file = gzdopen(open("/dev/full", O_WRONLY), "w");
    gzputs(file, "x");
    errno = 0;
    printf("flush to a full device: %d", gzflush(file, Z_FINISH));
    printf(" errno %d\n", errno);
    /* What follows the file's name, which is a number here. */
    printf("error%s", strchr(gzerror(file, &number), ' '));
    printf(" %d\n", number);
    printf("close: %d\n", gzclose(file));
}

static void files(const char *path)
{
    gzFile file = gzopen(path, "wb9");
    char line[300];
    static char big[9000];
    int n;

    memset(big, 'b', sizeof(big) - 1);
    n = gzprintf(file, "%s %d %5.2f %c %ld %p\n", "text", -7, 2.5, 'x',
                 1L << 40, (void *)0x1234);
    printf("printed %d\n", n);
    printf("printed %d\n", print(file, "%08x|%-6s|%*d\n", 0xbeef, "ab", 5,
                                 42));
    printf("too long: %d\n", gzprintf(file, "%s", big));
    printf("written %d", gzwrite(file, text, 5000));
    printf(" %d", gzputs(file, "line\n"));
    printf(" %d", gzputc(file, 'c'));
    printf(" %lu\n", (unsigned long)gzfwrite(text, 100, 3, file));
    printf("at %ld\n", (long)gztell(file));
    printf("parameters %d\n", gzsetparams(file, 1, Z_FILTERED));
    gzwrite(file, text, SIZE);
    printf("close %d\n", gzclose(file));

    file = gzdopen(open(path, O_RDONLY), "rb");
    printf("buffer %d", gzbuffer(file, 65536));
    printf(" direct %d\n", gzdirect(file));
    for (int i = 0; i < 2; i++) {
        printf("line %s", gzgets(file, line, sizeof(line)));
    }
    for (int i = 0; i < 5; i++) {
        printf("%02x ", gzgetc(file)); /* the macro reads the struct */
    }
    printf("ungot %d", gzungetc('q', file));
    printf(" got %d\n", gzgetc(file));
    printf("seek %ld\n", (long)gzseek(file, 1000, SEEK_CUR));
    printf("read %d", gzread(file, back, SIZE));
    printf(" at %ld eof %d\n", (long)gztell(file), gzeof(file));
    printf("crc %08lx\n", crc32(0, back, SIZE));
    while ((n = gzread(file, back, SIZE)) > 0) {
        printf("rest %d\n", n);
    }
    printf("eof %d offset %ld\n", gzeof(file), (long)gzoffset(file));
    printf("rewind %d", gzrewind(file));
    printf(" first %c\n", gzgetc(file));
    gzclearerr(file);
    printf("close %d\n", gzclose_r(file));
}

static void strings(void)
{
    const z_crc_t *table = get_crc_table();
    uLong one = crc32(0, text, 1000), two = crc32(0, text + 1000, 500);

    printf("version %s\n", zlibVersion());
    for (int i = -6; i <= 2; i++) {
        printf("error %d: %s\n", i, zError(i));
    }
    printf("table %08lx %08lx\n", (unsigned long)table[1],
           (unsigned long)table[255]);
    printf("combined %d\n", crc32_combine(one, two, 500) ==
           crc32(0, text, 1500));
    printf("bounds %lu %lu\n", compressBound(SIZE),
           deflateBound(NULL, SIZE));
    printf("adler %08lx\n", adler32(1, text, SIZE));
}

static void one_shot(void)
{
    uLong n = sizeof(packed), m = SIZE, small = 10;

    printf("compress %d", compress2(packed, &n, text, SIZE, 9));
    printf(" %lu\n", n);
    printf("uncompress %d", uncompress(back, &m, packed, n));
    printf(" %lu %d\n", m, !memcmp(text, back, SIZE));
    printf("no room %d\n", uncompress(back, &small, packed, n));
    packed[n / 2] ^= 0xff;
    m = SIZE;
    printf("broken %d\n", uncompress(back, &m, packed, n));
}

static void headers(void)
{
    z_stream d = { 0 }, i = { 0 };
    unsigned char extra[] = "extra", name[] = "name", comment[] = "note";
    unsigned char got[3][20] = { "" };
    gz_header out = { .text = 1, .time = 12345, .os = 3, .extra = extra,
                      .extra_len = 5, .name = name, .comment = comment };
    gz_header in = { .extra = got[0], .extra_max = 20, .name = got[1],
                     .name_max = 20, .comment = got[2], .comm_max = 20 };

    deflateInit2(&d, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    printf("set %d", deflateSetHeader(&d, &out));
    d.next_in = text;
    d.avail_in = 100;
    d.next_out = packed;
    d.avail_out = sizeof(packed);
    printf(" %d\n", deflate(&d, Z_FINISH));
    inflateInit2(&i, 31);
    printf("get %d", inflateGetHeader(&i, &in));
    i.next_in = packed;
    i.avail_in = d.total_out;
    i.next_out = back;
    i.avail_out = SIZE;
    printf(" %d\n", inflate(&i, Z_FINISH));
    printf("%lu %s %s %s done %d\n", in.time, got[0], got[1], got[2],
           in.done);
    deflateEnd(&d);
    inflateEnd(&i);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE-TO-WRITE\n", argv[0]);
        return 2;
    }
    fill();
    strings();
    with_allocator(false);
    with_allocator(true);
    copies();
    bad_allocators();
    back_functions();
    one_shot();
    headers();
    files(argv[1]);
    file_errors();
    return 0;
}
