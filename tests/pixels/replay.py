# SPDX-License-Identifier: MIT
"""Recordings of real programs, replayed, give the same frames byte for byte.

Would catch: anything that changes a pixel on the way from a program to the
host's GL: lost or changed arguments, buffers read from the wrong place or at
the wrong time, state that belongs to another context.  The recordings are
made natively with apitrace, once per machine and per version of the program,
because what these programs draw depends on time; a recording does not.
"""
import fcntl
import hashlib
import json
import os
import re

import gwtest

STK = ('--windowed --screensize=320x240 --race-now --track=lighthouse '
       '--numkarts=4 --profile-time=2 --seed=1 --anisotropic=0 '
       '--disable-texture-compression --disable-hd-textures '
       '--disable-dynamic-lights --shadows=0').split()
GLMARK2 = ('-s 320x240 -b terrain:duration=0.2 -b build:duration=0.1 '
           '-b desktop:duration=0.2 -b ideas:duration=0.2 '
           '-b refract:duration=0.2 -b shadow:duration=0.1 '
           '-b jellyfish:duration=0.1').split()

# name: (package, program, arguments, API, seconds to record, more of them if
# it has not yet drawn enough, or None: until it ends)
RECORDINGS = {
    'supertuxkart': ('supertuxkart', 'supertuxkart', STK, 'gl', None),
    'glmark2': ('glmark2-x11', 'glmark2', GLMARK2, 'gl', None),
    'xscreensaver-gears': ('xscreensaver-gl', 'gears', [], 'egl', 6),
    'es2gears': ('mesa-utils', 'es2gears_x11', [], 'egl', 2),
}
# How many frames a recording has depends on the machine's speed.
SNAPSHOTS, LEAST = 14, 6
FRAME = re.compile(rb'P6\n#(\d+)\n(\d+) (\d+)\n255\n')


def arguments(parser):
    parser.add_argument('recording', choices=RECORDINGS)


def frame_count(test, path):
    info = test.native([test.need('apitrace', 'apitrace'), 'info', path])
    return json.loads(info.out)['FramesCount'] if info.status == 0 else 0


def record(test, path, program):
    """Makes the recording `path`; another test may be doing the same."""
    _, _, arguments, api, seconds = RECORDINGS[test.args.recording]
    argv = [test.need('apitrace', 'apitrace'), 'trace', '--api', api,
            '--output', path + '.part', program, *arguments]
    while True:
        if os.path.exists(path + '.part'):
            os.unlink(path + '.part')
        limit = ['timeout', '--signal=TERM', str(seconds)] if seconds else []
        result = test.native(limit + argv, timeout=240, env=test.home('record'))
        if not os.path.exists(path + '.part'):
            raise RuntimeError('apitrace recorded nothing:\n' + result.tail())
        if not seconds or seconds > 60 or \
           frame_count(test, path + '.part') >= 2 * SNAPSHOTS:
            break
        seconds *= 3
    os.rename(path + '.part', path)


def recording(test):
    """Path of the recording, made when it is not there."""
    package, name, arguments, _, _ = RECORDINGS[test.args.recording]
    program = test.need(name, package)
    facts = os.stat(os.path.realpath(program))
    key = hashlib.sha256(repr((arguments, facts.st_size, facts.st_mtime))
                         .encode()).hexdigest()[:12]
    folder = os.path.join(test.output_folder(), 'recordings')
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, '%s-%s.trace' % (test.args.recording, key))
    with open(path + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            record(test, path, program)
    return path


def frames(result):
    """{call number: (width, height, pixels)} of the snapshots in a replay's
    output."""
    found, data, at = {}, result.raw, 0
    while True:
        head = FRAME.search(data, at)
        if not head:
            return found
        width, height = int(head.group(2)), int(head.group(3))
        at = head.end() + 3 * width * height
        found[int(head.group(1))] = (width, height, data[head.end():at])


def player(test, path):
    """The command that replays, writing SNAPSHOTS frames or a few more."""
    count = frame_count(test, path)
    api = RECORDINGS[test.args.recording][3]
    return [test.need('eglretrace' if api == 'egl' else 'glretrace',
                      'apitrace'), '--snapshot-prefix', '-',
            '--snapshot-interval', str(max(1, count // SNAPSHOTS)), path]


def replay(test, argv, guest):
    run = test.guest if guest else test.native
    return run(argv, timeout=300 if guest else 120)


def several_colours(frame):
    pixels = frame[2]
    return len({pixels[i:i + 3] for i in range(0, len(pixels), 3 * 7)}) > 8


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        argv = player(test, recording(test))
        first = frames(replay(test, argv, guest=False))
        second = frames(replay(test, argv, guest=False))
        result = replay(test, argv, guest=True)
        guest = frames(result)
        test.check(result.status == 0, 'the replay under Gangway ' +
                   result.ending(), result.err[-3000:])
        # A frame that differs natively says nothing (a window that has not
        # yet got its size, say).
        steady = [n for n in first if first[n] == second.get(n)]
        drawn = sum(several_colours(first[n]) for n in steady)
        test.check(drawn >= LEAST, 'only %d steady frames with something on '
                   'them natively, at least %d wanted' % (drawn, LEAST))
        for number in steady:
            test.check(first[number] == guest.get(number),
                       'frame at call %d differs%s' % (
                           number, '' if number in guest else
                           ': it was not drawn'))
        print('%d frames compared, %d natively unsteady, replay %.1f s' % (
            len(steady), len(first) - len(steady), result.seconds))


main()
