# SPDX-License-Identifier: MIT
"""What every bench shares: paired runs, rows of a table, targets.

A bench is one file bench/NAME.py with a function measure(bench) that returns
a list of Rows; its guest program, if it needs one, is bench/NAME.c.  Runs are
paired: a round measures every mode once, one right after the other, and what
is compared is compared within a round, so that a machine that is slower for a
while is so for all of them.  The median over the rounds is shown, with the
smallest and the largest behind it.
"""
import os
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'lib'))

import gwtest                                                   # noqa: E402
from gwtest import Skip                                         # noqa: E402

# mode: its column's title
MODES = {
    'native': 'native',
    'gangway': 'Gangway',
    'syscall': 'by syscall',
    'x11-guest': "guest's X11",
    'x11-thunk': "host's X11",
    'emulation': 'plain QEMU',
    'plain': 'QEMU --plain',
    'no-packs': 'no packs',
}
LAUNCHER = {
    'native': ['--native'],
    'gangway': [],
    'syscall': ['--crossing=syscall'],
    'x11-guest': ['--x11=guest'],
    'x11-thunk': ['--x11=thunk'],
    'emulation': ['--no-passthrough'],
    # Built without the speed patches, qemu/get-qemu --plain.
    'plain': ['--no-passthrough', '--qemu=plain'],
    'no-packs': ['--packs=none'],
}


class Failed(Exception):
    """A run did not do what is to be measured; the text says which."""


class Claim:
    """What a row says about its modes and, if there is a target, whether it
    is met.  `value` computes a number from one round's values by mode (None:
    this round lacks a mode); `text` shows it, such as '%.2f of native'."""

    def __init__(self, text, value, at_least=None, at_most=None):
        self.text, self.value = text, value
        self.at_least, self.at_most = at_least, at_most

    def target(self):
        if self.at_least is not None:
            return 'at least %g' % self.at_least
        if self.at_most is not None:
            return 'at most %g' % self.at_most
        return ''

    def verdict(self, value):
        if self.at_least is not None:
            return 'met' if value >= self.at_least else 'NOT MET'
        if self.at_most is not None:
            return 'met' if value <= self.at_most else 'NOT MET'
        return ''

    def evaluate(self, rounds):
        """(text with the spread, target, verdict) over all rounds."""
        values = [value for value in map(self.value, rounds)
                  if value is not None]
        if not values:
            return 'not measured', self.target(), ''
        median = statistics.median(values)
        text = self.text % median
        if len(values) > 1:
            number = '%' + self.text.split('%', 1)[1].split('f', 1)[0] + 'f'
            text += ' (%s to %s)' % (number % min(values),
                                     number % max(values))
        return text, self.target(), self.verdict(median)


def ratio(over, under):
    """For a Claim: one mode's value divided by another's."""
    def value(by_mode):
        a, b = by_mode.get(over), by_mode.get(under)
        return a / b if a is not None and b else None
    return value


def difference(more, less):
    """For a Claim: one mode's value minus another's."""
    def value(by_mode):
        a, b = by_mode.get(more), by_mode.get(less)
        return a - b if a is not None and b is not None else None
    return value


class Row:
    """A line of the table.  `rounds` is a list of values by mode, one entry
    a round; `form` shows a value, such as '%.1f'."""

    def __init__(self, what, unit, rounds, claims, form='%.1f'):
        self.what, self.unit, self.rounds = what, unit, rounds
        self.claims, self.form = claims, form

    def median(self, mode):
        values = [by_mode[mode] for by_mode in self.rounds
                  if by_mode.get(mode) is not None]
        return statistics.median(values) if values else None

    def cells(self, modes):
        """Lines of cells; a row with several claims has several lines."""
        medians = [self.median(mode) for mode in modes]
        head = [self.what, self.unit] + [
            '' if m is None else self.form % m for m in medians]
        claims = [c.evaluate(self.rounds) for c in self.claims] or [('',) * 3]
        empty = [''] * len(head)
        return [(head if i == 0 else empty) + list(claim)
                for i, claim in enumerate(claims)]


def memory_row(what, rounds):
    """The Row for what execute() and collect() say about memory."""
    return Row(what + ': peak memory', 'MiB', rounds,
               [Claim('%+.0f MiB over native',
                      difference('gangway', 'native'))], form='%.0f')


def table(rows):
    """The rows as text that is a Markdown table, too."""
    modes = [mode for mode in MODES
             if any(row.median(mode) is not None for row in rows)]
    lines = [['', 'unit', *(MODES[mode] for mode in modes),
              'compared', 'target', '']]
    for row in rows:
        lines += row.cells(modes)
    widths = [max(len(line[i]) for line in lines)
              for i in range(len(lines[0]))]
    left = {0, 1, len(widths) - 3, len(widths) - 2, len(widths) - 1}

    def text(line):
        return '| %s |' % ' | '.join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths)))

    rule = '|%s|' % '|'.join(
        '-' * (width + 1) + ('-' if i in left else ':')
        for i, width in enumerate(widths))
    return '\n'.join([text(lines[0]), rule] + [text(l) for l in lines[1:]])


