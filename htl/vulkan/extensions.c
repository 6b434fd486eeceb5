/* SPDX-License-Identifier: MIT */
/*
 * Lists of extensions for the guest: those of the host that the generated
 * tables cover.  One that is newer could have functions without stubs, or
 * function pointers in structs that nobody converts; so the guest is not told
 * of it, and asking for it fails as it does where the host lacks it.
 */
#include "vulkan-htl.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool is_covered(const char *name)
{
    return bsearch(name, gw_vulkan_extensions, gw_vulkan_extension_count,
                   sizeof(*gw_vulkan_extensions), compare) != NULL;
}

bool gw_vk_covered(const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; names && i < count; i++) {
        if (names[i] && !is_covered(names[i])) {
            gw_verbose("extension %s is not one of Gangway's", names[i]);
            return false;
        }
    }
    return true;
}

/* A list that has to be asked for: of an instance or of a device. */
struct source {
    PFN_vkEnumerateInstanceExtensionProperties instance;
    PFN_vkEnumerateDeviceExtensionProperties device;
    VkPhysicalDevice physical;
    const char *layer;
};

static VkResult ask(const struct source *s, uint32_t *count,
                    VkExtensionProperties *list)
{
    return s->device ? s->device(s->physical, s->layer, count, list)
                     : s->instance(s->layer, count, list);
}

/* The host's whole list, to be freed. */
static VkResult whole_list(const struct source *s, uint32_t *count,
                           VkExtensionProperties **list)
{
    VkResult result;

    do {
        *list = NULL;
        result = ask(s, count, NULL);
        if (result != VK_SUCCESS || !*count) {
            return result;
        }
        *list = malloc(*count * sizeof(**list));
        if (!*list) {
            return VK_ERROR_OUT_OF_HOST_MEMORY;
        }
        result = ask(s, count, *list);
        if (result != VK_SUCCESS) {
            free(*list);
            *list = NULL;
        }
    } while (result == VK_INCOMPLETE);
    return result;
}

static uint32_t drop_uncovered(VkExtensionProperties *list, uint32_t count)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (is_covered(list[i].extensionName)) {
            list[left++] = list[i];
        } else {
            gw_verbose("extension %s is not shown to the program",
                       list[i].extensionName);
        }
    }
    return left;
}

static VkResult answer(const struct source *s, uint32_t *count,
                       VkExtensionProperties *out)
{
    VkExtensionProperties *list;
    uint32_t there = 0;
    VkResult result = whole_list(s, &there, &list);

    if (result != VK_SUCCESS) {
        return result;
    }
    there = drop_uncovered(list, there);
    if (!out) {
        *count = there;
    } else {
        result = *count < there ? VK_INCOMPLETE : VK_SUCCESS;
        *count = *count < there ? *count : there;
        memcpy(out, list, *count * sizeof(*out));
    }
    free(list);
    return result;
}

static VkResult nothing(uint32_t *count)
{
    *count = 0;
    return VK_SUCCESS;
}

void gw_custom_vkEnumerateInstanceExtensionProperties(
    struct gw_args_vkEnumerateInstanceExtensionProperties *a)
{
    struct source s = { .layer = a->pLayerName };

    s.instance = gw_vk_loader(vkEnumerateInstanceExtensionProperties);
    a->ret = s.instance ? answer(&s, a->pPropertyCount, a->pProperties)
                        : nothing(a->pPropertyCount);
}

void gw_custom_vkEnumerateDeviceExtensionProperties(
    struct gw_args_vkEnumerateDeviceExtensionProperties *a)
{
    struct source s = { .physical = a->physicalDevice,
                        .layer = a->pLayerName };

    s.device = gw_vk(a->physicalDevice, vkEnumerateDeviceExtensionProperties);
    a->ret = answer(&s, a->pPropertyCount, a->pProperties);
}

void gw_custom_vkEnumerateInstanceLayerProperties(
    struct gw_args_vkEnumerateInstanceLayerProperties *a)
{
    PFN_vkEnumerateInstanceLayerProperties ask_layers =
        gw_vk_loader(vkEnumerateInstanceLayerProperties);

    a->ret = ask_layers ? ask_layers(a->pPropertyCount, a->pProperties)
                        : nothing(a->pPropertyCount);
}

void gw_custom_vkEnumerateInstanceVersion(
    struct gw_args_vkEnumerateInstanceVersion *a)
{
    PFN_vkEnumerateInstanceVersion version =
        gw_vk_loader(vkEnumerateInstanceVersion);

    a->ret = VK_SUCCESS;
    if (version) {
        a->ret = version(a->pApiVersion);
    } else {
        *(uint32_t *)a->pApiVersion = VK_API_VERSION_1_0;
    }
}
