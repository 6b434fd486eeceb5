/* SPDX-License-Identifier: MIT */
/*
 * The messenger of VkInstanceCreateInfo::pNext works while the instance is
 * created and destroyed, wherever in the chain it stands, and the chain is not
 * written to (it is const data).  A debug report callback, the older kind,
 * works too; messages stop when their object is destroyed, and so does what it
 * cost.  Functions from
 * vkGet*ProcAddr follow the specification's rules for NULL.  Two instances
 * live side by side.
 *
 * Would catch: a chain that is not searched, a guest function that reaches
 * the host, closures freed too early.  Wrong twin: a callback object that is
 * never destroyed.
 */
#include "app.h"
#include "../lib/resident.h"

#include <sys/mman.h>
#include <unistd.h>

static VkBool32 VKAPI_CALL on_report(VkDebugReportFlagsEXT flags,
                                     VkDebugReportObjectTypeEXT type,
                                     uint64_t object, size_t location,
                                     int32_t code, const char *prefix,
                                     const char *message, void *user)
{
    (void)object;
    (void)location;
    printf("report %s: flags %x type %d code %d prefix %s: %.40s\n",
           (const char *)user, flags, type, code, prefix, message);
    return VK_FALSE;
}

static const char *const layers[] = { "VK_LAYER_KHRONOS_validation" };
static const char *const extensions[] = {
    VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_DEBUG_REPORT_EXTENSION_NAME };

static VkInstance instance_with(const void *chain)
{
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = chain,
        .enabledLayerCount = 1,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = 2,
        .ppEnabledExtensionNames = extensions,
    };
    VkInstance instance;
    VkResult result = vkCreateInstance(&info, NULL, &instance);

    if (result == VK_ERROR_LAYER_NOT_PRESENT) {
        printf("skip: install vulkan-validationlayers\n");
        exit(77);
    }
    must(result, "vkCreateInstance");
    return instance;
}

static void lose_a_callback(VkInstance instance)
{
    struct app app = { .instance = instance };
    VkDebugReportCallbackCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_REPORT_CALLBACK_CREATE_INFO_EXT,
        .flags = VK_DEBUG_REPORT_PERFORMANCE_WARNING_BIT_EXT,
        .pfnCallback = on_report,
        .pUserData = "lost",
    };
    VkDebugReportCallbackEXT callback;

    MUST(PROC(&app, vkCreateDebugReportCallbackEXT)(instance, &info, NULL,
                                                    &callback));
    app_name((uintptr_t)callback, "the lost callback");
}

/* Something that the layer complains of, and the driver does not mind. */
static void complain(VkInstance instance)
{
    PFN_vkSubmitDebugUtilsMessageEXT submit =
        (PFN_vkSubmitDebugUtilsMessageEXT)vkGetInstanceProcAddr(
            instance, "vkSubmitDebugUtilsMessageEXT");
    VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType =
            VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pMessageIdName = "from the program",
        .messageIdNumber = 42,
        .pMessage = "hello",
    };

    submit(instance, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
           VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT, &data);
}

static void chains(bool wrong)
{
    VkDebugUtilsMessengerCreateInfoEXT last = app_messenger();
    VkValidationFeatureEnableEXT enables[] = {
        VK_VALIDATION_FEATURE_ENABLE_BEST_PRACTICES_EXT };
    VkValidationFeaturesEXT middle = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = &last,
        .enabledValidationFeatureCount = 1,
        .pEnabledValidationFeatures = enables,
    };
    VkDebugReportCallbackCreateInfoEXT first = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_REPORT_CALLBACK_CREATE_INFO_EXT,
        .pNext = &middle,
        .flags = VK_DEBUG_REPORT_ERROR_BIT_EXT,
        .pfnCallback = on_report,
        .pUserData = "in the chain",
    };
    VkInstance instance;

    instance = instance_with(&first);
    app_name((uintptr_t)instance, "the instance");
    printf("created\n");
    complain(instance);
    if (wrong)
        lose_a_callback(instance);
    printf("destroying\n");
    vkDestroyInstance(instance, NULL);
    if (first.pfnCallback != on_report || first.pNext != &middle ||
        middle.pNext != &last)
        die("the chain was written to");
}

