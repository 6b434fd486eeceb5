# SPDX-License-Identifier: MIT
"""Debian's minizip with a large file: natively, with the host's zlib (the
pack zlib), and with the guest's own zlib emulated."""
import os
import random

import gwtest
from gwbench import Claim, Row, ratio

MIB = 1 << 20


def write_file(path, mib):
    """Words in random order: repeats itself only beyond zlib's window."""
    source = random.Random(1)
    words = [bytes(source.choices(b'etaoinshrdlu', k=source.randint(2, 9)))
             for _ in range(3000)]
    block = b' '.join(source.choices(words, k=MIB))[:4 * MIB]
    with open(path, 'wb') as file:
        for _ in range(mib // 4):
            file.write(block)


def commands(argv, bench):
    qemu, *options = bench.plain_qemu(argv)
    optional = os.path.join(gwtest.libdir(), 'guest', os.uname().machine,
                            'optional', 'zlib')
    return {'native': argv, 'emulation': [qemu, *options],
            'gangway': [qemu, '-plugin', gwtest.libdir() + '/host/dlcall.so',
                        '-E', 'LD_LIBRARY_PATH=' + optional, *options]}


def measure(bench):
    mib = 8 if bench.quick else 256
    path = os.path.join(bench.scratch, 'file')
    archive = os.path.join(bench.scratch, 'archive.zip')
    lines = commands([bench.need('minizip', 'minizip'), '-o', archive, path],
                     bench)
    write_file(path, mib)

    def run(mode):
        result = bench.good(bench.execute(lines[mode], timeout=600), mode)
        return {'speed': mib / result.seconds}

    found = bench.paired(run, ('native', 'gangway', 'emulation'),
                         once=('emulation',))
    return [Row('minizip, %d MiB' % mib, 'MiB/s', found['speed'],
                [Claim('%.2f of native', ratio('gangway', 'native'),
                       at_least=0.85),
                 Claim('%.1f times emulated', ratio('gangway',
                                                    'emulation'))])]
