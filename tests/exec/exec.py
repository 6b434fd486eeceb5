#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that a guest starts run in Gangway as they would natively, and
libraries that a pack replaces are replaced whatever their path."""
import os
import shutil
import stat

import gwtest

WAYS = ('exec', 'bare', 'at', 'spawn', 'system', 'fork')


def arguments(parser):
    parser.add_argument('starts')
    parser.add_argument('plain', help='the same without libGL linked in')


def script(test, name, first_line, body):
    path = os.path.join(test.scratch, name)
    with open(path, 'w') as file:
        file.write('%s\n%s\n' % (first_line, body))
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def inside(text):
    """What a native run prints, as it must read in Gangway."""
    return text.replace('libGL real', 'libGL thunk')


def starts_alike(test, what, argv):
    env = {'STARTS_KEPT': 'yes', 'LD_BIND_NOW': '1'}
    native, guest = test.both(argv, env=env)
    test.check('libGL real' in native.out or 'fork' in what,
               '%s: natively no report' % what, native.tail())
    test.check(native.status == guest.status,
               '%s: natively %s, in Gangway %s' %
               (what, native.ending(), guest.ending()), guest.tail())
    test.compare_text(inside(native.out), guest.out, what)


def starts(test, program):
    wrapped = script(test, 'launch.sh', '#!/bin/sh',
                     'exec "%s" report "$@" from-script' % program)
    nested = script(test, 'outer', '#!/usr/bin/env sh',
                    'echo outer; "%s" deeper; echo status $?' % wrapped)
    for way in WAYS:
        starts_alike(test, way, [program, way, program, 'report', 'a b', ''])
        starts_alike(test, way + ' of a script',
                     [program, way, wrapped, 'one', 'two words'])
    starts_alike(test, 'nested scripts', [program, 'exec', nested])
    starts_alike(test, 'a chain', [program, 'exec', program, 'spawn', program,
                                   'system', program, 'report', 'end'])
    starts_alike(test, 'itself', [program, 'exec', '/proc/self/exe', 'report'])


def failures(test, program):
    """What cannot be started answers as natively."""
    text = script(test, 'text', 'no interpreter', 'here')
    for what in ('/nowhere/program', test.scratch, text):
        native, guest = test.both([program, 'exec', what])
        test.compare(native, guest, 'exec of ' + what)


def libraries(test, plain):
    # Where this machine has libGL, by the name that its links end in.
    real = os.path.realpath('/usr/lib/%s-linux-gnu/libGL.so.1' %
                            os.uname().machine)
    bundled = os.path.join(test.scratch, 'game')
    os.mkdir(bundled)
    shutil.copy(real, os.path.join(bundled, 'libGL.so.1'))
    shutil.copy(real, os.path.join(bundled, 'libGL.so.1.7.0'))
    shutil.copy(real, os.path.join(bundled, 'libGLother.so.1'))
    expected = {
        real: 'thunk',
        os.path.join(bundled, 'libGL.so.1'): 'thunk',
        os.path.join(bundled, 'libGL.so.1.7.0'): 'thunk',
        os.path.join(bundled, 'libGLother.so.1'): 'real',
        '/nowhere/libGL.so.1': 'thunk',
        '/nowhere/libother.so.1': 'nothing',
    }
    for path, wanted in expected.items():
        for way in ('open', 'openat', 'openat2'):
            got = test.guest([plain, way, path]).out.strip()
            test.check(got == wanted, '%s of %s gave %s, not %s' %
                       (way, path, got, wanted))
    for path in ('libGL.so.1', 'libGL.so', real,
                 os.path.join(bundled, 'libGL.so.1')):
        got = test.guest([plain, 'dlopen', path]).out.strip()
        test.check(got == 'loaded, libGL thunk',
                   'dlopen of %s: %s' % (path, got))
    off = test.guest([plain, 'open', os.path.join(bundled, 'libGL.so.1')],
                     options=['--no-intercept']).out.strip()
    test.check(off == 'real', '--no-intercept: the file opened was %s' % off)
    said = test.guest([plain, 'open', real], options=['--verbose']).err
    test.check(real in said and 'the guest gets' in said,
               '--verbose does not name an intercepted library', said)


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        starts(test, os.path.abspath(test.args.starts))
        failures(test, os.path.abspath(test.args.starts))
        libraries(test, os.path.abspath(test.args.plain))


main()
