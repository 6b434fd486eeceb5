# SPDX-License-Identifier: MIT
"""A newer Mesa's lavapipe beside the machine's, for what Debian 12's lacks.

It comes from the release's backports, built for this release, and is unpacked
into a folder of the cache's, not installed.
"""
import glob
import json
import os
import platform
import subprocess

import gwtest

CACHE = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
FOLDER = os.path.join(CACHE, 'gangway', 'newer-mesa')
ARCH = {'x86_64': 'amd64', 'aarch64': 'arm64', 'riscv64': 'riscv64'}
MANIFESTS = 'usr/share/vulkan/icd.d/lvp_icd*.json'


def codename():
    for line in open('/etc/os-release'):
        if line.startswith('VERSION_CODENAME='):
            return line.strip().partition('=')[2].strip('"')
    raise gwtest.Skip('/etc/os-release names no release of Debian')


def fetch():
    """Has the driver lie in FOLDER; the path of a manifest that names it."""
    done = subprocess.run(
        [os.path.join(gwtest.ROOT, 'scripts', 'sysroot'),
         ARCH[platform.machine()], 'mesa-vulkan-drivers', '--only',
         '--drivers', '--suite', codename() + '-backports', '--into', FOLDER],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise gwtest.Skip('no newer Vulkan driver: ' +
                          (done.stdout.strip().splitlines() or [''])[-1])
    found = glob.glob(os.path.join(FOLDER, MANIFESTS))
    libraries = glob.glob(os.path.join(FOLDER, 'usr/lib/*/libvulkan_lvp.so'))
    with open(found[0]) as stream:
        manifest = json.load(stream)
    manifest['ICD']['library_path'] = libraries[0]
    path = os.path.join(FOLDER, 'lavapipe.json')
    # Several tests do this at once.
    with open('%s.%d' % (path, os.getpid()), 'w') as stream:
        json.dump(manifest, stream)
    os.rename(stream.name, path)
    return path


def environment(both):
    """For a run with the newer driver, alone or behind the machine's."""
    names = glob.glob('/' + MANIFESTS) if both else []
    if both and not names:
        raise gwtest.Skip('no lavapipe: install mesa-vulkan-drivers')
    return {'VK_ICD_FILENAMES': ':'.join(names[:1] + [fetch()])}
