# SPDX-License-Identifier: MIT
"""Objects and floats, strings and dictionaries, bytes, JSON; the argument is
how much of each."""
import json
import sys


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def turned(self, c, s):
        return Vector(self.x * c - self.y * s, self.x * s + self.y * c)


def vectors(n):
    step, total = Vector(1.0, 0.0), Vector(0.0, 0.0)
    for _ in range(n):
        step = step.turned(0.8, 0.6)
        total = total + step
    return total.x, total.y


def words(n):
    sums = {}
    for i in range(n):
        word = "%x" % (i * 7919 % 4093)
        sums[word] = sums.get(word, 0) + i
    return len(json.dumps(json.loads(json.dumps(sums)), sort_keys=True))


def primes(n):
    sieve = bytearray([1]) * n
    for i in range(2, int(n ** .5) + 1):
        if sieve[i]:
            sieve[i * i::i] = bytes(len(range(i * i, n, i)))
    return sum(sieve)


size = int(sys.argv[1])
print(vectors(size), words(size), primes(size))
