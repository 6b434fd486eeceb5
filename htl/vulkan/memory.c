/* SPDX-License-Identifier: MIT */
/* Mapped memory: the guest may pass it to any system call (gw_adopt()). */
#include "vulkan-htl.h"
#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>

/* An allocation, since VK_WHOLE_SIZE maps what only its maker knows. */
struct allocation {
    struct allocation *next;
    void *device, *memory;
    VkDeviceSize size;
    void *mapped;          /* adopted, and to be released */
    VkDeviceSize mapped_size;
};

#define BUCKETS 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the table */
static struct allocation *table[BUCKETS];

static struct allocation **bucket(const void *memory)
{
    return &table[(uintptr_t)memory * UINT64_C(0x9e3779b97f4a7c15) >> 54];
}

/* With the lock held: the link to it; *link is NULL when it is unknown. */
static struct allocation **find(const void *device, const void *memory)
{
    struct allocation **link = bucket(memory);

    while (*link && ((*link)->memory != memory || (*link)->device != device)) {
        link = &(*link)->next;
    }
    return link;
}

void gw_adjust_vkAllocateMemory(struct gw_args_vkAllocateMemory *a)
{
    const VkMemoryAllocateInfo *info = a->pAllocateInfo;
    struct allocation *new;

    if ((VkResult)a->ret != VK_SUCCESS) {
        return;
    }
    new = calloc(1, sizeof(*new));
    if (new) {
        new->device = a->device;
        new->memory = *(void **)a->pMemory;
        new->size = info->allocationSize;
        pthread_mutex_lock(&lock);
        new->next = *bucket(new->memory);
        *bucket(new->memory) = new;
        pthread_mutex_unlock(&lock);
    }
}

static VkDeviceSize size_of(const void *device, const void *memory)
{
    struct allocation *found;
    VkDeviceSize size;

    pthread_mutex_lock(&lock);
    found = *find(device, memory);
    size = found ? found->size : 0;
    pthread_mutex_unlock(&lock);
    return size;
}

/* A memory that is not known was made by nobody: its pages stay adopted. */
static void remember(const void *device, const void *memory, void *mapped,
                     VkDeviceSize size)
{
    struct allocation *found;

    pthread_mutex_lock(&lock);
    found = *find(device, memory);
    if (found) {
        found->mapped = mapped;
        found->mapped_size = size;
    }
    pthread_mutex_unlock(&lock);
}

static void forget(const void *device, const void *memory)
{
    struct allocation *found;
    void *mapped = NULL;
    VkDeviceSize size = 0;

    pthread_mutex_lock(&lock);
    found = *find(device, memory);
    if (found) {
        mapped = found->mapped;
        size = found->mapped_size;
        found->mapped = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (mapped) {
        gw_release(mapped, size);
    }
}

void gw_custom_vkFreeMemory(struct gw_args_vkFreeMemory *a)
{
    VkAllocationCallbacks storage;
    struct allocation **link, *gone;

    /* Before the host may give its handle to another one. */
    pthread_mutex_lock(&lock);
    link = find(a->device, a->memory);
    gone = *link;
    if (gone) {
        *link = gone->next;
    }
    pthread_mutex_unlock(&lock);
    if (gone && gone->mapped) {
        gw_release(gone->mapped, gone->mapped_size);
    }
    free(gone);
    gw_vk(a->device, vkFreeMemory)(a->device, (VkDeviceMemory)a->memory,
                                   gw_vk_allocator(a->pAllocator, &storage));
}

void gw_adjust_vkMapMemory(struct gw_args_vkMapMemory *a)
{
    VkDeviceSize size = a->size;

    if ((VkResult)a->ret != VK_SUCCESS) {
        return;
    }
    if (size == VK_WHOLE_SIZE) {
        size = size_of(a->device, a->memory);
        size = size > a->offset ? size - a->offset : 0;
    }
    if (gw_adopt(*(void **)a->ppData, size)) {
        remember(a->device, a->memory, *(void **)a->ppData, size);
    }
}

void gw_custom_vkUnmapMemory(struct gw_args_vkUnmapMemory *a)
{
    forget(a->device, a->memory);
    gw_vk(a->device, vkUnmapMemory)(a->device, (VkDeviceMemory)a->memory);
}
