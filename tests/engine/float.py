# SPDX-License-Identifier: MIT
"""The emulator's floating point is the processor's, bit for bit.

Would catch: a result, an untouched lane, or (--flags) an exception flag of
MXCSR that is not what an x86 processor gives, for every operation that
float-table.S lists and in every mode of MXCSR.

Runs float-ops natively and under Gangway, compares the hashes line by line,
and shows the first operands whose results differ.  On a host that is no x86
the processor's answers are the recorded ones (--answers), and on one that is
they are compared with the native run, so that they stay true.  --record
writes that file.

What is known to differ stands in a file (--known) with its reason, as
`WHAT OPERATION MODE`, each a pattern of the shell, WHAT being `values` or
`flags`, and the reason indented below.  It is printed, and a line that
matches no difference any more is a failure.
"""
import argparse
import fnmatch
import hashlib
import os
import platform
import re
import shlex
import subprocess
import sys
import time

import gwtest

LINE = re.compile(r'([0-9a-f]{16}) (?:([0-9a-f]{16}) )?(r\S+) (.+)')
SHOWN = 6
# Of a QEMU without our patches, if the environment says that it is one.
PLAIN = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     'float-plain.txt')


def mnemonic(operation):
    return re.split(r'[ ;]', operation)[0]


class Failed(Exception):
    """The test cannot go on; the text says why."""


class Answers:
    """What one run printed: {(operation, mode): (value hash, flags hash)},
    and how many random operands it had."""

    def __init__(self, text):
        self.hashes, self.operands = {}, 0
        for line in text.splitlines():
            match = LINE.fullmatch(line)
            if match:
                value, flags, mode, operation = match.groups()
                self.hashes[operation, mode] = (value, flags)
            elif line.endswith('random operands'):
                self.operands = int(line.split()[0])

    def grouped(self):
        """{(mnemonic, mode): 16 bits of all its forms' hashes}"""
        groups = {}
        for (operation, mode), hashes in self.hashes.items():
            key = mnemonic(operation), mode
            groups.setdefault(key, hashlib.sha256()).update(
                ' '.join(h for h in hashes if h).encode())
        return {key: h.hexdigest()[:4] for key, h in groups.items()}


def run(argv, timeout):
    """(status, output) of a program; the output names what went wrong."""
    try:
        done = gwtest.run_without_display(argv, timeout)
    except subprocess.TimeoutExpired as late:
        raise Failed('%s: not done after %d s\n%s' % (
            shlex.join(argv), timeout, late.stderr.decode(errors='replace')))
    if done.returncode not in (0, gwtest.SKIP):
        raise Failed('%s: status %d\n%s' % (
            shlex.join(argv), done.returncode,
            done.stderr.decode(errors='replace')[-2000:]))
    return done.returncode, done.stdout.decode(errors='replace')


