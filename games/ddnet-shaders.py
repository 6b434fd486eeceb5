#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles DDNet's Vulkan shaders, which Debian ships as source only.

Without them `gfx_backend Vulkan` falls back to GL.  The game looks for them in
its data folder and in the user's:

    ddnet-shaders.py ~/.local/share/ddnet

Needs ddnet-data and glslang-tools.
"""
import argparse
import os
import shutil
import subprocess
import sys

SOURCE = '/usr/share/games/ddnet/data/shader/vulkan'
TEXTURED, BORDER, LINE = ('TW_TILE_TEXTURED', 'TW_TILE_BORDER',
                          'TW_TILE_BORDER_LINE')
# The names that the game opens, without .vert.spv and .frag.spv: the source
# that each comes from, and what is defined for its vertex and for its fragment
# shader.
SHADERS = {
    'prim': ('prim', (), ()),
    'prim_textured': ('prim', ('TW_TEXTURED',), ('TW_TEXTURED',)),
    'prim3d': ('prim3d', (), ()),
    'prim3d_textured': ('prim3d', ('TW_TEXTURED',), ('TW_TEXTURED',)),
    'text': ('text', (), ()),
    'primex': ('primex', (), ()),
    'primex_rotationless': ('primex', ('TW_ROTATIONLESS',), ()),
    'primex_tex': ('primex', (), ('TW_TEXTURED',)),
    'primex_tex_rotationless': ('primex', ('TW_ROTATIONLESS',),
                                ('TW_TEXTURED',)),
    'spritemulti': ('spritemulti', (), ()),
    'spritemulti_push': ('spritemulti', *[('TW_PUSH_CONST',)] * 2),
    'tile': ('tile', (), ()),
    'tile_textured': ('tile', *[(TEXTURED,)] * 2),
    'tile_border': ('tile', *[(BORDER,)] * 2),
    'tile_border_textured': ('tile', *[(BORDER, TEXTURED)] * 2),
    'tile_border_line': ('tile', *[(LINE,)] * 2),
    'tile_border_line_textured': ('tile', *[(LINE, TEXTURED)] * 2),
    'quad': ('quad', (), ()),
    'quad_push': ('quad', *[('TW_PUSH_CONST',)] * 2),
    'quad_textured': ('quad', *[('TW_QUAD_TEXTURED',)] * 2),
    'quad_push_textured': ('quad', *[('TW_PUSH_CONST',
                                      'TW_QUAD_TEXTURED')] * 2),
}


def compile_one(source, defines, output):
    """Unless it is there and newer than its source."""
    if os.path.exists(output) and \
            os.path.getmtime(output) >= os.path.getmtime(source):
        return
    done = subprocess.run(
        ['glslangValidator', '--client', 'vulkan100',
         *['-D' + name for name in defines], source, '-o', output],
        capture_output=True, text=True)
    if done.returncode:
        sys.exit('ddnet-shaders: %s does not compile; is it another version '
                 'of ddnet-data?\n%s' % (source, done.stdout))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', help='what the game has for its data')
    parser.add_argument('--if-there', action='store_true',
                        help='do nothing where ddnet-data is not installed')
    args = parser.parse_args()
    if not os.path.isdir(SOURCE):
        if args.if_there:
            return
        sys.exit('ddnet-shaders: there is no %s; install ddnet-data' % SOURCE)
    if not shutil.which('glslangValidator'):
        sys.exit('ddnet-shaders: no glslangValidator; install glslang-tools')
    # Set by meson where it runs this at installation.
    folder = os.path.join(os.environ.get('MESON_INSTALL_DESTDIR_PREFIX', ''),
                          args.folder, 'shader', 'vulkan')
    os.makedirs(folder, exist_ok=True)
    for name, (stem, vertex, fragment) in SHADERS.items():
        for kind, defines in (('vert', vertex), ('frag', fragment)):
            compile_one('%s/%s.%s' % (SOURCE, stem, kind), defines,
                        '%s/%s.%s.spv' % (folder, name, kind))


main()
