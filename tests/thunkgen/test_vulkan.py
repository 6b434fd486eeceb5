# SPDX-License-Identifier: MIT
"""The front end for vk.xml: what it reads, and where it must stop.

Would catch: a command or struct of the registry that is read wrongly, a
function pointer that crosses without a decision.
"""

import os
import re
import unittest

from support import ROOT, Case

from thunkgen import htl
from thunkgen.load import REGISTRY_DIRS, Loader
from thunkgen.policy import Policy

POLICY = os.path.join(ROOT, 'thunkgen', 'packs', 'vulkan.policy')

# A registry with one extension that has a function pointer in a chain.
MINI = '''<registry>
<platforms><platform name="xcb"/><platform name="wayland"/></platforms>
<types>
  <type category="basetype">typedef <type>uint32_t</type> <name>VkFlags</name>;
  </type>
  <type category="bitmask" requires="VkBits">typedef <type>VkFlags</type>
    <name>VkMask</name>;</type>
  <type name="VkBits" category="enum"/>
  <type name="VkResult" category="enum"/>
  <type name="VkStructureType" category="enum"/>
  <type category="handle"><type>VK_DEFINE_HANDLE</type>(<name>VkThing</name>)
  </type>
  <type category="funcpointer">typedef void (VKAPI_PTR *<name>PFN_vkCall</name>)
    (<type>VkMask</type> mask, void *user);</type>
  <type category="struct" name="VkHead">
    <member values="VK_HEAD"><type>VkStructureType</type> <name>sType</name>
    </member>
    <member>const <type>void</type> *<name>pNext</name></member></type>
  <type category="struct" name="VkTail" structextends="VkHead">
    <member values="VK_TAIL"><type>VkStructureType</type> <name>sType</name>
    </member>
    <member>const <type>void</type> *<name>pNext</name></member>
    <member><type>PFN_vkCall</type> <name>pfnCall</name></member></type>
  <type category="struct" name="VkList" structextends="VkHead">
    <member values="VK_LIST"><type>VkStructureType</type> <name>sType</name>
    </member>
    <member>const <type>void</type> *<name>pNext</name></member>
    <member><type>uint32_t</type> <name>count</name></member>
    <member len="count">const <type>VkTail</type> *<name>pTails</name></member>
  </type>
</types>
<enums name="VkResult" type="enum"><enum value="0" name="VK_SUCCESS"/></enums>
<enums name="VkBits" type="bitmask"><enum bitpos="3" name="VK_BIT"/></enums>
<commands>
  <command><proto><type>VkResult</type> <name>vkMake</name></proto>
    <param><type>VkThing</type> <name>thing</name></param>
    <param>const <type>VkHead</type> *<name>pInfo</name></param></command>
  <command><proto><type>void</type> <name>vkSet</name></proto>
    <param><type>VkThing</type> <name>thing</name></param>
    <param><type>VkMask</type> <name>mask</name></param>
    <param>const <type>float</type> <name>values</name>[4]</param></command>
  <command name="vkSetEXT" alias="vkSet"/>
  <command><proto><type>void</type> <name>vkWayland</name></proto>
    <param><type>VkThing</type> <name>thing</name></param></command>
</commands>
<feature api="vulkan" name="VK_VERSION_1_0"><require>
  <command name="vkMake"/><command name="vkSet"/>
  <type name="VkHead"/></require></feature>
<extensions>
  <extension name="VK_EXT_call" number="7" supported="vulkan"><require>
    <enum offset="1" extends="VkResult" dir="-" name="VK_ERROR_CALL_EXT"/>
    <type name="VkTail"/><type name="VkList"/><command name="vkSetEXT"/></require></extension>
  <extension name="VK_KHR_way" platform="wayland" supported="vulkan">
    <require><command name="vkWayland"/></require></extension>
  <extension name="VK_EXT_off" supported="disabled"/>
</extensions>
</registry>'''


