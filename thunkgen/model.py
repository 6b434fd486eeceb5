# SPDX-License-Identifier: MIT
"""The one model of a function that every front end fills and every back end
reads.

A type is reduced to its ABI kind, which is all that the two sides of the
crossing need to agree on; its spelling is kept for the policy's type rules and
for traces.
"""

import hashlib
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import ThunkgenError


@dataclass(frozen=True)
class Kind:
    """How a value travels: a C type of fixed width and its trace letter."""
    name: str
    c: str
    size: int
    trace: str
    alignment: int = 0  # that of its size, unless it is a struct

    @property
    def align(self):
        return self.alignment or self.size


def struct_kind(size, align):
    """A struct by value.  Only its size and alignment matter to the ABIs of
    the ISAs that Gangway knows, as long as no member is a float."""
    return Kind(f's{size}a{align}', f'struct gw_s{size}a{align}', size,
                f'S{size}.{align}', align)


ISAS = ('x86_64', 'aarch64', 'riscv64')

# The trace letters are those of struct gw_function in htl/runtime/pack.h.
KINDS = MappingProxyType({k.name: k for k in (
    Kind('void', 'void', 0, 'v'),
    Kind('i8', 'int8_t', 1, 'b'), Kind('u8', 'uint8_t', 1, 'B'),
    Kind('i16', 'int16_t', 2, 'h'), Kind('u16', 'uint16_t', 2, 'H'),
    Kind('i32', 'int32_t', 4, 'i'), Kind('u32', 'uint32_t', 4, 'u'),
    Kind('i64', 'int64_t', 8, 'l'), Kind('u64', 'uint64_t', 8, 'L'),
    Kind('f32', 'float', 4, 'f'), Kind('f64', 'double', 8, 'd'),
    # As wide everywhere; their sign is each side's own, as in a native call.
    Kind('char', 'char', 1, 'c'),
    Kind('wchar', 'wchar_t', 4, 'i'),
    Kind('ptr', 'void *', 8, 'p'),
)})

# Trace letters that a policy may give to a type, and the kinds that they fit.
TRACE_LETTERS = MappingProxyType({
    'E': ('u32',), 'x': ('u32',), 'T': ('u8',), 's': ('ptr',)})

# C's own types on every LP64 guest and host.  `char` is absent on purpose:
# registries have it behind pointers only; headers know it (cheader.py).
C_TYPES = MappingProxyType({
    'void': 'void',
    'signed char': 'i8', 'unsigned char': 'u8',
    'short': 'i16', 'unsigned short': 'u16',
    'int': 'i32', 'unsigned int': 'u32', 'unsigned': 'u32',
    'long': 'i64', 'unsigned long': 'u64',
    'long long': 'i64', 'unsigned long long': 'u64',
    'float': 'f32', 'double': 'f64',
    'int8_t': 'i8', 'uint8_t': 'u8', 'int16_t': 'i16', 'uint16_t': 'u16',
    'int32_t': 'i32', 'uint32_t': 'u32', 'int64_t': 'i64', 'uint64_t': 'u64',
    'size_t': 'u64', 'ssize_t': 'i64', 'intptr_t': 'i64', 'uintptr_t': 'u64',
})

CALL_HEAD = 16      # sizeof(struct gw_call)
CALLBACK_HEAD = 24  # sizeof(struct gw_callback)


@dataclass(frozen=True)
class Type:
    """A parameter's or result's type.  `callback` names the signature when
    the type is a function pointer, else it is empty."""
    spelling: str
    kind: Kind
    trace: str
    callback: str = ''
    group: str = ''  # which enumeration the value is of, for traces


@dataclass(frozen=True)
class Enum:
    """A named value.  `core` is true when a version of the API has it, not
    only an extension."""
    name: str
    value: int
    groups: tuple
    core: bool
    anywhere: bool = True  # a large value means this in other groups too


@dataclass(frozen=True)
class Param:
    name: str
    type: Type


@dataclass
class Signature:
    """What functions and callbacks have in common."""
    name: str
    result: Type
    params: list

    def param_of_type(self, spelling):
        """The first parameter of that type, or None."""
        for param in self.params:
            if param.type.spelling == spelling:
                return param
        return None


