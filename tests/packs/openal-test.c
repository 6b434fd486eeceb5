/* SPDX-License-Identifier: MIT */
/*
 * All of OpenAL that can be compared: what is found by name, every property of
 * every object with wrong names and values, sound rendered through loopback
 * devices, events on the library's thread and on the caller's, contexts of
 * threads.  What it prints must be the same natively.
 *
 *   openal-test                     all of this
 *   openal-test play [NAME=VALUE]   a tone on the default device, with these
 *                                   environment variables set before
 */
#define AL_ALEXT_PROTOTYPES
#include <AL/al.h>
#include <AL/alc.h>
#include <AL/alext.h>
#include <AL/efx.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The library has these without a header. */
#define AL_EVENT_CALLBACK_FUNCTION_SOFT 0x1220
#define AL_EVENT_CALLBACK_USER_PARAM_SOFT 0x1221
#define AL_EVENT_TYPE_BUFFER_COMPLETED_SOFT 0x1222
#define AL_EVENT_TYPE_SOURCE_STATE_CHANGED_SOFT 0x1223
#define AL_EVENT_TYPE_ERROR_SOFT 0x1224
#define AL_EVENT_TYPE_PERFORMANCE_SOFT 0x1225
#define AL_EVENT_TYPE_DEPRECATED_SOFT 0x1226
#define AL_EVENT_TYPE_DISCONNECTED_SOFT 0x1227
#define AL_MAP_READ_BIT_SOFT 1
#define AL_MAP_WRITE_BIT_SOFT 2
#define AL_MAP_PERSISTENT_BIT_SOFT 4
typedef void (*event_proc)(ALenum, ALuint, ALuint, ALsizei, const ALchar *,
                           void *);
void alBufferStorageSOFT(ALuint, ALenum, const void *, ALsizei, ALsizei,
                         unsigned);
void *alMapBufferSOFT(ALuint, ALsizei, ALsizei, unsigned);
void alUnmapBufferSOFT(ALuint);
void alFlushMappedBufferSOFT(ALuint, ALsizei, ALsizei);
void alEventControlSOFT(ALsizei, const ALenum *, ALboolean);
void alEventCallbackSOFT(event_proc, void *);
void *alGetPointerSOFT(ALenum);
void alGetPointervSOFT(ALenum, void **);
void alSourceQueueBufferLayersSOFT(ALuint, ALsizei, const ALuint *);
ALint64SOFT alGetInteger64SOFT(ALenum);
void alGetInteger64vSOFT(ALenum, ALint64SOFT *);
const ALchar *alsoft_get_version(void);

#define RATE 44100
#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

static uint64_t hash(uint64_t h, const void *data, size_t size)
{
    const unsigned char *p = data;

    while (size--) {
        h = (h ^ *p++) * 0x100000001b3;
    }
    return h;
}

static void error(const char *what)
{
    ALenum e = alGetError();

    printf("%s: %#x\n", what, e);
}

static int16_t wave[RATE];
static float floats[RATE];

/* A chirp that no libm has a part in, then noise. */
static void fill(void)
{
    unsigned x = 1, phase = 0;

    for (int i = 0; i < RATE; i++) {
        x = x * 1103515245 + 12345;
        phase += 100 + i / 16;
        wave[i] = i < RATE / 2
            ? (phase & 0x8000 ? 0x3fff - (int)(phase & 0x7fff)
                              : (int)(phase & 0x7fff) - 0x4000)
            : (int16_t)(x >> 16) / 4;
        floats[i] = wave[i] / 65536.0f;
    }
}

/* --- names --- */

static const char *const names[] = {
    "EAXGet", "EAXGetBufferMode", "EAXSet", "EAXSetBufferMode",
    "alAuxiliaryEffectSlotf", "alAuxiliaryEffectSlotfv",
    "alAuxiliaryEffectSloti", "alAuxiliaryEffectSlotiv", "alBuffer3f",
    "alBuffer3i", "alBufferCallbackSOFT", "alBufferData",
    "alBufferDataStatic", "alBufferSamplesSOFT", "alBufferStorageSOFT",
    "alBufferSubDataSOFT", "alBufferSubSamplesSOFT", "alBufferf",
    "alBufferfv", "alBufferi", "alBufferiv", "alDebugMessageCallbackEXT",
    "alDebugMessageControlEXT", "alDebugMessageInsertEXT",
    "alDeferUpdatesSOFT", "alDeleteAuxiliaryEffectSlots", "alDeleteBuffers",
    "alDeleteEffects", "alDeleteFilters", "alDeleteSources", "alDisable",
    "alDistanceModel", "alDopplerFactor", "alDopplerVelocity", "alEffectf",
    "alEffectfv", "alEffecti", "alEffectiv", "alEnable",
    "alEventCallbackSOFT", "alEventControlSOFT", "alFilterf", "alFilterfv",
    "alFilteri", "alFilteriv", "alFlushMappedBufferSOFT",
    "alGenAuxiliaryEffectSlots", "alGenBuffers", "alGenEffects",
    "alGenFilters", "alGenSources", "alGetAuxiliaryEffectSlotf",
    "alGetAuxiliaryEffectSlotfv", "alGetAuxiliaryEffectSloti",
    "alGetAuxiliaryEffectSlotiv", "alGetBoolean", "alGetBooleanv",
    "alGetBuffer3PtrSOFT", "alGetBuffer3f", "alGetBuffer3i",
    "alGetBufferPtrSOFT", "alGetBufferPtrvSOFT", "alGetBufferSamplesSOFT",
    "alGetBufferf", "alGetBufferfv", "alGetBufferi", "alGetBufferiv",
    "alGetDebugMessageLogEXT", "alGetDouble", "alGetDoublev", "alGetEffectf",
    "alGetEffectfv", "alGetEffecti", "alGetEffectiv", "alGetEnumValue",
    "alGetError", "alGetFilterf", "alGetFilterfv", "alGetFilteri",
    "alGetFilteriv", "alGetFloat", "alGetFloatv", "alGetInteger",
    "alGetInteger64SOFT", "alGetInteger64vSOFT", "alGetIntegerv",
    "alGetListener3f", "alGetListener3i", "alGetListenerf", "alGetListenerfv",
    "alGetListeneri", "alGetListeneriv", "alGetObjectLabelEXT",
    "alGetPointerEXT", "alGetPointerSOFT", "alGetPointervEXT",
    "alGetPointervSOFT", "alGetProcAddress", "alGetSource3dSOFT",
    "alGetSource3f", "alGetSource3i", "alGetSource3i64SOFT",
    "alGetSourcedSOFT", "alGetSourcedvSOFT", "alGetSourcef", "alGetSourcefv",
    "alGetSourcei", "alGetSourcei64SOFT", "alGetSourcei64vSOFT",
    "alGetSourceiv", "alGetString", "alGetStringiSOFT",
    "alIsAuxiliaryEffectSlot", "alIsBuffer", "alIsBufferFormatSupportedSOFT",
    "alIsEffect", "alIsEnabled", "alIsExtensionPresent", "alIsFilter",
    "alIsSource", "alListener3f", "alListener3i", "alListenerf",
    "alListenerfv", "alListeneri", "alListeneriv", "alMapBufferSOFT",
    "alObjectLabelEXT", "alPopDebugGroupEXT", "alProcessUpdatesSOFT",
    "alPushDebugGroupEXT", "alRequestFoldbackStart", "alRequestFoldbackStop",
    "alSource3dSOFT", "alSource3f", "alSource3i", "alSource3i64SOFT",
    "alSourcePause", "alSourcePausev", "alSourcePlay",
    "alSourcePlayAtTimeSOFT", "alSourcePlayAtTimevSOFT", "alSourcePlayv",
    "alSourceQueueBufferLayersSOFT", "alSourceQueueBuffers", "alSourceRewind",
    "alSourceRewindv", "alSourceStop", "alSourceStopv",
    "alSourceUnqueueBuffers", "alSourcedSOFT", "alSourcedvSOFT", "alSourcef",
    "alSourcefv", "alSourcei", "alSourcei64SOFT", "alSourcei64vSOFT",
    "alSourceiv", "alSpeedOfSound", "alUnmapBufferSOFT",
    "alcCaptureCloseDevice", "alcCaptureOpenDevice", "alcCaptureSamples",
    "alcCaptureStart", "alcCaptureStop", "alcCloseDevice", "alcCreateContext",
    "alcDestroyContext", "alcDevicePauseSOFT", "alcDeviceResumeSOFT",
    "alcEventCallbackSOFT", "alcEventControlSOFT", "alcEventIsSupportedSOFT",
    "alcGetContextsDevice", "alcGetCurrentContext", "alcGetEnumValue",
    "alcGetError", "alcGetInteger64vSOFT", "alcGetIntegerv",
    "alcGetProcAddress", "alcGetString", "alcGetStringiSOFT",
    "alcGetThreadContext", "alcIsExtensionPresent",
    "alcIsRenderFormatSupportedSOFT", "alcLoopbackOpenDeviceSOFT",
    "alcMakeContextCurrent", "alcOpenDevice", "alcProcessContext",
    "alcRenderSamplesSOFT", "alcReopenDeviceSOFT", "alcResetDeviceSOFT",
    "alcSetThreadContext", "alcSuspendContext", "alsoft_get_version",
    "alsoft_set_log_callback",
    "alNoSuchFunction", "", "glEnable", "malloc", "alc",
};

