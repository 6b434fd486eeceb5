# SPDX-License-Identifier: MIT
"""A program's own Vulkan driver works as natively.

Would catch what direct-driver.c's first comment says.  The machine's loader
may be too old for such drivers: scripts/vulkan-loader builds a newer one.
"""
import os
import subprocess

import gwtest


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)


def loader():
    """The folder of a loader that takes drivers of programs'."""
    done = subprocess.run(
        [os.path.join(gwtest.ROOT, 'scripts', 'vulkan-loader')],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    last = (done.stdout.strip().splitlines() or ['nothing said'])[-1]
    if done.returncode:
        raise gwtest.Skip('no newer Vulkan loader: ' + last)
    return last


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        folder = loader()
        for variant in ([], ['first'], ['refuse']):
            argv = [test.args.program, *variant]
            native = test.native(argv, env={'LD_LIBRARY_PATH': folder})
            guest = test.guest(argv, options=[
                '--host-env', 'LD_LIBRARY_PATH=' + folder])
            test.check(native.status == 0 and 'driver: vkCreateDevice' in
                       native.out, 'natively it ' + native.ending(),
                       native.tail())
            test.compare(native, guest, ' '.join(['direct-driver', *variant]))


main()
