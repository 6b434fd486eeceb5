# SPDX-License-Identifier: MIT
"""Front end for Vulkan's XML registry (vk.xml).

The same interface as registry.py, for the same registry statement; its APIs
are "vulkan" and the platforms whose window systems are wanted.  Tags:
  vk.xml            the registry
  VK_VERSION_1_1    the version that has the command
  VK_KHR_swapchain  the extension that has it

Besides functions the registry yields the structs that can stand in a pNext
chain, and where function pointers are in them: read_structs().
"""

import re
from dataclasses import dataclass

from .ctypes_text import normalize, split_function_pointer
from .errors import ThunkgenError
from .model import Enum, Function, Param

_API = 'vulkan'


def is_vulkan(root):
    return root.find('platforms') is not None


def _inner(element):
    """All text of an element in order, without its comments."""
    text = element.text or ''
    for child in element:
        if child.tag != 'comment':
            text += _inner(child)
        text += child.tail or ''
    return text


def _wanted(element):
    """False for what only another API of the registry's has."""
    return _API in element.get('api', _API).split(',')


def _types(root, category):
    return [t for t in root.findall('types/type')
            if t.get('category') == category and _wanted(t)]


def _name(element):
    return element.get('name') or element.findtext('name') or \
        element.findtext('proto/name')


def read_types(root, table):
    """Adds the registry's types to the table: handles are pointers, as every
    64-bit ABI has them."""
    for element in _types(root, 'handle'):
        table.add_typedef(_name(element), 'void *')
    for element in _types(root, 'enum'):
        table.add_typedef(_name(element), 'unsigned int')
    wide = {e.get('name') for e in root.findall('enums')
            if e.get('bitwidth') == '64'}
    for name in wide:
        table.add_typedef(name, 'uint64_t')
    for category in ('basetype', 'bitmask'):
        for element in _types(root, category):
            match = re.match(r'^typedef\s+(\w+[\s*]+)(\w+)\s*;$',
                             _inner(element).strip())
            if match:
                table.add_typedef(match[2], match[1])
            elif element.get('alias'):
                table.add_typedef(element.get('name'), element.get('alias'))
    for element in _types(root, 'funcpointer'):
        result, name, params = split_function_pointer(_inner(element))
        table.add_callback(name, result, params)


def _groups(root):
    """type -> (trace letter, its enumeration), for --trace."""
    groups = {_name(e): ('E', e.get('alias') or _name(e))
              for e in _types(root, 'enum')}
    for element in _types(root, 'bitmask'):
        bits = element.get('requires') or element.get('bitvalues') or ''
        if '64' not in _inner(element):
            groups[_name(element)] = ('x', bits)
    for element in _types(root, 'bitmask'):
        if element.get('alias'):
            groups[_name(element)] = groups.get(element.get('alias'),
                                                ('', ''))
    for element in root.findall('enums'):
        if element.get('bitwidth') == '64':
            groups.pop(element.get('name'), None)
    return groups


def _supported(extension, apis):
    return (_API in extension.get('supported', '').split(',') and
            extension.get('platform', _API) in apis)


def _check_apis(root, file_name, apis):
    known = {_API} | {p.get('name') for p in root.findall(
        'platforms/platform')}
    unknown = sorted(set(apis) - known)
    if unknown:
        raise ThunkgenError(f'{file_name}: no such API or platform: '
                            f'{", ".join(unknown)} '
                            f'(it has {", ".join(sorted(known))})')


def _command_tags(root, file_name, apis):
    """command name -> tags."""
    tags = {}
    sources = [f for f in root.findall('feature')
               if _API in f.get('api').split(',')]
    sources += [e for e in root.findall('extensions/extension')
                if _supported(e, apis)]
    for source in sources:
        for require in source.findall('require'):
            if not _wanted(require):
                continue
            for command in require.findall('command'):
                tags.setdefault(command.get('name'), {file_name}).add(
                    source.get('name'))
    return tags


def _declared(element):
    """The (type, name) of a <proto> or <param>; an array is a pointer."""
    name = element.findtext('name')
    head, _, tail = _inner(element).rpartition(name)
    return normalize(head + ('*' if '[' in tail else '')), name