static const char *found(const char *name, void *function)
{
    void *exported = *name ? dlsym(RTLD_DEFAULT, name) : NULL;

    return !function ? "none" : function == exported ? "exported" : "another";
}

static void by_name(ALCdevice *device)
{
    static const char *const enums[] = {
        "AL_INVALID_VALUE", "AL_EFFECT_EAXREVERB", "AL_NOTHING",
        "ALC_FREQUENCY", "ALC_HRTF_SOFT", "AL_EVENT_TYPE_ERROR_SOFT", "",
    };
    static const char *const extensions[] = {
        "AL_EXT_float32", "al_ext_FLOAT32", "AL_SOFTX_events", "AL_EXT_none",
        "ALC_EXT_EFX", "ALC_SOFT_loopback", "ALC_EXT_thread_local_context",
        "ALC_EXT_direct_context", "AL_EXT_direct_context", "",
    };

    for (int i = 0; i < COUNT(names); i++) {
        void *al = alGetProcAddress(names[i]);
        void *alc = alcGetProcAddress(device, names[i]);
        printf("%s: %s, %s\n", names[i], found(names[i], al),
               found(names[i], alc));
    }
    printf("NULL: %s", found("", alGetProcAddress(NULL)));
    printf(", %s", found("", alcGetProcAddress(device, NULL)));
    printf(" %#x\n", alcGetError(device));
    for (int i = 0; i < COUNT(enums); i++) {
        printf("%s: %d", enums[i], alGetEnumValue(enums[i]));
        printf(" %d\n", alcGetEnumValue(device, enums[i]));
    }
    for (int i = 0; i < COUNT(extensions); i++) {
        printf("%s: %d", extensions[i], alIsExtensionPresent(extensions[i]));
        printf(" %d", alcIsExtensionPresent(NULL, extensions[i]));
        printf(" %d\n", alcIsExtensionPresent(device, extensions[i]));
    }
    error("by name");
}

static void strings(ALCdevice *device)
{
    static const ALenum al[] = {
        AL_VENDOR, AL_VERSION, AL_RENDERER, AL_EXTENSIONS, AL_NO_ERROR,
        AL_INVALID_NAME, AL_OUT_OF_MEMORY, 1,
    };
    static const ALCenum alc[] = {
        ALC_EXTENSIONS, ALC_NO_ERROR, ALC_INVALID_DEVICE, ALC_OUT_OF_MEMORY,
        ALC_DEVICE_SPECIFIER, ALC_HRTF_SPECIFIER_SOFT, 1,
    };
    int count = alGetInteger(AL_NUM_RESAMPLERS_SOFT);
    ALCint many[64] = { 0 }, size = 0;
    ALCint64SOFT clock[2] = { -1, -1 };

    for (int i = 0; i < COUNT(al); i++) {
        const ALchar *text = alGetString(al[i]);
        printf("%#x: %s\n", al[i], text ? text : "none");
    }
    for (int i = 0; i < COUNT(alc); i++) {
        const ALCchar *text = alcGetString(device, alc[i]);
        printf("%#x: %s", alc[i], text ? text : "none");
        printf(" %#x\n", alcGetError(device));
    }
    for (int i = -1; i <= count; i++) {
        const ALchar *text = alGetStringiSOFT(AL_RESAMPLER_NAME_SOFT, i);
        printf("resampler %d: %s\n", i, text ? text : "none");
    }
    alcGetIntegerv(device, ALC_ATTRIBUTES_SIZE, 1, &size);
    alcGetIntegerv(device, ALC_ALL_ATTRIBUTES, size, many);
    printf("%d attributes:", size);
    for (int i = 0; i < size; i++) {
        printf(" %d", many[i]);
    }
    alcGetIntegerv(device, ALC_ALL_ATTRIBUTES, 1, many);
    printf(" %#x", alcGetError(device));
    alcGetInteger64vSOFT(device, ALC_DEVICE_CLOCK_LATENCY_SOFT, 2, clock);
    printf(" %lld %lld %#x\n", (long long)clock[0], (long long)clock[1],
           alcGetError(device));
    alcGetIntegerv(device, ALC_NUM_HRTF_SPECIFIERS_SOFT, 1, &size);
    printf("HRTFs: %d\n", size);
    for (int i = 0; i < size; i++) {
        printf("%s\n", alcGetStringiSOFT(device, ALC_HRTF_SPECIFIER_SOFT, i));
    }
    printf("version: %s\n", alsoft_get_version());
    error("strings");
}

