/* SPDX-License-Identifier: MIT */
/*
 * A counting allocator for every object of a program's life: what is allocated
 * in a scope is freed, none of it twice, and it is as much as natively.
 *
 * Would catch: allocators that are dropped (nothing counted), one of the five
 * functions with the wrong signature, memory freed by another allocator's
 * function, user data that does not arrive.  Wrong twin: a buffer that is
 * never destroyed, which the count and the layer both see.
 */
#include "app.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SCOPES = 5 };

static struct counts {
    atomic_long allocated[SCOPES], reallocated[SCOPES], internal[SCOPES];
    atomic_long freed, live;
} counts;

/* In front of every block: what it is, and where malloc()'s block began. */
struct head {
    uint64_t magic;
    size_t size;
    void *block;
};
static const uint64_t MAGIC = 0x6761746577617921;

static struct head *head_of(void *memory)
{
    struct head *head = (struct head *)memory - 1;

    if (head->magic != MAGIC)
        die("%p was not allocated here", memory);
    return head;
}

static void *take(size_t size, size_t alignment)
{
    size_t room = sizeof(struct head) + alignment;
    char *block = malloc(size + room);
    uintptr_t memory;
    struct head *head;

    if (!block)
        return NULL;
    memory = ((uintptr_t)block + room - 1) & -alignment;
    head = (struct head *)memory - 1;
    *head = (struct head){ MAGIC, size, block };
    counts.live++;
    return (void *)memory;
}

static void give(void *memory)
{
    struct head *head = head_of(memory);

    head->magic = 0;
    counts.live--;
    free(head->block);
}

static struct counts *ours(void *user, VkSystemAllocationScope scope)
{
    if (user != &counts || (int)scope >= SCOPES)
        die("user data %p, scope %d", user, scope);
    return user;
}

static void *VKAPI_CALL on_allocate(void *user, size_t size, size_t alignment,
                                    VkSystemAllocationScope scope)
{
    ours(user, scope)->allocated[scope]++;
    return take(size, alignment);
}

static void VKAPI_CALL on_free(void *user, void *memory)
{
    ours(user, 0)->freed += memory != NULL;
    if (memory)
        give(memory);
}

static void *VKAPI_CALL on_reallocate(void *user, void *old, size_t size,
                                      size_t alignment,
                                      VkSystemAllocationScope scope)
{
    void *new;

    ours(user, scope)->reallocated[scope]++;
    if (size == 0) {
        on_free(user, old);
        return NULL;
    }
    new = take(size, alignment);
    if (new && old) {
        size_t had = head_of(old)->size;
        memcpy(new, old, had < size ? had : size);
        give(old);
    }
    return new;
}

static void VKAPI_CALL on_internal(void *user, size_t size,
                                   VkInternalAllocationType type,
                                   VkSystemAllocationScope scope)
{
    (void)size;
    (void)type;
    ours(user, scope)->internal[scope]++;
}

static const VkAllocationCallbacks allocator = {
    .pUserData = &counts,
    .pfnAllocation = on_allocate,
    .pfnReallocation = on_reallocate,
    .pfnFree = on_free,
    .pfnInternalAllocation = on_internal,
    .pfnInternalFree = on_internal,
};

static void use(struct app *app)
{
    struct buffer buffer =
        buffer_create(app, 65536, VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    struct image image = image_create(app, 64, 64,
                                      VK_IMAGE_USAGE_TRANSFER_DST_BIT);
    VkCommandBuffer commands = commands_begin(app);
    VkClearColorValue colour = { { 0.25f, 0.5f, 0.75f, 1 } };
    VkImageSubresourceRange all = { VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1 };

    image_barrier(commands, image.image, VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkCmdClearColorImage(commands, image.image,
                         VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &colour, 1,
                         &all);
    image_barrier(commands, image.image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                  VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    image_copy(commands, &image, &buffer);
    commands_run(app, commands);
    image_print("cleared", &buffer, 64, 64);
    image_destroy(app, &image);
    buffer_destroy(app, &buffer);
}

static void lose_a_buffer(struct app *app)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = 256,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkBuffer buffer;

    MUST(vkCreateBuffer(app->device, &info, app->allocator, &buffer));
    app_name((uintptr_t)buffer, "the lost buffer");
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    long any = 0;
    int status;

    app.allocator = &allocator;
    app_open(&app);
    use(&app);
    if (app.wrong)
        lose_a_buffer(&app);
    status = app_close(&app);
    for (int i = 0; i < SCOPES; i++) {
        printf("scope %d: %ld allocations, %ld reallocations, %ld internal\n",
               i, counts.allocated[i], counts.reallocated[i],
               counts.internal[i]);
        any += counts.allocated[i];
    }
    printf("%ld freed, %ld left\n", counts.freed, counts.live);
    if (!any)
        die("the allocator was never asked");
    return status;
}
