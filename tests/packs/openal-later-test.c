/* SPDX-License-Identifier: MIT */
/*
 * Callbacks of later versions of OpenAL Soft, with the library that
 * openal-later.c is: on the library's own threads and on the caller's, and the
 * program's functions when it asks for them.
 *
 *   openal-later-test          all of it
 *   openal-later-test newest   is there a function that no table has?
 */
#include <AL/al.h>
#include <AL/alc.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef ALsizei (*buffer_proc)(void *, void *, ALsizei);
typedef void (*debug_proc)(ALenum, ALenum, ALuint, ALenum, ALsizei,
                           const ALchar *, void *);
typedef void (*event_proc)(ALCenum, ALCenum, ALCdevice *, ALCsizei,
                           const ALCchar *, void *);
typedef void (*log_proc)(void *, char, const char *, int);
typedef void (*foldback_proc)(ALenum, ALsizei);

#define FIND(result, name, ...)                                               \
    result (*name)(__VA_ARGS__) =                                             \
        (result (*)(__VA_ARGS__))alcGetProcAddress(NULL, #name)

static pthread_t caller;
static __thread int calls;
static int token;

static const char *where(void)
{
    calls++;
    return pthread_equal(pthread_self(), caller) ? "here" : "elsewhere";
}

static ALsizei samples(void *data, void *to, ALsizei size)
{
    if (++*(int *)data % 50 == 1) {
        printf("%d bytes %s", size, where());
        printf(", call %d here, %p\n", calls,
               alcGetProcAddress(NULL, "alNothing"));
    }
    memset(to, size, size);
    return size - 1;
}

static void message(ALenum source, ALenum type, ALuint id, ALenum severity,
                    ALsizei length, const ALchar *text, void *data)
{
    printf("%d %d %u %d %d %s %d %s\n", source, type, id, severity, length,
           text, data == &token, where());
}

static void event(ALCenum type, ALCenum kind, ALCdevice *device,
                  ALCsizei length, const ALCchar *text, void *data)
{
    printf("%#x %#x %p %d %s %d %s\n", type, kind, (void *)device, length,
           text, data == &token, where());
}

static void logged(void *data, char level, const char *text, int length)
{
    printf("%d %c %s %d %s\n", data == &token, level, text, length, where());
}

static void foldback(ALenum type, ALsizei block)
{
    printf("%#x %d %s\n", type, block, where());
}

static void buffer(void)
{
    FIND(void, alBufferCallbackSOFT, ALuint, ALenum, ALsizei, buffer_proc,
         void *);
    FIND(void, alSourcePlay, ALuint);
    FIND(ALint, alGetInteger, ALenum);
    FIND(void, alGetBufferPtrSOFT, ALuint, ALenum, void **);
    FIND(void, alGetBufferPtrvSOFT, ALuint, ALenum, void **);
    void *proc, *data;
    int count = 0;

    alBufferCallbackSOFT(3, 0x1101, 44100, samples, &count);
    alSourcePlay(1);
    printf("%d calls, sum %d\n", count, alGetInteger(1));
    alGetBufferPtrSOFT(3, 0x19A0, &proc);
    alGetBufferPtrSOFT(3, 0x19A1, &data);
    printf("%d %d", proc == (void *)samples, data == &count);
    alGetBufferPtrvSOFT(3, 0x19A0, &proc);
    printf(" %d\n", proc == (void *)samples);
}

static void debug(void)
{
    FIND(void, alDebugMessageCallbackEXT, debug_proc, void *);
    FIND(void, alDebugMessageInsertEXT, ALenum, ALenum, ALuint, ALenum,
         ALsizei, const ALchar *);
    FIND(void *, alGetPointerEXT, ALenum);
    FIND(void, alGetPointervEXT, ALenum, void **);
    void *proc;

    alDebugMessageCallbackEXT(message, &token);
    alDebugMessageInsertEXT(1, 2, 3, 4, 5, "hello");
    printf("%d", alGetPointerEXT(0x19B3) == (void *)message);
    alGetPointervEXT(0x19B3, &proc);
    printf(" %d %d\n", proc == (void *)message,
           alGetPointerEXT(0x19B4) == &token);
}

static void others(void)
{
    FIND(void, alcEventCallbackSOFT, event_proc, void *);
    FIND(ALCboolean, alcEventControlSOFT, ALCsizei, const ALCenum *,
         ALCboolean);
    FIND(void, alsoft_set_log_callback, log_proc, void *);
    FIND(void, alRequestFoldbackStart, ALenum, ALsizei, ALsizei, ALfloat *,
         foldback_proc);
    FIND(void, alRequestFoldbackStop, void);
    ALfloat memory = 0;

    alcEventCallbackSOFT(event, &token);
    printf("%d\n", alcEventControlSOFT(0, NULL, ALC_TRUE));
    alsoft_set_log_callback(logged, &token);
    alRequestFoldbackStart(1, 2, 3, &memory, foldback);
    printf("%g\n", (double)memory);
    alRequestFoldbackStop();
}

int main(int argc, char **argv)
{
    (void)argv;
    caller = pthread_self();
    if (argc > 1) {
        puts(alcGetProcAddress(NULL, "alNewestSOFT") ? "there" : "none");
        return 0;
    }
    buffer();
    debug();
    others();
    return 0;
}
