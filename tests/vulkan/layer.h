/* SPDX-License-Identifier: MIT */
/* What the tests' Vulkan layers share: the way to the next one. */
#ifndef TEST_LAYER_H
#define TEST_LAYER_H

#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

#define LAYER_EXPORT __attribute__((visibility("default")))

/* The loader's struct in a create info's chain, or NULL: whoever uses it puts
 * u.pLayerInfo->pNext in place of u.pLayerInfo. */
static inline VkLayerInstanceCreateInfo *
instance_link(const VkInstanceCreateInfo *info)
{
    VkLayerInstanceCreateInfo *link = (void *)info->pNext;

    while (link &&
           (link->sType != VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO ||
            link->function != VK_LAYER_LINK_INFO))
        link = (void *)link->pNext;
    return link;
}

static inline VkLayerDeviceCreateInfo *
device_link(const VkDeviceCreateInfo *info)
{
    VkLayerDeviceCreateInfo *link = (void *)info->pNext;

    while (link &&
           (link->sType != VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO ||
            link->function != VK_LAYER_LINK_INFO))
        link = (void *)link->pNext;
    return link;
}

#endif
