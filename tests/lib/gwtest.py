# SPDX-License-Identifier: MIT
"""What every passthrough test shares.

A test runs one command line twice on one X server, natively and through
Gangway, and says in which way the two differ.  `Test` is the frame: it owns
the X server, a scratch folder and the list of failures, reads --crossing=
from the command line, and turns all of it into an exit status: 0 passed,
1 failed, 77 skipped (with a reason).

    with gwtest.Test(__doc__) as test:
        test.need('glxinfo', package='mesa-utils')
        test.same(['glxinfo'])
"""
import argparse
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import x11

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SKIP = 77
# What Debian calls the ISAs whose programs can be fetched.
DEBIAN_ARCH = {'x86_64': 'amd64', 'aarch64': 'arm64', 'riscv64': 'riscv64'}
# What the launcher's --stats prints (htl/runtime/observe.c).
STATS = re.compile(r'gangway: stats: (\d+) frames, ([\d.]+) per second')
CROSSINGS = re.compile(r'gangway: stats: (\d+) crossings by doorbell, '
                       r'(\d+) by system call')
MISSING = re.compile(r'^gangway: .*\blacks\b.*$', re.M)
# What may differ between two runs of the same program: addresses.
ADDRESS = re.compile(r'0x[0-9a-f]{6,16}\b')


class Skip(Exception):
    """The test cannot say anything here; the text says why."""


class Result:
    """How a run ended: status (None: over time), out and err as text, raw
    (out as bytes), seconds."""

    def __init__(self, argv, status, out, err, seconds):
        self.argv, self.status, self.seconds = argv, status, seconds
        self.raw = out
        self.out = out.decode(errors='replace')
        self.err = err.decode(errors='replace')

    def ending(self):
        if self.status is None:
            return 'did not end within %.0f s' % self.seconds
        if self.status < 0:
            return 'was killed by %s' % signal.Signals(-self.status).name
        return 'ended with status %d' % self.status

    def tail(self, lines=30):
        text = (self.out + self.err).strip().splitlines()
        return '\n'.join('    ' + line for line in text[-lines:])


def stop(process):
    """Ends a run and everything that it started (its process group)."""
    for kill in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kill)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue


def said(process):
    """What a program that Session.start() started has written to stdout so
    far."""
    return os.pread(process.files[0].fileno(), 1 << 20, 0).decode()


def _read(path):
    try:
        with open(path, errors='replace') as file:
            return file.read().strip()
    except OSError as error:
        return error.strerror


def where(process):
    """What everything in a started program's session is waiting for, as text:
    for runs that should have ended. Stacks where there is a gdb."""
    lines = []
    for pid in sorted(filter(str.isdigit, os.listdir('/proc')), key=int):
        try:
            if os.getsid(int(pid)) != process.pid:
                continue
            tasks = sorted(os.listdir('/proc/%s/task' % pid), key=int)
        except OSError:
            continue
        lines.append('process %s: %s' % (
            pid, _read('/proc/%s/cmdline' % pid).replace('\0', ' ')[:300]))
        for task in tasks:
            folder = '/proc/%s/task/%s/' % (pid, task)
            state = re.search(r'\) (\S)', _read(folder + 'stat'))
            lines.append('  thread %s (%s): %s in %s, system call %s' % (
                task, _read(folder + 'comm'), state.group(1) if state else '?',
                _read(folder + 'wchan'), _read(folder + 'syscall')))
        if shutil.which('gdb'):
            try:
                lines.append(subprocess.run(
                    ['gdb', '-nx', '-batch', '-p', pid,
                     '-ex', 'thread apply all bt 12'],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL, timeout=60).stdout.decode(
                        errors='replace')[-6000:])
            except subprocess.TimeoutExpired:
                lines.append('  gdb does not end either')
    return '\n'.join(lines) + '\n'


def run_without_display(argv, timeout, env=None):
    """Runs a program that draws nothing: no X server is started for it, nor
    needed.  Output as bytes.  Raises subprocess.TimeoutExpired, whose stderr
    ends with where() it was, after killing all that it started: a pipe that a
    forked child holds open would be waited for without end."""
    with subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
            env=dict({'DISPLAY': ':0'}, **(os.environ if env is None else env))
            ) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as late:
            text = where(process)
            os.killpg(process.pid, signal.SIGKILL)
            late.output, late.stderr = process.communicate()
            late.stderr += text.encode()
            raise
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


