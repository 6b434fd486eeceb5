/* SPDX-License-Identifier: MIT */
/*
 * Memory that goes to another process: its file descriptor crosses a socket
 * (SCM_RIGHTS), the other process imports it, its device writes to it, and the
 * first one sees what it wrote.
 *
 * Would catch: descriptors that are not those of the process, memory that is
 * copied instead of shared.  Wrong twin: a descriptor of no type is asked for.
 */
#include "app.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 65536, SOCKET = 9 };

extern char **environ;

static const VkExternalMemoryHandleTypeFlagBits opaque =
    VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;

/* --- a descriptor and one word through a socket --------------------------- */

union control {
    struct cmsghdr align;
    char room[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int to, int fd)
{
    char word = 'x';
    struct iovec data = { &word, 1 };
    union control control = { 0 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control) };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    if (sendmsg(to, &message, 0) != 1)
        die("the descriptor was not sent");
}

static int receive_descriptor(int from)
{
    char word;
    struct iovec data = { &word, 1 };
    union control control = { 0 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control) };
    int fd;

    if (recvmsg(from, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
        die("no descriptor came");
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    return fd;
}

/* --- memory --------------------------------------------------------------- */

static VkBuffer create_buffer(struct app *app, VkMemoryRequirements *needs)
{
    VkExternalMemoryBufferCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
        .handleTypes = opaque,
    };
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .pNext = &external,
        .size = BYTES,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkBuffer buffer;

    MUST(vkCreateBuffer(app->device, &info, app->allocator, &buffer));
    vkGetBufferMemoryRequirements(app->device, buffer, needs);
    return buffer;
}

/* Memory for the buffer, bound to it: what `chain` says of it. */
static struct buffer allocate(struct app *app, const void *chain)
{
    VkMemoryRequirements needs;
    struct buffer b = { .buffer = create_buffer(app, &needs), .size = BYTES };
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = chain,
        .allocationSize = needs.size,
    };

    while (!(needs.memoryTypeBits >> info.memoryTypeIndex & 1))
        info.memoryTypeIndex++;
    MUST(vkAllocateMemory(app->device, &info, app->allocator, &b.memory));
    MUST(vkBindBufferMemory(app->device, b.buffer, b.memory, 0));
    MUST(vkMapMemory(app->device, b.memory, 0, VK_WHOLE_SIZE, 0, &b.map));
    return b;
}

static int export(struct app *app, VkDeviceMemory memory,
                  VkExternalMemoryHandleTypeFlagBits type)
{
    VkMemoryGetFdInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
        .memory = memory,
        .handleType = type,
    };
    int fd = -1;
    VkResult result = PROC(app, vkGetMemoryFdKHR)(app->device, &info, &fd);

    printf("a descriptor: %d, %s\n", result, fd >= 0 ? "there" : "none");
    return fd;
}

static void fill(struct app *app, VkBuffer buffer, uint32_t value)
{
    VkCommandBuffer commands = commands_begin(app);
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };

    vkCmdFillBuffer(commands, buffer, 0, VK_WHOLE_SIZE, value);
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
    commands_run(app, commands);
}

/* --- the two processes ---------------------------------------------------- */

static void other_process(struct app *app)
{
    VkImportMemoryFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
        .handleType = opaque,
        .fd = receive_descriptor(SOCKET),
    };
    struct buffer b = allocate(app, &import);

    printf("the other process reads %08x\n", *(uint32_t *)b.map);
    fill(app, b.buffer, 0x07060504);
    buffer_destroy(app, &b);
}

static pid_t start_other(char *self, int socket)
{
    char *argv[] = { self, "other", NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, SOCKET);
    if (posix_spawn(&child, self, &actions, NULL, argv, environ))
        die("%s cannot be started", self);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static void this_process(struct app *app, char *self)
{
    VkExportMemoryAllocateInfo chain = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
        .handleTypes = opaque,
    };
    struct buffer b = allocate(app, &chain);
    int sockets[2], fd, status = -1;
    pid_t child;

    fill(app, b.buffer, 0x01020304);
    fd = export(app, b.memory, opaque);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
        die("no sockets");
    child = start_other(self, sockets[1]);
    send_descriptor(sockets[0], fd);
    close(fd);
    if (waitpid(child, &status, 0) != child)
        die("the other process is lost");
    printf("it ended with %d, this one reads %08x, checksum %08x\n", status,
           *(uint32_t *)b.map, checksum(b.map, BYTES));
    if (app->wrong)
        export(app, b.memory, 0);
    buffer_destroy(app, &b);
    close(sockets[0]);
    close(sockets[1]);
}

static bool has_extension(void)
{
    VkExtensionProperties list[512];
    struct app app = { 0 };
    uint32_t count = 512;

    app_open_plain(&app);
    MUST(vkEnumerateDeviceExtensionProperties(app.physical, NULL, &count,
                                              list));
    app_close(&app);
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(list[i].extensionName,
                    VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct app app = app_arguments(argc, argv);

    if (!has_extension()) {
        printf("skip: the driver lacks VK_KHR_external_memory_fd\n");
        return 77;
    }
    app.device_extensions[0] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
    app_open(&app);
    if (argc > 1 && !strcmp(argv[1], "other"))
        other_process(&app);
    else
        this_process(&app, argv[0]);
    return app_close(&app);
}
