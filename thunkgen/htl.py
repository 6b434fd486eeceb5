# SPDX-License-Identifier: MIT
"""Back end: the host thunk library's thunks, tables and header.

The header declares what the hand-written part must define: gw_custom_NAME()
for every custom function, gw_adjust_NAME() for those with adjust, which runs
after the host's function, and, where the policy names no library of the
host's, gw_<pack>_open() and gw_<pack>_resolve() for struct gw_pack.  The
policy's type rules name C functions of headers that it includes.
"""

from . import abi
from .enums import EnumTable
from .load import generated, host_function
from .model import CALL_HEAD, layout, trace_format

_FLAGS = (('frame', 'GW_FN_FRAME'), ('blocks', 'GW_FN_BLOCKS'),
          ('custom', 'GW_FN_CUSTOM'))


class Rules:
    """The policy's type rules, as calls for a thunk."""

    def __init__(self, policy):
        self.converts = policy.converts
        self.shadows = policy.shadows
        self.dispatch = policy.dispatch
        self.befores = policy.befores
        self.afters = policy.afters
        self.closures = policy.closures

    def closure(self, param):
        """call, kept, kept-local or None."""
        return self.closures.get(param.type.callback)

    def argument(self, param):
        text = f'a->{param.name}'
        if self.closure(param):
            return f'c_{param.name}'
        if param.type.spelling in self.shadows:
            convert, _ = self.shadows[param.type.spelling]
            return f'(void *){convert}({text}, &s_{param.name})'
        convert = self.converts.get(param.type.spelling)
        return f'{convert}({text})' if convert else text

    def storage(self, function):
        return [f'    {self.shadows[p.type.spelling][1]} s_{p.name};'
                for p in function.params if p.type.spelling in self.shadows]

    def target(self, pack, function):
        """The host's function, as an expression."""
        first = function.params[0].type if function.params else None
        if self.dispatch and first and first.kind.name == 'ptr' and \
                '*' not in first.spelling:
            return f'{self.dispatch}(a->{function.params[0].name}, ' \
                   f'{function.id})'
        return f'gw_{pack.name}_real[{function.id}]'

    def before(self, function):
        return [f'    {rule.function}('
                f'a->{function.param_of_type(rule.with_type).name}, '
                f'a->{param.name});'
                for rule in self.befores for param in function.params
                if param.type.spelling == rule.type]

    def make(self, pack, function):
        verb = {'call': 'get_local', 'kept': 'keep',
                'kept-local': 'keep_local'}
        return [f'    void *c_{p.name} = gw_closure_'
                f'{verb[self.closure(p)]}(&gw_{pack.name}_pack,\n'
                f'        gw_{pack.name}_sig_{p.type.callback}, a->{p.name});'
                for p in function.params if self.closure(p)]

    def unmake(self, function):
        return [f'    gw_closure_put(c_{p.name});'
                for p in function.params if self.closure(p) == 'call']

    def back(self, pack, function):
        lines = []
        for name in function.taken:
            lines.append('    a->ret = gw_guest_take(a->ret);'
                         if name == 'ret' else
                         f'    gw_guest_take_new(a->{_place(function, name)}, '
                         f'o_{_place(function, name)});')
        if function.result.callback:
            lines.append(
                f'    a->ret = gw_pack_guest_function(&gw_{pack.name}_pack,\n'
                f'        gw_{pack.name}_sig_{function.result.callback}, '
                f'a->ret);')
        return lines

    def remember(self, function):
        """What stood where the function may store a pointer."""
        names = [_place(function, n) for n in function.taken if n != 'ret']
        return [f'    void *o_{n} = a->{n} ? *(void **)a->{n} : NULL;'
                for n in names]

    def after(self, function):
        return [f'    {rule.function}(a->{param.name});'
                for rule in self.afters for param in function.params
                if param.type.spelling == rule.type]


def _place(function, name):
    """The parameter that the policy means by NAME or @INDEX."""
    return function.params[int(name[1:])].name if name[0] == '@' else name