class Clock:
    """Seconds that processors have worked: `own` for this process, what it
    started and waited for, and one more process; `all` for everybody."""

    def __init__(self, also):
        ticks = os.sysconf('SC_CLK_TCK')
        with open('/proc/stat') as stat:
            times = [int(word) for word in stat.readline().split()[1:9]]
        idle = times[3] + times[4]
        self.all = (sum(times) - idle) / ticks
        with open('/proc/%d/stat' % also) as stat:
            words = stat.read().rpartition(')')[2].split()
        self.own = sum(os.times()[:4]) + (int(words[11]) + int(words[12])
                                          ) / ticks
        self.wall = time.monotonic()

    def others_since(self, before):
        """Which part of all processors others have taken meanwhile."""
        others = (self.all - before.all) - (self.own - before.own)
        wall = (self.wall - before.wall) * os.cpu_count()
        return max(0.0, others / wall)


class Bench(gwtest.Session):
    """What a bench gets: runs programs in every mode.

    rounds: how often each mode runs; quick: the shortest run that still shows
    that the bench works, its numbers mean little."""

    def __init__(self, rounds, quick, programs):
        super().__init__()
        self.rounds, self.quick, self.programs = rounds, quick, programs
        self.others = []    # of each run, see Clock
        # On a GPU frames must not wait for the screen.
        self.env.update(vblank_mode='0', __GL_SYNC_TO_VBLANK='0')

    def program(self, name):
        """Path of the guest program built from bench/NAME.c."""
        path = os.path.join(self.programs, name)
        if not os.access(path, os.X_OK):
            raise Failed('%s is not built: run make first' % path)
        return path

    def command(self, mode, argv, options=()):
        """argv as it runs in a mode.  Natively the launcher takes part only
        where its options are wanted."""
        if mode == 'native' and not options:
            return list(argv)
        return [gwtest.gangway(), *LAUNCHER[mode], *options, '--', *argv]

    def has_plain(self):
        """Whether `make plain-qemu` has built what the mode plain needs."""
        return os.path.exists(os.path.join(gwtest.libdir(), 'qemu-plain'))

    def plain_qemu(self, argv, mode='emulation', options=()):
        """argv under QEMU without launcher and plugin, with the CPU model
        that the launcher would choose."""
        line = subprocess.run(
            self.command(mode, argv, ['--dry-run', *options]), env=self.env,
            check=True, capture_output=True, text=True).stdout
        words = shlex.split(line)
        while '=' in words[0]:
            words.pop(0)
        return words

    def execute(self, argv, timeout=60, env=None):
        """Runs to the end.  The Result's `seconds` is exact, its `cpu` is the
        processors' time for the program and its children, in seconds, and its
        `peak` is the largest resident set, in MiB, of one of them.  Over time everything is killed and the status is None."""
        process = self.start(argv, env)
        late = threading.Event()

        def kill():
            late.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(timeout, kill)
        timer.start()
        result = self.collect(process)
        timer.cancel()
        if late.is_set():
            result.status = None
        return result

    def collect(self, process):
        """Waits for a started program's end; see execute()."""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - process.began
        process.returncode = os.waitstatus_to_exitcode(status)
        result = self.finish(process, 0)
        result.seconds, result.peak = seconds, usage.ru_maxrss / 1024
        result.cpu = usage.ru_utime + usage.ru_stime
        return result

    def good(self, result, mode):
        """The result, or Failed when it is not that of a clean run."""
        if result.status != 0:
            raise Failed('%s, %s: %s\n%s' % (
                ' '.join(result.argv), MODES[mode], result.ending(),
                result.tail()))
        return result

    def paired(self, run, modes, rounds=None, once=()):
        """Measures: run(mode) returns a dict of numbers by name.  Returns by
        name a list of rounds, each a dict of numbers by mode.  A mode in
        `once` is so slow that it runs in the first round only."""
        by_name = {}
        for number in range(rounds or self.rounds):
            for mode in modes:
                if mode in once and number > 0:
                    continue
                before = Clock(self.server.process.pid)
                values = run(mode)
                self.others.append(
                    Clock(self.server.process.pid).others_since(before))
                self.progress(number, mode, values)
                for name, value in values.items():
                    filled = by_name.setdefault(name, [])
                    while len(filled) <= number:
                        filled.append({})
                    filled[number][mode] = value
        return by_name

    def progress(self, number, mode, values):
        first = next(iter(values))
        print('  round %d: %s: %s %.6g (others took %.0f%%)' % (
            number + 1, MODES[mode], first, values[first],
            100 * self.others[-1]), file=sys.stderr, flush=True)
