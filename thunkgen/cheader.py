# SPDX-License-Identifier: MIT
"""Front end for C headers, read by libclang.

Takes the functions that the named headers themselves declare, not those of
headers that they include, nor of a header behind a +: the others need it.  Tags: the header as the policy names it
("EGL/egl.h") and its file name ("egl.h").  Data symbols are found too; a pack
that does not say what becomes of them is refused, since a thunk library cannot
share a variable by itself.

A function pointer type without a name of its own is called after the function
and parameter that show it first: "XIfEvent_predicate".
"""

import fnmatch
import os
import re

from .ctypes_text import normalize
from .errors import ThunkgenError
from .model import KINDS, Callback, Function, Param, Type, struct_kind

_REMEDY = ('reading C headers needs libclang for Python: '
           'apt-get install python3-clang, and run with /usr/bin/python3')


def _load_clang():
    try:
        from clang import cindex
        cindex.Index.create()
    except ImportError as error:
        raise ThunkgenError(f'{error}; {_REMEDY}') from error
    except cindex.LibclangError as error:
        raise ThunkgenError(f'{error}; {_REMEDY}') from error
    return cindex


class HeaderReader:
    """Reads one group of headers into functions, callbacks and data."""

    def __init__(self, pattern, headers, defines, include_dirs, table, skip,
                 callbacks=(), members=()):
        self.cindex = _load_clang()
        self.kinds = self._kind_table()
        self.pattern = pattern
        self.included = [h.removeprefix('+') for h in headers]
        self.headers = [h for h in headers if h[0] != '+']
        self.table = table
        self.skip = skip
        self.callbacks = callbacks
        self.members = members
        self.functions = {}
        self.variables = []
        self.paths = []
        self.seen = set()  # every name that the headers declare
        self._walk(self._parse(defines, include_dirs))

    def _kind_table(self):
        k = self.cindex.TypeKind
        return {k.VOID: 'void', k.SCHAR: 'i8', k.UCHAR: 'u8', k.BOOL: 'u8',
                k.SHORT: 'i16', k.USHORT: 'u16', k.INT: 'i32', k.UINT: 'u32',
                k.LONG: 'i64', k.ULONG: 'u64', k.LONGLONG: 'i64',
                k.ULONGLONG: 'u64', k.FLOAT: 'f32', k.DOUBLE: 'f64',
                k.CHAR_S: 'char', k.CHAR_U: 'char', k.POINTER: 'ptr', k.INCOMPLETEARRAY: 'ptr',
                k.CONSTANTARRAY: 'ptr', k.ENUM: 'u32'}

    def _parse(self, defines, include_dirs):
        source = ''.join(f'#include <{h}>\n' for h in self.included)
        args = ['-x', 'c', '-std=gnu11'] + [f'-D{d}' for d in defines]
        args += [f'-I{d}' for d in include_dirs]
        unit = self.cindex.Index.create().parse(
            'thunkgen-headers.c', args,
            unsaved_files=[('thunkgen-headers.c', source)])
        errors = [d for d in unit.diagnostics if d.severity >= 3]
        if errors:
            raise ThunkgenError(f'{", ".join(self.headers)}: {errors[0]}; is '
                                f'the package with the headers installed?')
        return unit

    def _header_of(self, cursor):
        """The listed header that a declaration stands in, or ''."""
        name = str(cursor.location.file or '')
        for header in self.headers:
            if name.endswith('/' + header):
                return header
        return ''

    def _walk(self, unit):
        cursor_kind = self.cindex.CursorKind
        self.paths = sorted({str(i.include) for i in unit.get_includes()
                             if str(i.include).endswith(tuple(
                                 '/' + h for h in self.headers))})
        for cursor in unit.cursor.get_children():
            header = self._header_of(cursor)
            if not header:
                continue
            self.seen.add(cursor.spelling)
            if cursor.spelling in self.skip:
                continue
            if cursor.kind == cursor_kind.FUNCTION_DECL:
                if fnmatch.fnmatchcase(cursor.spelling, self.pattern):
                    self._add_function(cursor, header)
            elif cursor.kind == cursor_kind.VAR_DECL:
                self.variables.append(cursor.spelling)
            elif cursor.spelling in self.callbacks:
                self._callback(cursor.type, cursor.spelling)
            elif cursor.kind == cursor_kind.TYPEDEF_DECL or \
                    cursor.kind == cursor_kind.STRUCT_DECL and \
                    cursor.is_definition():
                for struct, member in self.members:
                    if struct == cursor.spelling:
                        self._member(cursor.type.get_canonical(), member,
                                     f'{struct}_{member}')

    def _member(self, ctype, member, name):
        """A function pointer in a struct, or in a struct of its own there."""
        for field in ctype.get_fields():
            canonical = field.type.get_canonical()
            if field.spelling == member:
                self._callback(field.type, '', name)
            elif canonical.kind == self.cindex.TypeKind.RECORD:
                self._member(canonical, member, name)

    def _add_function(self, cursor, header):
        name = cursor.spelling
        if cursor.is_definition():  # static inline: compiled into programs
            return
        if cursor.type.is_function_variadic():
            raise ThunkgenError(
                f'{header}: {name} takes variable arguments, which have no '
                f'fixed call block; mark it skip in the policy')
        params = [Param(p.spelling, self._type(
            p.type, f'{header}: {name}, parameter {p.spelling}',
            f'{name}_{p.spelling or index}'))
            for index, p in enumerate(cursor.get_arguments())]
        result = self._type(cursor.result_type, f'{header}: {name}, result',
                            f'{name}_result')
        function = Function(name, result, params, tags=frozenset(
            {header, os.path.basename(header)}))
        self.functions.setdefault(name, function)

    def _type(self, ctype, where, unnamed=''):
        """`unnamed`: the name of a function pointer type that has none."""
        spelling = normalize(ctype.spelling)
        kind = self._kind(ctype, where)
        callback = self._callback(ctype, spelling, unnamed)
        trace = self.table.letters.get(spelling, kind.trace)
        if spelling in ('const char *', 'const unsigned char *'):
            trace = 's'
        return Type(spelling, kind, trace, callback)

    def _kind(self, ctype, where):
        canonical = ctype.get_canonical()
        if '__va_list' in canonical.spelling or 'va_list' in ctype.spelling:
            raise ThunkgenError(f'{where}: a va_list is each ISA\'s own; mark '
                                f'the function skip in the policy')
        if canonical.kind == self.cindex.TypeKind.RECORD:
            return self._struct(canonical, where)
        if normalize(ctype.spelling).removeprefix('const ') == 'wchar_t':
            # Its sign is each side's own, and no difference in the model.
            return KINDS['i32']
        if canonical.kind not in self.kinds:
            raise ThunkgenError(f'{where}: unknown type "{ctype.spelling}" '
                                f'({canonical.kind})')
        return KINDS[self.kinds[canonical.kind]]

    def _struct(self, ctype, where):
        for field in ctype.get_fields():
            member = field.type.get_canonical()
            while member.kind == self.cindex.TypeKind.CONSTANTARRAY:
                member = member.get_array_element_type().get_canonical()
            kind = member.kind
            if kind == self.cindex.TypeKind.RECORD:
                self._struct(member, where)
            elif kind not in self.kinds or self.kinds[kind] in ('f32', 'f64'):
                raise ThunkgenError(
                    f'{where}: struct "{ctype.spelling}" by value has a member '
                    f'"{field.spelling}" that ISAs pass differently; skip the '
                    f'function')
        return struct_kind(ctype.get_size(), ctype.get_align())

    def _callback(self, ctype, spelling, unnamed=''):
        """The signature behind a function pointer; registers it."""
        pointee = ctype.get_canonical().get_pointee()
        if pointee.kind != self.cindex.TypeKind.FUNCTIONPROTO:
            return ''
        # A typedef in turn of a typedef is one signature: the first's name.
        name = spelling if spelling.isidentifier() else normalize(
            pointee.spelling)
        if not name.isidentifier():
            name = self.table.unnamed.setdefault(
                ctype.get_canonical().spelling, unnamed)
        if not name:
            raise ThunkgenError(
                f'function pointer type "{spelling}" has no name; declare the '
                f'function with a typedef of your own in the policy')
        if name not in self.table.callbacks:
            where = f'callback {name}'
            params = self._callback_params(ctype, where)
            result = self._type(pointee.get_result(), where)
            self.table.callbacks[name] = Callback(name, result, params)
        return name

    def _callback_params(self, ctype, where):
        """Names stand in the typedef's declaration, types in the type."""
        declaration = ctype.get_declaration()
        kind = self.cindex.CursorKind.PARM_DECL
        named = [c for c in declaration.get_children() if c.kind == kind]
        pointee = ctype.get_canonical().get_pointee()
        types = list(pointee.argument_types())
        if len(named) == len(types):
            return [Param(c.spelling, self._type(c.type, where))
                    for c in named]
        return [Param('', self._type(t, where)) for t in types]

    def matching(self):
        """The functions whose names match; none is an error."""
        if not self.functions:
            raise ThunkgenError(f'{", ".join(self.headers)}: no function '
                                f'matches "{self.pattern}"')
        return list(self.functions.values())

    def extensions(self):
        """Khronos headers say `#define EGL_KHR_image 1` per extension."""
        names = []
        for path in self.paths:
            with open(path, encoding='utf-8', errors='replace') as file:
                names += re.findall(r'^#define (\w+_[A-Z0-9]+_\w+) 1$',
                                    file.read(), re.M)
        return [n for n in names if not re.search(r'_VERSION_\d', n)]