class Comparison:
    def __init__(self, args):
        self.args = args
        self.options = ['--random=%d' % args.random, '--seed=%d' % args.seed]
        if args.flags:
            self.options.append('--flags')
        if args.only:
            self.options.append('--only=' + args.only)
        if args.qemu:
            self.emulator = [args.qemu, '-cpu', args.cpu]
        else:
            self.emulator = [gwtest.gangway(), '--crossing=' + args.crossing,
                             '--']
        self.failures = []

    def fail(self, text):
        self.failures.append(text)
        print('FAIL: ' + text, flush=True)

    def answers(self, prefix, what):
        began = time.monotonic()
        status, text = run([*prefix, self.args.program, *self.options],
                           self.args.timeout)
        if status == gwtest.SKIP:
            if prefix:
                raise Failed('%s: %s' % (what, text.strip()))
            return None
        answers = Answers(text)
        if not answers.hashes:
            raise Failed('%s: printed nothing' % what)
        print('%s: %d operations in %d lines, %d random operands, %.1f s' % (
            what, len({o for o, _ in answers.hashes}), len(answers.hashes),
            answers.operands, time.monotonic() - began), flush=True)
        return answers

    def native(self):
        """The processor's own answers, or None."""
        if platform.machine() != 'x86_64':
            return None
        return self.answers([], 'natively')

    # What is recorded.

    def heading(self):
        return ' '.join(self.options)

    def record(self, native):
        groups = {}
        for (name, mode), bits in sorted(native.grouped().items()):
            groups.setdefault(name, []).append('%s=%s' % (mode, bits))
        with open(self.args.record, 'w') as out:
            out.write('# SPDX-License-Identifier: MIT\n'
                      '# An x86 processor\'s answers, written by float.py '
                      '--record.\n' + self.heading() + '\n')
            for name, bits in groups.items():
                out.write('%s %s\n' % (name, ' '.join(bits)))
        print('wrote %s' % self.args.record)

    def recorded(self):
        """The file's groups, or None if it was made with other options."""
        with open(self.args.answers) as lines:
            text = [line.strip() for line in lines if line[0] != '#']
        if text[0] != self.heading():
            return None
        return {(line.split()[0], item.split('=')[0]): item.split('=')[1]
                for line in text[1:] for item in line.split()[1:]}

    def compare_recorded(self, answers, what):
        recorded, groups = self.recorded(), answers.grouped()
        if recorded is None:
            raise Failed('%s is of %s' % (self.args.answers, 'other options'))
        differ = {key for key in {*recorded, *groups}
                  if recorded.get(key) != groups.get(key)}
        return self.unknown(differ, {}, what + ', the recorded answers:')

    # Differences.

    def read_known(self):
        """[(pattern of WHAT, of the operation, of the mode), reason...]"""
        known = []
        if self.args.known:
            with open(self.args.known) as lines:
                for line in lines:
                    if line[0] == '#' or not line.strip():
                        continue
                    if line[0].isspace():
                        known[-1][1] += ' ' + line.strip()
                    else:
                        known.append([line.split(), '', 0])
        return known

    def differences(self, native, emulated):
        """{'values': set of (operation, mode), 'flags': ...}"""
        found = {'values': set(), 'flags': set()}
        for key in {*native.hashes, *emulated.hashes}:
            one = native.hashes.get(key, (None, None))
            other = emulated.hashes.get(key, (None, None))
            for i, what in enumerate(('values', 'flags')):
                if one[i] != other[i]:
                    found[what].add(key)
        return found

    def split_known(self, found):
        """Takes the known ones away; says which those are."""
        known = self.read_known()
        for what, keys in found.items():
            for key in sorted(keys):
                for entry in known:
                    pattern = entry[0]
                    if fnmatch.fnmatchcase(what, pattern[0]) and \
                       fnmatch.fnmatchcase(mnemonic(key[0]), pattern[1]) and \
                       fnmatch.fnmatchcase(key[1], pattern[2]):
                        entry[2] += 1
                        keys.discard(key)
                        break
        for pattern, reason, count in known:
            if count:
                print('known: %s: %d lines:%s' % (' '.join(pattern), count,
                                                  reason))
            elif pattern[0] == 'values' or self.args.flags:
                self.fail('known difference is none any more: ' +
                          ' '.join(pattern))

    def explain(self, key, what):
        """The first operands that the two answer differently."""
        argv = [self.args.program, *self.options, '--explain', *key]
        native = run(argv, 600)[1].splitlines()
        emulated = run([*self.emulator, *argv], 600)[1].splitlines()
        pairs = [(n, e) for n, e in zip(native, emulated)
                 if (self.part(n, what) != self.part(e, what))]
        print('  %s, %s: %d of %d operands' % (*key, len(pairs),
                                               len(native) - 1))
        for n, e in pairs[:2]:
            operands, answer = n.split(' -> ')
            print('    %s\n      processor %s\n      emulated  %s' % (
                operands.strip(), answer, e.split(' -> ')[1]), flush=True)

    @staticmethod
    def part(line, what):
        values, _, flags = line.partition(' mxcsr ')
        return flags if what == 'flags' else values

    def unknown(self, keys, found, title):
        """Reports by mnemonic what is not known to differ."""
        if not keys:
            return
        names = {}
        for operation, mode in sorted(keys):
            names.setdefault(mnemonic(operation), []).append((operation, mode))
        self.fail('%s %d lines differ' % (title, len(keys)))
        for name, lines in sorted(names.items()):
            modes = sorted({mode for _, mode in lines})
            print('  %s: %d lines: %s' % (
                name, len(lines),
                'all modes' if len(modes) == 16 else ' '.join(modes)))
        for name in list(names)[:SHOWN] if found else []:
            self.explain(names[name][0], found)

    def compare(self):
        native = self.native()
        if self.args.record:
            if not native:
                raise Failed('no x86 processor with AVX2, FMA and F16C')
            return self.record(native)
        if native and self.args.answers:
            self.compare_recorded(native, 'natively')
        if not native and not self.args.answers:
            raise gwtest.Skip('the host has no AVX2, FMA and F16C, and these '
                              'operands have no recorded answers')
        if self.args.native:
            return
        emulated = self.answers(self.emulator, 'emulated')
        if not native:
            return self.compare_recorded(emulated, 'emulated')
        found = self.differences(native, emulated)
        self.split_known(found)
        for what, keys in found.items():
            self.unknown(keys, what, 'natively and emulated, %s:' % what)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program', help='the built float-ops')
    parser.add_argument('--crossing', choices=('doorbell', 'syscall'),
                        default='doorbell')
    parser.add_argument('--qemu', help='run this QEMU, without Gangway')
    parser.add_argument('--cpu', default='max', help='its model')
    parser.add_argument('--flags', action='store_true',
                        help='compare exception flags, too')
    parser.add_argument('--random', type=int, default=400,
                        help='operands for each operation and mode')
    parser.add_argument('--seed', default='0', help='of these; or `time`')
    parser.add_argument('--only', help='operations with this text in them')
    parser.add_argument('--answers', help='the recorded ones')
    parser.add_argument('--record', help='write them to this file')
    parser.add_argument('--known', default=PLAIN if os.environ.get(
        'GANGWAY_PLAIN_QEMU') else None, help='what is known to differ')
    parser.add_argument('--native', action='store_true',
                        help='run natively only')
    parser.add_argument('--timeout', type=int, default=600)
    args = parser.parse_args()
    args.program = os.path.abspath(args.program)
    args.seed = int(time.time() if args.seed == 'time' else args.seed)
    comparison = Comparison(args)
    try:
        comparison.compare()
    except Failed as error:
        comparison.fail(str(error))
    except gwtest.Skip as error:
        print('skipped: %s' % error)
        return gwtest.SKIP
    if comparison.failures and args.seed:
        print('the seed was %d' % args.seed)
    return 1 if comparison.failures else 0


sys.exit(main())