def fetch_sysroot(isa, *packages):
    """The folder of an ISA's programs and libraries, to which these Debian
    packages are added where they are not yet.  RuntimeError says why not."""
    fetch = subprocess.run(
        [os.path.join(ROOT, 'scripts', 'sysroot'), DEBIAN_ARCH[isa],
         *packages], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    last = (fetch.stdout.strip().splitlines() or ['nothing said'])[-1]
    if fetch.returncode:
        raise RuntimeError('no %s programs: %s' % (isa, last))
    return last


def sysroot(isa, *packages):
    """The same for a script that is no Test: ends it as skipped."""
    try:
        return fetch_sysroot(isa, *packages)
    except RuntimeError as error:
        print('skipped: %s' % error)
        sys.exit(SKIP)


def compile_guest(compiler, *arguments):
    """A guest's program of another ISA.  Meson puts folders with its own
    compiler's assembler into PATH, which is not this one's."""
    subprocess.run([compiler, '-std=gnu11', '-D_GNU_SOURCE', '-O2',
                    *arguments], check=True,
                   env=dict(os.environ, PATH=os.confstr('CS_PATH')))


def settled(colours=2):
    """Accepts a picture with so many colours that stays for a second; for
    Session.picture()."""
    last = [None, 0]

    def good(image):
        if last[0] is None or image.rgb != last[0].rgb:
            last[:] = [image, time.monotonic()]
        return image.colours() >= colours and time.monotonic() - last[1] > 1
    return good


def gangway():
    """The launcher under test."""
    return os.environ.get('GANGWAY', os.path.join(ROOT, 'gangway'))


def libdir():
    """The built lib/gangway: host/, guest/<isa>/ and the file qemu."""
    prefix = os.environ.get('GANGWAY_PREFIX',
                            os.path.join(ROOT, 'build', 'root'))
    return os.path.join(prefix, 'lib', 'gangway')


def host_isa():
    """The ISA of the machine that this Gangway was built for: this machine's,
    or another's, of which scripts/cross-host has made a likeness."""
    return os.environ.get('GANGWAY_HOST_ISA', os.uname().machine)


def on_host(argv):
    """argv, a program of that machine's, as it is run here.  A package's
    program is that machine's of the same name."""
    sysroot = os.environ.get('GANGWAY_HOST_SYSROOT')
    if sysroot and argv[0].startswith('/usr/'):
        argv = [sysroot + argv[0], *argv[1:]]
    return [*shlex.split(os.environ.get('GANGWAY_HOST_RUNNER', '')), *argv]


def patience():
    """How much longer than on this machine everything may take there."""
    return float(os.environ.get('GANGWAY_PATIENCE', '1'))


def qemu(isa=None):
    """Path of the QEMU that the build found or made, by default for programs
    of the host's own ISA."""
    folder = os.environ.get('GANGWAY_QEMU_DIR')
    if not folder:
        with open(os.path.join(libdir(), 'qemu')) as line:
            folder = line.read().strip()
    return os.path.join(folder, 'qemu-' + (isa or host_isa()))


class Session:
    """An X server, a scratch folder and an environment to run programs in;
    the tests' and the benches'.  Usable in a with statement."""

    def __init__(self, screen=(800, 600)):
        self.screen = screen
        self.env = dict(os.environ, LC_ALL='C', ALSOFT_DRIVERS='null',
                        SDL_AUDIODRIVER='dummy')
        # What is looked at must not depend on what a user has set.
        for name in ('LD_PRELOAD', 'LD_LIBRARY_PATH', 'XAUTHORITY'):
            self.env.pop(name, None)

    def __enter__(self):
        if not os.access(gangway(), os.X_OK):
            print('%s is missing: run make first' % gangway())
            sys.exit(1)
        self.scratch = tempfile.mkdtemp(prefix='gangway-test-')
        self.server = x11.Server(*self.screen)
        self.env['DISPLAY'] = self.server.name
        # Programs write settings and caches; theirs must not be the user's,
        # and not one run's the other's.
        self.env['MESA_SHADER_CACHE_DISABLE'] = 'true'
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def need(self, program, package):
        """Absolute path of a program from a Debian package, or a skip."""
        path = shutil.which(program, path=os.environ.get('PATH', '') +
                            ':/usr/games:/usr/libexec/xscreensaver')
        if not path:
            raise Skip('%s is missing: install %s' % (program, package))
        return path

    def home(self, name):
        """A fresh home folder for one run."""
        path = tempfile.mkdtemp(prefix=name + '-', dir=self.scratch)
        return {'HOME': path, 'XDG_CONFIG_HOME': path + '/config',
                'XDG_DATA_HOME': path + '/data',
                'XDG_CACHE_HOME': path + '/cache'}

    def start(self, argv, env=None, cwd=None):
        """Starts a program in a process group of its own, output to files
        (a pipe's reader would wait for every process that inherits it)."""
        out = tempfile.TemporaryFile(dir=self.scratch)
        err = tempfile.TemporaryFile(dir=self.scratch)
        process = subprocess.Popen(
            argv, env=dict(self.env, **(env or {})), cwd=cwd or self.scratch,
            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True)
        process.files, process.began = (out, err), time.monotonic()
        return process

    def finish(self, process, timeout):
        """Waits for a started program; over time it is stopped."""
        try:
            status = process.wait(
                timeout=max(0, process.began + timeout - time.monotonic()))
            place = b''
        except subprocess.TimeoutExpired:
            status, place = None, where(process).encode()
        seconds = time.monotonic() - process.began
        stop(process)
        texts = []
        for stream in process.files:
            stream.seek(0)
            texts.append(stream.read())
            stream.close()
        texts[1] += place
        return Result(process.args, status, *texts, seconds)

    def run(self, argv, timeout=60, env=None, cwd=None):
        return self.finish(self.start(argv, env, cwd), timeout * patience())

    def picture(self, process, good, patience):
        """The first screenshot that `good` accepts, else the last one."""
        end = time.monotonic() + patience
        while True:
            image = self.server.screenshot()
            if good(image) or time.monotonic() > end:
                return image
            if process.poll() is not None:
                return image
            time.sleep(0.2)

    def stats_options(self):
        """Launcher options for --stats into a file that stats() reads:
        programs may close or redirect stderr."""
        self.stats_file = os.path.join(self.scratch, 'stats')
        if os.path.exists(self.stats_file):
            os.unlink(self.stats_file)
        return ['--stats', '--log=' + self.stats_file]

    def stats(self):
        """What the last run's --stats counted, or None when it says nothing:
        frames, doorbells, calls (by system call), missing (list of lines).
        Of several processes (each prints at its end, forked helpers too) the
        one that drew most."""
        try:
            with open(self.stats_file) as stream:
                text = stream.read()
        except FileNotFoundError:
            return None
        processes = [
            {'frames': int(frames), 'fps': float(fps),
             'doorbells': int(doorbells), 'calls': int(calls),
             'missing': MISSING.findall(text)}
            for (frames, fps), (doorbells, calls) in
            zip(STATS.findall(text), CROSSINGS.findall(text))]
        return max(processes, key=lambda p: p['frames'], default=None)


class Test(Session):
    def __init__(self, doc, screen=(800, 600), arguments=None):
        parser = argparse.ArgumentParser(description=doc)
        parser.add_argument('--crossing', choices=('doorbell', 'syscall'),
                            default='doorbell')
        parser.add_argument('--x11', choices=('guest', 'thunk'),
                            help='whose libX11 the guest uses')
        parser.add_argument('--isa', choices=DEBIAN_ARCH,
                            help="run the guest's side as this ISA's program")
        if arguments:
            arguments(parser)
        self.args = parser.parse_args()
        self.sysroot = None
        self.failures = []
        super().__init__(screen)

    def __exit__(self, kind, error, _):
        super().__exit__()
        if kind is Skip:
            print('skipped: %s' % error)
            sys.exit(SKIP)
        if kind is None and self.failures:
            print('%d difference(s)' % len(self.failures))
            sys.exit(1)
        return False

    def fail(self, message, *details):
        self.failures.append(message)
        print('FAIL: ' + message)
        for detail in details:
            print(detail)
        sys.stdout.flush()

    def check(self, condition, message, *details):
        if not condition:
            self.fail(message, *details)
        return bool(condition)

    def need_sysroot(self, *packages):
        """With --isa: from here on the guest's programs are those of that
        ISA's Debian packages, fetched where they are not yet."""
        if not self.args.isa:
            return
        if not os.access(qemu(self.args.isa), os.X_OK):
            raise Skip('no %s: qemu/get-qemu %s builds it' %
                       (qemu(self.args.isa), self.args.isa))
        try:
            self.sysroot = fetch_sysroot(self.args.isa, *packages)
        except RuntimeError as error:
            raise Skip(str(error)) from None

    def command(self, argv, options=()):
        """argv as the launcher runs it in this test's mode; with a sysroot
        the program of that name in there."""
        if self.sysroot:
            options = [*options, '--sysroot=' + self.sysroot]
            inside = os.path.join(self.sysroot, 'usr/bin',
                                  os.path.basename(argv[0]))
            if os.path.exists(inside):
                argv = [inside, *argv[1:]]
        if self.args.x11:
            options = ['--x11=' + self.args.x11, *options]
        return [gangway(), '--crossing=' + self.args.crossing,
                *options, '--', *argv]

    def native(self, argv, **how):
        return self.run(on_host(argv), **how)

    def guest(self, argv, options=(), **how):
        return self.run(self.command(argv, options), **how)

    def both(self, argv, timeout=60, env=None, cwd=None):
        """(native result, result under Gangway) of one command line; the
        native one must end in time, or the test itself is at fault."""
        native = self.native(argv, timeout=timeout, env=env, cwd=cwd)
        if native.status is None:
            self.fail('natively, %s %s' % (argv[0], native.ending()))
        return native, self.guest(argv, timeout=3 * timeout, env=env, cwd=cwd)

    def same(self, argv, what=None, clean=None, **how):
        """Runs argv both ways and compares status, stdout and stderr."""
        native, guest = self.both(argv, **how)
        self.compare(native, guest, what or ' '.join(argv), clean)
        return native, guest

    def compare(self, native, guest, what, clean=None):
        self.check(native.status == guest.status,
                   '%s natively %s, under Gangway %s' %
                   (what, native.ending(), guest.ending()), guest.tail())
        for name in ('out', 'err'):
            self.compare_text(getattr(native, name), getattr(guest, name),
                              '%s: std%s' % (what, name), clean)

    def compare_text(self, native, guest, what, clean=None):
        """Compares line by line; addresses are equal to each other."""
        lines = []
        for text in (native, guest):
            text = ADDRESS.sub('0xADDRESS', text)
            lines.append((clean(text) if clean else text).splitlines())
        if lines[0] == lines[1]:
            return True
        delta = list(difflib.unified_diff(*lines, 'native', 'gangway',
                                          lineterm='', n=1))
        if len(delta) > 60:
            delta = delta[:60] + ['... %d more' % (len(delta) - 60)]
        self.fail(what + ' differs', *delta)
        return False

    def compare_files(self, native, guest, what):
        """Byte for byte; both must be there and not empty."""
        data = []
        for path in (native, guest):
            if not os.path.exists(path):
                self.fail('%s: %s was not written' % (what, path))
                return False
            with open(path, 'rb') as stream:
                data.append(stream.read())
        self.check(data[0], '%s: the native file is empty' % what)
        if data[0] == data[1]:
            return True
        spots = [i for i, (a, b) in enumerate(zip(*data)) if a != b]
        self.fail('%s: %d of %d bytes differ (sizes %d and %d)%s' % (
            what, len(spots), len(data[0]), len(data[0]), len(data[1]),
            ', first at %d' % spots[0] if spots else ''))
        return False

    def output_folder(self):
        """Where files go that stay after the test."""
        folder = os.environ.get('GANGWAY_TEST_OUT',
                                os.path.join(ROOT, 'build', 'tests', 'output'))
        os.makedirs(folder, exist_ok=True)
        return folder

    def keep(self, image, name):
        """Saves an image for a human; returns where."""
        path = os.path.join(self.output_folder(),
                            '%s-%s.png' % (name, self.args.crossing))
        image.save_png(path)
        print('saved %s' % path)
        return path