/* --- devices --- */

struct output {
    ALCdevice *device;
    ALCcontext *context;
    int frame; /* bytes */
};

static struct output open_output(int rate, ALCenum channels, ALCenum type,
                                 int frame, ALCint key, ALCint value)
{
    ALCint attributes[] = {
        ALC_FREQUENCY, rate, ALC_FORMAT_CHANNELS_SOFT, channels,
        ALC_FORMAT_TYPE_SOFT, type, key, value, 0,
    };
    struct output out = { alcLoopbackOpenDeviceSOFT(NULL), NULL, frame };

    out.context = alcCreateContext(out.device, attributes);
    if (!out.context || !alcMakeContextCurrent(out.context)) {
        printf("no context: %#x\n", alcGetError(out.device));
        exit(1);
    }
    return out;
}

static struct output stereo(void)
{
    return open_output(RATE, ALC_STEREO_SOFT, ALC_FLOAT_SOFT, 8, 0, 0);
}

static void close_output(struct output *out)
{
    alcMakeContextCurrent(NULL);
    alcDestroyContext(out->context);
    if (!alcCloseDevice(out->device)) {
        printf("the device stays open\n");
    }
}

static uint64_t render(const struct output *out, int frames)
{
    char *samples = calloc(frames, out->frame);
    uint64_t h;

    alcRenderSamplesSOFT(out->device, samples, frames);
    h = hash(0xcbf29ce484222325, samples, (size_t)frames * out->frame);
    free(samples);
    return h;
}

static void show(const struct output *out, const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < 4; i++) {
        printf(" %016llx", (unsigned long long)render(out, 1500 + i));
    }
    printf(" %#x\n", alGetError());
}

static ALuint buffer_of(ALenum format, const void *data, int size, int rate)
{
    ALuint buffer;

    alGenBuffers(1, &buffer);
    alBufferData(buffer, format, data, size, rate);
    return buffer;
}

static ALuint playing(ALuint buffer, bool looping)
{
    ALuint source;

    alGenSources(1, &source);
    alSourcei(source, AL_BUFFER, (ALint)buffer);
    alSourcei(source, AL_LOOPING, looping);
    alSourcePlay(source);
    return source;
}

static void end(ALuint source, ALuint buffer)
{
    alDeleteSources(1, &source);
    alDeleteBuffers(1, &buffer);
}

/* --- properties --- */

static void sources(void)
{
    static const ALenum params[] = {
        AL_SOURCE_RELATIVE, AL_CONE_INNER_ANGLE, AL_CONE_OUTER_ANGLE, AL_PITCH,
        AL_POSITION, AL_DIRECTION, AL_VELOCITY, AL_LOOPING, AL_BUFFER, AL_GAIN,
        AL_MIN_GAIN, AL_MAX_GAIN, AL_ORIENTATION, AL_SOURCE_STATE,
        AL_BUFFERS_QUEUED, AL_BUFFERS_PROCESSED, AL_REFERENCE_DISTANCE,
        AL_ROLLOFF_FACTOR, AL_CONE_OUTER_GAIN, AL_MAX_DISTANCE, AL_SEC_OFFSET,
        AL_SAMPLE_OFFSET, AL_BYTE_OFFSET, AL_SOURCE_TYPE,
        AL_AIR_ABSORPTION_FACTOR, AL_ROOM_ROLLOFF_FACTOR,
        AL_CONE_OUTER_GAINHF, AL_DIRECT_FILTER_GAINHF_AUTO, AL_SOURCE_RADIUS,
        AL_SOURCE_DISTANCE_MODEL, AL_DIRECT_CHANNELS_SOFT, AL_STEREO_ANGLES,
        AL_SAMPLE_OFFSET_LATENCY_SOFT, AL_SEC_OFFSET_LATENCY_SOFT,
        AL_SOURCE_RESAMPLER_SOFT, AL_SOURCE_SPATIALIZE_SOFT,
        AL_SAMPLE_OFFSET_CLOCK_SOFT, AL_SEC_OFFSET_CLOCK_SOFT, 0x7777,
    };
    ALuint source;

    alGenSources(1, &source);
    for (int i = 0; i < COUNT(params); i++) {
        ALfloat f[6] = { 0.25f, 0.5f, 0.75f, 1, 0, 0 };
        ALint n[6] = { 1, 0, 0, 0, 1, 0 };
        ALdouble d[6] = { 0.5, 0.25, 0.125, 1, 0, 0 };
        ALint64SOFT l[6] = { 1, 2, 3, 0, 1, 0 };
        ALenum p = params[i];

        alSourcef(source, p, 0.5f);
        error("f");
        alSource3f(source, p, 1, 2, 3);
        alSourcefv(source, p, f);
        error("fv");
        alSourcei(source, p, 0);
        error("i");
        alSource3i(source, p, 3, 2, 1);
        alSourceiv(source, p, n);
        error("iv");
        alSourcedSOFT(source, p, 0.75);
        alSource3dSOFT(source, p, 1, 0.5, 0.25);
        alSourcedvSOFT(source, p, d);
        error("dv");
        alSourcei64SOFT(source, p, 1);
        alSource3i64SOFT(source, p, 4, 5, 6);
        alSourcei64vSOFT(source, p, l);
        error("i64v");
        alSourcef(source, p, -1e9f);
        error("wrong");

        alGetSourcef(source, p, &f[0]);
        printf("%#x: %g", p, (double)f[0]);
        alGetSource3f(source, p, &f[0], &f[1], &f[2]);
        printf(" %g %g %g", (double)f[0], (double)f[1], (double)f[2]);
        alGetSourcefv(source, p, f);
        printf(" %g %g", (double)f[0], (double)f[5]);
        alGetSourcei(source, p, &n[0]);
        printf(" %d", n[0]);
        alGetSource3i(source, p, &n[0], &n[1], &n[2]);
        printf(" %d %d %d", n[0], n[1], n[2]);
        alGetSourceiv(source, p, n);
        printf(" %d %d", n[0], n[5]);
        alGetSourcedSOFT(source, p, &d[0]);
        alGetSource3dSOFT(source, p, &d[0], &d[1], &d[2]);
        alGetSourcedvSOFT(source, p, d);
        printf(" %g %g %g %g", d[0], d[1], d[2], d[5]);
        alGetSourcei64SOFT(source, p, &l[0]);
        alGetSource3i64SOFT(source, p, &l[0], &l[1], &l[2]);
        alGetSourcei64vSOFT(source, p, l);
        printf(" %lld %lld %lld\n", (long long)l[0], (long long)l[1],
               (long long)l[5]);
        error("get");
    }
    alDeleteSources(1, &source);
    alDeleteSources(1, &source);
    error("deleted twice");
    alGetSourcef(source, AL_GAIN, NULL);
    error("gone");
    printf("%d %d\n", alIsSource(source), alIsSource(12345));
}

