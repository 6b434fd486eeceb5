# SPDX-License-Identifier: MIT
"""vulkaninfo says the same as natively, but for the Wayland surface.

Would catch: a function of the instance or the device that is missing or
dispatched wrongly, a struct in a chain that arrives empty, surfaces of xcb or
Xlib that do not work, lists that are cut short.
"""
import re

import gwtest

# Not advertised to the guest (thunkgen/packs/vulkan.policy).
CONCEALED = re.compile(r'^\tVK_KHR_wayland_surface .*\n', re.M)
COUNT = re.compile(r'^Instance Extensions: count = \d+$', re.M)


def clean(text):
    return COUNT.sub('Instance Extensions', CONCEALED.sub('', text))


def main():
    with gwtest.Test(__doc__) as test:
        program = test.need('vulkaninfo', 'vulkan-tools')
        if test.args.isa:
            test.need_sysroot('vulkan-tools')
        native, guest = test.both([program])
        test.check(native.status == 0 and 'VkSurfaceCapabilitiesKHR' in
                   native.out, 'natively it ' + native.ending(),
                   native.tail())
        test.check(guest.status == 0, 'under Gangway it ' + guest.ending(),
                   guest.tail())
        test.compare_text(native.out, guest.out, 'stdout', clean)
        test.check('VK_KHR_wayland_surface' not in guest.out,
                   'the guest is told of Wayland surfaces')


main()
