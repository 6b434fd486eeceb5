# SPDX-License-Identifier: MIT
"""How fast the emulator runs a program's own code: no graphics at all.

Three kinds of work: the logic of a race of SuperTuxKart, small loops of one
kind of instruction each (engine.c), and whole programs of Debian's. Each runs
natively, under plain QEMU (without launcher, plugin and speed patches) and as
Gangway runs it. What counts is processor time, so that other programs on the
machine disturb less; what each run computes must be what the native one has.

Plain QEMU gets the CPU model that is best for it on this machine: what the
launcher would choose, unless one of MODELS is faster. All are tried before
the first round.
"""
import hashlib
import math
import os
import re
import subprocess
import sys

import gwbench
from gwbench import Claim, Row, ratio

GUEST = os.path.join(gwbench.ROOT, 'bench', 'programs')
LIMIT = 900     # seconds for a run

# What plain QEMU may have instead of the launcher's choice (None). Without
# AVX, glibc and others take their SSE2 functions, which is better where 256
# bits are slow.
NO_AVX = 'max,-erms,-fsrm,-avx,-avx2,-fma,-f16c,vendor=GenuineIntel'
MODELS = {'x86_64': (None, NO_AVX, 'Haswell', 'qemu64')}

LOOPS_OF_MICRO = 3e6    # of which the target speaks

FRAMES = re.compile(r'profile: Number of frames: (\d+) ')
RACE = ['--no-graphics', '--race-now', '--track=lighthouse', '--numkarts=8',
        '--seed=1']


class Program:
    """Something that runs to its end: its name in the table, its command
    line, and what of a Result must be the same in all modes."""

    def __init__(self, name, argv, outcome=lambda result: result.raw):
        self.name, self.argv, self.outcome = name, argv, outcome
        self.models = MODELS.get(os.uname().machine, (None,))
        self.expected = None
        self.chosen = {}    # of the loops: the best model by name


class Runner:
    """Runs commands in the modes of this bench."""

    def __init__(self, bench):
        self.bench = bench
        home = os.path.join(bench.scratch, 'home')
        os.makedirs(home, exist_ok=True)
        self.env = {'HOME': home, 'SDL_VIDEODRIVER': 'dummy'}
        self.env.update({'XDG_%s_HOME' % name: os.path.join(home, name)
                         for name in ('CONFIG', 'DATA', 'CACHE')})
        self.modes = ['native', 'plain', 'gangway']
        if not bench.has_plain():
            print('bench: engine: no plain QEMU to compare with; `make '
                  'plain-qemu` builds it', file=sys.stderr)
            self.modes.remove('plain')

    def command(self, mode, argv, model=None):
        if mode == 'plain':
            options = ['--cpu=' + model] if model else []
            return self.bench.plain_qemu(argv, mode, options)
        # The emulator alone: no pack does the program's work for it.
        options = ['--display=none', '--packs=none'] \
            if mode == 'gangway' else []
        return self.bench.command(mode, argv, options)

    def run(self, mode, argv, model=None):
        """The Result of a clean run."""
        return self.bench.good(
            self.bench.execute(self.command(mode, argv, model),
                               timeout=LIMIT, env=self.env), mode)

    def models(self, mode, program):
        """CPU models to try for a program in a mode."""
        if mode != 'plain':
            return (None,)
        return program.models[:1] if self.bench.quick else program.models

    def best(self, mode, program, measure, better=min):
        """measure(model) with the model that is best for the program. Which
        one that is, is found out before, the first time: the best of several
        runs would be too good to be compared with a single one."""
        models = self.models(mode, program)
        if len(models) > 1:
            values = {model: measure(model) for model in models}
            program.models = (better(values, key=values.get),)
            print('  %s: best for plain QEMU: -cpu %s' % (
                program.name, program.models[0] or "(the launcher's)"),
                file=sys.stderr)
            return measure(program.models[0])
        return measure(models[0])


# --- whole programs --------------------------------------------------------

def checked_seconds(runner, mode, program, model):
    result = runner.run(mode, program.argv, model)
    outcome = hashlib.sha256(program.outcome(result)).hexdigest()
    if program.expected is None and mode == 'native':
        program.expected = outcome
    if outcome != program.expected:
        raise gwbench.Failed('%s, %s: another result than natively' % (
            program.name, gwbench.MODES[mode]))
    return result.cpu