static void listener(void)
{
    static const ALenum params[] = {
        AL_POSITION, AL_VELOCITY, AL_ORIENTATION, AL_GAIN,
        AL_METERS_PER_UNIT, 0x7777,
    };

    for (int i = 0; i < COUNT(params); i++) {
        ALfloat f[6] = { 0, 0, -1, 0, 1, 0 };
        ALint n[6] = { 0, 1, 0, 0, 0, 1 };

        alListenerf(params[i], 0.5f);
        alListener3f(params[i], 1, 2, 3);
        alListenerfv(params[i], f);
        error("listener f");
        alListeneri(params[i], 1);
        alListener3i(params[i], 4, 5, 6);
        alListeneriv(params[i], n);
        error("listener i");
        alGetListenerf(params[i], f);
        alGetListener3f(params[i], &f[0], &f[1], &f[2]);
        alGetListenerfv(params[i], f);
        alGetListeneri(params[i], n);
        alGetListener3i(params[i], &n[0], &n[1], &n[2]);
        alGetListeneriv(params[i], n);
        printf("%g %g %g %g %d %d %d %d %#x\n", (double)f[0], (double)f[1],
               (double)f[2], (double)f[5], n[0], n[1], n[2], n[5],
               alGetError());
    }
}

static void buffers(void)
{
    static const ALenum params[] = {
        AL_FREQUENCY, AL_BITS, AL_CHANNELS, AL_SIZE, AL_LOOP_POINTS_SOFT,
        AL_UNPACK_BLOCK_ALIGNMENT_SOFT, AL_PACK_BLOCK_ALIGNMENT_SOFT,
        AL_BYTE_LENGTH_SOFT, AL_SAMPLE_LENGTH_SOFT, AL_SEC_LENGTH_SOFT, 0x7777,
    };
    ALuint buffer = buffer_of(AL_FORMAT_STEREO16, wave, 4000, 22050);
    void *data;

    for (int i = 0; i < COUNT(params); i++) {
        ALfloat f[3] = { 1, 2, 3 };
        ALint n[3] = { 10, 100, 0 };

        alBufferf(buffer, params[i], 1);
        alBuffer3f(buffer, params[i], 1, 2, 3);
        alBufferfv(buffer, params[i], f);
        error("buffer f");
        alBufferi(buffer, params[i], 1);
        alBuffer3i(buffer, params[i], 1, 2, 3);
        alBufferiv(buffer, params[i], n);
        error("buffer i");
        alGetBufferf(buffer, params[i], f);
        alGetBuffer3f(buffer, params[i], &f[0], &f[1], &f[2]);
        alGetBufferfv(buffer, params[i], f);
        alGetBufferi(buffer, params[i], n);
        alGetBuffer3i(buffer, params[i], &n[0], &n[1], &n[2]);
        alGetBufferiv(buffer, params[i], n);
        printf("%#x: %g %d %d %d %#x\n", params[i], (double)f[0], n[0], n[1],
               n[2], alGetError());
    }
    alBufferSubDataSOFT(buffer, AL_FORMAT_STEREO16, wave + 300, 100, 400);
    error("sub data");
    alBufferSubDataSOFT(buffer, AL_FORMAT_MONO8, wave, 0, 4);
    error("another format");
    alBufferSamplesSOFT(buffer, 44100, AL_MONO16_SOFT, 10, AL_MONO_SOFT,
                        AL_SHORT_SOFT, wave);
    alBufferSubSamplesSOFT(buffer, 0, 10, AL_MONO_SOFT, AL_SHORT_SOFT, wave);
    alGetBufferSamplesSOFT(buffer, 0, 10, AL_MONO_SOFT, AL_SHORT_SOFT, wave);
    error("samples");
    printf("%d\n", alIsBufferFormatSupportedSOFT(AL_MONO16_SOFT));
    alBufferData(buffer, AL_FORMAT_STEREO16, wave, 3, 22050);
    error("half a frame");
    alBufferData(buffer, 0x7777, wave, 4, 22050);
    error("no format");
    alBufferStorageSOFT(buffer, AL_FORMAT_MONO16, wave, 2000, 22050,
                        AL_MAP_READ_BIT_SOFT | AL_MAP_WRITE_BIT_SOFT);
    data = alMapBufferSOFT(buffer, 100, 1000, AL_MAP_READ_BIT_SOFT |
                           AL_MAP_WRITE_BIT_SOFT);
    error("map");
    if (data) {
        printf("mapped: %d\n", memcmp(data, (char *)wave + 100, 1000));
        memset(data, 0x11, 500);
        alFlushMappedBufferSOFT(buffer, 100, 500);
        error("flush");
        alBufferData(buffer, AL_FORMAT_MONO16, wave, 4, 22050);
        error("mapped data");
        alUnmapBufferSOFT(buffer);
    }
    alUnmapBufferSOFT(buffer);
    error("unmap");
    printf("%d", alIsBuffer(buffer));
    alDeleteBuffers(1, &buffer);
    printf(" %d\n", alIsBuffer(buffer));
    alGenBuffers(-1, &buffer);
    error("buffers");
}

