# SPDX-License-Identifier: MIT
"""C types and prototypes as text, reduced to the model's kinds.

Registries hold their types as C text.  What is not understood is an error:
guessing a width would crash a program far from here.
"""

import re

from .errors import ThunkgenError
from .model import C_TYPES, KINDS, Callback, Param, Type


def normalize(text):
    """One spelling per type: single spaces, one before the stars."""
    text = re.sub(r'\bstruct\s+', 'struct ', re.sub(r'\s+', ' ', text))
    text = re.sub(r'\s*\*\s*', '*', text).strip()
    return re.sub(r'(?<=[^* ])\*', ' *', text).replace('*const', '* const')


class TypeTable:
    """The types of a pack by name: typedefs, callbacks, trace letters."""

    def __init__(self):
        self.typedefs = {}   # name -> spelling of what it stands for
        self.callbacks = {}  # name -> Callback
        self.letters = {}    # spelling -> trace letter
        self.unnamed = {}    # function pointer type -> its name, see cheader

    def add_typedef(self, name, spelling):
        self.typedefs[name] = normalize(spelling)

    def kind(self, spelling, where):
        """The ABI kind of a type; `where` names the user of it in errors."""
        text = normalize(spelling)
        seen = []
        while True:
            bare = re.sub(r'^(const|volatile) | (const|volatile)$', '', text)
            if bare.endswith('*') or bare.endswith('* const'):
                return KINDS['ptr']
            if bare in self.callbacks:
                return KINDS['ptr']
            if bare in C_TYPES:
                return KINDS[C_TYPES[bare]]
            if bare not in self.typedefs or bare in seen:
                raise ThunkgenError(
                    f'{where}: unknown type "{spelling}"; say what it is with '
                    f'a "typedef" line in the policy, or skip the function')
            seen.append(bare)
            text = self.typedefs[bare]

    def callback_name(self, spelling):
        """The callback signature behind a type, or ''."""
        text = normalize(spelling)
        while text in self.typedefs and text not in self.callbacks:
            text = self.typedefs[text]
        return text if text in self.callbacks else ''

    def type(self, spelling, where, trace='', group=''):
        text = normalize(spelling)
        kind = self.kind(text, where)
        letter = trace or self.letters.get(text, kind.trace)
        return Type(text, kind, letter, self.callback_name(text),
                    group if letter in 'Ex' else '')

    def add_callback(self, name, result, params):
        """Registers the signature; its own types must be known already."""
        where = f'callback {name}'
        self.callbacks[name] = Callback(
            name, self.type(result, where),
            [Param(n, self.type(t, where)) for t, n in params])


_DECLARATOR = re.compile(r'^(?P<type>.*?[\s*])(?P<name>\w+)\s*$', re.S)


def split_declarator(text, where):
    """"const GLint *v" -> ("const GLint *", "v")."""
    match = _DECLARATOR.match(text.strip())
    if not match or '[' in text or '(' in text:
        raise ThunkgenError(f'{where}: cannot read the declaration "{text}"')
    return normalize(match['type']), match['name']


def split_params(text, where):
    """The parameter list of a prototype as (type, name) pairs."""
    text = text.strip()
    if text in ('', 'void'):
        return []
    if '...' in text:
        raise ThunkgenError(f'{where}: variable arguments have no fixed call '
                            f'block; mark the function skip in the policy')
    return [split_declarator(p, where) for p in text.split(',')]


_PROTOTYPE = re.compile(r'^(?P<head>[^()]*)\((?P<params>[^()]*)\)\s*;?$', re.S)


def split_prototype(text, where):
    """"int f(int a)" -> ("int", "f", [("int", "a")])."""
    match = _PROTOTYPE.match(text.strip())
    if not match:
        raise ThunkgenError(f'{where}: cannot read the prototype "{text}"')
    result, name = split_declarator(match['head'], where)
    return result, name, split_params(match['params'], where)


_FUNCTION_POINTER = re.compile(
    r'^typedef\s+(?P<result>[^()]*)\(\s*\w*\s*\*\s*(?P<name>\w+)\s*\)\s*'
    r'\((?P<params>[^()]*)\)\s*;$', re.S)


def split_function_pointer(text):
    """A function-pointer typedef as (result, name, params), or None."""
    match = _FUNCTION_POINTER.match(text.strip())
    if not match:
        return None
    where = f'callback {match["name"]}'
    return (normalize(match['result']), match['name'],
            split_params(match['params'], where))
