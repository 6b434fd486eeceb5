# SPDX-License-Identifier: MIT
"""SIGTERM ends a program that waits for events, as it does natively.

Would catch: a wait in the host that keeps signals from the guest's program.
"""
import os
import signal
import time

import gwtest


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)


def end(test, command):
    process = test.start(command)
    limit = time.monotonic() + 60
    while 'waiting' not in gwtest.said(process) and \
            process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    # It said so before it waits; after this it does wait, most likely.
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    return test.finish(process, time.monotonic() - process.began + 20)


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        for how in ('wait-xlib', 'wait-xcb'):
            argv = [test.args.program, how]
            native, guest = end(test, argv), end(test, test.command(argv))
            test.check(native.status == -signal.SIGTERM,
                       '%s natively %s' % (how, native.ending()))
            test.compare(native, guest, how)


main()
