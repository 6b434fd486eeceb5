# SPDX-License-Identifier: MIT
"""symbols.py knows what only one ISA's library has.

Would catch: a difference that is reported on an aarch64 host because an x86
library has more, and one that is not reported on x86 because of that line.
"""

import contextlib
import io
import unittest
from unittest import mock

import symbols
from support import Case

TABLE = '''
pack far
header far* far.h
library libfar.so.1 far.h
only x86_64 libfar.so.1 far_sse* far_avx
unexported libfar.so.1 far_avx "no header declares it"
'''


class OnlyOneIsa(Case):
    def failures(self, isa, theirs, ours):
        self.write('far.h', 'void far_f(void); void far_sse2(void);')
        library = self.load(TABLE).policy.libraries['libfar.so.1']
        exports = {'real': set(theirs), 'gtl': set(ours)}
        with mock.patch.multiple(symbols, failures=[], exported=exports.get,
                                 installed=lambda name: 'real',
                                 machine=lambda: isa), \
                contextlib.redirect_stdout(io.StringIO()):
            symbols.compare_exports(library, 'gtl')
            return symbols.failures

    def test_of_an_x86_host(self):
        all_of_it = ['far_f', 'far_sse2@@FAR_1', 'far_avx']
        ours = ['far_f', 'far_sse2@@FAR_1']
        self.assertEqual(self.failures('x86_64', all_of_it, ours), [])
        self.assertIn('far_sse2@@FAR_1 is missing',
                      self.failures('x86_64', all_of_it, ['far_f'])[0])
        self.assertIn('nothing of it',
                      self.failures('x86_64', ours, ours)[0])

    def test_of_another_host(self):
        ours = ['far_f', 'far_sse2@@FAR_1']
        self.assertEqual(self.failures('aarch64', ['far_f'], ours), [])
        self.assertIn('far_g is not in',
                      self.failures('aarch64', ['far_f'],
                                    [*ours, 'far_g'])[0])


if __name__ == '__main__':
    unittest.main()
