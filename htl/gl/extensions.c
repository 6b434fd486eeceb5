/* SPDX-License-Identifier: MIT */
/*
 * Lists of extensions for the guest: those of the host that the generated
 * tables cover.  An extension that is newer than the tables could have
 * functions for which glXGetProcAddress answers NULL, and a program that has
 * seen the name would call them.  Where the tables cover everything, which is
 * the rule, the host's own strings pass through.
 */
#include "gl-htl.h"
#include "runtime.h"

#include <EGL/egl.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <GL/glx.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A host's list that had to lose something, and what is left of it.  Both
 * live as long as the process, as the guest keeps the pointers; there are few,
 * one for each kind of context. */
struct filtered {
    char *host, *guest;
    struct filtered *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `lists` */
static struct filtered *lists;

static bool covered(const char *name, size_t length)
{
    unsigned low = 0, high = gw_gl_extension_count;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        const char *known = gw_gl_extensions[middle];
        int order = strncmp(name, known, length);
        if (order == 0 && !known[length]) {
            return true;
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

/* The next name of a list and its length; NULL at the end. */
static const char *next_name(const char *list, size_t *length)
{
    list += strspn(list, " ");
    *length = strcspn(list, " ");
    return *length ? list : NULL;
}

static bool all_covered(const char *list)
{
    size_t length;

    for (const char *name = list; (name = next_name(name, &length));
         name += length) {
        if (!covered(name, length)) {
            return false;
        }
    }
    return true;
}

/* With the lock held; NULL when there is no memory. */
static struct filtered *add_list(const char *host)
{
    struct filtered *new = calloc(1, sizeof(*new));
    char *out = malloc(strlen(host) + 2);
    size_t length;

    if (!new || !out || !(new->host = strdup(host))) {
        free(out);
        free(new);
        return NULL;
    }
    new->guest = out;
    for (const char *name = host; (name = next_name(name, &length));
         name += length) {
        if (covered(name, length)) {
            out = mempcpy(out, name, length);
            *out++ = ' ';
        } else {
            gw_verbose("extension %.*s is newer than Gangway's tables and "
                       "not shown to the program", (int)length, name);
        }
    }
    *out = 0;
    new->next = lists;
    return lists = new;
}

/* What the guest sees for a host's list; lives as long as the process or the
 * host's string. */
static const void *filter(const void *list)
{
    struct filtered *f;

    if (!list || all_covered(list)) {
        return list;
    }
    pthread_mutex_lock(&lock);
    for (f = lists; f && strcmp(f->host, list) != 0; f = f->next) {
    }
    f = f ? f : add_list(list);
    pthread_mutex_unlock(&lock);
    return f ? f->guest : NULL;
}

void gw_adjust_glGetString(struct gw_args_glGetString *a)
{
    if (a->name == GL_EXTENSIONS) {
        a->ret = (void *)filter(a->ret);
    }
}

void gw_adjust_glXGetClientString(struct gw_args_glXGetClientString *a)
{
    if (a->name == GLX_EXTENSIONS) {
        a->ret = (void *)filter(a->ret);
    }
}

void gw_adjust_glXQueryServerString(struct gw_args_glXQueryServerString *a)
{
    if (a->name == GLX_EXTENSIONS) {
        a->ret = (void *)filter(a->ret);
    }
}

void gw_adjust_glXQueryExtensionsString(
    struct gw_args_glXQueryExtensionsString *a)
{
    a->ret = (void *)filter(a->ret);
}

void gw_adjust_eglQueryString(struct gw_args_eglQueryString *a)
{
    if (a->name == EGL_EXTENSIONS) {
        a->ret = (void *)filter(a->ret);
    }
}

/*
 * The indexed list of the current context.  Made anew whenever the guest asks
 * for the number of extensions or for the first one, so it is never another
 * context's for long.
 */
#define NAMES_MAX 4096
static _Thread_local struct {
    int host_count, count;
    uint16_t host_index[NAMES_MAX];
} names;

static const char *host_name(unsigned index)
{
    PFNGLGETSTRINGIPROC get =
        (PFNGLGETSTRINGIPROC)gw_pack_real(&gw_gl_pack, gw_gl_id_glGetStringi);

    return get ? (const char *)get(GL_EXTENSIONS, index) : NULL;
}

static void read_names(int host_count)
{
    names.count = 0;
    names.host_count = host_count;
    for (int i = 0; i < host_count && i < NAMES_MAX; i++) {
        const char *name = host_name(i);
        if (name && covered(name, strlen(name))) {
            names.host_index[names.count++] = i;
        }
    }
}

void gw_adjust_glGetIntegerv(struct gw_args_glGetIntegerv *a)
{
    int32_t *count = a->data;

    if (a->pname == GL_NUM_EXTENSIONS && count) {
        read_names(*count);
        *count = names.count;
    }
}

void gw_adjust_glGetInteger64v(struct gw_args_glGetInteger64v *a)
{
    int64_t *count = a->data;

    if (a->pname == GL_NUM_EXTENSIONS && count) {
        read_names((int)*count);
        *count = names.count;
    }
}

void gw_adjust_glGetStringi(struct gw_args_glGetStringi *a)
{
    int32_t host_count;

    if (a->name != GL_EXTENSIONS || !a->ret) {
        return;
    }
    if (a->index == 0 || (int)a->index >= names.host_count) {
        gw_gl_host(glGetIntegerv)(GL_NUM_EXTENSIONS, &host_count);
        read_names(host_count);
    }
    /* One beyond the end, for the host to raise its error. */
    a->ret = (void *)host_name((int)a->index < names.count
                                   ? names.host_index[a->index]
                                   : UINT32_MAX);
}
