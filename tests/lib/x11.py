# SPDX-License-Identifier: MIT
"""A virtual X server for one test, and a look at it from outside.

The tests speak the X protocol themselves (three requests), so that taking a
screenshot or counting clients needs no program beside Xvfb.
"""
import os
import shutil
import socket
import struct
import subprocess
import zlib

ALL_PLANES = 0xFFFFFFFF
Z_PIXMAP = 2


class Image:
    """Pixels of a screen: `rgb` holds height rows of width 3-byte pixels."""

    def __init__(self, width, height, rgb):
        self.width, self.height, self.rgb = width, height, rgb

    def colours(self):
        """How many different colours the image has."""
        rgb = self.rgb
        return len({rgb[i:i + 3] for i in range(0, len(rgb), 3)})

    def differences(self, other):
        """Number of pixels that differ and the box around them, or (0, None).
        Images of different size differ everywhere."""
        if (self.width, self.height) != (other.width, other.height):
            return self.width * self.height, (0, 0, self.width, self.height)
        if self.rgb == other.rgb:
            return 0, None
        spots = [i // 3 for i in range(0, len(self.rgb), 3)
                 if self.rgb[i:i + 3] != other.rgb[i:i + 3]]
        xs = [s % self.width for s in spots]
        return len(spots), (min(xs), spots[0] // self.width, max(xs) + 1,
                            spots[-1] // self.width + 1)

    def save_png(self, path):
        stride = self.width * 3
        rows = b''.join(b'\0' + self.rgb[y * stride:(y + 1) * stride]
                        for y in range(self.height))
        head = struct.pack('>IIBBBBB', self.width, self.height, 8, 2, 0, 0, 0)
        with open(path, 'wb') as out:
            out.write(b'\x89PNG\r\n\x1a\n')
            for kind, data in ((b'IHDR', head), (b'IDAT', zlib.compress(rows)),
                               (b'IEND', b'')):
                crc = zlib.crc32(kind + data)
                out.write(struct.pack('>I', len(data)) + kind + data +
                          struct.pack('>I', crc))


class Client:
    """A connection to a local X server; usable in a with statement."""

    def __init__(self, number):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect('/tmp/.X11-unix/X%d' % number)
        self.sock.sendall(struct.pack('<BxHHHHxx', ord('l'), 11, 0, 0, 0))
        status, length = struct.unpack('<BxxxxxH', self._read(8))
        setup = self._read(4 * length)
        if status != 1:
            raise RuntimeError('the X server refused the test: %r' % setup)
        vendor, formats = struct.unpack_from('<HxxBB', setup, 16)[0], setup[21]
        screen = 32 + (vendor + 3) // 4 * 4 + 8 * formats
        self.root, = struct.unpack_from('<I', setup, screen)
        self.width, self.height = struct.unpack_from('<HH', setup, screen + 20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def _read(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise RuntimeError('the X server closed the connection')
            data += piece
        return bytes(data)

    def _request(self, opcode, data, body):
        length = 1 + len(body) // 4
        self.sock.sendall(struct.pack('<BBH', opcode, data, length) + body)
        while True:
            head = self._read(32)
            if head[0] == 0:
                raise RuntimeError('X error %d' % head[1])
            if head[0] == 1:
                more, = struct.unpack_from('<I', head, 4)
                return head, self._read(4 * more)

    def screenshot(self):
        """The root window with everything on it, as an Image."""
        body = struct.pack('<IhhHHI', self.root, 0, 0, self.width,
                           self.height, ALL_PLANES)
        head, data = self._request(73, Z_PIXMAP, body)
        if head[1] != 24:
            raise RuntimeError('screen depth is %d, not 24' % head[1])
        rgb = bytearray(self.width * self.height * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = data[2::4], data[1::4], data[0::4]
        return Image(self.width, self.height, bytes(rgb))

    def _extension(self, name):
        """Major opcode of an extension."""
        text = name.encode()
        body = struct.pack('<Hxx', len(text)) + text
        head, _ = self._request(98, 0, body + b'\0' * (-len(text) % 4))
        if not head[8]:
            raise RuntimeError('the X server lacks the extension ' + name)
        return head[9]

    def point(self, x, y):
        """Moves the pointer (XTEST)."""
        self._fake([(6, 0)], x, y)

    def press(self, keycode, x, y):
        """Presses and releases a key with the pointer at (x, y): without a
        window manager keys go to the window below the pointer (XTEST)."""
        self._fake([(6, 0), (2, keycode), (3, keycode)], x, y)

    def _fake(self, inputs, x, y):
        """FakeInput: 6 is motion, 2 a key down, 3 a key up."""
        major = self._extension('XTEST')
        for kind, detail in inputs:
            self.sock.sendall(struct.pack('<BBHBBHII8xhh8x', major, 2, 9,
                                          kind, detail, 0, 0,
                                          self.root if kind == 6 else 0,
                                          x, y))
        self.windows()  # an answer: the requests before it have been done

    def unfocus(self):
        """Gives the focus to whatever is below the pointer."""
        self.sock.sendall(struct.pack('<BBHII', 42, 1, 3, 1, 0))
        self.windows()

    def windows(self):
        """Number of top-level windows."""
        head, _ = self._request(15, 0, struct.pack('<I', self.root))
        return struct.unpack_from('<H', head, 16)[0]

    def clients(self):
        """Number of connected clients, this one included (X-Resource)."""
        major = self._extension('X-Resource')
        head, _ = self._request(major, 1, b'')
        return struct.unpack_from('<I', head, 8)[0]


class Server:
    """Xvfb on a display number of its own choice; ends with the test.  All
    its screens are alike; what is looked at is the first."""

    def __init__(self, width=800, height=600, depth=24, screens=1):
        if not shutil.which('Xvfb'):
            raise FileNotFoundError('Xvfb is missing: install xvfb')
        read_end, write_end = os.pipe()
        size = '%dx%dx%d' % (width, height, depth)
        self.process = subprocess.Popen(
            ['Xvfb', '-displayfd', str(write_end), '-nolisten', 'tcp',
             '-noreset', *[word for screen in range(screens)
                           for word in ('-screen', str(screen), size)]],
            pass_fds=[write_end], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            line = answer.readline().strip()
        if not line:
            raise RuntimeError('Xvfb did not start')
        self.number = int(line)
        self.name = ':%d' % self.number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def client(self):
        return Client(self.number)

    def screenshot(self):
        with self.client() as client:
            return client.screenshot()
