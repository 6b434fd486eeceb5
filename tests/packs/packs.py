# SPDX-License-Identifier: MIT
"""Small packs do what the real libraries do natively.

    packs.py [--crossing=...] [--isa=... --compiler=...] [--all] \
        PROGRAM-FOLDER TEST

Runs a program natively and under QEMU with the optional pack of its test, and
compares what it says and writes, byte for byte.  That the host's library was
really used is read from --stats.  With --all every picture that is installed
is decoded, not a selection.  Exit status 0 passed, 1 failed, 77 skipped.
"""
import argparse
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import gwtest

HERE = os.path.dirname(os.path.abspath(__file__))

PYTHON = r'''
import gzip, hashlib, io, sys, zlib
data = open(sys.argv[1], "rb").read()
for level in (0, 1, 6, 9):
    packed = zlib.compress(data, level)
    assert zlib.decompress(packed) == data
    print(level, len(packed), hashlib.sha256(packed).hexdigest())
c = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED)
half = c.compress(data[:5000]) + c.flush(zlib.Z_FULL_FLUSH)
d = c.copy()
print(hashlib.sha256(half + c.compress(data) + c.flush()).hexdigest())
print(hashlib.sha256(half + d.compress(data) + d.flush()).hexdigest())
d = zlib.decompressobj()
out = b"".join(d.decompress(packed[i:i + 100])
               for i in range(0, len(packed), 100))
assert out + d.flush() == data
stream = io.BytesIO()
with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as f:
    f.write(data)
print(hashlib.sha256(stream.getvalue()).hexdigest())
assert gzip.decompress(stream.getvalue()) == data
print(zlib.crc32(data), zlib.adler32(data), zlib.ZLIB_RUNTIME_VERSION)
try:
    zlib.decompress(b"x" + packed)
except zlib.error as error:
    print(error)
'''