static void objects(void)
{
    VkDebugUtilsMessengerCreateInfoEXT info = app_messenger();
    VkDebugReportCallbackCreateInfoEXT report = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_REPORT_CALLBACK_CREATE_INFO_EXT,
        .flags = VK_DEBUG_REPORT_ERROR_BIT_EXT,
        .pfnCallback = on_report,
        .pUserData = "object",
    };
    struct app app = { .instance = instance_with(NULL) };
    struct app other = { .instance = instance_with(NULL) };
    VkDebugUtilsMessengerEXT messenger;
    VkDebugReportCallbackEXT callback;

    MUST(PROC(&app, vkCreateDebugUtilsMessengerEXT)(app.instance, &info, NULL,
                                                    &messenger));
    MUST(PROC(&other, vkCreateDebugReportCallbackEXT)(other.instance, &report,
                                                      NULL, &callback));
    printf("one of each\n");
    complain(app.instance);
    complain(other.instance);
    PROC(&app, vkDebugReportMessageEXT)(
        other.instance, VK_DEBUG_REPORT_ERROR_BIT_EXT,
        VK_DEBUG_REPORT_OBJECT_TYPE_UNKNOWN_EXT, 0, 0, 7, "test", "seven");
    PROC(&app, vkDestroyDebugUtilsMessengerEXT)(app.instance, messenger, NULL);
    printf("none\n");
    complain(app.instance);
    vkDestroyInstance(app.instance, NULL);
    printf("the other\n");
    complain(other.instance);
    PROC(&other, vkDestroyDebugReportCallbackEXT)(other.instance, callback,
                                                  NULL);
    complain(other.instance);
    vkDestroyInstance(other.instance, NULL);
}

/* Messengers for a great many functions, one after the other: each function is
 * a copy of the same two instructions, "return 0". */
static void churn(void)
{
    /* QEMU's translated code grows by huge pages of 2 MiB; 58,000 closures
     * would be more than 10 MiB. */
    enum { FUNCTIONS = 60000, WARM = 2000, ROOM = 16, LEAK = 6144 };
#if defined(__x86_64__)
    static const unsigned char code[] = { 0x31, 0xc0, 0xc3 };
#elif defined(__aarch64__)
    static const uint32_t code[] = { 0x52800000, 0xd65f03c0 };
#elif defined(__riscv)
    static const uint32_t code[] = { 0x00000513, 0x00008067 };
#else
#error "say here what the function is on this ISA"
#endif
    VkDebugUtilsMessengerCreateInfoEXT info = app_messenger();
    struct app app = { .instance = instance_with(NULL) };
    PFN_vkCreateDebugUtilsMessengerEXT create =
        PROC(&app, vkCreateDebugUtilsMessengerEXT);
    PFN_vkDestroyDebugUtilsMessengerEXT destroy =
        PROC(&app, vkDestroyDebugUtilsMessengerEXT);
    char *functions = mmap(NULL, FUNCTIONS * ROOM,
                           PROT_READ | PROT_WRITE | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    VkDebugUtilsMessengerEXT messenger;
    long before = 0;

    for (int i = 0; i < FUNCTIONS; i++)
        memcpy(functions + i * ROOM, code, sizeof(code));
    __builtin___clear_cache(functions, functions + FUNCTIONS * ROOM);
    for (int i = 0; i < FUNCTIONS; i++) {
        if (i == WARM)
            before = resident();
        info.pfnUserCallback =
            (PFN_vkDebugUtilsMessengerCallbackEXT)(functions + i * ROOM);
        MUST(create(app.instance, &info, NULL, &messenger));
        if (i % 1000 == 0)
            complain(app.instance);
        destroy(app.instance, messenger, NULL);
    }
    printf("%d messengers cost %s\n", FUNCTIONS,
           resident() - before < LEAK ? "nothing" : "memory");
    vkDestroyInstance(app.instance, NULL);
}

static void addresses(void)
{
    static const char *const asked[] = {
        "vkCreateInstance", "vkEnumerateInstanceVersion",
        "vkEnumerateInstanceExtensionProperties",
        "vkEnumerateInstanceLayerProperties", "vkGetInstanceProcAddr",
        "vkDestroyInstance", "vkCreateDevice", "vkCmdDraw",
        "vkCreateXcbSurfaceKHR", "vkCreateDebugUtilsMessengerEXT",
        "vkCmdDrawMeshTasksEXT", "vkGetPhysicalDeviceFeatures2",
        "vkNoSuchFunction", "glClear", "" };
    struct app app = { 0 };

    app_open(&app);
    for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++)
        printf("%s: global %d, instance %d, device %d\n", asked[i],
               !!vkGetInstanceProcAddr(NULL, asked[i]),
               !!vkGetInstanceProcAddr(app.instance, asked[i]),
               !!vkGetDeviceProcAddr(app.device, asked[i]));
    app_close(&app);
}