def seconds(runner, program):
    """Rounds of processor seconds by mode."""
    def run(mode):
        return {program.name: runner.best(
            mode, program, lambda model: checked_seconds(
                runner, mode, program, model))}
    return runner.bench.paired(run, runner.modes)[program.name]


def contents(path, last=0):
    """For a Program: what a file has at the end of a run (its last bytes),
    which must not be there before the next."""
    def outcome(_):
        with open(path, 'rb') as file:
            data = file.read()
        os.unlink(path)
        return data[-last:]
    return outcome


def write_text(bench, mib):
    """Words in random order (the bench minizip's)."""
    import minizip
    path = os.path.join(bench.scratch, 'words')
    minizip.write_file(path, mib)
    return path


def write_sound(bench, length):
    """A WAV file of so many seconds; no noise from a library's generator, so
    that it is the same everywhere."""
    import array
    import wave
    path = os.path.join(bench.scratch, 'sound.wav')
    samples, noise = array.array('h'), 1
    for i in range(int(44100 * length)):
        noise = noise * 1103515245 + 12345 & 0x7fffffff
        tone = 8000 * math.sin(i * .05 + 3 * math.sin(i * .0003))
        samples.extend([int(tone) + (noise >> 22), int(tone * .7)])
    with wave.open(path, 'wb') as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(samples.tobytes())
    return path


def doom(bench, tics):
    """A recording of walking and shooting, played without drawing."""
    demo = os.path.join(bench.scratch, 'walk.lmp')
    subprocess.run([sys.executable, os.path.join(gwbench.ROOT, 'games',
                                                 'walk.py'), demo, str(tics)],
                   check=True)
    wad = '/usr/share/games/doom/freedoom1.wad'
    return Program('dsda-doom', [
        bench.need('dsda-doom', 'dsda-doom'), '-iwad', wad, '-nosound',
        '-nomouse', '-nodraw', '-analysis', '-timedemo', demo],
        contents(os.path.join(bench.scratch, 'analysis.txt')))


def povray(bench, width, height):
    picture = os.path.join(bench.scratch, 'scene.ppm')
    return Program('povray', [
        bench.need('povray', 'povray'), '+I' + os.path.join(GUEST, 'scene.pov'),
        '+O' + picture, '+FP', '+W%d' % width, '+H%d' % height, '-A', '-J',
        '-D', '-GA', '+WT1'],
        contents(picture, 3 * width * height))  # its header has the date


def minizip_program(bench, words):
    archive = os.path.join(bench.scratch, 'words.zip')
    return Program('minizip', [bench.need('minizip', 'minizip'), '-o',
                               archive, words], contents(archive))


