# SPDX-License-Identifier: MIT
"""A host without a Vulkan driver, or without Vulkan at all, answers errors.

Would catch: a program that is told of success and goes on with a handle that
is none, a crash, a message that does not say what to install.
"""
import os

import gwtest

# What bare.c prints where there is no loader: what a loader with nothing to
# load would answer.
NO_LOADER = """\
version: 0, 1.0
extensions: 0, none
layers: 0, none
addresses: 1 0 0
instance: -3
"""


def arguments(parser):
    parser.add_argument('program', type=os.path.abspath)


def without_driver(test):
    env = {'VK_ICD_FILENAMES': '/nonexistent.json',
           'VK_DRIVER_FILES': '/nonexistent.json'}
    native, guest = test.both([test.args.program], env=env)
    test.check('instance: -9' in native.out,
               'natively an instance was created without a driver',
               native.tail())
    test.compare(native, guest, 'without a driver')


def without_handle(test):
    """The loader ends a program that passes NULL for an instance."""
    test.same([test.args.program, 'null'], 'with a NULL instance',
              lambda text: '\n'.join(
                  line for line in text.splitlines()
                  if not line.startswith(('gangway: ', 'qemu'))))


def without_loader(test):
    folder = os.path.join(test.scratch, 'no-loader')
    os.mkdir(folder)
    with open(os.path.join(folder, 'libvulkan.so.1'), 'w') as broken:
        broken.write('not a library')
    guest = test.guest([test.args.program],
                       options=['--host-env', 'LD_LIBRARY_PATH=' + folder])
    test.check(guest.status == 0, 'without a loader it ' + guest.ending(),
               guest.tail())
    test.check(guest.out == NO_LOADER, 'without a loader it says', guest.out)
    hints = [line for line in guest.err.splitlines()
             if line.startswith('gangway: ') and 'libvulkan1' in line]
    test.check(len(hints) == 1, 'there is not one line that says what to '
               'install', guest.err)


def main():
    with gwtest.Test(__doc__, arguments=arguments) as test:
        without_driver(test)
        without_handle(test)
        without_loader(test)


main()