static void state(struct output *out)
{
    static const ALenum params[] = {
        AL_DOPPLER_FACTOR, AL_DOPPLER_VELOCITY, AL_SPEED_OF_SOUND,
        AL_DISTANCE_MODEL, AL_DEFERRED_UPDATES_SOFT, AL_GAIN_LIMIT_SOFT,
        AL_DEFAULT_RESAMPLER_SOFT, 0x7777,
    };

    alDopplerFactor(0.5f);
    alDopplerVelocity(2);
    alSpeedOfSound(300);
    alDistanceModel(AL_EXPONENT_DISTANCE_CLAMPED);
    error("set");
    alDopplerFactor(-1);
    alSpeedOfSound(0);
    alDistanceModel(1);
    error("set wrong");
    for (int i = 0; i < COUNT(params); i++) {
        ALboolean b = 0;
        ALint n = 0;
        ALfloat f = 0;
        ALdouble d = 0;
        ALint64SOFT l = 0;

        alGetBooleanv(params[i], &b);
        alGetIntegerv(params[i], &n);
        alGetFloatv(params[i], &f);
        alGetDoublev(params[i], &d);
        alGetInteger64vSOFT(params[i], &l);
        printf("%#x: %d %d %g %g %lld", params[i], b, n, (double)f, d,
               (long long)l);
        b = alGetBoolean(params[i]);
        n = alGetInteger(params[i]);
        f = alGetFloat(params[i]);
        d = alGetDouble(params[i]);
        l = alGetInteger64SOFT(params[i]);
        printf(" %d %d %g %g %lld %#x\n", b, n, (double)f, d, (long long)l,
               alGetError());
    }
    printf("%d", alIsEnabled(AL_SOURCE_DISTANCE_MODEL));
    alEnable(AL_SOURCE_DISTANCE_MODEL);
    printf(" %d", alIsEnabled(AL_SOURCE_DISTANCE_MODEL));
    alDisable(AL_SOURCE_DISTANCE_MODEL);
    alEnable(0x7777);
    error(" enable");
    printf("%d %d\n", alcGetContextsDevice(out->context) == out->device,
           alcGetCurrentContext() == out->context);
    printf("%d %d\n", alcIsRenderFormatSupportedSOFT(
               out->device, 48000, ALC_QUAD_SOFT, ALC_BYTE_SOFT),
           alcIsRenderFormatSupportedSOFT(out->device, 48000, 1, 2));
    printf("%#x\n", alcGetError(out->device));
    alcDevicePauseSOFT(out->device);
    printf("%#x", alcGetError(out->device));
    alcDeviceResumeSOFT(out->device);
    printf(" %#x", alcGetError(out->device));
    printf(" %d", alcMakeContextCurrent((ALCcontext *)out->device));
    printf(" %#x\n", alcGetError(NULL));
    printf("%p", (void *)alcCreateContext((ALCdevice *)out->context, NULL));
    printf(" %d", alcCloseDevice((ALCdevice *)out->context));
    printf(" %#x\n", alcGetError((ALCdevice *)out->context));
}

static void effects(const struct output *out)
{
    static const ALenum types[] = {
        AL_EFFECT_NULL, AL_EFFECT_REVERB, AL_EFFECT_CHORUS,
        AL_EFFECT_DISTORTION, AL_EFFECT_ECHO, AL_EFFECT_FLANGER,
        AL_EFFECT_FREQUENCY_SHIFTER, AL_EFFECT_VOCAL_MORPHER,
        AL_EFFECT_PITCH_SHIFTER, AL_EFFECT_RING_MODULATOR, AL_EFFECT_AUTOWAH,
        AL_EFFECT_COMPRESSOR, AL_EFFECT_EQUALIZER, AL_EFFECT_EAXREVERB,
        AL_EFFECT_DEDICATED_DIALOGUE,
    };
    ALuint buffer = buffer_of(AL_FORMAT_MONO16, wave, sizeof(wave), RATE);
    ALuint source = playing(buffer, true), slot, effect;

    alGenAuxiliaryEffectSlots(1, &slot);
    alGenEffects(1, &effect);
    error("effects");
    for (int i = 0; i < COUNT(types); i++) {
        alEffecti(effect, AL_EFFECT_TYPE, types[i]);
        error("type");
        for (int p = 1; p < 25; p++) {
            ALfloat f[3] = { 0, 0, 0 };
            ALint n[3] = { 0, 0, 0 };

            alGetEffectf(effect, p, &f[0]);
            alGetEffectfv(effect, p, f);
            alEffectf(effect, p, f[0]);
            alEffectfv(effect, p, f);
            alGetEffecti(effect, p, &n[0]);
            alGetEffectiv(effect, p, n);
            alEffecti(effect, p, n[0]);
            alEffectiv(effect, p, n);
            alEffectf(effect, p, 1e9f);
            printf("%d.%d: %g %d %#x\n", i, p, (double)f[0], n[0],
                   alGetError());
        }
        alAuxiliaryEffectSloti(slot, AL_EFFECTSLOT_EFFECT, (ALint)effect);
        alSource3i(source, AL_AUXILIARY_SEND_FILTER, (ALint)slot, 0, 0);
        show(out, "effect");
    }
    for (ALenum p = AL_EFFECTSLOT_EFFECT; p < AL_EFFECTSLOT_EFFECT + 4; p++) {
        ALfloat f = 0.5f;
        ALint n = 0;

        alAuxiliaryEffectSlotf(slot, p, f);
        alAuxiliaryEffectSlotfv(slot, p, &f);
        alAuxiliaryEffectSlotiv(slot, p, &n);
        alGetAuxiliaryEffectSlotf(slot, p, &f);
        alGetAuxiliaryEffectSlotfv(slot, p, &f);
        alGetAuxiliaryEffectSloti(slot, p, &n);
        alGetAuxiliaryEffectSlotiv(slot, p, &n);
        printf("slot %#x: %g %d %#x\n", p, (double)f, n, alGetError());
    }
    printf("%d %d\n", alIsEffect(effect), alIsAuxiliaryEffectSlot(slot));
    alDeleteAuxiliaryEffectSlots(1, &slot);
    error("in use");
    end(source, buffer);
    alDeleteAuxiliaryEffectSlots(1, &slot);
    alDeleteEffects(1, &effect);
    error("deleted");
}

static void filters(const struct output *out)
{
    ALuint buffer = buffer_of(AL_FORMAT_MONO_FLOAT32, floats, sizeof(floats),
                              RATE);
    ALuint source = playing(buffer, true), filter;

    alGenFilters(1, &filter);
    for (ALint type = AL_FILTER_NULL; type <= AL_FILTER_BANDPASS + 1; type++) {
        alFilteri(filter, AL_FILTER_TYPE, type);
        error("filter type");
        for (ALenum p = 0; p < 5; p++) {
            ALfloat f = 0.25f + 0.125f * p;
            ALint n = 0;

            alFilterf(filter, p, f);
            alFilterfv(filter, p, &f);
            alFilteriv(filter, p, &n);
            alGetFilterf(filter, p, &f);
            alGetFilterfv(filter, p, &f);
            alGetFilteri(filter, p, &n);
            alGetFilteriv(filter, p, &n);
            printf("filter %d.%d: %g %d %#x\n", type, p, (double)f, n,
                   alGetError());
        }
        alSourcei(source, AL_DIRECT_FILTER, (ALint)filter);
        show(out, "filtered");
    }
    printf("%d\n", alIsFilter(filter));
    end(source, buffer);
    alDeleteFilters(1, &filter);
    error("filters");
}

