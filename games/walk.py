#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a recording for Doom: walking, turning and shooting, for 700 tics or
as many as the second argument says.

The format is that of Doom 1.9: 13 bytes about the game, four bytes per tic
(forward, sideways, turn, buttons) and 0x80.  dsda-doom takes recordings from
files only, not from the lumps in Freedoom's WADs.
"""
import sys

TICS = 700
# version, skill, episode, map, deathmatch, respawn, fast, no monsters,
# console player, four players present or not
GAME = bytes([109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])


def tic(number):
    forward = 25 if number % 140 < 100 else 0
    turn = 3 if number % 70 >= 40 else 0
    fire = 1 if number % 35 < 2 else 0
    return bytes([forward, 0, turn, fire])


def main():
    tics = int(sys.argv[2]) if len(sys.argv) > 2 else TICS
    with open(sys.argv[1], "wb") as out:
        out.write(GAME)
        for number in range(tics):
            out.write(tic(number))
        out.write(b"\x80")


main()
