# SPDX-License-Identifier: MIT
"""A program starts and ends as it should, however often.

Would catch: races when the emulator, the plugin or their threads start or
end, which one run seldom meets.

Runs the program --times times under Gangway, --jobs at a time, and compares
status, stdout and stderr of each run with a native one's.
"""
import concurrent.futures
import os

import gwtest


def arguments(parser):
    parser.add_argument('--times', type=int, default=1000)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--limit', type=float, default=60,
                        help='seconds that one run may take')
    parser.add_argument('program', nargs='+')


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        args = test.args
        argv = [os.path.abspath(args.program[0]), *args.program[1:]]
        native = test.native(argv, timeout=args.limit)
        if not test.check(native.status == 0, 'natively it ' +
                          native.ending(), native.tail()):
            return
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            runs = list(pool.map(
                lambda _: test.guest(argv, timeout=args.limit),
                range(args.times)))
        bad = [r for r in runs if (r.status, r.out, r.err) !=
               (native.status, native.out, native.err)]
        seconds = sorted(r.seconds for r in runs)
        print('%d starts of %s: %d failed; %.2f s, at most %.2f s' % (
            len(runs), os.path.basename(argv[0]), len(bad),
            seconds[len(seconds) // 2], seconds[-1]))
        for result in bad[:5]:
            test.fail(result.ending(), result.tail())
        test.check(not bad, '%d of %d starts failed' % (len(bad), len(runs)))


main()