/* --- sound --- */

static void positions(const struct output *out)
{
    static const ALenum models[] = {
        AL_NONE, AL_INVERSE_DISTANCE, AL_INVERSE_DISTANCE_CLAMPED,
        AL_LINEAR_DISTANCE, AL_LINEAR_DISTANCE_CLAMPED, AL_EXPONENT_DISTANCE,
        AL_EXPONENT_DISTANCE_CLAMPED,
    };
    ALuint buffer = buffer_of(AL_FORMAT_MONO16, wave, sizeof(wave), 32000);
    ALuint many[8];

    alGenSources(COUNT(many), many);
    for (int i = 0; i < COUNT(many); i++) {
        alSourcei(many[i], AL_BUFFER, (ALint)buffer);
        alSourcei(many[i], AL_LOOPING, AL_TRUE);
        alSourcei(many[i], AL_SAMPLE_OFFSET, 997 * i);
        alSource3f(many[i], AL_POSITION, 4 - i, i / 2.0f, i * i / 8.0f - 3);
        alSource3f(many[i], AL_VELOCITY, 10.0f * i, -5, 3);
        alSource3f(many[i], AL_DIRECTION, 1, 0, i - 4);
        alSourcef(many[i], AL_CONE_INNER_ANGLE, 30);
        alSourcef(many[i], AL_CONE_OUTER_ANGLE, 200);
        alSourcef(many[i], AL_CONE_OUTER_GAIN, 0.25f);
        alSourcef(many[i], AL_PITCH, 0.5f + 0.25f * i);
        alSourcef(many[i], AL_GAIN, 0.125f);
        alSourcei(many[i], AL_SOURCE_RESAMPLER_SOFT, i % 4);
    }
    alSourcePlayv(COUNT(many), many);
    for (int i = 0; i < COUNT(models); i++) {
        alDeferUpdatesSOFT();
        alDistanceModel(models[i]);
        alListener3f(AL_POSITION, i, 0, -i);
        alListener3f(AL_VELOCITY, 0, 20.0f * i, 0);
        alProcessUpdatesSOFT();
        show(out, "positions");
    }
    alSourcePausev(COUNT(many), many);
    show(out, "paused");
    alcSuspendContext(out->context);
    alSourcePlayv(3, many);
    alSourcef(many[0], AL_SEC_OFFSET, 0.5f);
    show(out, "suspended");
    alcProcessContext(out->context);
    show(out, "going on");
    alSourceStopv(COUNT(many), many);
    alSourceRewindv(COUNT(many), many);
    show(out, "silence");
    alDeleteSources(COUNT(many), many);
    alDeleteBuffers(1, &buffer);
}

/* Without IMA4: 1.19 reads memory for it that it has not written. */
static void formats(void)
{
    static const ALenum of[] = {
        AL_FORMAT_MONO8, AL_FORMAT_MONO16, AL_FORMAT_STEREO8,
        AL_FORMAT_STEREO16, AL_FORMAT_MONO_FLOAT32, AL_FORMAT_STEREO_FLOAT32,
        AL_FORMAT_MONO_DOUBLE_EXT, AL_FORMAT_MONO_MULAW,
        AL_FORMAT_MONO_ALAW_EXT,
        AL_FORMAT_QUAD16, AL_FORMAT_REAR16, AL_FORMAT_51CHN16,
        AL_FORMAT_61CHN16, AL_FORMAT_71CHN16, AL_FORMAT_71CHN_MULAW,
        AL_FORMAT_STEREO_MSADPCM_SOFT, AL_FORMAT_BFORMAT2D_16,
        AL_FORMAT_BFORMAT3D_16,
    };
    static const struct { ALCenum channels, type; int frame; } to[] = {
        { ALC_MONO_SOFT, ALC_BYTE_SOFT, 1 },
        { ALC_STEREO_SOFT, ALC_SHORT_SOFT, 4 },
        { ALC_QUAD_SOFT, ALC_INT_SOFT, 16 },
        { ALC_5POINT1_SOFT, ALC_UNSIGNED_SHORT_SOFT, 12 },
        { ALC_7POINT1_SOFT, ALC_FLOAT_SOFT, 32 },
    };

    for (int o = 0; o < COUNT(to); o++) {
        struct output out = open_output(48000, to[o].channels, to[o].type,
                                        to[o].frame, ALC_HRTF_SOFT,
                                        ALC_FALSE);
        for (int i = 0; i < COUNT(of); i++) {
            /* 20160 bytes are whole frames or blocks of all of them. */
            ALuint buffer = buffer_of(of[i], wave, 20160, 22050 + 500 * i);
            ALuint source = playing(buffer, true);
            printf("format %#x ", of[i]);
            show(&out, "to");
            end(source, buffer);
        }
        close_output(&out);
    }
}

static void streaming(const struct output *out)
{
    ALuint queue[4], source, done;
    ALint processed = 0;
    int next = 0;

    alGenBuffers(4, queue);
    alGenSources(1, &source);
    for (int i = 0; i < 4; i++) {
        alBufferData(queue[i], AL_FORMAT_MONO16, wave + 1000 * next++, 2000,
                     RATE);
    }
    alSourceQueueBuffers(source, 4, queue);
    alSourcePlay(source);
    for (int i = 0; i < 40; i++) {
        printf("%016llx", (unsigned long long)render(out, 700));
        alGetSourcei(source, AL_BUFFERS_PROCESSED, &processed);
        printf(" %d\n", processed);
        while (processed-- && next < 20) {
            alSourceUnqueueBuffers(source, 1, &done);
            alBufferData(done, AL_FORMAT_MONO16, wave + 1000 * next++, 2000,
                         RATE);
            alSourceQueueBuffers(source, 1, &done);
        }
    }
    alGetSourcei(source, AL_SOURCE_STATE, &processed);
    printf("at the end: %#x\n", processed);
    alSourceUnqueueBuffers(source, 5, queue);
    error("too many");
    alSourceRewind(source);
    alSourcei(source, AL_BUFFER, 0);
    alSourceQueueBufferLayersSOFT(source, 2, queue);
    error("layers");
    alSourcei(source, AL_BUFFER, 0);
    alSourcei(source, AL_BUFFER, (ALint)queue[0]);
    alSourcePause(source);
    alSourcePlay(source);
    alSourceStop(source);
    alDeleteSources(1, &source);
    alDeleteBuffers(4, queue);
    error("streaming");
}

