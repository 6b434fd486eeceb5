/* SPDX-License-Identifier: MIT */
/*
 * Memory: mapped ranges that the program writes to, flushes, invalidates and
 * hands to system calls; buffers that are filled, updated and copied; memory
 * of the program's own that the device reads; memory that leaves and comes
 * back as a file descriptor.
 *
 * Would catch: mapped memory that a guest's system calls refuse (EFAULT),
 * VK_WHOLE_SIZE without its size, host pointers or descriptors that mean
 * something else on the other side.  Wrong twin: a copy without a barrier,
 * which synchronization validation sees, and one beyond the end of a buffer.
 */
#include "app.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { BYTES = 256 * 1024 };

/* Through a pipe: the kernel reads from and writes to mapped memory, and it
 * fills a struct that lies at its end. */
static void system_calls(struct app *app)
{
    struct buffer from =
        buffer_create(app, BYTES, VK_BUFFER_USAGE_TRANSFER_SRC_BIT);
    struct buffer to =
        buffer_create(app, BYTES, VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    int ends[2];
    ssize_t in = 0, out = 0;

    for (int i = 0; i < BYTES; i++)
        ((uint8_t *)from.map)[i] = i * 7;
    if (pipe(ends))
        die("no pipe");
    for (int at = 0; at < BYTES; at += 4096) {
        out += write(ends[1], (char *)from.map + at, 4096);
        in += read(ends[0], (char *)to.map + at, 4096);
    }
    close(ends[0]);
    close(ends[1]);
    printf("pipe: %zd out, %zd in, %s\n", out, in,
           memcmp(from.map, to.map, BYTES) ? "different" : "equal");
    errno = 0;
    uname((struct utsname *)((char *)to.map + BYTES) - 1);
    printf("a struct of the kernel's: %s\n", strerror(errno));
    buffer_destroy(app, &from);
    buffer_destroy(app, &to);
}

static void copies(struct app *app)
{
    struct buffer a = buffer_create(app, BYTES,
                                    VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    struct buffer b =
        buffer_create(app, BYTES, VK_BUFFER_USAGE_TRANSFER_DST_BIT);
    VkMappedMemoryRange range = {
        .sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE,
        .memory = a.memory,
        .size = VK_WHOLE_SIZE,
    };
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT |
                         VK_ACCESS_TRANSFER_WRITE_BIT,
    };
    VkBufferCopy regions[2] = { { 0, 4096, 4096 }, { 8192, 0, 1024 } };
    VkCommandBuffer commands = commands_begin(app);
    uint32_t words[4] = { 1, 2, 3, 4 };

    app_name((uintptr_t)commands, "the command buffer");
    app_name((uintptr_t)a.buffer, "the source");
    app_name((uintptr_t)b.buffer, "the destination");
    for (int i = 0; i < BYTES; i++)
        ((uint8_t *)a.map)[i] = i >> 3;
    MUST(vkFlushMappedMemoryRanges(app->device, 1, &range));
    vkCmdFillBuffer(commands, b.buffer, 16384, 4096, 0xdeadbeef);
    vkCmdUpdateBuffer(commands, a.buffer, 8192, sizeof(words), words);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 1, &barrier, 0,
                         NULL, 0, NULL);
    vkCmdCopyBuffer(commands, a.buffer, b.buffer, 2, regions);
    if (app->wrong) {
        /* To where the last one may still write, then beyond the end. */
        vkCmdCopyBuffer(commands, a.buffer, b.buffer, 1, regions);
        regions[0] = (VkBufferCopy){ BYTES - 16, 32768, 4096 };
        vkCmdCopyBuffer(commands, a.buffer, b.buffer, 1, regions);
    }
    barrier.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
    commands_run(app, commands);
    range.memory = b.memory;
    MUST(vkInvalidateMappedMemoryRanges(app->device, 1, &range));
    printf("copied: checksum %08x, first %u, filled %08x\n",
           checksum(b.map, BYTES), *(uint32_t *)b.map,
           ((uint32_t *)b.map)[4096]);
    buffer_destroy(app, &a);
    buffer_destroy(app, &b);
}

