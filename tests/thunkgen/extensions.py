# SPDX-License-Identifier: MIT
"""An extension that the tables do not cover is not shown to the guest.

Would catch: a program that sees the name of an extension newer than Gangway,
asks for its functions, gets NULL and calls it; and a filter that drops, adds
or reorders anything else.  Mesa is made to advertise an unknown extension.
"""
import re

import gwtest

UNKNOWN = 'GL_GANGWAY_unknown'


def names(text):
    """All extension names in the order in which glxinfo prints them."""
    return re.findall(r'\bGLX?_[A-Z0-9]+_\w+', text)


with gwtest.Test(__doc__) as test:
    glxinfo = test.need('glxinfo', package='mesa-utils')
    env = {'MESA_EXTENSION_OVERRIDE': '+' + UNKNOWN}
    native, guest = test.both([glxinfo], env=env)
    count = names(native.out).count(UNKNOWN)
    if not count:
        raise gwtest.Skip("the host's driver is not Mesa: it does not heed "
                          'MESA_EXTENSION_OVERRIDE')
    # Compatibility profile by string, core profile by index.
    test.check(count >= 2, 'natively only %d lists have it' % count)
    test.check(guest.status == 0, 'glxinfo ' + guest.ending(), guest.tail())
    test.compare_text('\n'.join(n for n in names(native.out) if n != UNKNOWN),
                      '\n'.join(names(guest.out)), 'the lists')