/* Two contexts of one device are mixed; so is what another device is not. */
static void contexts(void)
{
    struct output one = stereo(), other = stereo();
    ALCcontext *second = alcCreateContext(one.device, NULL);
    ALuint buffer, a, b, c;
    ALCint again[] = {
        ALC_FREQUENCY, 22050, ALC_FORMAT_CHANNELS_SOFT, ALC_STEREO_SOFT,
        ALC_FORMAT_TYPE_SOFT, ALC_FLOAT_SOFT, ALC_HRTF_SOFT, ALC_TRUE, 0,
    };

    alcMakeContextCurrent(one.context);
    buffer = buffer_of(AL_FORMAT_MONO16, wave, sizeof(wave), RATE);
    a = playing(buffer, true);
    show(&one, "one context");
    alcMakeContextCurrent(second);
    b = playing(buffer, true);
    alSource3f(b, AL_POSITION, -2, 0, 0);
    show(&one, "two contexts");
    show(&other, "another device");
    alcMakeContextCurrent(other.context);
    c = playing(buffer, false);
    error("not its buffer");
    show(&other, "another device");
    alDeleteSources(1, &c);
    printf("reset: %d\n", alcResetDeviceSOFT(one.device, again));
    show(&one, "with HRTF");
    alcMakeContextCurrent(second);
    alDeleteSources(1, &b);
    alcMakeContextCurrent(one.context);
    alcDestroyContext(second);
    end(a, buffer);
    close_output(&one);
    close_output(&other);
}

/* --- events --- */

#define EVENTS 64
struct log {
    pthread_mutex_t lock;
    pthread_cond_t more;
    int count;
    char text[EVENTS][160];
    pthread_t thread; /* whose functions are called */
};
static __thread int mine; /* calls on this thread */

static const ALenum all_events[] = {
    AL_EVENT_TYPE_BUFFER_COMPLETED_SOFT,
    AL_EVENT_TYPE_SOURCE_STATE_CHANGED_SOFT, AL_EVENT_TYPE_ERROR_SOFT,
    AL_EVENT_TYPE_PERFORMANCE_SOFT, AL_EVENT_TYPE_DEPRECATED_SOFT,
    AL_EVENT_TYPE_DISCONNECTED_SOFT,
};

static void add(struct log *log, const char *who, ALenum type, ALuint object,
                ALuint param, ALsizei length, const ALchar *message)
{
    bool here = pthread_equal(pthread_self(), log->thread);

    pthread_mutex_lock(&log->lock);
    if (log->count < EVENTS) {
        snprintf(log->text[log->count++], sizeof(*log->text),
                 "%s %#x %u %u '%.*s' %d %s %d %d", who, type, object, param,
                 (int)length, message, (int)strlen(message),
                 here ? "here" : "on its own thread",
                 here ? 0 : alcGetThreadContext() == NULL,
                 alGetString(AL_VERSION) != NULL || !alcGetCurrentContext());
    }
    mine++;
    pthread_cond_broadcast(&log->more);
    pthread_mutex_unlock(&log->lock);
}

static void first(ALenum type, ALuint object, ALuint param, ALsizei length,
                  const ALchar *message, void *data)
{
    add(data, "first", type, object, param, length, message);
}

static void second(ALenum type, ALuint object, ALuint param, ALsizei length,
                   const ALchar *message, void *data)
{
    add(data, "second", type, object, param, length, message);
}

/* alcDestroyContext() waits for the callback with a lock held that other
 * functions take. */
static void quiet(ALenum type, ALuint object, ALuint param, ALsizei length,
                  const ALchar *message, void *data)
{
    struct log *log = data;

    (void)type, (void)object, (void)param, (void)length, (void)message;
    pthread_mutex_lock(&log->lock);
    log->count++;
    pthread_mutex_unlock(&log->lock);
}

static void init_log(struct log *log)
{
    memset(log, 0, sizeof(*log));
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->more, NULL);
    log->thread = pthread_self();
}

/* Until so many have come; false after a minute. */
static bool wait_for(struct log *log, int count)
{
    struct timespec until;
    bool good = true;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    pthread_mutex_lock(&log->lock);
    while (good && log->count < count) {
        good = !pthread_cond_timedwait(&log->more, &log->lock, &until);
    }
    pthread_mutex_unlock(&log->lock);
    return good;
}

static int order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void print_log(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    qsort(log->text, log->count, sizeof(*log->text), order);
    for (int i = 0; i < log->count; i++) {
        puts(log->text[i]);
    }
    log->count = 0;
    pthread_mutex_unlock(&log->lock);
}

static void asked(const struct log *log, event_proc expected)
{
    void *function = (void *)1, *data = NULL, *same;

    alGetPointervSOFT(AL_EVENT_CALLBACK_FUNCTION_SOFT, &function);
    alGetPointervSOFT(AL_EVENT_CALLBACK_USER_PARAM_SOFT, &data);
    same = alGetPointerSOFT(AL_EVENT_CALLBACK_FUNCTION_SOFT);
    printf("asked: %d %d %d\n", function == (void *)expected,
           same == (void *)expected, data == (void *)log);
}

/* Two buffers of a queue are played, of which each ends. */
static void two_buffers(const struct output *out)
{
    ALuint queue[2], source;

    alGenBuffers(2, queue);
    alGenSources(1, &source);
    for (int i = 0; i < 2; i++) {
        alBufferData(queue[i], AL_FORMAT_MONO16, wave, 2000, RATE);
    }
    alSourceQueueBuffers(source, 2, queue);
    alSourcePlay(source);
    show(out, "with events");
    alDeleteSources(1, &source);
    alDeleteBuffers(2, queue);
}

static void events(void)
{
    struct output out = stereo();
    struct log log;
    ALuint nothing = 77;

    init_log(&log);
    asked(NULL, NULL);
    alEventCallbackSOFT(first, &log);
    asked(&log, first);
    two_buffers(&out);
    printf("none is enabled: %d\n", log.count);
    alEventControlSOFT(COUNT(all_events), all_events, AL_TRUE);
    error("control");
    two_buffers(&out);
    printf("come: %d\n", wait_for(&log, 4));
    alDopplerVelocity(1);
    alDeleteSources(1, &nothing);
    alSourcef(nothing, AL_GAIN, 1);
    error("nothing");
    printf("more: %d\n", wait_for(&log, 7));
    print_log(&log);

    alEventCallbackSOFT(second, &log);
    asked(&log, second);
    two_buffers(&out);
    printf("come: %d\n", wait_for(&log, 4));
    print_log(&log);
    alEventControlSOFT(2, all_events, AL_FALSE);
    two_buffers(&out);
    alSourcef(nothing, AL_GAIN, 1);
    error("nothing");
    printf("only the error: %d\n", wait_for(&log, 1));
    print_log(&log);
    alEventControlSOFT(1, (ALenum[]){ 0x7777 }, AL_TRUE);
    error("no such event");
    alEventControlSOFT(2, all_events, AL_TRUE);
    alEventCallbackSOFT(NULL, NULL);
    print_log(&log);
    two_buffers(&out);
    asked(NULL, NULL);
    printf("nobody called: %d\n", log.count);
    /* The context goes while events may be on their way. */
    alEventCallbackSOFT(quiet, &log);
    two_buffers(&out);
    close_output(&out);
    printf("not more than there were: %d\n", log.count <= 8);
    printf("calls on this thread: %d\n", mine);
}