static PFN_vkVoidFunction VKAPI_CALL no_driver(VkInstance instance,
                                               const char *name)
{
    (void)instance;
    printf("asked for %s\n", name);
    return NULL;
}

/* A driver of the program's: where the loader has no such thing, asking for
 * it is an error, and its struct in the chain is passed over. */
static void direct_driver(void)
{
    VkDirectDriverLoadingInfoLUNARG driver = {
        .sType = VK_STRUCTURE_TYPE_DIRECT_DRIVER_LOADING_INFO_LUNARG,
        .pfnGetInstanceProcAddr = (PFN_vkGetInstanceProcAddrLUNARG)no_driver,
    };
    VkDirectDriverLoadingListLUNARG list = {
        .sType = VK_STRUCTURE_TYPE_DIRECT_DRIVER_LOADING_LIST_LUNARG,
        .mode = VK_DIRECT_DRIVER_LOADING_MODE_INCLUSIVE_LUNARG,
        .driverCount = 1,
        .pDrivers = &driver,
    };
    const char *name = VK_LUNARG_DIRECT_DRIVER_LOADING_EXTENSION_NAME;
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = &list,
        .enabledExtensionCount = 1,
        .ppEnabledExtensionNames = &name,
    };
    VkInstance instance = VK_NULL_HANDLE;

    printf("direct drivers: %d\n", vkCreateInstance(&info, NULL, &instance));
    info.enabledExtensionCount = 0;
    MUST(vkCreateInstance(&info, NULL, &instance));
    vkDestroyInstance(instance, NULL);
}

static void refusals(void)
{
    const char *unknown[] = { "VK_GANGWAY_no_such_extension" };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .enabledExtensionCount = 1,
        .ppEnabledExtensionNames = unknown,
    };
    VkInstance instance = NULL;
    VkExtensionProperties one[1];
    uint32_t count = 1;

    printf("unknown extension: %d\n",
           vkCreateInstance(&info, NULL, &instance));
    printf("one of many: %d, %u\n", vkEnumerateInstanceExtensionProperties(
        NULL, &count, one), count);
    printf("unknown layer: %d\n", vkEnumerateInstanceExtensionProperties(
        "no such layer", &count, NULL));
    vkDestroyInstance(VK_NULL_HANDLE, NULL);
    vkDestroyDevice(VK_NULL_HANDLE, NULL);
    direct_driver();
}

int main(int argc, char **argv)
{
    bool wrong = argc > 1 && !strcmp(argv[1], "wrong");

    setvbuf(stdout, NULL, _IOLBF, 0);
    chains(wrong);
    if (!wrong) {
        objects();
        refusals();
        churn();
        addresses();
    }
    return 0;
}