class _Reader:
    def __init__(self, root, file_name, apis, table):
        self.table = table
        self.groups = _groups(root)
        self.tags = _command_tags(root, file_name, apis)
        self.commands = {_name(c): c for c in root.findall(
            'commands/command') if _wanted(c)}

    def _type(self, element, where):
        spelling, name = _declared(element)
        letter, group = self.groups.get(spelling, ('', ''))
        if element.get('len') == 'null-terminated' and '*' in spelling:
            letter = 's'
        return name, self.table.type(spelling, where, letter, group)

    def function(self, name):
        command = self.commands[name]
        while command.get('alias'):
            command = self.commands[command.get('alias')]
        params = []
        for element in command.findall('param'):
            if _wanted(element):
                params.append(Param(*self._type(
                    element, f'{name}, parameter '
                             f'{element.findtext("name")}')))
        _, result = self._type(command.find('proto'), f'{name}, result')
        return Function(name, result, params,
                        tags=frozenset(self.tags[name]))


def read_functions(root, file_name, apis, table, skip):
    """The registry's commands, except those named in `skip`."""
    _check_apis(root, file_name, apis)
    reader = _Reader(root, file_name, set(apis), table)
    return [reader.function(name) for name in reader.commands
            if name in reader.tags and name not in skip]


def read_extensions(root, apis):
    return sorted(e.get('name') for e in root.findall('extensions/extension')
                  if _supported(e, set(apis)))


def _value(element, number):
    """The value of an <enum>, or None for an alias or a constant."""
    if element.get('bitpos'):
        return 1 << int(element.get('bitpos'))
    if element.get('offset'):
        number = int(element.get('extnumber') or number)
        value = 1000000000 + (number - 1) * 1000 + int(element.get('offset'))
        return -value if element.get('dir') == '-' else value
    text = element.get('value')
    return int(text, 0) if text and re.fullmatch(r'-?\w+', text) else None


def read_enums(root):
    """All named values of 32 bits, each of the enumeration it stands in."""
    enums = []

    def add(element, group, number, core):
        value = _value(element, number)
        if value is not None and value < 1 << 32:
            enums.append(Enum(element.get('name'), value & 0xffffffff,
                              (group,), core, anywhere=False))

    for block in root.findall('enums'):
        if block.get('type') in ('enum', 'bitmask'):
            for element in block.findall('enum'):
                add(element, block.get('name'), None, True)
    for path, core in (('feature', True), ('extensions/extension', False)):
        for source in root.findall(path):
            for element in source.findall('require/enum'):
                if element.get('extends'):
                    add(element, element.get('extends'),
                        source.get('number'), core)
    return enums


# --- structs -----------------------------------------------------------------

@dataclass(frozen=True)
class Struct:
    """A struct that can stand in a chain, or be the head of one."""
    name: str
    stype: str       # the value of its sType, by name
    pointers: tuple  # (member, callback type) of its function pointers
    arrays: tuple    # (member, member with the count or '', element) of arrays
                     # of structs that have some


