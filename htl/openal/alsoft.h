/* SPDX-License-Identifier: MIT */
/*
 * Functions of OpenAL Soft that the installed headers may lack: what it exports
 * without declaring it, and what later versions have (their alext.h and efx.h).
 * Read by thunkgen, after AL/alext.h.
 */
#ifndef GW_ALSOFT_H
#define GW_ALSOFT_H

#include <AL/al.h>
#include <AL/alc.h>
#include <AL/alext.h>

const ALchar *alsoft_get_version(void);

/* --- without a declaration in 1.19 --- */

/* AL_SOFT_map_buffer */
void alBufferStorageSOFT(ALuint buffer, ALenum format, const ALvoid *data,
                         ALsizei size, ALsizei freq, unsigned flags);
void *alMapBufferSOFT(ALuint buffer, ALsizei offset, ALsizei length,
                      unsigned access);
void alUnmapBufferSOFT(ALuint buffer);
void alFlushMappedBufferSOFT(ALuint buffer, ALsizei offset, ALsizei length);

/* AL_SOFT_events */
#define AL_EVENT_CALLBACK_FUNCTION_SOFT 0x1220
typedef void (*ALEVENTPROCSOFT)(ALenum eventType, ALuint object, ALuint param,
                                ALsizei length, const ALchar *message,
                                void *userParam);
void alEventControlSOFT(ALsizei count, const ALenum *types, ALboolean enable);
void alEventCallbackSOFT(ALEVENTPROCSOFT callback, void *userParam);
void *alGetPointerSOFT(ALenum pname);
void alGetPointervSOFT(ALenum pname, void **values);

/* AL_SOFT_buffer_layers */
void alSourceQueueBufferLayersSOFT(ALuint src, ALsizei nb,
                                   const ALuint *buffers);

ALint64SOFT alGetInteger64SOFT(ALenum pname);
void alGetInteger64vSOFT(ALenum pname, ALint64SOFT *values);

/* --- later than 1.19 --- */

/* AL_SOFT_callback_buffer */
#define AL_BUFFER_CALLBACK_FUNCTION_SOFT 0x19A0
typedef ALsizei (*ALBUFFERCALLBACKTYPESOFT)(ALvoid *userptr,
                                            ALvoid *sampledata,
                                            ALsizei numbytes);
void alBufferCallbackSOFT(ALuint buffer, ALenum format, ALsizei freq,
                          ALBUFFERCALLBACKTYPESOFT callback, ALvoid *userptr);
void alGetBufferPtrSOFT(ALuint buffer, ALenum param, ALvoid **value);
void alGetBuffer3PtrSOFT(ALuint buffer, ALenum param, ALvoid **value1,
                         ALvoid **value2, ALvoid **value3);
void alGetBufferPtrvSOFT(ALuint buffer, ALenum param, ALvoid **values);

/* ALC_SOFT_reopen_device */
ALCboolean alcReopenDeviceSOFT(ALCdevice *device, const ALCchar *deviceName,
                               const ALCint *attribs);

/* AL_SOFT_source_start_delay */
void alSourcePlayAtTimeSOFT(ALuint source, ALint64SOFT start_time);
void alSourcePlayAtTimevSOFT(ALsizei n, const ALuint *sources,
                             ALint64SOFT start_time);

/* ALC_SOFT_system_events */
typedef void (*ALCEVENTPROCTYPESOFT)(ALCenum eventType, ALCenum deviceType,
                                     ALCdevice *device, ALCsizei length,
                                     const ALCchar *message, void *userParam);
ALCenum alcEventIsSupportedSOFT(ALCenum eventType, ALCenum deviceType);
ALCboolean alcEventControlSOFT(ALCsizei count, const ALCenum *events,
                               ALCboolean enable);
void alcEventCallbackSOFT(ALCEVENTPROCTYPESOFT callback, void *userParam);

/* AL_EXT_debug */
#define AL_DEBUG_CALLBACK_FUNCTION_EXT 0x19B3
typedef void (*ALDEBUGPROCEXT)(ALenum source, ALenum type, ALuint id,
                               ALenum severity, ALsizei length,
                               const ALchar *message, void *userParam);
void alDebugMessageCallbackEXT(ALDEBUGPROCEXT callback, void *userParam);
void alDebugMessageInsertEXT(ALenum source, ALenum type, ALuint id,
                             ALenum severity, ALsizei length,
                             const ALchar *message);
void alDebugMessageControlEXT(ALenum source, ALenum type, ALenum severity,
                              ALsizei count, const ALuint *ids,
                              ALboolean enable);
void alPushDebugGroupEXT(ALenum source, ALuint id, ALsizei length,
                         const ALchar *message);
void alPopDebugGroupEXT(void);
ALuint alGetDebugMessageLogEXT(ALuint count, ALsizei logBufSize,
                               ALenum *sources, ALenum *types, ALuint *ids,
                               ALenum *severities, ALsizei *lengths,
                               ALchar *logBuf);
void alObjectLabelEXT(ALenum identifier, ALuint name, ALsizei length,
                      const ALchar *label);
void alGetObjectLabelEXT(ALenum identifier, ALuint name, ALsizei bufSize,
                         ALsizei *length, ALchar *label);
void *alGetPointerEXT(ALenum pname);
void alGetPointervEXT(ALenum pname, ALvoid **values);

/* EAX */
ALenum EAXSet(const void *property_set_id, ALuint property_id,
              ALuint source_id, ALvoid *value, ALuint value_size);
ALenum EAXGet(const void *property_set_id, ALuint property_id,
              ALuint source_id, ALvoid *value, ALuint value_size);
ALboolean EAXSetBufferMode(ALsizei n, const ALuint *buffers, ALint value);
ALenum EAXGetBufferMode(ALuint buffer, ALint *pReserved);

/* The log.  A callback cannot take a plain char, whose sign is each ISA's own;
 * the levels are letters, which are the same in both. */
typedef void (*LPALSOFTLOGCALLBACK)(void *userptr, signed char level,
                                    const char *message, int length);
void alsoft_set_log_callback(LPALSOFTLOGCALLBACK callback, void *userptr);

#endif