class MiniCase(Case):
    def vulkan(self, policy='', apis='vulkan'):
        self.write('vk.xml', MINI)
        return self.load(f'pack vk\nregistry vk.xml {apis}\nenums vk.xml\n'
                         f'{policy}')

    decided = 'fn vkMake custom\ncallback PFN_vkCall\n'

    def test_an_alias_has_the_parameters_and_its_own_tags(self):
        pack = self.vulkan(self.decided).pack
        self.assertEqual(pack.function('vkSetEXT').params,
                         pack.function('vkSet').params)
        self.assertEqual(pack.function('vkSetEXT').tags,
                         {'vk.xml', 'VK_EXT_call'})

    def test_kinds_of_handles_masks_and_arrays(self):
        params = self.vulkan(self.decided).pack.function('vkSet').params
        self.assertEqual([p.type.kind.name for p in params],
                         ['ptr', 'u32', 'ptr'])
        self.assertEqual((params[1].type.trace, params[1].type.group),
                         ('x', 'VkBits'))

    def test_a_platform_has_to_be_asked_for(self):
        loader = self.vulkan(self.decided)
        self.assertNotIn('vkWayland', loader.functions)
        self.assertEqual(loader.extensions, {'VK_EXT_call'})
        self.assertIn('vkWayland', self.vulkan(
            self.decided, 'vulkan,wayland').functions)

    def test_values_of_extensions(self):
        enums = {e.name: e.value for e in self.vulkan(self.decided).enums}
        self.assertEqual(enums['VK_ERROR_CALL_EXT'],
                         (-1000006001) & 0xffffffff)
        self.assertEqual(enums['VK_BIT'], 8)

    def test_stops_on_an_unknown_platform(self):
        self.stops('no such API or platform: amiga', self.vulkan, '',
                   'vulkan,amiga')

    def test_stops_on_function_pointers_in_a_chain(self):
        self.stops(r'vkMake passes function pointers \(in VkTail\)',
                   self.vulkan, 'callback PFN_vkCall\n')

    def test_stops_on_a_pointer_that_nobody_has_named(self):
        self.stops('VkTail holds a PFN_vkCall', self.vulkan,
                   'fn vkMake custom\n')

    def test_conceal_takes_the_extension_and_its_structs_away(self):
        loader = self.vulkan('conceal VK_EXT_call "why"\n')
        self.assertEqual(loader.extensions, set())
        self.assertNotIn('VkTail', '\n'.join(loader.c_lines()))

    def test_stops_on_concealing_what_is_not_there(self):
        self.stops('conceal VK_EXT_no: no such extension', self.vulkan,
                   self.decided + 'conceal VK_EXT_no "why"\n')

    def test_tables_name_the_pointers(self):
        text = '\n'.join(self.vulkan(self.decided).c_lines())
        self.assertIn('{offsetof(VkTail, pfnCall), gw_vk_sig_PFN_vkCall}',
                      text)
        self.assertIn('{VK_TAIL, sizeof(VkTail), pointers_VkTail, 1, 0, 0}',
                      text)
        self.assertIn('{VK_HEAD, sizeof(VkHead), 0, 0, 0, 0}', text)

    def test_tables_name_the_arrays_behind_their_elements(self):
        text = '\n'.join(self.vulkan(self.decided).c_lines())
        self.assertIn('{offsetof(VkList, pTails), offsetof(VkList, count), '
                      'sizeof(VkTail), pointers_VkTail, 1}', text)
        self.assertIn('{VK_LIST, sizeof(VkList), 0, 0, arrays_VkList, 1}',
                      text)
        self.assertLess(text.index('pointers_VkTail[]'),
                        text.index('arrays_VkList[]'))

    def test_functions_of_the_guest_have_signatures(self):
        pack = self.vulkan(self.decided + 'implement vkSet*\n').pack
        self.assertEqual([c.name for c in pack.callbacks],
                         ['PFN_vkCall', 'vkSet', 'vkSetEXT'])
        self.stops('implement vkNo: no function matches', self.vulkan,
                   self.decided + 'implement vkNo\n')

    def test_dispatch_goes_by_the_first_handle(self):
        loader = self.vulkan(self.decided + 'dispatch find\n')
        text = htl.thunks(loader.pack, loader.policy, (), loader.enums)
        self.assertRegex(text, r'\)find\(a->thing, \d+\)\)\(a->thing, a->mask')


class RealRegistry(Case):
    """vk.xml of this machine with Gangway's own policy."""

    def changed(self, old, new):
        with open(POLICY, encoding='utf-8') as file:
            text = file.read()
        self.assertIn(old, text)
        path = self.write('vulkan.policy', text.replace(old, new))
        return Loader(Policy(path), REGISTRY_DIRS, [])

    def test_all_structs_with_function_pointers_are_known(self):
        text = '\n'.join(self.changed('pack vulkan', 'pack vulkan').c_lines())
        self.assertEqual(
            set(re.findall(r'pointers_(\w+)\[', text)),
            {'VkDebugReportCallbackCreateInfoEXT',
             'VkDebugUtilsMessengerCreateInfoEXT',
             'VkDeviceDeviceMemoryReportCreateInfoEXT',
             'VkDirectDriverLoadingInfoLUNARG'})
        self.assertEqual(set(re.findall(r'arrays_(\w+)\[', text)),
                         {'VkDirectDriverLoadingListLUNARG'})

    def test_allocators_need_their_rule(self):
        self.stops(r'function pointers \(in VkAllocationCallbacks\)',
                   self.changed, 'shadow "const VkAllocationCallbacks *"',
                   'convert "const VkAllocationCallbacks *" f #')

    def test_instances_cannot_be_generated(self):
        self.stops('vkCreateInstance passes function pointers', self.changed,
                   'fn vkCreateInstance custom', '')

    def test_driver_loading_needs_a_decision(self):
        self.stops('VkDirectDriverLoadingInfoLUNARG holds a', self.changed,
                   'callback PFN_vkGetInstanceProcAddrLUNARG', '')


if __name__ == '__main__':
    unittest.main()