class Structs:
    """The registry's structs: which have function pointers, and what can be
    reached from which."""

    def __init__(self, root, apis, concealed):
        self.elements = {_name(t): t for t in _types(root, 'struct') +
                         _types(root, 'union') if not t.get('alias')}
        self.aliases = {_name(t): t.get('alias') for t in
                        _types(root, 'struct') if t.get('alias')}
        self.available = self._available(root, set(apis), concealed)
        self.extends = {}
        for name, element in self.elements.items():
            for head in element.get('structextends', '').split(','):
                if head and name in self.available:
                    self.extends.setdefault(head, []).append(name)

    @staticmethod
    def _available(root, apis, concealed):
        names = set()
        for source in root.findall('feature') + [
                e for e in root.findall('extensions/extension')
                if _supported(e, apis) and e.get('name') not in concealed]:
            names |= {t.get('name') for t in source.findall('require/type')}
        return names

    def pointers(self, name):
        """(member, type) of the function pointers in a struct itself."""
        return tuple((m.findtext('name'), m.findtext('type'))
                     for m in self.elements[name].findall('member')
                     if m.findtext('type').startswith('PFN_'))

    def arrays(self, name):
        """(member, member with the count or '', element) for a struct's
        pointers to structs with function pointers."""
        return tuple((m.findtext('name'), m.get('len', ''), m.findtext('type'))
                     for m in self.elements[name].findall('member')
                     if '*' in _inner(m) and
                     m.findtext('type') in self.elements and
                     self.pointers(m.findtext('type')))

    def chained(self):
        """All structs with an sType, sorted by name."""
        found = []
        for name in sorted(set(self.elements) & self.available):
            first = self.elements[name].find('member')
            if first is not None and first.get('values') and \
                    first.findtext('type') == 'VkStructureType':
                found.append(Struct(name, first.get('values'),
                                    self.pointers(name), self.arrays(name)))
        return found

    def reachable(self, name):
        """All structs that can hang on one of that name, itself included."""
        seen, todo = set(), [name]
        while todo:
            name = todo.pop()
            name = self.aliases.get(name, name)
            if name not in self.elements or name in seen:
                continue
            seen.add(name)
            todo += self.extends.get(name, [])
            todo += [m.findtext('type') for m in
                     self.elements[name].findall('member')]
        return seen

    def callbacks(self, spelling):
        """Structs with function pointers that an argument of this type can
        carry, sorted."""
        base = spelling.replace('const', '').replace('*', '').replace(
            'struct', '').strip()
        if '*' not in spelling or 'const' not in spelling:
            return []
        return sorted(n for n in self.reachable(base) if self.pointers(n))


def check(policy, structs, pack):
    """Function pointers in structs must not cross unseen: a struct with some
    has a shadow rule, or the command that can carry it is by hand."""
    for function in pack.functions:
        if 'custom' in function.flags or 'withheld' in function.flags:
            continue
        for param in function.params:
            carried = structs.callbacks(param.type.spelling)
            if carried and param.type.spelling not in policy.shadows:
                raise ThunkgenError(
                    f'{policy.path}: {function.name} passes function '
                    f'pointers (in {carried[0]}): mark it custom')
    known = {c.name for c in pack.callbacks}
    for struct in structs.chained():
        for _, ctype in struct.pointers:
            if ctype not in known:
                raise ThunkgenError(
                    f'{policy.path}: {struct.name} holds a {ctype}: a line '
                    f'"callback {ctype}" is missing')


def c_table(pack, structs):
    """C lines: every struct that can stand in a chain, by sType, and its
    function pointers, whose types are the pack's signatures."""
    lines, rows = [], []
    # Those without arrays first: an array's element is one of them.
    for s in sorted(structs.chained(), key=lambda s: bool(s.arrays)):
        pointers = arrays = '0, 0'
        if s.pointers:
            pointers = f'pointers_{s.name}, {len(s.pointers)}'
            lines += ['static const struct gw_vk_pointer '
                      f'pointers_{s.name}[] = {{']
            lines += [f'    {{offsetof({s.name}, {member}), '
                      f'gw_{pack.name}_sig_{ctype}}},'
                      for member, ctype in s.pointers]
            lines += ['};']
        if s.arrays:
            arrays = f'arrays_{s.name}, {len(s.arrays)}'
            lines += [f'static const struct gw_vk_array arrays_{s.name}[] = {{']
            lines += [f'    {{offsetof({s.name}, {member}), ' +
                      (f'offsetof({s.name}, {count})' if count else '0') +
                      f', sizeof({element}), pointers_{element}, '
                      f'{len(structs.pointers(element))}}},'
                      for member, count, element in s.arrays]
            lines += ['};']
        rows.append(f'    {{{s.stype}, sizeof({s.name}), {pointers}, '
                    f'{arrays}}},')
    return lines + ['', 'const struct gw_vk_struct gw_vk_structs[] = {',
                    *rows, '};', 'const unsigned gw_vk_struct_count = '
                    f'{len(rows)};', '']
