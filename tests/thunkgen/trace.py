# SPDX-License-Identifier: MIT
"""--trace shows calls with their arguments and results, by name.

Would catch: a trace that reads a block at wrong offsets, a value without its
name, a pattern that is not heeded.
"""
import re

import gwtest

with gwtest.Test(__doc__) as test:
    glxinfo = test.need('glxinfo', package='mesa-utils')
    native = test.native([glxinfo, '-B'])
    renderer = re.search(r'OpenGL renderer string: (.*)', native.out)[1]
    guest = test.guest([glxinfo, '-B'], options=['--trace=glGet*'])
    lines = [line for line in guest.err.splitlines()
             if line.startswith('gangway: gl')]
    test.check(lines and all(line.startswith('gangway: glGet')
                             for line in lines),
               'the trace has other calls than glGet*', *lines[:20])
    for wanted in ('glGetString(name=GL_RENDERER) = "%s"' % renderer,
                   'glGetIntegerv(pname=GL_NUM_EXTENSIONS, data=0x'):
        test.check(any(wanted in line for line in lines),
                   'no trace line has ' + wanted, *lines[:20])
    test.check(guest.out == native.out, 'the trace changed the output')
