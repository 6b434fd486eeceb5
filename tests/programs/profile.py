# SPDX-License-Identifier: MIT
"""A profile's unattended run starts, draws what it expects and ends cleanly.

Would catch: a program of another engine or loader that does not find its GL
functions, does not draw, does not end, or calls what Gangway lacks.  What to
expect stands in the profile (games/NAME.conf): frames and exit status.
"""
import fcntl
import os
import re
import subprocess

import gwtest

EXPECT = re.compile(r'frames>=(\d+) exit=(\d+)')


def arguments(parser):
    parser.add_argument('profile', help='a file games/NAME.conf')


def read(path):
    settings = {}
    with open(path) as lines:
        for line in lines:
            if '=' in line and not line.lstrip().startswith('#'):
                key, _, value = line.partition('=')
                settings[key.strip()] = value.strip()
    return settings


def installed(package):
    return subprocess.run(['dpkg-query', '-W', '-f', '${Status}', package],
                          capture_output=True, text=True).stdout.endswith(
                              ' installed')


def demo(test, name, *options):
    """One run; not twice at once, because games open fixed ports."""
    path = os.path.join(test.output_folder(), name + '.lock')
    with open(path, 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return run_demo(test, name, options)


def run_demo(test, name, options):
    return test.run([gwtest.gangway(), '--demo',
                     '--crossing=' + test.args.crossing, *options,
                     *test.stats_options(), name],
                    timeout=580, env=test.home(name))


def main():
    with gwtest.Test(__doc__, screen=(1280, 720),
                     arguments=arguments) as test:
        name = os.path.basename(test.args.profile)[:-len('.conf')]
        settings = read(test.args.profile)
        for package in settings['package'].split():
            if not installed(package):
                raise gwtest.Skip('%s is missing: install it' % package)
        wanted = EXPECT.fullmatch(settings['expect'])
        frames, status = int(wanted.group(1)), int(wanted.group(2))
        result = demo(test, name)
        stats = test.stats()
        if stats and stats['frames'] < frames and 'demo-quit' in settings:
            # On a busy machine less is drawn in the same time.
            print('only %d frames: once more, for longer' % stats['frames'])
            seconds = 4 * float(settings['demo-quit'])
            result = demo(test, name, '--quit-after=%g' % seconds)
            stats = test.stats()
        test.check(result.status == status, '%s %s, expected was %d' %
                   (name, result.ending(), status), result.tail(60))
        if test.check(stats, 'no --stats', result.tail()):
            test.check(stats['frames'] >= frames, '%d frames, expected were '
                       '%d' % (stats['frames'], frames), result.tail(60))
            for line in stats['missing']:
                test.fail(line)
        print('%s: %.1f s, %s' % (name, result.seconds, stats))


main()