/* --- threads --- */

#define THREADS 8
struct worker {
    pthread_t thread;
    uint64_t h;
    int events;
    bool good;
};

static void *work(void *data)
{
    struct worker *w = data;
    ALCint attributes[] = {
        ALC_FREQUENCY, RATE, ALC_FORMAT_CHANNELS_SOFT, ALC_STEREO_SOFT,
        ALC_FORMAT_TYPE_SOFT, ALC_FLOAT_SOFT, 0,
    };
    struct output out = { alcLoopbackOpenDeviceSOFT(NULL), NULL, 8 };
    struct log log;

    out.context = alcCreateContext(out.device, attributes);
    init_log(&log);
    w->good = alcGetThreadContext() == NULL &&
        alcSetThreadContext(out.context) &&
        alcGetThreadContext() == out.context &&
        alcGetCurrentContext() == out.context;
    alEventCallbackSOFT(first, &log);
    alEventControlSOFT(COUNT(all_events), all_events, AL_TRUE);
    for (int round = 0; round < 5; round++) {
        ALuint buffer = buffer_of(AL_FORMAT_MONO16, wave, 4000, RATE);
        ALuint source = playing(buffer, false);
        alSource3f(source, AL_POSITION, round - 2, 0, 1);
        for (int i = 0; i < 4; i++) {
            uint64_t h = render(&out, 600);
            w->h = hash(w->h, &h, sizeof(h));
        }
        alSourcef(12345, AL_GAIN, 1);
        w->good = w->good && alGetError() == AL_INVALID_NAME;
        end(source, buffer);
    }
    /* Each round: it plays, it stops, an error. */
    w->good = wait_for(&log, 15) && w->good;
    w->events = log.count;
    alcSetThreadContext(NULL);
    alcDestroyContext(out.context);
    alcCloseDevice(out.device);
    return NULL;
}

static void threads(void)
{
    for (int round = 0; round < 3; round++) {
        struct worker w[THREADS] = { 0 };
        int same = 0;

        for (int i = 0; i < THREADS; i++) {
            pthread_create(&w[i].thread, NULL, work, &w[i]);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(w[i].thread, NULL);
            same += w[i].good && w[i].h == w[0].h &&
                w[i].events == w[0].events;
        }
        printf("threads: %d %016llx %d\n", same, (unsigned long long)w[0].h,
               w[0].events);
    }
}

/* --- real devices --- */

static void list(const char *what, const ALCchar *names_of)
{
    printf("%s:", what);
    for (; names_of && *names_of; names_of += strlen(names_of) + 1) {
        printf(" '%s'", names_of);
    }
    printf("\n");
}

/* None of the drivers that are always there can. */
static void capture(void)
{
    ALCdevice *device = alcCaptureOpenDevice(NULL, 8000, AL_FORMAT_MONO16,
                                             4000);
    ALCint there = 0;

    printf("capture: %d %#x", device != NULL, alcGetError(device));
    alcCaptureStart(device);
    printf(" %#x", alcGetError(device));
    alcGetIntegerv(device, ALC_CAPTURE_SAMPLES, 1, &there);
    alcCaptureSamples(device, wave, 10);
    printf(" %#x", alcGetError(device));
    alcCaptureStop(device);
    printf(" %d", alcCaptureCloseDevice(device));
    printf(" %#x\n", alcGetError(NULL));
}

static int play(void)
{
    ALCdevice *device;
    ALCcontext *context;
    ALuint buffer, source;
    ALint playing_state = AL_PLAYING, frequency = 0, connected = 0;
    struct log log;
    bool finished;

    list("devices", alcGetString(NULL, ALC_ALL_DEVICES_SPECIFIER));
    list("to capture", alcGetString(NULL, ALC_CAPTURE_DEVICE_SPECIFIER));
    printf("default: %s\n", alcGetString(NULL, ALC_DEFAULT_DEVICE_SPECIFIER));
    printf("none: %p", (void *)alcOpenDevice("no such device"));
    printf(" %#x\n", alcGetError(NULL));
    capture();
    device = alcOpenDevice(NULL);
    printf("open: %d %#x\n", device != NULL, alcGetError(NULL));
    if (!device) {
        return 0;
    }
    context = alcCreateContext(device, NULL);
    alcMakeContextCurrent(context);
    alcGetIntegerv(device, ALC_FREQUENCY, 1, &frequency);
    alcGetIntegerv(device, ALC_CONNECTED, 1, &connected);
    printf("%s %d %d\n", alcGetString(device, ALC_ALL_DEVICES_SPECIFIER),
           frequency, connected);
    init_log(&log);
    alEventCallbackSOFT(first, &log);
    alEventControlSOFT(1, all_events + 1, AL_TRUE);
    buffer = buffer_of(AL_FORMAT_STEREO16, wave, sizeof(wave) / 2, frequency);
    source = playing(buffer, false);
    /* The mixer's thread plays it to its end, and says so. */
    finished = wait_for(&log, 2);
    alGetSourcei(source, AL_SOURCE_STATE, &playing_state);
    printf("played: %d %#x\n", finished, playing_state);
    print_log(&log);
    end(source, buffer);
    alcMakeContextCurrent(NULL);
    alcDestroyContext(context);
    printf("closed: %d\n", alcCloseDevice(device));
    return 0;
}

int main(int argc, char **argv)
{
    struct output out;

    fill();
    if (argc > 1) {
        for (int i = 2; i < argc; i++) {
            putenv(argv[i]);
        }
        return play();
    }
    alGetError();
    out = stereo();
    by_name(out.device);
    strings(out.device);
    sources();
    listener();
    buffers();
    state(&out);
    close_output(&out);
    alSourcef(1, AL_GAIN, 1);
    printf("without a context: %#x", alGetError());
    printf(" %p %#x\n", (void *)alcGetCurrentContext(), alcGetError(NULL));
    out = stereo();
    effects(&out);
    filters(&out);
    positions(&out);
    streaming(&out);
    close_output(&out);
    formats();
    contexts();
    events();
    threads();
    return 0;
}
