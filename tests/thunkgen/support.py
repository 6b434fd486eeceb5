# SPDX-License-Identifier: MIT
"""What the tests of thunkgen share: small registries, headers and policies
in a scratch folder."""

import os
import shutil
import subprocess
import tempfile
import textwrap
import unittest

from thunkgen import __main__ as cli
from thunkgen.errors import ThunkgenError
from thunkgen.load import Loader
from thunkgen.policy import Policy

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

REGISTRY = '''<registry>
<types>
  <type>typedef unsigned int <name>GLenum</name>;</type>
  <type>typedef unsigned char <name>GLboolean</name>;</type>
  <type>typedef int <name>GLint</name>;</type>
  <type>typedef float <name>GLfloat</name>;</type>
  <type>typedef char <name>GLchar</name>;</type>
  <type>typedef int64_t <name>GLint64</name>;</type>
  <type>typedef void (*<name>GLPROC</name>)(GLenum source, const GLchar
    *message, const void *user);</type>
  {types}
</types>
<commands>{commands}</commands>
<feature api="gl" name="GL_VERSION_1_0"><require>{core}</require></feature>
<extensions>
  <extension name="GL_EXT_more" supported="gl"><require>{more}</require>
  </extension>
  <extension name="GL_WGL_other" supported="wgl"><require>{other}</require>
  </extension>
</extensions>
</registry>'''

BEGIN = ('<command><proto>void <name>glBegin</name></proto>'
         '<param><ptype>GLenum</ptype> <name>mode</name></param></command>')


def command(result, name, *params):
    """One <command> of a registry; params are "TYPE NAME" strings."""
    xml = f'<command><proto>{result} <name>{name}</name></proto>'
    for param in params:
        ctype, _, pname = param.rpartition(' ')
        xml += f'<param>{ctype} <name>{pname}</name></param>'
    return xml + '</command>'


class Case(unittest.TestCase):
    """A test with a scratch folder."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='thunkgen-test-')
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(textwrap.dedent(text))
        return path

    def registry(self, *commands, core=(), more=(), other=(), types=''):
        """Writes mini.xml; core, more and other name commands."""
        def require(names):
            return ''.join(f'<command name="{n}"/>' for n in names)
        self.write('mini.xml', REGISTRY.format(
            types=types, commands=''.join(commands), core=require(core),
            more=require(more), other=require(other)))

    def load(self, policy):
        """Runs the front ends on a policy's text."""
        path = self.write('mini.policy', policy)
        return Loader(Policy(path), [self.dir], [self.dir])

    def mini(self, *commands, policy=''):
        """A pack of registry commands, all of them core."""
        names = [c.split('<name>')[1].split('<')[0] for c in commands]
        self.registry(*commands, core=names)
        return self.load('pack mini\nregistry mini.xml gl\n' + policy)

    def stops(self, what, run, *args, **kwargs):
        """Expects an error that says `what` (a regular expression)."""
        with self.assertRaisesRegex(ThunkgenError, what):
            run(*args, **kwargs)

    def generate(self, loader):
        """Writes all outputs to the scratch folder."""
        cli.write(self.dir, cli.outputs(loader))

    def compile(self, *args):
        """Runs the C compiler; its status and messages."""
        includes = [os.path.join(ROOT, d) for d in
                    ('include', 'gtl/runtime', 'htl/runtime')]
        run = subprocess.run(
            [os.environ.get('CC', 'cc'), '-std=gnu11', '-Wall', '-Wextra',
             '-Werror', '-D_GNU_SOURCE', f'-I{self.dir}',
             *[f'-I{d}' for d in includes], *args],
            cwd=self.dir, capture_output=True, text=True, check=False)
        return run.returncode, run.stderr
