# SPDX-License-Identifier: MIT
"""glxinfo and its like print the same under Gangway, to the character.

Would catch: strings, limits, visuals, configs and extension lists that the
host gives and the guest does not get as they are.
"""
import gwtest


def arguments(parser):
    parser.add_argument('--package', required=True)
    parser.add_argument('--least', type=int, default=20,
                        help='lines that there must be at least')
    parser.add_argument('command', nargs='+')


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        test.need_sysroot(test.args.package)
        command = list(test.args.command)
        command[0] = test.need(command[0], test.args.package)
        native, _ = test.same(command)
        test.check(len(native.out.splitlines()) >= test.args.least,
                   'natively it prints next to nothing', native.tail())


main()
