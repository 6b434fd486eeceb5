# SPDX-License-Identifier: MIT
"""Front end for Khronos XML registries (gl.xml, glx.xml).

Every command becomes a Function whose tags say where it comes from:
  gl.xml            the registry
  feature:gl        an API whose core has it (gl, gles1, gles2, glx ...)
  GL_VERSION_1_1    that feature
  GL_ARB_sync       that extension
"""

import re
import xml.etree.ElementTree as ElementTree

from .ctypes_text import normalize, split_function_pointer
from .errors import ThunkgenError
from .model import Enum, Function, Param


def parse(path):
    """The registry's root element."""
    try:
        return ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ThunkgenError(f'{path}: {error}') from error


def _text(element):
    return ''.join(element.itertext())


_TYPEDEF = re.compile(r'^typedef\s+(?P<type>[^(){}]*?[\s*])(?P<name>\w+)\s*;$',
                      re.S)


def read_types(root, table):
    """Adds the registry's typedefs and callback types to the table.

    Types without a body (other headers' types) and with preprocessor lines
    are left out: when a function uses one, the policy must say what it is.
    """
    callbacks = []
    for element in root.findall('types/type'):
        text = _text(element).strip()
        if '#' in text or '{' in text:
            continue
        pointer = split_function_pointer(text)
        if pointer:
            callbacks.append(pointer)
            continue
        match = _TYPEDEF.match(text)
        if match and match['name'] not in table.typedefs:
            table.add_typedef(match['name'], match['type'])
    for result, name, params in callbacks:
        table.add_callback(name, result, params)


def _command_tags(root, file_name, apis):
    """command name -> tags, for the commands of the wanted APIs."""
    tags = {}

    def add(require, new_tags):
        for command in require.findall('command'):
            tags.setdefault(command.get('name'), {file_name}).update(new_tags)

    for feature in root.findall('feature'):
        if feature.get('api') in apis:
            for require in feature.findall('require'):
                add(require, {'feature:' + feature.get('api'),
                              feature.get('name')})
    for extension in root.findall('extensions/extension'):
        if apis & set(extension.get('supported', '').split('|')):
            for require in extension.findall('require'):
                if require.get('api') is None or require.get('api') in apis:
                    add(require, {extension.get('name')})
    return tags


def _declared(element):
    """The (type, name) of a <proto> or <param>."""
    name = element.findtext('name')
    text = _text(element)
    head, _, tail = text.rpartition(name)
    return normalize(head + tail), name


_STRINGS = {'const GLchar *', 'const GLcharARB *', 'const char *',
            'const GLubyte *'}


def _param_trace(element, spelling):
    """'s' for a string: a `const GLchar *` whose length nobody passes."""
    if spelling in _STRINGS - {'const GLubyte *'} and not element.get('len'):
        return 's'
    return ''


def _function(command, table, tags):
    proto = command.find('proto')
    result, name = _declared(proto)
    params = []
    for element in command.findall('param'):
        spelling, param = _declared(element)
        where = f'{name}, parameter {param}'
        params.append(Param(param, table.type(
            spelling, where, _param_trace(element, spelling),
            element.get('group', ''))))
    letter = 's' if result in _STRINGS else ''
    return Function(name, table.type(result, f'{name}, result', letter,
                                     proto.get('group', '')),
                    params, tags=frozenset(tags))


def read_functions(root, file_name, apis, table, skip):
    """The registry's functions for `apis`, except those named in `skip`."""
    known = {e.get('api') for e in root.findall('feature')}
    for extension in root.findall('extensions/extension'):
        known |= set(extension.get('supported', '').split('|'))
    unknown = sorted(set(apis) - known)
    if unknown:
        raise ThunkgenError(f'{file_name}: no such API: {", ".join(unknown)} '
                            f'(it has {", ".join(sorted(known))})')
    tags = _command_tags(root, file_name, set(apis))
    functions = []
    for command in root.findall('commands/command'):
        name = command.findtext('proto/name')
        if name in tags and name not in skip:
            functions.append(_function(command, table, tags[name]))
    return functions


def read_extensions(root, apis):
    """Names of all extensions that the registry describes for the APIs."""
    return sorted(e.get('name') for e in root.findall('extensions/extension')
                  if set(apis) & set(e.get('supported', '').split('|')))


def read_enums(root):
    """All named values of the registry that fit 32 bits."""
    core = {e.get('name') for e in root.findall('feature/require/enum')}
    enums = []
    for element in root.findall('enums/enum'):
        value = int(element.get('value'), 0) & 0xffffffffffffffff
        groups = tuple(filter(None, element.get('group', '').split(',')))
        if value <= 0xffffffff:
            enums.append(Enum(element.get('name'), value, groups,
                              element.get('name') in core))
    return enums