def programs(bench):
    """All of them; natively a few tenths of a second each, if not quick."""
    part = 16 if bench.quick else 1
    words = write_text(bench, 4 if bench.quick else 16)
    sound = write_sound(bench, 16 / part)
    return [
        povray(bench, 64 // int(part ** .5), 48 // int(part ** .5)),
        doom(bench, 60000 // part),
        minizip_program(bench, words),
        Program('bzip2', [bench.need('bzip2', 'bzip2'), '-c', words]),
        Program('oggenc', [bench.need('oggenc', 'vorbis-tools'), '-Q', '-s',
                           '1', '-o', '-', sound]),
        Program('luajit', [bench.need('luajit', 'luajit'),
                           os.path.join(GUEST, 'bodies.lua'),
                           str(1000000 // part)]),
        Program('python3', ['/usr/bin/python3', '-I',
                            os.path.join(GUEST, 'objects.py'),
                            str(200000 // part)]),
        Program('openssl', [bench.need('openssl', 'openssl'), 'dgst',
                            '-sha512'] + [words] * (32 // part)),
    ]


def faster(target=None):
    """Claims about times, of which less is better."""
    return [Claim('%.2f times as fast as plain', ratio('plain', 'gangway'),
                  at_least=target),
            Claim('%.2f of native', ratio('native', 'gangway'))]


def geometric_mean(rows):
    """A row like those, of each round's geometric means."""
    rounds = []
    for by_modes in zip(*(row.rounds for row in rows)):
        rounds.append({mode: math.exp(sum(math.log(by_mode[mode])
                                          for by_mode in by_modes) / len(rows))
                       for mode in by_modes[0]})
    return Row('programs, geometric mean', 's', rounds, faster(1.6),
               form='%.2f')


def program_rows(runner):
    rows = [Row(program.name, 's', seconds(runner, program), faster(1),
                form='%.2f') for program in programs(runner.bench)]
    return [*rows, geometric_mean(rows)]


# --- small loops -----------------------------------------------------------

def parse_loops(text):
    """What engine.c prints: nanoseconds by name, checksums by name."""
    times, sums = {}, {}
    for line in text.splitlines():
        name, _, rest = line.partition(': ')
        number, checksum = rest.split()
        times[name], sums[name] = float(number), checksum
    return times, sums


def run_loops(runner, mode, program, model):
    """Nanoseconds by name, with one CPU model."""
    times, sums = parse_loops(runner.run(mode, program.argv, model).out)
    if mode == 'native':
        program.expected = sums
    for name in times:
        if sums[name] != program.expected.get(name):
            raise gwbench.Failed('loop %s, %s: another result than natively'
                                 % (name, gwbench.MODES[mode]))
    return times


def all_loops(runner, mode, program):
    """Nanoseconds by name; under plain QEMU each loop has the model that was
    best for it the first time."""
    if mode != 'plain':
        return run_loops(runner, mode, program, None)

    def by_model(models):
        return {model: run_loops(runner, mode, program, model)
                for model in models}

    if not program.chosen:
        found = by_model(runner.models(mode, program))
        names = dict.fromkeys(name for times in found.values()
                              for name in times)
        program.chosen = {name: min(
            (model for model in found if name in found[model]),
            key=lambda model: found[model][name]) for name in names}
    found = by_model(dict.fromkeys(program.chosen.values()))
    return {name: found[model][name]
            for name, model in program.chosen.items()}


def loop_row(name, rounds):
    if name != 'micro loop':
        return Row(name, 'ns', rounds, faster(), form='%.2f')
    ms = [{mode: value * LOOPS_OF_MICRO / 1e6
           for mode, value in by_mode.items()} for by_mode in rounds]
    return Row('micro loop, 3 million times', 'ms', ms,
               [Claim('%.0f ms', lambda by_mode: by_mode['gangway'],
                      at_most=30), *faster()])


def loop_rows(runner):
    milliseconds = '0.2' if runner.bench.quick else '3'
    program = Program('loops', [runner.bench.program('engine'), milliseconds])
    found = runner.bench.paired(
        lambda mode: all_loops(runner, mode, program), runner.modes)
    return [loop_row(name, rounds) for name, rounds in found.items()]


# --- SuperTuxKart's logic --------------------------------------------------

def race(runner, mode, program, options, model):
    """(ticks, processor seconds) of a race."""
    result = runner.run(mode, [*program.argv, *options], model)
    found = FRAMES.search(result.out)
    if not found:
        raise gwbench.Failed('SuperTuxKart tells no number of frames:\n' +
                             result.tail())
    return int(found[1]), result.cpu


def tick_rate(runner, mode, program, model):
    """Ticks a second without start and end of the program: a race that ends
    at once is subtracted. (The game steps once a frame, and counts frames.)
    Quick runs are too short for that."""
    if runner.bench.quick:
        ticks, total = race(runner, mode, program, ['--profile-time=4'], model)
        return ticks / total
    no_ticks, start = race(runner, mode, program, ['--profile-time=0'], model)
    ticks, total = race(runner, mode, program, ['--profile-laps=1'], model)
    if total <= start:
        raise gwbench.Failed('the machine is too busy to tell a race of '
                             'SuperTuxKart from its start')
    return (ticks - no_ticks) / (total - start)


def logic_row(runner):
    program = Program('SuperTuxKart, logic', [
        runner.bench.need('supertuxkart', 'supertuxkart'), *RACE])
    # It writes its settings when it runs for the first time.
    runner.run('native', [*program.argv, '--profile-time=0'])
    found = runner.bench.paired(
        lambda mode: {'ticks': runner.best(
            mode, program, lambda model: tick_rate(
                runner, mode, program, model), max)}, runner.modes)
    return Row(program.name, 'ticks/s', found['ticks'],
               [Claim('%.0f ticks/s', lambda by_mode: by_mode['gangway'],
                      at_least=1000),
                Claim('%.2f times plain', ratio('gangway', 'plain'),
                      at_least=2.1),
                Claim('%.3f of native', ratio('gangway', 'native'))],
               form='%.0f')


def measure(bench):
    runner = Runner(bench)
    return [logic_row(runner), *loop_rows(runner), *program_rows(runner)]
