# SPDX-License-Identifier: MIT
"""The model: ids, layouts and the hash that both sides compare.

Would catch: blocks whose offsets differ from the C compiler's, two libraries
of different models that take each other for the same.
"""

import unittest

from support import Case, command
from thunkgen import model


class Model(Case):
    def test_ids_are_places_in_the_sorted_list(self):
        pack = self.mini(command('void', 'glZ'), command('void', 'glA'),
                         command('void', 'glM')).pack
        self.assertEqual([(f.name, f.id) for f in pack.functions],
                         [('glA', 0), ('glM', 1), ('glZ', 2)])

    def test_layout_is_natural(self):
        pack = self.mini(command('GLint64', 'glF', 'GLboolean a',
                                 'GLenum b', 'GLboolean c_',
                                 'const void * d', 'GLfloat e')).pack
        block = model.layout(pack.functions[0], model.CALL_HEAD)
        self.assertEqual([m.offset for m in block.members],
                         [16, 20, 24, 32, 40])
        self.assertEqual((block.ret.offset, block.size), (48, 56))

    def test_no_result_and_no_params(self):
        pack = self.mini(command('void', 'glF')).pack
        block = model.layout(pack.functions[0], model.CALL_HEAD)
        self.assertEqual((block.ret, block.size), (None, 16))

    def test_names_that_c_or_the_block_takes(self):
        pack = self.mini(command('void', 'glF', 'GLint call', 'GLint near',
                                 'GLint ret', 'GLint c')).pack
        self.assertEqual([p.name for p in pack.functions[0].params],
                         ['call_', 'near_', 'ret_', 'c_'])

    def test_trace_formats(self):
        pack = self.mini(
            command('GLboolean', 'glF', 'GLenum m', 'GLint i', 'GLfloat f',
                    'const GLchar * s', 'void * p'),
            policy='trace GLenum E\ntrace GLboolean T\n').pack
        self.assertEqual(model.trace_format(pack.functions[0], {}),
                         'T m:E i:i f:f s:s p:p')

    def test_hash_sees_names_kinds_and_ids(self):
        def of(*commands, policy=''):
            return self.mini(*commands, policy=policy).pack.model_hash()
        f = command('void', 'glF', 'GLint i')
        seen = {of(f), of(command('void', 'glG', 'GLint i')),
                of(command('void', 'glF', 'GLint64 i')),
                of(command('GLint', 'glF', 'GLint i')),
                of(f, command('void', 'glA')),
                of(command('void', 'glF', 'GLint i', 'GLint j'))}
        self.assertEqual(len(seen), 6)

    def test_hash_ignores_what_stays_on_one_side(self):
        f = command('void', 'glF', 'GLint i')
        self.assertEqual(
            self.mini(f).pack.model_hash(),
            self.mini(f, policy='fn glF blocks\n').pack.model_hash())

    def test_same_function_twice(self):
        self.stops('glF is described twice', self.mini,
                   command('void', 'glF'),
                   policy='declare "void glF(void)"\n')


if __name__ == '__main__':
    unittest.main()