class Frame:
    def __init__(self, args, scratch):
        self.args, self.scratch, self.failures = args, scratch, 0
        qemu = gwtest.qemu(args.isa)
        if not os.access(qemu, os.X_OK):
            print('skipped: no ' + qemu)
            sys.exit(gwtest.SKIP)
        plugin = gwtest.libdir() + '/host/dlcall.so'
        if args.crossing == 'syscall':
            plugin += ',doorbell=off'
        self.qemu = gwtest.on_host([qemu, '-plugin', plugin])
        if args.isa not in (gwtest.host_isa(), os.uname().machine):
            self.qemu += ['-L', gwtest.sysroot(args.isa, 'libc6')]

    def program(self, name, *flags):
        """(natively, the guest's): one of this folder's programs."""
        native = os.path.join(self.args.programs, name)
        if not self.args.compiler:
            return native, native
        guest = os.path.join(self.scratch, name)
        # zlib's headers, which are the same everywhere, but no libc's.
        gwtest.compile_guest(
            self.args.compiler, '-idirafter', '/usr/include', '-idirafter',
            '/usr/include/%s-linux-gnu' % os.uname().machine, '-o', guest,
            os.path.join(HERE, name + '.c'), *flags)
        return native, guest

    def need(self, program, package):
        path = shutil.which(program, path='/usr/bin:/bin')
        if not path:
            print('skipped: no %s; install %s' % (program, package))
            sys.exit(gwtest.SKIP)
        return path

    def optional(self, pack):
        return os.path.join(gwtest.libdir(), 'guest', self.args.isa,
                            'optional', pack)

    def native(self, argv):
        return self.run(gwtest.on_host(argv))

    def run(self, argv, env=None):
        return subprocess.run(argv, stdin=subprocess.DEVNULL,
                              timeout=300 * gwtest.patience(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=self.scratch,
                              env=dict(os.environ, LC_ALL='C', **(env or {})))

    def fail(self, text):
        self.failures += 1
        print('FAIL: ' + text)

    def guest(self, argv, variable, used):
        """Runs it with the pack; `used` is a function that --stats must
        have seen."""
        log = os.path.join(self.scratch, 'log')
        result = self.run([*self.qemu, '-E', variable, *argv],
                          {'GANGWAY_STATS': '1', 'GANGWAY_LOG': log})
        with open(log, encoding='utf-8') as file:
            text = file.read()
        os.unlink(log)
        if not re.search(r'stats: +\d+ %s$' % used, text, re.M):
            self.fail('the host\'s %s was not called:\n%s' % (used, text))
        return result

    def same(self, what, native, guest):
        for name in ('returncode', 'stdout', 'stderr'):
            one, other = getattr(native, name), getattr(guest, name)
            if one != other and isinstance(one, bytes):
                lines = [text.decode(errors='replace').splitlines()
                         for text in (one, other)]
                self.fail('%s: %s differs\n%s' % (what, name, '\n'.join(list(
                    difflib.unified_diff(*lines, 'natively', 'under Gangway',
                                         lineterm='', n=1))[:40])[:4000]))
            elif one != other:
                self.fail('%s: %s differs: natively %s, under Gangway %s' % (
                    what, name, one, other))

    def same_files(self, one, other):
        if subprocess.run(['cmp', one, other], cwd=self.scratch,
                          check=False).returncode:
            self.fail('%s and %s differ' % (one, other))


def zlib(frame):
    folder = frame.optional('zlib')
    program, guest = frame.program('zlib-test',
                                   os.path.join(folder, 'libz.so.1'))
    native = frame.native([program, 'native.gz'])
    frame.same('zlib-test', native,
               frame.guest([guest, 'guest.gz'], 'LD_LIBRARY_PATH=' + folder,
                           'inflate'))
    if native.returncode:
        frame.fail('natively zlib-test fails: %s' % native.stderr)
    frame.same_files('native.gz', 'guest.gz')


def qsort(frame):
    preload = 'LD_PRELOAD=%s/libgwqsort.so.1' % frame.optional('qsort')
    program, guest = frame.program('qsort-test', '-fno-builtin')
    native = frame.native([program])
    frame.same('qsort-test', native,
               frame.guest([guest], preload, 'bsearch'))
    if native.returncode or b'integers' not in native.stdout:
        frame.fail('natively qsort-test fails: %s' % native.stderr)


def source_tree(frame):
    """A copy of this repository's files, and their names; without those that
    begin with a dot, which miniunzip takes off."""
    tree = os.path.join(frame.scratch, 'tree')
    names = []
    for folder, folders, files in os.walk(gwtest.ROOT):
        folders[:] = sorted(f for f in folders if f[0] != '.' and
                            f not in ('build', 'shared'))
        inside = os.path.relpath(folder, gwtest.ROOT)
        for name in sorted(files):
            path = os.path.normpath(os.path.join(inside, name))
            if name[0] != '.' and \
                    os.path.isfile(os.path.join(gwtest.ROOT, path)):
                os.makedirs(os.path.join(tree, inside), exist_ok=True)
                shutil.copy2(os.path.join(gwtest.ROOT, path),
                             os.path.join(tree, path))
                names.append(path)
    return tree, names


def minizip(frame):
    minizip, miniunzip = (frame.need(p, 'minizip')
                          for p in ('minizip', 'miniunzip'))
    tree, names = source_tree(frame)
    variable = 'LD_LIBRARY_PATH=' + frame.optional('zlib')
    frame.scratch, outer = tree, frame.scratch
    for level in ('-1', '-9'):
        native = frame.run([minizip, '-o', level, '../archive.zip', *names])
        os.rename(outer + '/archive.zip', outer + '/native.zip')
        frame.same('minizip ' + level, native,
                   frame.guest([minizip, '-o', level, '../archive.zip',
                                *names], variable, 'deflate'))
        frame.same_files('../native.zip', '../archive.zip')
        if native.returncode:
            frame.fail('natively minizip fails: %s' % native.stderr)
    frame.scratch = outer
    folders = [os.path.join(outer, side) for side in ('native', 'guest')]
    for folder in folders:
        os.mkdir(folder)
    frame.same('miniunzip',
               frame.run([miniunzip, '-x', '-o', 'archive.zip', '-d',
                          'native']),
               subprocess.CompletedProcess([], **{
                   k: v.replace(b' guest', b' native')
                   if isinstance(v, bytes) else v
                   for k, v in vars(frame.guest(
                       [miniunzip, '-x', '-o', 'archive.zip', '-d', 'guest'],
                       variable, 'inflate')).items() if k != 'args'}))
    for folder in folders:
        if subprocess.run(['diff', '-r', tree, folder],
                          check=False).returncode:
            frame.fail('%s is not what was packed' % folder)


def python(frame):
    interpreter = os.path.realpath('/usr/bin/python3')
    variable = 'LD_LIBRARY_PATH=' + frame.optional('zlib')
    command = [interpreter, '-S', '-E', '-c', PYTHON, interpreter]
    native = frame.run(command)
    frame.same('python3', native, frame.guest(command, variable, 'inflate'))
    if native.returncode:
        frame.fail('natively python fails: %s' % native.stderr)


def pictures(frame, suffix, number, largest=200000):
    """So many files of the installed packages that end so (a suffix, or a
    tuple of some), of all sizes; with --all every one up to that size."""
    found = []
    for folder, _, files in sorted(os.walk('/usr/share')):
        paths = [os.path.join(folder, f) for f in sorted(files)
                 if f.endswith(suffix)]
        found += [p for p in paths if os.path.isfile(p) and
                  not os.path.islink(p) and os.path.getsize(p) < largest]
    if len(found) < number:
        print('skipped: only %d files %s in /usr/share, %d wanted: install '
              'supertuxkart-data' % (len(found), suffix, number))
        sys.exit(gwtest.SKIP)
    found.sort(key=lambda path: (os.path.getsize(path), path))
    return found if frame.args.all else \
        found[::len(found) // number][:number]


def png(frame):
    folder = 'LD_LIBRARY_PATH=' + frame.optional('png')
    program, guest = frame.program(
        'png-test', '-I/usr/include/libpng16',
        frame.optional('png') + '/libpng16.so.16', '-pthread')
    # With a larger jmp_buf than the host's there is one allocation more.
    memory = [] if frame.args.compiler else ['memory']
    for side in ('native', 'guest'):
        os.mkdir(os.path.join(frame.scratch, side))
    native = frame.run([program, 'native', *memory])
    frame.same('png-test', native,
               frame.guest([guest, 'guest', *memory], folder,
                           'png_write_row'))
    if native.returncode or native.stdout.count(b': the same') != 8:
        frame.fail('natively png-test fails: %s' % native.stdout[-500:])
    if subprocess.run(['diff', '-r', 'native', 'guest'], cwd=frame.scratch,
                      check=False).returncode:
        frame.fail('files that were written differ')
    if frame.args.compiler:
        return

    program = os.path.join(frame.args.programs, 'png-files')
    for copies, files in (('0', pictures(frame, '.png', 400)),
                          ('10', pictures(frame, '.png', 200, 30000))):
        native = frame.run([program, copies, *files])
        frame.same('png-files', native,
                   frame.guest([program, copies, *files], folder,
                               'png_get_rowbytes'))
        if native.returncode or native.stdout.count(b'type') < len(files) / 2:
            frame.fail('natively png-files fails: %s' % native.stderr)

    # The library's own users.
    topnm, tong = (frame.need(p, 'netpbm') for p in ('pngtopnm', 'pnmtopng'))
    for path in pictures(frame, '.png', 12):
        native = frame.run([topnm, '-verbose', '-text', '/dev/stderr', path])
        frame.same('pngtopnm ' + path, native,
                   frame.guest([topnm, '-verbose', '-text', '/dev/stderr',
                                path], folder, 'png_get_valid'))
        with open(os.path.join(frame.scratch, 'picture'), 'wb') as out:
            out.write(native.stdout)
        frame.same('pnmtopng', frame.run([tong, '-interlace', 'picture']),
                   frame.guest([tong, '-interlace', 'picture'], folder,
                               'png_write_row'))


def jpeg(frame):
    folder = 'LD_LIBRARY_PATH=' + frame.optional('jpeg')
    program, guest = frame.program(
        'jpeg-test', frame.optional('jpeg') + '/libjpeg.so.62', '-lpthread')
    native = frame.run([program, 'native.jpg'])
    frame.same('jpeg-test', native,
               frame.guest([guest, 'guest.jpg'], folder,
                           'jpeg_read_scanlines'))
    # Its last words are the library's, which end it.
    if native.returncode != 1 or b'exit handlers run' not in native.stdout:
        frame.fail('natively jpeg-test fails: %s' % native.stderr)
    frame.same_files('native.jpg', 'guest.jpg')


# PIL has a source of its own, which stops and goes on, and libtiff another.
PIL = r'''
import hashlib, io, sys
from PIL import Image
def show(what, data):
    print(what, len(data), hashlib.sha256(data).hexdigest())
for path in sys.argv[1:]:
    image = Image.open(path)
    image.load()
    show(path, image.tobytes())
    for options in ({}, {"progressive": True, "quality": 40},
                    {"optimize": True, "subsampling": 0}):
        saved = io.BytesIO()
        image.save(saved, "JPEG", **options)
        show(options, saved.getvalue())
    small = Image.open(path)
    small.draft("L", (image.width // 4, image.height // 4))
    show("draft %dx%d" % small.size, small.tobytes())
    saved = io.BytesIO()
    image.convert("RGB").save(saved, "TIFF", compression="jpeg")
    show("tiff", saved.getvalue())
    show("again", Image.open(io.BytesIO(saved.getvalue())).tobytes())
    with open(path, "rb") as file:
        data = file.read()
    for cut in (10, 200, len(data) // 2):
        try:
            Image.open(io.BytesIO(data[:cut])).load()
        except (OSError, SyntaxError) as error:
            print(cut, type(error).__name__, "truncated" in str(error))
'''


def jpeg_files(frame):
    """Many files and damaged ones in one run, and other libraries' users."""
    variable = 'LD_LIBRARY_PATH=' + frame.optional('jpeg')
    suffixes = ('.jpg', '.jpeg')

    def both(argv, stats='jpeg_read_scanlines'):
        native = frame.run(argv)
        frame.same(os.path.basename(argv[0]), native,
                   frame.guest(argv, variable, stats))
        if native.returncode:
            frame.fail('natively it fails: %s' % native.stderr)
        return native.stdout

    program = os.path.join(frame.args.programs, 'jpeg-files')
    files = pictures(frame, suffixes, 150,
                     1 << 62 if frame.args.all else 200000)
    out = both([program, '0', *files])
    print('%d files' % len(files))
    if out.count(b' components') < len(files) * 0.9:
        frame.fail('too few of the files were decoded')
    out = both([program, '20', *pictures(frame, suffixes, 100, 30000)])
    failed = out.count(b'  failed')
    if b'grown' in out or failed < 200:
        frame.fail('%d failed of the damaged files: %s' % (failed, out[-99:]))

    users = pictures(frame, suffixes, 12, 60000)
    for number, path in enumerate(users[:4]):
        with open(path, 'rb') as file:
            data = file.read()
        users.append('cut-%d.jpg' % number)
        with open(os.path.join(frame.scratch, users[-1]), 'wb') as file:
            file.write(data[:len(data) * (number + 1) // 5])
    both([os.path.join(frame.args.programs, 'jpeg-users'), *users])
    both([os.path.realpath('/usr/bin/python3'), '-c', PIL, *users[:3]],
         'jpeg_write_scanlines')


def damaged(chance, data):
    """A copy with bits flipped, or cut short, or with lengths changed."""
    data = bytearray(data)
    way = chance.randrange(3)
    if way == 0:
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del data[chance.randrange(len(data)):]
    else:
        markers = [i for i in range(len(data) - 4) if data[i] == 0xff and
                   data[i + 1] >= 0xc0]
        data[chance.choice(markers) + 3] ^= 1 << chance.randrange(8)
    return bytes(data)


def jpegs(frame):
    djpeg, cjpeg, jpegtran = (frame.need(p, 'libjpeg-turbo-progs')
                              for p in ('djpeg', 'cjpeg', 'jpegtran'))
    folder = '/usr/share/games/supertuxkart'
    files = sorted(os.path.join(where, name)
                   for where, _, names in os.walk(folder) for name in names
                   if name.endswith(('.jpg', '.jpeg')))
    if len(files) < 100:
        print('skipped: few JPEG files in %s; install supertuxkart-data' %
              folder)
        sys.exit(gwtest.SKIP)
    files = files if frame.args.all else files[::len(files) // 40][:40]
    root = ''
    if frame.args.compiler:
        root = gwtest.sysroot(frame.args.isa, 'libjpeg-turbo-progs')
        frame.qemu += ['-L', root]
    variable = 'LD_LIBRARY_PATH=' + frame.optional('jpeg')
    pixels = os.path.join(frame.scratch, 'pixels')
    broken = os.path.join(frame.scratch, 'broken.jpg')

    # --stats shows the first ten, and none that never returned.
    any_function = r'(gw_)?jpeg_\w+'

    def both(argv, used):
        native = frame.run(argv)
        frame.same(' '.join(argv), native, frame.guest(
            [root + argv[0], *argv[1:]], variable, used))
        return native

    for number, path in enumerate(files):
        native = both([djpeg, '-verbose', path], 'jpeg_read_scanlines')
        if native.returncode:
            frame.fail('natively djpeg %s fails: %s' % (path, native.stderr))
        with open(pixels, 'wb') as file:
            file.write(native.stdout)
        both([cjpeg, '-verbose', '-quality', str(30 + number),
              *(['-progressive'] if number % 2 else ['-optimize']), pixels],
             'jpeg_write_scanlines')
        both([jpegtran, '-verbose', '-copy', 'all', '-rotate',
              str(number % 3 * 90 + 90),
              *(['-arithmetic'] if number % 2 else ['-progressive']), path],
             any_function)
    chance, failed = random.Random(10), 0
    smallest = sorted(files, key=os.path.getsize)[:20]
    for number in range(100):
        with open(smallest[number % 20], 'rb') as file:
            data = damaged(chance, file.read())
        with open(broken, 'wb') as file:
            file.write(data)
        native = both([djpeg, '-verbose', broken] if number % 4 else
                      [jpegtran, '-flip', 'vertical', broken], any_function)
        failed += native.returncode != 0
    print('%d of 100 damaged files were refused' % failed)
    if not 0 < failed < 100:
        frame.fail('the damage is not what it is meant to be')


def turbojpeg(frame):
    folder = frame.optional('turbojpeg')
    program, guest = frame.program(
        'turbojpeg-test', folder + '/libturbojpeg.so.0', '-lpthread')
    native = frame.native([program, 'native.ppm'])
    frame.same('turbojpeg-test', native,
               frame.guest([guest, 'guest.ppm'], 'LD_LIBRARY_PATH=' + folder,
                           'tjDecompress2'))
    if native.returncode or b'grown' in native.stdout:
        frame.fail('natively turbojpeg-test fails: %s' % native.stdout[-500:])
    frame.same_files('native.ppm', 'guest.ppm')


# Dithering goes on while there is silence, so by the clock.
WAVE = '[general]\ndither = false\n[wave]\nfile = %s\n'


def sound(path):
    """A wave file's samples, from the first to the last that is not 0: when a
    source begins to play, the clock decides."""
    with open(path, 'rb') as file:
        frames = file.read().partition(b'data')[2][4:]
    return frames.lstrip(b'\0').rstrip(b'\0')


def openal(frame):
    folder = frame.optional('openal')
    library = os.path.join(folder, 'libopenal.so.1')
    variable = 'LD_LIBRARY_PATH=' + folder
    program, guest = frame.program('openal-test', library, '-lpthread', '-ldl')
    native = frame.native([program])
    frame.same('openal-test', native,
               frame.guest([guest], variable, 'alcRenderSamplesSOFT'))
    if native.returncode or \
            native.stdout.count(b'\nthreads: 8 ') != 3:
        frame.fail('natively openal-test fails: %s' % native.stdout[-500:])

    # Devices: none, a silent one, a file; set in the program, or for it.
    for settings in ('none', 'null', 'wave'):
        sides = {}
        for side, run in (
                ('native', lambda argv: frame.native([program, *argv])),
                ('guest', lambda argv: frame.guest(
                    [guest, *argv], variable, 'alcOpenDevice'))):
            conf = os.path.join(frame.scratch, side + '.conf')
            with open(conf, 'w', encoding='utf-8') as file:
                file.write(WAVE % (side + '.wav'))
            sides[side] = run(['play', 'ALSOFT_DRIVERS=' + settings,
                               'ALSOFT_CONF=' + conf])
        frame.same('play ' + settings, sides['native'], sides['guest'])
        played = b'played: 1' in sides['native'].stdout
        if sides['native'].returncode or played != (settings != 'none'):
            frame.fail('natively, with %s: %s' % (settings, sides['native']))
    for name in ('native.wav', 'guest.wav'):
        if len(sound(os.path.join(frame.scratch, name))) < 40000:
            frame.fail('%s has no sound' % name)
    if sound(os.path.join(frame.scratch, 'native.wav')) != \
            sound(os.path.join(frame.scratch, 'guest.wav')):
        frame.fail('the wave files differ')
    os.environ['ALSOFT_DRIVERS'] = 'null'
    result = frame.guest([guest, 'play'], variable, 'alcOpenDevice')
    del os.environ['ALSOFT_DRIVERS']
    if b'No Output 44100 1\nplayed: 1' not in result.stdout:
        frame.fail('ALSOFT_DRIVERS is not heard of: %s' % result)


def openal_later(frame):
    folder = frame.optional('openal')
    variable = 'LD_LIBRARY_PATH=' + folder
    program, guest = frame.program('openal-later-test',
                                   os.path.join(folder, 'libopenal.so.1'),
                                   '-lpthread')
    os.symlink(os.path.join(frame.args.programs, 'openal-later.so'),
               os.path.join(frame.scratch, 'libopenal.so.1'))
    os.environ['LD_LIBRARY_PATH'] = frame.scratch
    native = frame.native([program])
    frame.same('openal-later-test', native,
               frame.guest([guest], variable, 'alBufferCallbackSOFT'))
    if native.returncode or native.stdout.count(b'elsewhere') != 5:
        frame.fail('natively openal-later-test fails: %s' % native)
    result = frame.run([*frame.qemu, '-E', variable, guest, 'newest'])
    if result.stdout != b'none\n' or \
            b'alNewestSOFT is newer than' not in result.stderr:
        frame.fail('a function that no table has: %s' % result)


def fonts(frame, each, largest=3000000):
    """So many fonts of each format in the installed packages, of all sizes."""
    found = {}
    for folder, _, files in sorted(os.walk('/usr/share')):
        for name in sorted(files):
            path = os.path.join(folder, name)
            suffix = re.search(r'\.(ttf|otf|pf[ab]|woff2?|pcf\.gz)$', name)
            if suffix and os.path.isfile(path) and \
                    not os.path.islink(path) and \
                    os.path.getsize(path) < largest:
                found.setdefault(suffix[1], []).append(path)
    if not {'ttf', 'otf', 'pcf.gz'} <= found.keys():
        print('skipped: only %s fonts in /usr/share: install fonts-cantarell, '
              'fonts-dejavu-core and xfonts-base' % ', '.join(sorted(found)))
        sys.exit(gwtest.SKIP)
    chosen = []
    for paths in found.values():
        paths.sort(key=lambda path: (os.path.getsize(path), path))
        chosen += paths[::max(1, len(paths) // each)][:each]
    return chosen


def freetype(frame):
    font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
    packed = '/usr/share/fonts/X11/misc/10x20.pcf.gz'
    for path, package in ((font, 'fonts-dejavu-core'),
                          (packed, 'xfonts-base')):
        if not os.path.exists(path):
            print('skipped: no %s; install %s' % (path, package))
            sys.exit(gwtest.SKIP)
    folder = 'LD_LIBRARY_PATH=' + frame.optional('freetype')
    program, guest = frame.program(
        'freetype-test', '-I/usr/include/freetype2',
        frame.optional('freetype') + '/libfreetype.so.6', '-pthread')
    native = frame.run([program, font, packed])
    frame.same('freetype-test', native,
               frame.guest([guest, font, packed], folder, 'FT_Done_Face'))
    if native.returncode or native.stdout.count(b': the same') != 8:
        frame.fail('natively freetype-test fails: %s' % native.stdout[-500:])
    if frame.args.compiler:
        return

    program = os.path.join(frame.args.programs, 'freetype-files')
    for copies, files in (('0', fonts(frame, 15)),
                          ('5', fonts(frame, 15, 100000))):
        native = frame.run([program, copies, *files])
        frame.same('freetype-files', native,
                   frame.guest([program, copies, *files], folder,
                               'FT_Load_Glyph'))
        if native.returncode or \
                native.stdout.count(b'bitmaps') < len(files) / 2:
            frame.fail('natively freetype-files fails: %s' % native.stderr)
        if not native.stdout.endswith(b'grown: no\n'):
            frame.fail('natively memory grows')


def program(frame):
    """A pack with nothing but a program NAME-test (scripts/new-pack)."""
    name = frame.args.test
    argv = [os.path.join(frame.args.programs, name + '-test')]
    native = frame.run(argv)
    frame.same(argv[0], native, frame.guest(
        argv, 'LD_LIBRARY_PATH=' + frame.optional(name), r'\w+'))
    if native.returncode or not native.stdout:
        frame.fail('natively %s-test says nothing or fails: %s' % (
            name, native.stderr))


TESTS = {'freetype': freetype, 'jpeg': jpeg, 'jpegs': jpegs,
         'jpeg-files': jpeg_files, 'openal': openal,
         'openal-later': openal_later, 'png': png, 'turbojpeg': turbojpeg,
         'zlib': zlib, 'qsort': qsort, 'minizip': minizip, 'python': python}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--crossing', choices=('doorbell', 'syscall'),
                        default='doorbell')
    parser.add_argument('--isa', default=gwtest.host_isa())
    parser.add_argument('--compiler', help="the ISA's, if not the host's own")
    parser.add_argument('--all', action='store_true',
                        help='every picture that is installed')
    parser.add_argument('programs', type=os.path.abspath)
    parser.add_argument('test', help='%s, or a pack with a program NAME-test'
                        % ', '.join(TESTS))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='gangway-packs-') as scratch:
        frame = Frame(args, scratch)
        TESTS.get(args.test, program)(frame)
    return 1 if frame.failures else 0


sys.exit(main())
