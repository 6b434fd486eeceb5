# SPDX-License-Identifier: MIT
"""glmark2 --validate draws a frame of each scene and checks its pixels.

Would catch: scenes of glmark2 (GLSL, buffers, textures, framebuffers, read
back through libGL.so opened with dlopen) coming out differently than on any
conforming GL.
"""
import gwtest


def scenes(result):
    return [line for line in result.out.splitlines() if 'Validation:' in line]


with gwtest.Test(__doc__) as test:
    glmark2 = test.need('glmark2', 'glmark2-x11')
    native, guest = test.both([glmark2, '--validate', '-s', '320x240'],
                              timeout=120)
    test.compare(native, guest, 'glmark2 --validate')
    test.check(len(scenes(native)) > 20, 'few scenes', native.tail())
    test.check(not any('Failure' in line for line in scenes(guest)),
               'a scene fails', *scenes(guest))
