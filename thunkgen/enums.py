# SPDX-License-Identifier: MIT
"""The names of enumerated values, as --trace looks them up.

A value means different things to different parameters, so names are looked up
by group: the enumeration that the registry gives the parameter.  Group 0 has
all values that are large enough to mean one thing everywhere.
"""

ANY = 0
_SMALLEST_OF_ANY = 0x100


class EnumTable:
    """Numbers the groups that a pack's functions use and picks one name for
    each (group, value)."""

    def __init__(self, pack, enums):
        named = {g for e in enums for g in e.groups}
        used = {t.group for s in pack.functions + pack.callbacks
                for t in [p.type for p in s.params] + [s.result]}
        self.groups = {g: i for i, g in enumerate(sorted(used & named), 1)}
        self.names = self._pick(enums)

    def _pick(self, enums):
        """{(group number, value): name}: names of versions before those of
        extensions, short before long."""
        best = {}
        for enum in enums:
            rank = (not enum.core, len(enum.name), enum.name)
            keys = [self.groups[g] for g in enum.groups if g in self.groups]
            if enum.anywhere and enum.value >= _SMALLEST_OF_ANY:
                keys.append(ANY)
            for key in keys:
                place = (key, enum.value)
                best[place] = min(best.get(place, rank), rank)
        return {place: rank[-1] for place, rank in sorted(best.items())}

    def c_tables(self):
        """C lines: one string of all names, and the sorted table."""
        offsets, offset = {}, 0
        for name in sorted(set(self.names.values())):
            offsets[name] = offset
            offset += len(name) + 1
        return (['static const char enum_names[] ='] +
                [f'    "{name}\\0"' for name in offsets] +
                ['    "";', '', 'static const struct gw_enum enums[] = {'] +
                [f'    {{{group}, {value:#x}, {offsets[name]}}}, /* {name} */'
                 for (group, value), name in self.names.items()] +
                ['    {0, 0, 0},', '};', ''])
