# SPDX-License-Identifier: MIT
"""scripts/new-pack, the build and the result, in a copy of this repository.

    new-pack.py [--crossing=...] PROGRAM.c

Begins a pack of xxhash as docs/adding-a-library.md says, builds it (only it),
and runs its first test and PROGRAM natively and under Gangway.  Would catch:
a table that thunkgen does not take, a line of the build that is missing, an
export that nobody is told of, structs by value in the wrong registers.
Exit status 0 passed, 1 failed, 77 skipped.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import gwtest

PACK, SONAME, HEADER = 'xxhash', 'libxxhash.so.0', 'xxhash.h'
ISA = os.uname().machine
MESON = os.environ.get('MESON', '/usr/bin/meson')


def call(argv, **how):
    """Its output; what fails, fails the test."""
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=300, check=False, **how)
    if run.returncode:
        sys.exit('FAIL: %s ended with status %d\n%s' % (
            ' '.join(map(str, argv))[:200], run.returncode,
            run.stdout[-4000:]))
    return run.stdout


class Copy:
    """The repository's files, with a pack more, and a build of it."""

    def __init__(self, scratch):
        self.tree = os.path.join(scratch, 'copy')
        self.build = os.path.join(scratch, 'build')
        self.prefix = os.path.join(scratch, 'prefix')
        shutil.copytree(gwtest.ROOT, self.tree, ignore=shutil.ignore_patterns(
            'build', '.git', 'shared', '__pycache__'))

    def begin(self, *arguments):
        return call([self.tree + '/scripts/new-pack', *arguments])

    def ninja(self, *targets):
        return call(['ninja', '-j2', '-C', self.build, *targets])

    def make(self):
        """The pack's libraries and its test; not those of other packs, which
        would take minutes."""
        call([MESON, 'setup', self.build, self.tree, '--libdir=lib'])
        self.ninja('htl/htl-%s.so' % PACK, 'tests/packs/%s-test' % PACK)
        *_, last = self.ninja('-t', 'commands', 'gtl/' + ISA).splitlines()
        self.link(shlex.split(last))

    def link(self, command):
        """The build's command for all guest libraries of the ISA, with the one
        pack's."""
        at = command.index('--pack')
        packs = ' '.join(command[at:]).split('--pack ')
        wanted = [p.split() for p in packs if
                  p.startswith('optional/%s ' % PACK)]
        if len(wanted) != 1:
            sys.exit('FAIL: the build does not link the pack')
        common = command[:at]
        objects = [w for w in common + wanted[0] if w.endswith('.o')]
        self.ninja(*objects)
        out = common.index(next(w for w in common if w.endswith('link.py'))) + 1
        common[out] = os.path.join(self.prefix, 'lib/gangway/guest', ISA)
        call([*common, '--pack', *wanted[0]], cwd=self.build)

    def install(self):
        """A prefix with the pack and all else of the one under test."""
        ours, theirs = self.prefix + '/lib/gangway', gwtest.libdir()
        os.makedirs(ours + '/host')
        for name in 'guest/' + ISA, 'host', '.':
            for entry in os.listdir(os.path.join(theirs, name)):
                link = os.path.join(ours, name, entry)
                if not os.path.lexists(link):
                    os.symlink(os.path.join(theirs, name, entry), link)
        shutil.copy2(self.build + '/htl/htl-%s.so' % PACK, ours + '/host')
        # Where it finds the runtime until meson installs it.
        os.symlink('.', ours + '/host/runtime')
        os.mkdir(self.prefix + '/bin')
        shutil.copy2(os.path.join(theirs, '../../bin/gangway'),
                     self.prefix + '/bin')
        return self.prefix + '/bin/gangway'


def check(good, text):
    if not good:
        sys.exit('FAIL: ' + text)


