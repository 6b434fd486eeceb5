# SPDX-License-Identifier: MIT
"""Runs the front ends as a policy asks and checks the two together."""

import fnmatch
import os

from . import cheader, registry, vkxml
from .ctypes_text import TypeTable, split_prototype
from .errors import ThunkgenError
from .model import (KINDS, TRACE_LETTERS, Callback, Function, Pack, Param,
                    Type)

# Guest code by hand.
_GTL = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'gtl')

# Where Debian keeps registries, and the package to install.
# What a pack has by hand; a header there may declare functions, too.
HTL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                   'htl')
REGISTRY_DIRS = ('/usr/share/khronos-api', '/usr/share/vulkan/registry')
_PACKAGES = {'gl.xml': 'khronos-api', 'glx.xml': 'khronos-api',
             'vk.xml': 'libvulkan-dev'}


def find_registry(name, dirs):
    """The path of a registry file, or an error with the remedy."""
    for folder in dirs:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    package = _PACKAGES.get(name)
    remedy = f'apt-get install {package}, or ' if package else ''
    raise ThunkgenError(f'{name} is in none of {", ".join(dirs)}: '
                        f'{remedy}name its folder with --registry-dir')


class Loader:
    """Builds a Pack from a policy."""

    def __init__(self, policy, registry_dirs, include_dirs, machine=()):
        """`machine`: cheader.machine_options(); without, this one."""
        self.policy = policy
        self.table = TypeTable()
        self.table.letters.update(policy.letters)
        self.functions = {}
        self.extensions = set()
        self.enums = []
        self.structs = None  # a registry's, see vkxml.Structs
        self.files = {policy.path}  # all that was read, or is included
        self._add_sources()
        self.seen = set()  # names that a front end met, skipped ones too
        for name, ctype in policy.typedefs:
            self.table.add_typedef(name, ctype)
        self._read_registries(registry_dirs)
        self._read_headers(include_dirs, machine)
        self._read_declared()
        self._add_host_functions()
        self._add_extensions()
        self._check_names()
        self._set_strings()
        policy.apply(self.functions.values())
        self._check_letters()
        self._check_callbacks()
        implemented = self._implemented()
        self.pack = Pack(policy.pack, self.functions.values(),
                         {**self.table.callbacks, **implemented},
                         [*policy.callbacks, *implemented])
        self._check_rules()
        if self.structs:
            vkxml.check(policy, self.structs, self.pack)
        for library in policy.libraries.values():
            library.exports(self.pack.functions)
            if policy.apart:
                library.stubs(self.pack.functions)

    def _fail(self, message):
        raise ThunkgenError(f'{self.policy.path}: {message}')

    def _add_sources(self):
        for library in self.policy.libraries.values():
            for file in library.sources:
                path = os.path.join(_GTL, file)
                if not os.path.exists(path):
                    self._fail(f'source {library.soname} {file}: there is no '
                               f'{path}')
                self.files.add(path)

    def _add(self, function):
        if function.name in self.functions:
            self._fail(f'{function.name} is described twice')
        self.functions[function.name] = function

    def _read_registries(self, dirs):
        roots = []
        for name, apis in self.policy.registries:
            path = find_registry(name, dirs)
            self.files.add(path)
            roots.append((name, apis, registry.parse(path)))
        for name, apis, root in roots:
            front = vkxml if vkxml.is_vulkan(root) else registry
            front.read_types(root, self.table)
            if name in self.policy.enums:
                self.enums += front.read_enums(root)
            if front is vkxml:
                self.structs = vkxml.Structs(root, apis, self.policy.concealed)
        for name, apis, root in roots:
            front = vkxml if vkxml.is_vulkan(root) else registry
            self.seen |= {e.text for e in root.findall(
                'commands/command/proto/name')}
            for function in front.read_functions(
                    root, name, apis, self.table, self.policy.skips):
                self._add(function)
            self.extensions |= set(front.read_extensions(root, apis))

    def _read_headers(self, include_dirs, machine):
        for line, pattern, headers in self.policy.headers:
            try:
                reader = cheader.HeaderReader(
                    pattern, headers, self.policy.defines,
                    [*include_dirs, os.path.join(HTL, self.policy.pack),
                     *self.policy.incdirs], self.table,
                    self.policy.skips, self.policy.callbacks,
                    self.policy.members, machine)
                functions = reader.matching()
            except ThunkgenError as error:
                raise ThunkgenError(
                    f'{self.policy.path}:{line}: {error}') from error
            for function in functions:
                self._add(function)
            self.files |= set(reader.paths)
            self.extensions |= set(reader.extensions())
            known = {name for library in self.policy.libraries.values()
                     for name in library.data}
            unknown = sorted(set(reader.variables) - known
                             - set(self.policy.skips))
            if unknown:
                self._fail(f'data symbols need a decision, data or skip: '
                           f'{", ".join(unknown)}')
            self.seen |= reader.seen

    def _read_declared(self):
        for text in self.policy.declared:
            result, name, params = split_prototype(text, self.policy.path)
            self._add(self._declared(name, result, params))
        for new, old in self.policy.likes:
            if old not in self.functions:
                self._fail(f'like {new} {old}: no function {old}')
            model = self.functions[old]
            self._add(Function(new, model.result, list(model.params),
                               tags=frozenset({'declared'})))

    def _declared(self, name, result, params):
        return Function(
            name, self.table.type(result, f'{name}, result'),
            [Param(n, self.table.type(t, f'{name}, parameter {n}'))
             for t, n in params], tags=frozenset({'declared'}))

    def _add_host_functions(self):
        """Guest stubs for host functions that nobody knows by name; the host
        side decides at run time what each stands for."""
        for name, count in self.policy.hostfns.items():
            if name not in self.table.callbacks:
                self._fail(f'hostfn {name}: no such function-pointer type')
            model = self.table.callbacks[name]
            for number in range(count):
                self._add(Function(
                    host_function(name, number), model.result,
                    list(model.params), tags=frozenset({'hostfn'})))

    def _add_extensions(self):
        for name in self.policy.extensions:
            if name in self.extensions:
                self._fail(f'extension {name}: a registry has it already')
            self.extensions.add(name)
        for name in self.policy.concealed:
            if name not in self.extensions:
                self._fail(f'conceal {name}: no such extension')
            self.extensions.remove(name)

    def _check_names(self):
        unknown = sorted(set(self.policy.skips) - self.seen)
        if unknown:
            self._fail(f'skip: no such function: {", ".join(unknown)}')

    def _set_strings(self):
        for name, wanted in self.policy.strings:
            function = self.functions.get(name)
            names = [p.name for p in function.params] if function else []
            if wanted not in names:
                self._fail(f'string {name} {wanted}: no such parameter')
            function.params = [
                Param(p.name, _with_trace(p.type, 's'))
                if p.name == wanted else p for p in function.params]

    def _check_letters(self):
        for spelling, letter in self.policy.letters.items():
            kinds = {t.kind.name for f in self.functions.values()
                     for t in [p.type for p in f.params] + [f.result]
                     if t.spelling == spelling}
            if not kinds:
                self._fail(f'trace {spelling}: no function uses the type')
            if not kinds <= set(TRACE_LETTERS[letter]):
                self._fail(f'trace {spelling} {letter}: the type is '
                           f'{", ".join(sorted(kinds))}')

    def _check_callbacks(self):
        shown = {t.callback for f in self.functions.values()
                 for t in [p.type for p in f.params] + [f.result]}
        for name in self.policy.callbacks:
            if name not in self.table.callbacks:
                self._fail(f'callback {name}: no such function-pointer type')
            if name in shown:
                self._fail(f'callback {name}: a function has it anyway')
        used = {p.type.callback for f in self.functions.values()
                if generated(f) for p in f.params}
        for name in self.policy.closures:
            if name not in used:
                self._fail(f'closure {name}: no parameter has it')

    def _implemented(self):
        """Signatures of the functions that the guest may have itself."""
        found = {}
        for pattern in self.policy.implemented:
            names = fnmatch.filter(self.functions, pattern)
            if not names:
                self._fail(f'implement {pattern}: no function matches')
            for name in names:
                f = self.functions[name]
                found[name] = Callback(name, f.result, list(f.params))
        return found

    def _check_rules(self):
        rules = [(t, '') for t in self.policy.converts]
        rules += [(t, '') for t in self.policy.shadows]
        rules += [(r.type, r.with_type)
                  for r in self.policy.befores + self.policy.afters]
        for spelling, with_type in rules:
            users = [f for f in self.pack.functions
                     if f.param_of_type(spelling)]
            if not users:
                self._fail(f'rule for "{spelling}": no parameter has it')
            for function in users:
                if with_type and generated(function) and \
                        not function.param_of_type(with_type):
                    self._fail(f'rule for "{spelling}": {function.name} has '
                               f'no "{with_type}" parameter')
        for spelling in self.policy.converts:
            for function in self.pack.functions:
                param = function.param_of_type(spelling)
                if param and param.type.kind is not KINDS['ptr']:
                    self._fail(f'convert "{spelling}": not a pointer')


    def c_lines(self):
        """What a front end adds to the HTL's tables."""
        return vkxml.c_table(self.pack, self.structs) if self.structs else []


def host_function(callback, number):
    """The name of the stub for a host function of that type."""
    return f'gw_host_{callback}_{number:02}'


def generated(function):
    """True when the host side of the function is generated."""
    return not {'custom', 'withheld'} & function.flags.keys()


def _with_trace(ctype, letter):
    return Type(ctype.spelling, ctype.kind, letter, ctype.callback,
                ctype.group)
