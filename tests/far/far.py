# SPDX-License-Identifier: MIT
"""far.py OPTIONS PROGRAM CASE [N [ROUNDS]]: one case of far-test.c, natively
and under QEMU, with the same words and status.

Would catch: a callback that is lost or delivered twice, a value that changes
on its way, a hang (each run has a time limit), memory that grows.  With
--repeat a run under QEMU follows the other, for what happens now and then.
Exit status 0 passed, 1 failed, 77 skipped.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

import gwtest

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--crossing', default='doorbell',
                        choices=('doorbell', 'hasty', 'syscall'),
                        help='hasty: by doorbells that must not block')
    parser.add_argument('--isa', default=gwtest.host_isa())
    parser.add_argument('--compiler', help="the ISA's, if not the host's own")
    parser.add_argument('--gtl', type=os.path.abspath, required=True,
                        help="folder of the guest's libfar.so.1")
    parser.add_argument('--library', type=os.path.abspath, required=True,
                        help='the real libfar.so.1')
    parser.add_argument('--htl', type=os.path.abspath, required=True,
                        help='htl-far.so')
    parser.add_argument('--qemu', metavar='OPTIONS', default='',
                        help="more options of QEMU's, one word")
    parser.add_argument('--repeat', type=int, default=1)
    parser.add_argument('--says', metavar='REGEX',
                        help='what stderr must say under QEMU, and only there')
    parser.add_argument('--limit', type=float, default=60,
                        help='seconds that one run may take')
    parser.add_argument('program', type=os.path.abspath)
    parser.add_argument('cases', nargs='+',
                        help='"CASE [N [ROUNDS]]", each one word')
    return parser.parse_args()


def run(argv, limit, env):
    """(status or None, stdout, stderr)"""
    try:
        done = gwtest.run_without_display(argv, limit, env)
        status, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        status, out, err = None, late.output, late.stderr
    return status, *(text.decode(errors='replace') for text in (out, err))


class Runner:
    def __init__(self, args, scratch):
        self.args, self.failures = args, 0
        qemu = gwtest.qemu(args.isa)
        if not os.access(qemu, os.X_OK):
            print('skipped: no %s; qemu/get-qemu %s builds it' % (
                qemu, args.isa))
            sys.exit(gwtest.SKIP)
        plugin = '%s/host/dlcall.so,htl_dir=%s' % (
            gwtest.libdir(), os.path.dirname(args.htl))
        if args.crossing == 'syscall':
            plugin += ',doorbell=off'
        elif args.crossing == 'hasty':
            plugin += ',doorbell_blocks=off'
        self.guest = gwtest.on_host([
            qemu, *shlex.split(args.qemu), '-plugin', plugin,
            '-E', 'LD_LIBRARY_PATH=' + args.gtl])
        self.limit = args.limit * gwtest.patience()
        self.program = args.program
        if args.compiler:
            # On a likeness of another host the guest may be this machine's.
            if args.isa != os.uname().machine:
                self.guest += ['-L', gwtest.sysroot(args.isa, 'libc6')]
            self.program = self.compile(scratch)
        library_folder = os.path.dirname(args.library)
        self.native_env = dict(os.environ, LC_ALL='C',
                               LD_LIBRARY_PATH=library_folder)
        self.guest_env = dict(os.environ, LC_ALL='C',
                              FAR_LIBRARY=args.library)
        self.guest_env.pop('LD_LIBRARY_PATH', None)

    def compile(self, scratch):
        program = os.path.join(scratch, 'far-test')
        gwtest.compile_guest(
            self.args.compiler, '-o', program,
            os.path.join(HERE, 'far-test.c'),
            os.path.join(self.args.gtl, 'libfar.so.1'), '-lpthread')
        return program

    def fail(self, what, found, expected):
        self.failures += 1
        print('FAIL: %s' % what)
        for name, (status, out, err) in (('found', found),
                                         ('expected', expected)):
            print('%s: status %s\n%s%s' % (
                name, 'none: over time' if status is None else status,
                out[-2000:], err[-20000:]))
        sys.stdout.flush()

    def case(self, text):
        words = shlex.split(text)
        native = run(gwtest.on_host([self.args.program, *words]), self.limit,
                     self.native_env)
        if native[0] is None or 'FAIL' in native[1] or native[2]:
            self.fail(text + ' natively', native, (0, '', ''))
            return
        for turn in range(self.args.repeat):
            found = run([*self.guest, self.program, *words], self.limit,
                        self.guest_env)
            if self.args.says and re.search(self.args.says, found[2], re.S):
                found = (found[0], found[1], '')
            if found != native:
                self.fail('%s, run %d' % (text, turn + 1), found, native)
                return
        print('%s: %d time(s), %s' % (text, self.args.repeat,
                                      (native[1].splitlines() or
                                       ['status %s' % native[0]])[-1]))
        sys.stdout.flush()


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(prefix='gangway-far-') as scratch:
        runner = Runner(args, scratch)
        for text in args.cases:
            runner.case(text)
    return 1 if runner.failures else 0


sys.exit(main())
