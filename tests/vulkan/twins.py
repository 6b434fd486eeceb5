# SPDX-License-Identifier: MIT
"""A Vulkan program and its wrong twin say the same as natively.

The program runs under the Khronos validation layer, the host's; what it
prints has results, checksums and every message that reached its messenger.
Would catch what the program's first comment says.  Status 77 of the program:
the machine lacks something.
"""
import os

import gwtest
import layers


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)
    parser.add_argument('--layer', type=os.path.abspath,
                        help='library of a layer to load, too')
    parser.add_argument('--source', action='append', default=[],
                        type=os.path.abspath,
                        help='its C files, to compile it for --isa')
    parser.add_argument('--compiler', help='for --isa')
    parser.add_argument('--shaders', help='folder of the compiled ones')


def cross_compile(test):
    """The program for --isa, linked with Gangway's own libvulkan.so.1; the
    headers do not depend on the ISA."""
    program = os.path.join(test.scratch, 'guest-program')
    library = os.path.join(gwtest.libdir(), 'guest', test.args.isa,
                           'libvulkan.so.1')
    built = test.run([test.args.compiler, '-std=gnu11', '-D_GNU_SOURCE',
                      '-O2', '-idirafter', '/usr/include',
                      '-I' + test.args.shaders, *test.args.source, '-o',
                      program, library, '-lpthread'])
    if built.status:
        raise RuntimeError('it cannot be compiled for %s:\n%s' % (
            test.args.isa, built.tail()))
    return program


def run(test, guest_program, wrong):
    name = os.path.basename(test.args.program) + (' wrong' if wrong else '')
    argv = [test.args.program] + ['wrong'] * wrong
    env = (layers.environment(test, test.args.layer) if test.args.layer
           else {})
    native = test.native(argv, env=env)
    # Counted in the one run, in the other as programs usually run.
    options = test.stats_options() if wrong else ()
    guest = test.guest([guest_program] + argv[1:], options=options,
                       timeout=180, env=env)
    if native.status == gwtest.SKIP:
        raise gwtest.Skip(native.out.strip())
    test.check(native.status == 0, 'natively %s %s' % (name, native.ending()),
               native.tail())
    test.compare(native, guest, name)
    said = ' id ' in native.out
    if wrong:
        stats = test.stats()
        test.check(stats and stats['calls'] > 5,
                   '%s did not use the host\'s Vulkan: %s' % (name, stats))
        test.check(said, 'natively the wrong twin causes no message',
                   native.tail())
    print('%s: natively %.1f s, under Gangway %.1f s' %
          (name, native.seconds, guest.seconds))


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        program = test.args.program
        if test.args.isa:
            test.need_sysroot('vulkan-tools')
            program = cross_compile(test)
        run(test, program, False)
        run(test, program, True)


main()
