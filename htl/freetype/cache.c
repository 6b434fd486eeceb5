/* SPDX-License-Identifier: MIT */
/* The cache manager: it asks the guest for faces, and destroys them in nearly
 * every one of its functions. */
#include "freetype-host.h"
#include "freetype-htl.h"

#include <pthread.h>
#include <stdlib.h>

struct manager {
    FTC_Manager manager;
    void *requester; /* the guest's */
    void *data;
    struct manager *next;
};

struct cache {
    void *cache;
    FTC_Manager manager;
    struct cache *next;
};

/* Both under the lock; no guest code runs under it. */
static struct manager *managers;
static struct cache *caches;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static FT_Error request(FTC_FaceID id, FT_Library library, FT_Pointer data,
                        FT_Face *face)
{
    struct manager *m = data;
    struct gw_cb_FTC_Face_Requester b = {
        FT_CALLBACK(FTC_Face_Requester, m->requester),
        .face_id = id, .library = library, .req_data = m->data, .aface = face,
    };

    gw_call_guest(&b.cb);
    if (!b.ret) {
        gw_ft_face_managed(*face, m->manager);
        /* Its first size goes at once, within this call of the cache's. */
        gw_ft_enter(m->manager, (struct gw_ft_faces){ .face = *face });
    }
    return b.ret;
}

void gw_custom_FTC_Manager_New(struct gw_args_FTC_Manager_New *a)
{
    FTC_Manager *manager = a->amanager;
    struct manager *m = malloc(sizeof(*m));

    if (!m) {
        a->ret = FT_Err_Out_Of_Memory;
        return;
    }
    m->requester = a->requester;
    m->data = a->req_data;
    a->ret = gw_freetype_host(FTC_Manager_New)(
        a->library, a->max_faces, a->max_sizes, a->max_bytes,
        a->requester ? request : NULL, m, manager);
    if (a->ret) {
        free(m);
        return;
    }
    m->manager = *manager;
    pthread_mutex_lock(&lock);
    m->next = managers;
    managers = m;
    pthread_mutex_unlock(&lock);
}

/* Its caches go with it. */
static void forget(FTC_Manager manager)
{
    struct manager **m = &managers, *found;
    struct cache **c = &caches;

    pthread_mutex_lock(&lock);
    while (*m && (*m)->manager != manager) {
        m = &(*m)->next;
    }
    found = *m;
    if (found) {
        *m = found->next;
    }
    while (*c) {
        struct cache *cache = *c;
        if (cache->manager == manager) {
            *c = cache->next;
            free(cache);
        } else {
            c = &cache->next;
        }
    }
    pthread_mutex_unlock(&lock);
    free(found);
}

void gw_custom_FTC_Manager_Done(struct gw_args_FTC_Manager_Done *a)
{
    gw_ft_manager_enter(a->manager, a->manager);
    gw_freetype_host(FTC_Manager_Done)(a->manager);
    gw_ft_manager_leave(a->manager);
    if (a->manager) {
        forget(a->manager);
    }
}

void gw_ft_manager_enter(void *manager, void *same)
{
    (void)same;
    if (manager) {
        gw_ft_enter(manager, (struct gw_ft_faces){ .manager = manager });
    }
}

void gw_ft_manager_leave(void *manager)
{
    if (manager) {
        gw_ft_leave(manager);
    }
}

static FTC_Manager manager_of(const void *cache)
{
    FTC_Manager manager = NULL;

    pthread_mutex_lock(&lock);
    for (struct cache *c = caches; c && !manager; c = c->next) {
        if (c->cache == cache) {
            manager = c->manager;
        }
    }
    pthread_mutex_unlock(&lock);
    return manager;
}

void gw_ft_cache_enter(void *cache, void *same)
{
    gw_ft_manager_enter(manager_of(cache), same);
}

void gw_ft_cache_leave(void *cache)
{
    gw_ft_manager_leave(manager_of(cache));
}

static void remember(FT_Error error, void *manager, void **cache)
{
    struct cache *c = !error && cache ? malloc(sizeof(*c)) : NULL;

    if (c) {
        c->cache = *cache;
        c->manager = manager;
        pthread_mutex_lock(&lock);
        c->next = caches;
        caches = c;
        pthread_mutex_unlock(&lock);
    }
}

void gw_adjust_FTC_CMapCache_New(struct gw_args_FTC_CMapCache_New *a)
{
    remember(a->ret, a->manager, a->acache);
}

void gw_adjust_FTC_ImageCache_New(struct gw_args_FTC_ImageCache_New *a)
{
    remember(a->ret, a->manager, a->acache);
}

void gw_adjust_FTC_SBitCache_New(struct gw_args_FTC_SBitCache_New *a)
{
    remember(a->ret, a->manager, a->acache);
}
