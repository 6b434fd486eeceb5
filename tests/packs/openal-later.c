/* SPDX-License-Identifier: MIT */
/*
 * A host's libopenal.so.1 of a later version, as far as openal-later-test.c
 * goes: callbacks that Debian's has not, on threads of its own.  Some functions
 * are exported, others are only found by name.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* Runs on a thread that the program does not know, and waits for it. */
static void on_a_thread(void *(*run)(void *), void *data)
{
    pthread_t thread;

    pthread_create(&thread, NULL, run, data);
    pthread_join(thread, NULL);
}

/* --- AL_SOFT_callback_buffer --- */

typedef int (*buffer_proc)(void *, void *, int);
static struct {
    buffer_proc proc;
    void *data;
    int sum;
} buffer;

static void alBufferCallbackSOFT(unsigned id, int format, int rate,
                                 buffer_proc proc, void *data)
{
    buffer.proc = proc;
    buffer.data = data;
    buffer.sum = (int)id + format + rate;
}

static void *mix(void *unused)
{
    unsigned char samples[96];

    for (int i = 0; i < 100; i++) {
        int size = buffer.proc(buffer.data, samples, sizeof(samples) - i % 3);
        for (int k = 0; k < size; k++) {
            buffer.sum += samples[k];
        }
    }
    return unused;
}

static void alSourcePlay(unsigned id)
{
    (void)id;
    on_a_thread(mix, NULL);
}

static int alGetInteger(int name)
{
    return name == 1 ? buffer.sum : -1;
}

static void alGetBufferPtrSOFT(unsigned id, int name, void **value)
{
    (void)id;
    *value = name == 0x19A0 ? (void *)buffer.proc : buffer.data;
}

static void alGetBufferPtrvSOFT(unsigned id, int name, void **values)
{
    alGetBufferPtrSOFT(id, name, values);
}

/* --- AL_EXT_debug --- */

typedef void (*debug_proc)(int, int, unsigned, int, int, const char *, void *);
static debug_proc debug;
static void *debug_data;

EXPORT void alDebugMessageCallbackEXT(debug_proc proc, void *data)
{
    debug = proc;
    debug_data = data;
}

EXPORT void alDebugMessageInsertEXT(int source, int type, unsigned id,
                                    int severity, int length,
                                    const char *message)
{
    debug(source, type, id, severity, length, message, debug_data);
}

EXPORT void *alGetPointerEXT(int name)
{
    return name == 0x19B3 ? (void *)debug : debug_data;
}

EXPORT void alGetPointervEXT(int name, void **values)
{
    *values = alGetPointerEXT(name);
}

/* --- ALC_SOFT_system_events, the log, AL_EXT_FOLDBACK --- */

typedef void (*event_proc)(int, int, void *, int, const char *, void *);
static event_proc event;
static void *event_data;

static void alcEventCallbackSOFT(event_proc proc, void *data)
{
    event = proc;
    event_data = data;
}

static void *send_event(void *unused)
{
    event(0x19D6, 0x19D4, NULL, 9, "unplugged", event_data);
    return unused;
}

static char alcEventControlSOFT(int count, const int *types, char enable)
{
    (void)count, (void)types;
    on_a_thread(send_event, NULL);
    return enable;
}

static void alsoft_set_log_callback(
    void (*proc)(void *, char, const char *, int), void *data)
{
    proc(data, 'W', "a warning", 9);
}

static void (*foldback)(int, int);

static void *fold(void *unused)
{
    foldback(0x4111, 0);
    foldback(0x4112, 1);
    return unused;
}

static void alRequestFoldbackStart(int mode, int count, int length,
                                   float *memory, void (*proc)(int, int))
{
    memory[0] = (float)(mode + count + length);
    foldback = proc;
    on_a_thread(fold, NULL);
}

static void alRequestFoldbackStop(void)
{
    foldback(0x4113, 0);
}

/* No table of Gangway's has it. */
static void alNewestSOFT(void)
{
}

EXPORT void *alcGetProcAddress(void *device, const char *name);
void *alcGetProcAddress(void *device, const char *name)
{
#define HAS(function) { #function, (void *)function }
    static const struct { const char *name; void *function; } all[] = {
        HAS(alBufferCallbackSOFT), HAS(alSourcePlay), HAS(alGetInteger),
        HAS(alGetBufferPtrSOFT), HAS(alGetBufferPtrvSOFT),
        HAS(alDebugMessageCallbackEXT), HAS(alDebugMessageInsertEXT),
        HAS(alGetPointerEXT), HAS(alGetPointervEXT),
        HAS(alcEventCallbackSOFT), HAS(alcEventControlSOFT),
        HAS(alsoft_set_log_callback), HAS(alRequestFoldbackStart),
        HAS(alRequestFoldbackStop), HAS(alNewestSOFT),
    };

    (void)device;
    for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (!strcmp(all[i].name, name)) {
            return all[i].function;
        }
    }
    return NULL;
}
