# SPDX-License-Identifier: MIT
"""A Vulkan program and its wrong twin say the same as natively.

The program runs under the Khronos validation layer, the host's; what it
prints has results, checksums and every message that reached its messenger.
Would catch what the program's first comment says.  Status 77 of the program:
the machine lacks something.
"""
import os

import drivers
import gwtest
import layers
import x11


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)
    parser.add_argument('--layer', type=os.path.abspath,
                        help='library of a layer to load, too')
    parser.add_argument('--drivers', choices=('newer', 'both'),
                        help='a newer driver in place of one that lacks what '
                             'is tested, or both of them at once')
    parser.add_argument('--second-screen', action='store_true',
                        help='run on the second screen of an X server')
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


def environment(test):
    """What the program needs of the host."""
    env = {}
    if test.args.layer:
        env.update(layers.environment(test, test.args.layer))
    lacks = test.args.drivers == 'newer' and test.native(
        [test.args.program], env=env).status == gwtest.SKIP
    if lacks or test.args.drivers == 'both':
        env.update(drivers.environment(test.args.drivers == 'both'))
    return env


def run(test, guest_program, wrong, env):
    name = os.path.basename(test.args.program) + (' wrong' if wrong else '')
    argv = [test.args.program] + ['wrong'] * wrong
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
        test.check(stats and stats['calls'] + stats['doorbells'] > 5,
                   '%s did not use the host\'s Vulkan: %s' % (name, stats))
        test.check(said, 'natively the wrong twin causes no message',
                   native.tail())
    print('%s: natively %.1f s, under Gangway %.1f s' %
          (name, native.seconds, guest.seconds))


def run_both(test, program, env):
    run(test, program, False, env)
    run(test, program, True, env)


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        program = test.args.program
        if test.args.isa:
            test.need_sysroot('libc6')
            program = cross_compile(test)
        env = environment(test)
        if not test.args.second_screen:
            run_both(test, program, env)
            return
        with x11.Server(screens=2) as server:
            run_both(test, program, dict(env, DISPLAY=server.name + '.1'))


main()