def _thunk(pack, function, rules):
    name = function.name
    args = ', '.join(rules.argument(p) for p in function.params)
    result = 'a->ret = ' if function.result.kind.size else ''
    lines = [f'static void t_{name}(struct gw_call *call)', '{',
             f'    struct gw_args_{name} *a = (void *)call;']
    if not function.params and not result:
        lines[-1:] = ['    (void)call;']
    lines += rules.make(pack, function)
    lines += rules.storage(function)
    lines += rules.remember(function)
    lines += rules.before(function)
    if 'errno' in function.flags:
        lines.append('    errno = 0;')
    lines.append(f'    {result}(({abi.pointer_type(function)})'
                 f'{rules.target(pack, function)})({args});')
    if 'errno' in function.flags:
        lines.append('    gw_guest_errno(errno);')
    if 'adjust' in function.flags:
        lines.append(f'    gw_adjust_{name}(a);')
    lines += rules.after(function)
    lines += rules.unmake(function) + rules.back(pack, function)
    return '\n'.join(lines + ['}', ''])


def _custom_thunk(function):
    return '\n'.join([
        f'static void t_{function.name}(struct gw_call *call)', '{',
        f'    gw_custom_{function.name}((void *)call);', '}', ''])


def _flags(function):
    names = [c for flag, c in _FLAGS if flag in function.flags]
    return ' | '.join(names) or '0'


def _row(function, groups, soname):
    block = layout(function, CALL_HEAD)
    offset, size = (block.ret.offset, block.ret.type.kind.size) \
        if block.ret else (0, 0)
    thunk = 'NULL' if 'withheld' in function.flags else f't_{function.name}'
    return (f'    {{"{function.name}", {thunk}, '
            f'"{trace_format(function, groups)}", {offset}, {size}, '
            f'{_flags(function)}, {soname}}},')


def _sonames(pack, policy):
    """Function -> C string with the soname of the first library that exports
    it."""
    sonames = {}
    for library in policy.libraries.values():
        for name in library.exports(pack.functions):
            sonames.setdefault(name, f'"{library.soname}"')
    return sonames


def _signature_row(callback, groups, pack, policy):
    count = policy.hostfns.get(callback.name, 0)
    first = pack.function(host_function(callback.name, 0)).id if count else 0
    return (f'    {{{{"{callback.name}", "{trace_format(callback, groups)}"}}, '
            f'{first}, {count}}},')


def _by_hand(pack):
    """Declarations of the functions that the flags ask for."""
    return [f'void gw_{flag}_{f.name}(struct gw_args_{f.name} *a);'
            for flag in ('custom', 'adjust') for f in pack.functions
            if flag in f.flags]


_HEADER = """\
#ifndef GW_{upper}_HTL_H
#define GW_{upper}_HTL_H

#include "{name}-args.h"
#include "pack.h"
{includes}
extern struct gw_pack gw_{name}_pack;
extern void *gw_{name}_real[];

{open}
/* Written by hand: what the policy calls custom or adjust. */
{by_hand}

/* Extensions that the tables cover, sorted by strcmp(). */
extern const char *const gw_{name}_extensions[];
extern const unsigned gw_{name}_extension_count;

/* Ids of all functions. */
enum {{
{ids}
}};

/* The host's function, typed by its own header; NULL when the host lacks it. */
#define gw_{name}_host(function) \\
    ((__typeof__(function) *)gw_pack_real(&gw_{name}_pack, \\
                                          gw_{name}_id_##function))

/* Indices of the callback signatures. */
enum {{
{signatures}
}};

#endif
"""


_OPEN = """\
/* Written by hand: see struct gw_pack. */
bool gw_{name}_open(void);
void *gw_{name}_resolve(const char *name);
"""