def check_report(text):
    """Every export is in the table or was named."""
    exports = re.search(r'(\d+) exports, (\d+) of them in the pack', text)
    missing = re.search(r'^(\d+) exports are declared by no header', text, re.M)
    check(exports and missing, 'new-pack says nothing of exports:\n' + text)
    have, of_them, lack = map(int, (*exports.groups(), missing[1]))
    check(0 < lack and of_them + lack == have,
          '%d exports are not %d and %d' % (have, of_them, lack))
    check(re.search(r'/usr/include/xxhash.h, behind "#if .*'
                    r'XXH_STATIC_LINKING_ONLY.*:\n    XXH128,', text),
          'new-pack does not say what XXH128 is behind:\n' + text)
    if ISA == 'x86_64':
        check(re.search('/usr/include/xxh_x86dispatch.h:\n.*'
                        'XXH3_128bits_dispatch', text),
              'new-pack does not name the header with the rest:\n' + text)


def check_harder_one(copy):
    """zlib once more: variable arguments, callbacks, functions in a struct,
    and the symbol versions that somebody wrote by hand."""
    text = copy.begin('again', 'libz.so.1', 'zlib.h', '--define',
                      '_LARGEFILE64_SOURCE', '--define', '_LFS64_LARGEFILE')
    for words in ('gzprintf: variable arguments', '  in_func, out_func\n',
                  'By hand: z_stream_s has function pointers (zalloc, zfree)'):
        check(words in text, 'new-pack does not say "%s":\n%s' % (words, text))
    versions = []
    for name in 'again', 'zlib':
        path = copy.tree + '/thunkgen/packs/%s.policy' % name
        with open(path, encoding='utf-8') as file:
            lines = file.read().replace('\\\n', ' ').splitlines()
        versions.append({tuple(sorted(line.split()[2:])) for line in lines
                         if line.startswith('version ')})
    again, zlib = versions
    zlib = {tuple(n for n in names if n != 'gzvprintf') for names in zlib}
    check(again == {names for names in zlib if len(names) > 1},
          'symbol versions differ: %s' % (again ^ zlib))
    print('zlib once more: %d symbol versions' % len(again))


def same(gangway, crossing, program):
    env = dict(os.environ, LC_ALL='C')
    native = subprocess.run([program], capture_output=True, env=env,
                            check=False)
    guest = subprocess.run(
        [gangway, '--display=none', '--crossing=' + crossing,
         '--packs=' + PACK, '--stats', program], capture_output=True, env=env,
        timeout=120, check=False)
    name = os.path.basename(program)
    check(native.returncode == 0 and native.stdout,
          '%s natively fails' % name)
    check((native.returncode, native.stdout) ==
          (guest.returncode, guest.stdout),
          '%s differs; natively\n%s\nunder Gangway (%d)\n%s\n%s' % (
              name, native.stdout.decode(), guest.returncode,
              guest.stdout.decode(), guest.stderr.decode()))
    check(re.search(rb'stats: +\d+ XXH', guest.stderr),
          '%s did not call the host\'s library:\n%s' % (
              name, guest.stderr.decode()))
    print('%s: the same natively and through the new pack' % name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--crossing', choices=('doorbell', 'syscall'),
                        default='doorbell')
    parser.add_argument('program', type=os.path.abspath)
    args = parser.parse_args()
    if not os.path.exists('/usr/include/' + HEADER):
        print('skipped: no %s; install libxxhash-dev' % HEADER)
        sys.exit(gwtest.SKIP)
    with tempfile.TemporaryDirectory(prefix='gangway-new-pack-') as scratch:
        copy = Copy(scratch)
        check_report(copy.begin(PACK, SONAME, HEADER))
        program = os.path.join(scratch, 'program')
        call(['cc', '-O2', '-o', program, args.program, '-l:' + SONAME])
        copy.make()
        gangway = copy.install()
        for name in copy.build + '/tests/packs/%s-test' % PACK, program:
            same(gangway, args.crossing, name)
        check_harder_one(copy)
        print(call([sys.executable,
                    copy.tree + '/tests/thunkgen/symbols.py', PACK, ISA,
                    copy.prefix + '/lib/gangway/guest/' + ISA,
                    'optional/' + PACK], env={**os.environ,
                                              'PYTHONPATH': copy.tree}))


main()
