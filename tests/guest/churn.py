# SPDX-License-Identifier: MIT
"""200 contexts and windows come and go and leave nothing behind.

Would catch: memory, file descriptors, host X connections or call stacks kept
per context, window, Display or thread.  The program stops at round 50 and at
round 200; memory may grow by a little (allocators), connections and
descriptors not at all.
"""
import os
import re
import time

import gwtest

REPORT = re.compile(r'round (\d+) rss (\d+) fds (\d+)')
GROWTH_KIB = 16 * 1024  # 150 contexts kept would be hundreds of MiB


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)


def output(process):
    stream = process.files[0]
    return os.pread(stream.fileno(), 1 << 16, 0).decode()


def measure(test, process, gate, count):
    """(rss, fds, X clients) at the program's `count`th stop, or None."""
    end = time.monotonic() + 240
    while True:
        reports = REPORT.findall(output(process))
        if len(reports) >= count:
            break
        if process.poll() is not None or time.monotonic() > end:
            return None
        time.sleep(0.1)
    with test.server.client() as client:
        clients = client.clients()
    with open(gate, 'w') as stream:
        stream.write('\n')
    return int(reports[-1][1]), int(reports[-1][2]), clients


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        gate = os.path.join(test.scratch, 'gate')
        os.mkfifo(gate)
        process = test.start(test.command([test.args.program, gate]))
        first = measure(test, process, gate, 1)
        last = first and measure(test, process, gate, 2)
        result = test.finish(process, 300)
        if not test.check(first and last and result.status == 0,
                          'it %s after %s' % (result.ending(), result.out),
                          result.tail()):
            return
        print('rss KiB, fds, X clients: %s at round 50, %s at 200' %
              (first, last))
        test.check(last[0] - first[0] < GROWTH_KIB,
                   'memory grew from %d to %d KiB' % (first[0], last[0]))
        test.check(last[1] <= first[1], 'file descriptors: %d, then %d' %
                   (first[1], last[1]))
        test.check(last[2] <= first[2], 'X clients: %d, then %d' %
                   (first[2], last[2]))


main()