def header(pack, policy):
    """<pack>-htl.h, for the generated and the hand-written part."""
    name = pack.name
    ids = [f'    gw_{name}_id_{f.name} = {f.id},' for f in pack.functions]
    signatures = [f'    gw_{name}_sig_{c.name} = {i},'
                  for i, c in enumerate(pack.callbacks)]
    signatures.append(f'    gw_{name}_sig_count = {len(pack.callbacks)},')
    return abi.NOTICE.format(pack=name) + _HEADER.format(
        name=name, upper=name.upper(),
        open='' if policy.generated_open() else _OPEN.format(name=name),
        includes=''.join(f'#include "{h}"\n' for h in policy.includes),
        by_hand='\n'.join(_by_hand(pack)), ids='\n'.join(ids),
        signatures='\n'.join(signatures))


def _headers(pack, rules):
    """What the thunks need beside the pack's own headers."""
    wanted = [f for f in pack.functions if generated(f)]
    lines = []
    if any('errno' in f.flags or f.taken for f in wanted):
        lines += ['#include "runtime.h"', '\n#include <errno.h>']
    return [*lines, '']


def thunks(pack, policy, extensions, enums, more=()):
    """The file with all thunks and the tables that point to them; `more` are
    C lines of a front end's."""
    rules = Rules(policy)
    table = EnumTable(pack, enums)
    upper = pack.name.upper()
    parts = [abi.NOTICE.format(pack=pack.name),
             f'#include "{pack.name}-htl.h"',
             f'#include "{pack.name}-layout.h"',
             *_headers(pack, rules),
             f'void *gw_{pack.name}_real[GW_{upper}_COUNT];',
             f'static gw_thunk slots[GW_{upper}_COUNT];\n']
    for function in pack.functions:
        if generated(function):
            parts.append(_thunk(pack, function, rules))
        elif 'custom' in function.flags:
            parts.append(_custom_thunk(function))
    parts.append('static const struct gw_function functions[] = {')
    sonames = _sonames(pack, policy)
    parts += [_row(f, table.groups, sonames.get(f.name, 'NULL'))
              for f in pack.functions]
    parts += ['};\n', 'static const struct gw_pack_signature signatures[] = {']
    parts += [_signature_row(c, table.groups, pack, policy)
              for c in pack.callbacks]
    parts += ['    {{NULL, NULL}, 0, 0},', '};\n',
              f'const char *const gw_{pack.name}_extensions[] = {{',
              *[f'    "{name}",' for name in sorted(extensions)],
              '    NULL,', '};',
              f'const unsigned gw_{pack.name}_extension_count = '
              f'{len(extensions)};\n',
              *table.c_tables(), *more, *_host_libraries(policy),
              _pack_object(pack, len(table.names), policy)]
    return '\n'.join(parts)


def _host_libraries(policy):
    if not policy.generated_open():
        return []
    rows = [(soname, *library.host)
            for soname, library in policy.libraries.items()]
    return ['static struct gw_host_library libraries[] = {',
            *[f'    {{"{soname}", "{file}", "{package}", NULL, NULL}},'
              for soname, package, file in rows],
            '    {NULL, NULL, NULL, NULL, NULL},', '};\n']


def _pack_object(pack, enum_count, policy):
    opening = ['    .libraries = libraries,'] if policy.generated_open() else [
        f'    .open = gw_{pack.name}_open,',
        f'    .resolve = gw_{pack.name}_resolve,']
    return '\n'.join([
        f'struct gw_pack gw_{pack.name}_pack = {{',
        '    .callee = {',
        f'        .count = GW_{pack.name.upper()}_COUNT,',
        f'        .one_thread = {str(policy.onethread).lower()},',
        '        .thunks = slots,', '    },',
        f'    .name = "{pack.name}",',
        f'    .signature_count = {len(pack.callbacks)},',
        f'    .model_hash = GW_{pack.name.upper()}_HASH,',
        '    .functions = functions,',
        '    .signatures = signatures,',
        '    .enums = enums,',
        f'    .enum_count = {enum_count},',
        f'    .guest_heap = {str(policy.guestheap).lower()},',
        '    .enum_names = enum_names,',
        f'    .real = gw_{pack.name}_real,',
        *opening,
        '};', '', f'GW_DEFINE_HTL(gw_{pack.name}_pack)', ''])
