/* SPDX-License-Identifier: MIT */
/* What Vulkan answers where it cannot do anything (without.py). */
#include <stdio.h>
#include <string.h>

#include <vulkan/vulkan.h>

int main(int argc, char **argv)
{
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO };
    VkInstance instance = VK_NULL_HANDLE;
    uint32_t version = 0, extensions = 7, layers = 7;
    VkResult result = vkEnumerateInstanceVersion(&version);

    if (argc > 1 && !strcmp(argv[1], "null")) {
        vkEnumeratePhysicalDevices(VK_NULL_HANDLE, &layers, NULL);
        printf("survived\n");
        return 0;
    }
    printf("version: %d, %d.%d\n", result, VK_API_VERSION_MAJOR(version),
           VK_API_VERSION_MINOR(version));
    result = vkEnumerateInstanceExtensionProperties(NULL, &extensions, NULL);
    printf("extensions: %d, %s\n", result, extensions ? "some" : "none");
    result = vkEnumerateInstanceLayerProperties(&layers, NULL);
    printf("layers: %d, %s\n", result, layers ? "some" : "none");
    printf("addresses: %d %d %d\n",
           !!vkGetInstanceProcAddr(NULL, "vkCreateInstance"),
           !!vkGetInstanceProcAddr(NULL, "vkDestroyInstance"),
           !!vkGetInstanceProcAddr(NULL, "vkCmdDraw"));
    printf("instance: %d\n", vkCreateInstance(&info, NULL, &instance));
    vkDestroyInstance(VK_NULL_HANDLE, NULL);
    vkDestroyDevice(VK_NULL_HANDLE, NULL);
    return 0;
}