@dataclass
class Function(Signature):
    """One function of a pack.  `tags` says where it comes from; the policy
    fills `flags` (see policy.FLAGS) and the order in the pack `id`."""
    tags: frozenset = frozenset()
    flags: dict = field(default_factory=dict)
    id: int = -1
    taken: list = field(default_factory=list)  # see the policy's take
    blocks_if: tuple = ()  # (index of a parameter, what it must exceed)


class Callback(Signature):
    """A function-pointer type that occurs in the pack."""


@dataclass(frozen=True)
class Member:
    name: str
    type: Type
    offset: int


@dataclass(frozen=True)
class Layout:
    """A block's members after its head; the result, if any, comes last."""
    members: tuple
    ret: Member | None
    size: int


# Names that C takes from a struct member or parameter, and those of the code
# around it.
_RESERVED = frozenset('''
    auto break case char const continue default do double else enum extern
    float for goto if inline int long register restrict return short signed
    sizeof static struct switch typedef union unsigned void volatile while
    near far call cb ret c asm typeof linux unix'''.split())


def member_name(name, taken):
    """A member or parameter name that C accepts and that nobody has."""
    if name in _RESERVED:
        name += '_'
    while name in taken:
        name += '_'
    return name


def rename_params(signature):
    """Gives every parameter a name of its own that C accepts."""
    taken = set()
    params = []
    for index, param in enumerate(signature.params):
        name = member_name(param.name or f'p{index}', taken)
        taken.add(name)
        params.append(Param(name, param.type))
    signature.params = params


def layout(signature, head):
    """Offsets as the ABI of every LP64 ISA has them: natural alignment."""
    offset = head
    members = []
    for param in signature.params:
        size, align = param.type.kind.size, param.type.kind.align
        offset = (offset + align - 1) // align * align
        members.append(Member(param.name, param.type, offset))
        offset += size
    ret = None
    size, align = signature.result.kind.size, signature.result.kind.align
    if size:
        offset = (offset + align - 1) // align * align
        ret = Member('ret', signature.result, offset)
        offset += size
    return Layout(tuple(members), ret, (offset + 7) // 8 * 8)


def trace_format(signature, groups):
    """The format string of struct gw_function and struct gw_signature.
    `groups` numbers the enumerations that have names."""
    def letter(ctype):
        return f'{ctype.trace}{groups.get(ctype.group, "")}'
    words = [letter(signature.result)]
    words += [f'{p.name}:{letter(p.type)}' for p in signature.params]
    return ' '.join(words)


def check_kinds(pack, callback):
    """What a closure (callbacks/closure.c) cannot carry."""
    for ctype in [p.type for p in callback.params] + [callback.result]:
        if ctype.kind.alignment or ctype.kind.name == 'char':
            raise ThunkgenError(
                f'pack {pack}: callback {callback.name} passes '
                f'"{ctype.spelling}" by value, which closures cannot')


class Pack:
    """A whole library family: functions sorted by name, their ids being
    their places, and the callback signatures that they use or that the policy
    wants, sorted too."""

    def __init__(self, name, functions, callbacks, wanted=()):
        self.name = name
        self.functions = sorted(functions, key=lambda f: f.name)
        used = {p.type.callback for f in self.functions for p in f.params}
        used |= {f.result.callback for f in self.functions} | set(wanted)
        self.callbacks = [callbacks[n] for n in sorted(used - {''})]
        names = [f.name for f in self.functions]
        doubles = sorted({n for n in names if names.count(n) > 1}
                         if len(set(names)) != len(names) else ())
        if doubles:
            raise ThunkgenError(
                f'pack {name}: described twice: {", ".join(doubles)}')
        for signature in self.functions + self.callbacks:
            rename_params(signature)
        for callback in self.callbacks:
            check_kinds(name, callback)
        for index, function in enumerate(self.functions):
            function.id = index

    def function(self, name):
        """The function of that name; KeyError when there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)

    def model_lines(self):
        """Everything that guest and host must agree on, one line for each
        function and callback signature: ids, names, kinds of results and
        parameters."""
        return [f'{tag} {index} {s.name} {s.result.kind.name} '
                f'{" ".join(p.type.kind.name for p in s.params)}'
                for tag, signatures in (('f', self.functions),
                                        ('c', self.callbacks))
                for index, s in enumerate(signatures)]

    def model_hash(self):
        """64 bits over these lines."""
        digest = hashlib.sha256()
        for line in self.model_lines():
            digest.update(f'{line}\n'.encode())
        return int.from_bytes(digest.digest()[:8], 'little')
