# SPDX-License-Identifier: MIT
"""Bad use is answered by a sentence and a status, never by a crash.

Would catch: a launcher, plugin or guest library that dies of a signal, hangs,
says nothing, or says nothing that helps, when something is missing or wrong:
parts of the installation, the program, QEMU's settings, the display.
"""
import os
import re
import shlex
import shutil
import stat
import struct

import gwtest

EM_386, EM_S390, EM_RISCV = 3, 22, 243
E_CLASS, E_DATA, E_MACHINE = 4, 5, 18  # offsets in an ELF header


def arguments(parser):
    parser.add_argument('--layout', required=True,
                        help="thunkgen's gl-args.h, which has the model's "
                        'hash')


class Cases:
    def __init__(self, test):
        self.test = test
        self.glxinfo = test.need('glxinfo', 'mesa-utils')

    def refused(self, what, result, *words):
        """The run ended by itself with a status that is no success, and its
        first sentence has these words."""
        test, said = self.test, result.err + result.out
        sentence = re.search(r'^gangway: .*$', said, re.M)
        fatal = result.status is None or result.status <= 0 or \
            result.status > 128
        if test.check(not fatal, '%s: it %s' % (what, result.ending()),
                      result.tail()) and \
           test.check(sentence, what + ': no sentence', result.tail()):
            line = sentence.group(0)
            for word in words:
                test.check(word in said, '%s: no word of "%s"' % (what, word),
                           result.tail())
            print('%s: %d, %s' % (what, result.status, line))

    def file(self, name, data, mode=0o755):
        path = os.path.join(self.test.scratch, name)
        with open(path, 'wb') as out:
            out.write(data)
        os.chmod(path, mode)
        return path

    def program(self, name, offset, value):
        """A copy of a real program with one thing in its header changed."""
        with open(shutil.which('true'), 'rb') as stream:
            data = bytearray(stream.read())
        data[offset:offset + len(value)] = value
        return self.file(name, bytes(data))

    def copied_prefix(self, name):
        """A copy of the installation, to be broken; its launcher."""
        source = os.path.dirname(os.path.dirname(gwtest.libdir()))
        copy = os.path.join(self.test.scratch, name)
        shutil.copytree(source, copy, symlinks=True)
        return copy, os.path.join(copy, 'bin', 'gangway')

    def run_launcher(self, launcher, *arguments, env=None):
        return self.test.run([launcher, *arguments], timeout=60, env=env)

    # --- programs

    def programs(self):
        launcher = gwtest.gangway()
        machine = struct.Struct('<H').pack
        tries = {
            'a text file': (self.file('text', b'hello\n'), 'ELF'),
            'an empty file': (self.file('empty', b''), 'ELF'),
            'a cut ELF header': (self.file('cut', b'\x7fELF\2\1\1' + bytes(9)),
                                 'ELF'),
            'no such program': ('./nothing-of-this-name',
                                'nothing-of-this-name'),
            'no such name': ('nothing-of-this-name', 'nothing-of-this-name'),
            'a folder': (self.test.scratch, self.test.scratch),
            'not executable': (self.file('plain', b'\x7fELF', 0o644),
                               'executable'),
            'a 32-bit program': (self.program('elf32', E_CLASS, b'\1'),
                                 '64-bit'),
            'a big-endian program': (self.program('big', E_DATA, b'\2'),
                                     'endian'),
            'a program for s390': (self.program('s390', E_MACHINE,
                                                machine(EM_S390)), '22'),
            'a program for i386': (self.program('i386', E_MACHINE,
                                                machine(EM_386)), '3'),
        }
        for what, (path, word) in tries.items():
            self.refused(what, self.run_launcher(launcher, '--', path), word)
        empty = os.path.join(self.test.scratch, 'no-qemu')
        os.mkdir(empty)
        self.refused('an ISA without QEMU', self.run_launcher(
            launcher, '--', self.program('riscv', E_MACHINE,
                                         machine(EM_RISCV)),
            env={'GANGWAY_QEMU_DIR': empty}), 'riscv64')

    def options(self):
        launcher = gwtest.gangway()
        for what, arguments in {
                'an unknown option': ['--no-such-option', self.glxinfo],
                'an option without its value': ['--cpu'],
                'a wrong value': ['--crossing=nonsense', self.glxinfo],
                'no program': []}.items():
            self.refused(what, self.run_launcher(launcher, *arguments))

    # --- the installation

    def broken_installation(self, what, breakage, *words):
        prefix, launcher = self.copied_prefix(re.sub(r'\W', '-', what))
        breakage(os.path.join(prefix, 'lib', 'gangway'))
        self.refused(what, self.run_launcher(launcher, '--', self.glxinfo,
                                             '-B'), *words)
        shutil.rmtree(prefix)

    def installations(self):
        def remove(*path):
            return lambda lib: os.unlink(os.path.join(lib, *path))

        def garble(*path):
            def breakage(lib):
                with open(os.path.join(lib, *path), 'wb') as out:
                    out.write(b'this is no library\n')
            return breakage

        self.broken_installation('a missing HTL', remove('host', 'htl-gl.so'),
                                 'htl-gl.so')
        self.broken_installation('an HTL that is no library',
                                 garble('host', 'htl-gl.so'), 'htl-gl.so')
        self.broken_installation('a missing plugin', remove('host',
                                                            'dlcall.so'),
                                 'dlcall')
        self.broken_installation('a missing guest folder', lambda lib:
                                 shutil.rmtree(os.path.join(lib, 'guest')),
                                 'guest')
        self.broken_installation('no QEMU known', remove('qemu'), 'QEMU')
        self.broken_installation('a GTL of another version',
                                 self.other_version, 'from one build')

    def other_version(self, lib):
        """Turns the hash of the model in the GL guest libraries around."""
        with open(self.test.args.layout) as stream:
            text = re.search(r'GW_GL_HASH 0x([0-9a-f]{16})', stream.read())
        old = bytes.fromhex(text.group(1))[::-1]
        for name in ('libGL.so.1', 'libGLX.so.0', 'libOpenGL.so.0'):
            path = os.path.join(lib, 'guest', 'x86_64', name)
            with open(path, 'rb') as stream:
                data = stream.read()
            self.test.check(old in data, name + ' does not have the hash')
            os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IXUSR)
            with open(path, 'wb') as stream:
                stream.write(data.replace(old, old[::-1]))

    # --- without the launcher

    def without_launcher(self):
        guest = os.path.join(gwtest.libdir(), 'guest', 'x86_64')
        path = 'LD_LIBRARY_PATH=' + guest
        self.refused('a GTL without plugin', self.test.run(
            [gwtest.qemu(), '-E', path, self.glxinfo, '-B']), 'plugin')
        self.refused('a GTL without QEMU', self.test.run(
            [self.glxinfo, '-B'], env={'LD_LIBRARY_PATH': guest}), 'plugin')
        dry = self.test.run([gwtest.gangway(), '--dry-run', '--',
                             self.glxinfo, '-B'])
        words = shlex.split(dry.out)
        qemu = next((i for i, word in enumerate(words)
                     if os.path.basename(word).startswith('qemu-')), None)
        if not self.test.check(qemu is not None,
                               '--dry-run prints no command', dry.tail()):
            return
        self.refused('guest_base that is not 0', self.test.run(
            ['env', *words[:qemu + 1], '-B', '0x100000000',
             *words[qemu + 1:]]), 'guest_base')

    # --- the display

    def displays(self):
        test, launcher = self.test, gwtest.gangway()
        argv = [self.glxinfo, '-B']
        wrong = ':%d' % (test.server.number + 1000)
        native = test.run(['env', '-u', 'DISPLAY', *argv])
        result = test.run(['env', '-u', 'DISPLAY', launcher, '--', *argv])
        test.check((result.status, result.out, result.err) ==
                   (native.status, native.out, native.err),
                   'no display: it %s and should have said what it says '
                   'natively' % result.ending(), result.tail())
        native = test.run(['env', 'DISPLAY=' + wrong, *argv])
        result = test.run(['env', 'DISPLAY=' + wrong, launcher, '--', *argv])
        test.check(result.status == native.status and
                   result.err.endswith(native.err) and
                   re.search("^gangway: .*'%s'.*--display xvfb" % wrong,
                             result.err, re.M),
                   'a wrong display: it %s and should have named it and what '
                   'can be done' % result.ending(), result.tail())
        bare = os.path.join(test.scratch, 'bare')
        os.mkdir(bare)
        # The program runs, and says by itself that it cannot draw.
        result = test.run(['env', '-u', 'DISPLAY', 'PATH=' + bare, launcher,
                           '--quit-after=1000', '--'] + argv)
        test.check(result.status == native.status and
                   re.search('^gangway: .*install .*xvfb$', result.err, re.M),
                   'no display and no Xvfb: it %s and should have said what '
                   'to install' % result.ending(), result.tail())


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        cases = Cases(test)
        cases.programs()
        cases.options()
        cases.installations()
        cases.without_launcher()
        cases.displays()


main()
