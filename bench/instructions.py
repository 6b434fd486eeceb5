# SPDX-License-Identifier: MIT
"""What games execute under emulation, and how much of it packs take over.

Guest instructions, in thousands of millions, of the profiles' unattended runs,
counted by a plugin (plugin/instructions.c), with the packs that are used by
default and without any.  Below each program are the files that have most of
them.  A busy machine counts the same while a program loads; then it draws
fewer frames, and a frame costs something, too.
"""
import os
import tempfile

import gwbench
import gwtest
from gwbench import Claim, Row, ratio

LIMIT = 900
SMALLEST = 0.04 # of all without packs: a file that gets a row

# profile: its program, Debian's package, and the target
GAMES = {
    'supertuxkart': ('supertuxkart', 'supertuxkart',
                     Claim('%.2f G', lambda values: values.get('gangway'),
                           at_most=8.5)),
    'ddnet': ('DDNet', 'ddnet',
              Claim('%.2f of no packs', ratio('gangway', 'no-packs'),
                    at_most=0.75)),
    'neverball': ('neverball', 'neverball',
                  Claim('%.2f of no packs', ratio('gangway', 'no-packs'),
                        at_most=0.75)),
    'extremetuxracer': ('etr', 'extremetuxracer',
                        Claim('%.2f of no packs',
                              ratio('gangway', 'no-packs'))),
}


# Those that are closed after a while: long enough to load on a busy machine.
MORE = {'neverball': ['--quit-after=30'],
        'extremetuxracer': ['--quit-after=30']}


def plugin(bench):
    """The one for the QEMU that is used."""
    name = os.path.basename(os.path.realpath(
        os.path.join(gwtest.libdir(), 'host', 'dlcall.so')))
    return os.path.join(bench.programs, os.pardir, 'plugin',
                        name.replace('dlcall', 'instructions'))


def counts(path):
    """Thousands of millions by file, and of all."""
    found = {'all': 0.0}
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            number, file = line.split(' ', 1)
            name = os.path.basename(file.strip())
            found[name] = found.get(name, 0.0) + int(number) / 1e9
            found['all'] += int(number) / 1e9
    return found


def rows(game, found, claim):
    total = found.pop('all')
    largest = total[0].get('no-packs', 0.0)
    yield Row(game, 'G', total, [claim], form='%.2f')
    for name in sorted(found, key=lambda name: -max(
            found[name][0].values(), default=0.0)):
        if max(found[name][0].values(), default=0.0) >= SMALLEST * largest:
            yield Row('- ' + name, 'G', found[name], [], form='%.2f')


def measure(bench):
    result, failed = [], []
    games = list(GAMES)[:1] if bench.quick else list(GAMES)
    for game in games:
        program, package, claim = GAMES[game]
        try:
            bench.need(program, package)
        except gwbench.Skip as reason:
            print('bench: %s is left out: %s' % (game, reason))
            continue

        def run(mode, game=game, more=MORE.get(game, [])):
            out = os.path.join(tempfile.mkdtemp(dir=bench.scratch), 'counts')
            bench.good(bench.execute(
                bench.command(mode, [game], ['--demo', *more]), timeout=LIMIT,
                env={'QEMU_PLUGIN': '%s,out=%s' % (plugin(bench), out)}),
                mode)
            return counts(out)

        try:
            result += rows(game, bench.paired(run, ('no-packs', 'gangway')),
                           claim)
        except gwbench.Failed as reason:
            failed.append('%s: %s' % (game, str(reason).splitlines()[0]))
            print('bench: error: ' + failed[-1])
    if not result:
        raise gwbench.Failed('; '.join(failed))
    return result