static bool has_extension(struct app *app, const char *name)
{
    VkExtensionProperties list[512];
    uint32_t count = 512;

    MUST(vkEnumerateDeviceExtensionProperties(app->physical, NULL, &count,
                                              list));
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(list[i].extensionName, name))
            return true;
    return false;
}

/* VK_EXT_external_memory_host: the device writes to the program's memory. */
static void host_memory(struct app *app)
{
    void *mine = aligned_alloc(65536, BYTES);
    VkImportMemoryHostPointerInfoEXT import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
        .handleType =
            VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT,
        .pHostPointer = mine,
    };
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = &import,
        .allocationSize = BYTES,
    };
    VkExternalMemoryBufferCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
        .handleTypes = import.handleType,
    };
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .pNext = &external,
        .size = BYTES,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };
    VkMemoryHostPointerPropertiesEXT properties = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT,
    };
    VkCommandBuffer commands;
    VkDeviceMemory memory;
    VkBuffer buffer;

    memset(mine, 0, BYTES);
    MUST(((PFN_vkGetMemoryHostPointerPropertiesEXT)vkGetDeviceProcAddr(
        app->device, "vkGetMemoryHostPointerPropertiesEXT"))(
        app->device, import.handleType, mine, &properties));
    while (!(properties.memoryTypeBits >> allocate.memoryTypeIndex & 1))
        allocate.memoryTypeIndex++;
    MUST(vkCreateBuffer(app->device, &info, NULL, &buffer));
    MUST(vkAllocateMemory(app->device, &allocate, NULL, &memory));
    MUST(vkBindBufferMemory(app->device, buffer, memory, 0));
    commands = commands_begin(app);
    vkCmdFillBuffer(commands, buffer, 0, VK_WHOLE_SIZE, 0x12345678);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
    commands_run(app, commands);
    printf("the program's memory: %08x, checksum %08x\n", *(uint32_t *)mine,
           checksum(mine, BYTES));
    vkDestroyBuffer(app->device, buffer, NULL);
    vkFreeMemory(app->device, memory, NULL);
    free(mine);
}

/* VK_KHR_external_memory_fd: out, through a file of the kernel, and in. */
static void descriptors(struct app *app)
{
    VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
        .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
    };
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = &export,
        .allocationSize = BYTES,
    };
    VkMemoryGetFdInfoKHR get = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
        .handleType = export.handleTypes,
    };
    VkImportMemoryFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
        .handleType = export.handleTypes,
    };
    VkDeviceMemory out, in;
    uint32_t *map;

    MUST(vkAllocateMemory(app->device, &allocate, NULL, &out));
    MUST(vkMapMemory(app->device, out, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    map[5] = 4711;
    vkUnmapMemory(app->device, out);
    get.memory = out;
    MUST(((PFN_vkGetMemoryFdKHR)vkGetDeviceProcAddr(
        app->device, "vkGetMemoryFdKHR"))(app->device, &get, &import.fd));
    import.fd = dup(import.fd);
    allocate.pNext = &import;
    MUST(vkAllocateMemory(app->device, &allocate, NULL, &in));
    MUST(vkMapMemory(app->device, in, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    printf("through a descriptor: %u\n", map[5]);
    vkFreeMemory(app->device, in, NULL);
    vkFreeMemory(app->device, out, NULL);
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);
    struct app probe = { 0 };
    int n = 0;

    app_open(&probe);
    if (has_extension(&probe, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
        app.device_extensions[n++] = VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
    if (has_extension(&probe, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME))
        app.device_extensions[n++] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
    app_close(&probe);
    app_open(&app);
    system_calls(&app);
    copies(&app);
    if (has_extension(&app, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
        host_memory(&app);
    if (has_extension(&app, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME))
        descriptors(&app);
    return app_close(&app);
}
