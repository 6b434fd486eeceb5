# SPDX-License-Identifier: MIT
"""A debugger's breakpoints and steps are kept by jumps that were made before.

Would catch: an emulator that goes from an indirect call or a return straight
to the code that it has remembered, past a breakpoint that was set since, or
further than a single step.

Runs jumps-gdb in the emulator with its gdbstub, and gdb on it.
"""
import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import gwtest

# The program counts target() once and other() twice per pair of calls.
OFTEN = 200000
WARM = OFTEN // 2 * 3

# $steps ends at 1000 if the step does not lead where it should.
SCRIPT = '''
set pagination off
set confirm off
set width 0
handle SIGUSR1 stop print nopass
# With symbols gdb has breakpoints of its own, and there shall be none yet.
set remote pid-to-exec-file-packet off
target remote %(socket)s

define walk
  set $steps = 0
  while $steps < 1000 && !($pc >= $from && $pc < $to)
    stepi
    set $steps = $steps + 1
  end
end

echo stage warm\\n
continue
symbol-file %(program)s
printf "counter %%d\\n", counter

echo stage breakpoint\\n
break *target
continue
printf "at target %%d counter %%d\\n", $pc == (unsigned long)target, counter
continue
printf "at target %%d counter %%d\\n", $pc == (unsigned long)target, counter

echo stage steps\\n
delete
set $from = (unsigned long)call
set $to = $from + 200
set $before = $pc
stepi
printf "moved %%d\\n", $pc != $before && $pc < (unsigned long)target + 32
walk
printf "returned in %%d\\n", $steps
set $from = (unsigned long)other
set $to = $from + 1
walk
printf "called in %%d counter %%d\\n", $steps, counter
break *other
set $from = (unsigned long)call
set $to = $from + 200
walk
continue
printf "at other %%d counter %%d\\n", $pc == (unsigned long)other, counter

echo stage free\\n
delete
continue
printf "counter %%d\\n", counter

echo stage thread\\n
continue
break *spun
continue
printf "at spun %%d\\n", $pc == (unsigned long)spun
set $spins = spins
continue
printf "at spun %%d spins %%d\\n", $pc == (unsigned long)spun, spins - $spins
delete
continue
'''

# What gdb's output must hold, in order.
WANTED = [
    r'stage warm', r'SIGUSR1', r'counter %d$' % WARM,
    r'stage breakpoint', r'Breakpoint 1, ',
    r'at target 1 counter %d$' % WARM, r'Breakpoint 1, ',
    r'at target 1 counter %d$' % (WARM + 3),
    r'stage steps', r'moved 1$', r'returned in [1-9]\d?$',
    r'called in [1-9]\d? counter %d$' % (WARM + 4),
    r'Breakpoint 2, ', r'at other 1 counter %d$' % (WARM + 7),
    r'stage free', r'SIGUSR1', r'counter %d$' % (2 * WARM),
    r'stage thread', r'SIGUSR1', r'Breakpoint 3, ', r'at spun 1$',
    r'Breakpoint 3, ', r'at spun 1 spins 1$', r'exited normally',
]


def debug(qemu, options, program):
    """gdb's output, and the emulator's."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'gdb')
        script = os.path.join(folder, 'script')
        with open(script, 'w') as out:
            out.write(SCRIPT % {'socket': path, 'program': program})
        emulator = subprocess.Popen(
            [qemu, '-g', path, *options, program], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            wait_for(path, emulator)
            gdb = subprocess.run(
                ['gdb', '-nx', '-batch', '-x', script],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=120)
            said = emulator.communicate(timeout=30)[0]
        finally:
            emulator.kill()
            emulator.wait()
    return gdb.stdout, said


def wait_for(path, emulator):
    for _ in range(200):
        if os.path.exists(path) or emulator.poll() is not None:
            return
        try:
            emulator.wait(0.05)
        except subprocess.TimeoutExpired:
            pass


def missing(text):
    """The first pattern of WANTED that is not there in its turn, or None."""
    at = 0
    for pattern in WANTED:
        match = re.compile(pattern, re.M).search(text, at)
        if not match:
            return pattern
        at = match.end()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--qemu', help="another than Gangway's emulator")
    parser.add_argument('program')
    args = parser.parse_args()
    if not shutil.which('gdb'):
        print('no gdb')
        return gwtest.SKIP
    failed = 0
    for options in [], ['-d', 'nochain'], ['-one-insn-per-tb']:
        name = ' '.join(options) or 'as ever'
        try:
            text, said = debug(
                args.qemu or gwtest.qemu(platform.machine()), options,
                args.program)
        except subprocess.TimeoutExpired as late:
            text = (late.stdout or b'').decode(errors='replace') \
                if isinstance(late.stdout, bytes) else late.stdout or ''
            text, said = text + '\nnot done in time', ''
        lost = missing(text)
        if lost or 'done' not in said:
            print('%s: FAILED: no "%s" in\n%s\n%s' % (name, lost, text, said))
            failed += 1
        else:
            print('%s: passed' % name)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
