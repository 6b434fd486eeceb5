# SPDX-License-Identifier: MIT
"""The policy table of a pack: what no registry or header says.

One statement a line, words separated by blanks, words with blanks in double
quotes, `#` starts a comment, a line that ends in `\\` goes on.  Read strictly:
an unknown statement, an unknown flag and an entry that matches nothing are
errors, so that a table cannot rot unnoticed.

  pack NAME
  registry FILE APIS          functions of FILE for the comma-separated APIS
  needs PACKAGE...            Debian packages with the headers; `install-deps
                              build` installs them
  header PATTERN HEADER...    functions that the headers declare themselves;
                              one behind a + is only included; one of our own
                              is in htl/PACK
  incdir FOLDER               where headers are besides /usr/include
  define NAME[=VALUE]         for the preprocessor when headers are read
  typedef NAME TYPE           a type that the registry leaves to others
  trace TYPE LETTER           how traces show values of that type
  enums FILE                  traces name values as this registry does
  string FUNCTION PARAM       the parameter is a nul-terminated string
  declare PROTOTYPE           a function that no registry and no header has
  like NEW OLD                NEW has the prototype of OLD
  skip NAME REASON            not in the pack at all
  include HEADER              of the HTL, with the C functions named below
  convert TYPE C_FUNCTION     the host gets C_FUNCTION(argument) for every
                              argument of that type
  before TYPE C_FUNCTION WITH C_FUNCTION(first argument of type WITH,
                              argument) runs before the call
  after TYPE C_FUNCTION       C_FUNCTION(argument) runs after the call
  shadow TYPE C_FUNCTION STORAGE
                              the host gets C_FUNCTION(argument, address of a
                              STORAGE that lives as long as the call) for
                              every argument of that type
  dispatch C_FUNCTION         a generated thunk calls what C_FUNCTION(first
                              argument, id) answers, when its first argument
                              is a handle; for functions that have several
                              implementations at once
  conceal EXTENSION WHY       the host may have it, the guest is not told
  closure TYPE call|kept|kept-local
                              the host gets a closure for every argument of
                              that function-pointer type.  call: it is called
                              before the function returns and on the caller's
                              thread; kept: later, too, and on any thread;
                              kept-local: later, but on guest threads only
  callback TYPE               a function-pointer type that hand-written code
                              makes closures of, and that no function shows;
                              STRUCT.MEMBER: a struct's member, called
                              STRUCT_MEMBER from there on
  implement PATTERN           functions of the pack that the guest may have,
                              too: hand-written code makes closures of them
  hostfn TYPE COUNT           results of that function-pointer type may be the
                              host's own functions: up to COUNT of them become
                              guest stubs
  take PATTERN NAME...        the guest will free() what these functions return
                              ("ret") or store through these parameters (a
                              name or "@INDEX"): it becomes guest memory, the
                              host's is freed
  onethread                   where doorbells must not block, they serve one
                              thread; as soon as a second one calls, all calls
                              go by system call: for libraries that may call
                              the guest with locks held
  fn PATTERN FLAG...          flags of all functions that match; lines add up
                              from top to bottom, -FLAG takes one away
  fn PATTERN blocks if NAME > N
                              ... where this parameter is more than N
  extension NAME              the tables cover this extension too
  library SONAME TAGS         a library that exports the functions that have
                              one of the comma-separated TAGS
  host SONAME PACKAGE [FILE]  the host's library behind it: of that name, or
                              FILE, or - for what is in QEMU's process anyway;
                              PACKAGE: Debian's, to be installed where it is
                              missing.  One line a library, and the runtime
                              opens them and finds their functions
  opens WHY                   ... not: gw_PACK_open() and gw_PACK_resolve() are
                              by hand, as in a pack without host lines
  guestheap                   what the host's libraries malloc() and free() is
                              the guest's memory, as in a native process; needs
                              host lines
  export SONAME +NAME|-NAME   and these too, or these not
  unexported SONAME PATTERN WHY
                              the real library has it, ours does not
  only ISA SONAME PATTERN...  the real library has these on that ISA only
  byhand SONAME NAME WHY      exported; guest code by hand in gtl/PACK has it
  version SONAME NODE NAME... these have this symbol version, * all that no
                              line names; the nodes follow each other as they
                              stand; one without names is there, no more
  data SONAME NAME TYPE INIT  a variable that the library exports, in C
  apart                       a library has no stubs but those that it exports
                              (else all have all, for GetProcAddress functions)
  inside SONAME PATTERN...    with apart: stubs that are not exported but used
                              by this library's code or handed out by the host
  source SONAME FILE          guest code by hand, of this library only; FILE is
                              in gtl/

convert, shadow, before, after and closure hold for generated thunks; a custom one
does as it likes.  A result of a closure's type becomes the guest's function
again.
"""

import fnmatch
import shlex
from dataclasses import dataclass, field

from .ctypes_text import normalize
from .errors import ThunkgenError
from .model import ISAS, TRACE_LETTERS

FLAGS = {
    'blocks': 'crosses by system call: may block, run long or load code',
    'frame': 'one call ends one frame',
    'errno': "what the host's function leaves in errno is the guest's errno",
    'adjust': 'gw_adjust_NAME(), by hand, may change the block after the call',
    'custom': 'the host side is written by hand: gw_custom_NAME()',
    'withheld': 'exported, but never resolved on the host: counts as missing',
}


@dataclass
class Library:
    soname: str
    tags: frozenset
    added: set = field(default_factory=set)
    removed: set = field(default_factory=set)
    unexported: dict = field(default_factory=dict)  # name -> reason
    byhand: dict = field(default_factory=dict)      # name -> reason
    versions: dict = field(default_factory=dict)    # node -> [name]
    data: dict = field(default_factory=dict)        # name -> (type, init)
    inside: list = field(default_factory=list)      # patterns
    sources: list = field(default_factory=list)     # files in gtl/
    only: list = field(default_factory=list)        # (ISA, pattern)
    host: tuple = ()                                # (package, file)

    def elsewhere(self, names, isa):
        """Those of the names that only libraries of other ISAs have."""
        return {n for n in names for own, pattern in self.only
                if own != isa and fnmatch.fnmatchcase(n.split('@')[0],
                                                      pattern)}

    def stubs(self, functions):
        """With apart: the functions that this library has stubs of."""
        names = set(self.exports(functions)) - self.byhand.keys()
        for pattern in self.inside:
            matches = fnmatch.filter([f.name for f in functions], pattern)
            if not matches:
                raise ThunkgenError(f'library {self.soname} has inside what '
                                    f'is no function: {pattern}')
            names.update(matches)
        return [f for f in functions if f.name in names]

    def symbols(self, functions):
        """Sorted names of everything exported, variables too."""
        return sorted([*self.exports(functions), *self.data])

    def exports(self, functions):
        """Sorted names; errors where an exception is none."""
        names = {f.name for f in functions}
        chosen = {f.name for f in functions if f.tags & self.tags}
        where = f'library {self.soname}'
        if not chosen:
            raise ThunkgenError(f'{where}: no function has one of its tags '
                                f'{", ".join(sorted(self.tags))}')
        _refuse(where, 'exports unknown functions', self.added - names)
        _refuse(where, 'exports anyway', self.added & chosen)
        _refuse(where, 'does not export anyway', self.removed - chosen)
        _refuse(where, 'has by hand what is generated',
                chosen & self.byhand.keys())
        exports = (chosen | self.added | self.byhand.keys()) - self.removed
        for node, members in self.versions.items():
            _refuse(f'{where}, version {node}', 'has unknown functions',
                    set(members) - exports - {'*'})
        return sorted(exports)

    def versioned(self, exports):
        """{node: names}, with * replaced by what no node names."""
        named = {name for names in self.versions.values() for name in names}
        rest = [name for name in exports if name not in named]
        return {node: [n for n in names if n != '*'] +
                (rest if '*' in names else [])
                for node, names in self.versions.items()}


def _refuse(where, what, names):
    if names:
        raise ThunkgenError(f'{where} {what}: {", ".join(sorted(names))}')


@dataclass
class Rule:
    """A type rule: a hand-written C function of the HTL."""
    type: str
    function: str
    with_type: str = ''


class Policy:
    """A policy file's statements, checked for form only; apply() and the
    front ends check them against the model."""

    def __init__(self, path):
        self.path = str(path)
        self.pack = ''
        self.registries = []  # (file, apis)
        self.headers = []     # (line, pattern, [header])
        self.needs = []       # Debian packages
        self.opens = ''       # why open and resolve are by hand
        self.defines = []
        self.incdirs = []     # folders
        self.typedefs = []    # (name, type)
        self.letters = {}     # type -> letter
        self.enums = []       # registry files
        self.strings = []     # (function, param)
        self.declared = []    # prototype
        self.likes = []       # (new, old)
        self.skips = {}       # name -> reason
        self.includes = []    # headers of the HTL
        self.converts = {}    # type -> C function
        self.befores = []     # Rule
        self.afters = []      # Rule
        self.shadows = {}     # type -> (C function, type of its storage)
        self.dispatch = ''    # C function
        self.concealed = {}   # extension -> reason
        self.closures = {}    # function-pointer type -> call or kept
        self.callbacks = []   # function-pointer types
        self.members = []     # those in structs: (struct, member)
        self.implemented = [] # patterns of functions
        self.hostfns = {}     # function-pointer type -> count
        self.takes = []       # (line, pattern, names)
        self.apart = False
        self.onethread = False
        self.guestheap = False
        self.entries = []     # (line, pattern, flags)
        self.extensions = []
        self.libraries = {}   # soname -> Library
        self._read()

    def _fail(self, line, message):
        raise ThunkgenError(f'{self.path}:{line}: {message}')

    def _lines(self):
        try:
            with open(self.path, encoding='utf-8') as file:
                text = file.read()
        except OSError as error:
            raise ThunkgenError(f'{error}') from error
        start, pending = 0, ''
        for number, line in enumerate(text.splitlines(), 1):
            start = start if pending else number
            if line.endswith('\\'):
                pending += line[:-1] + ' '
                continue
            yield start, pending + line
            pending = ''
        if pending:
            self._fail(start, 'the last line ends in \\')

    def _read(self):
        for number, line in self._lines():
            try:
                words = shlex.split(line, comments=True)
            except ValueError as error:
                self._fail(number, f'{error}')
            if not words:
                continue
            handler = getattr(self, '_do_' + words[0], None)
            if handler is None:
                known = sorted(n[4:] for n in dir(self) if n[:4] == '_do_')
                self._fail(number, f'unknown statement "{words[0]}"; there '
                                   f'are {", ".join(known)}')
            handler(number, words[1:])
        if not self.pack:
            self._fail(1, 'no "pack NAME" line')

    def _arity(self, line, words, count, usage):
        if len(words) != count:
            self._fail(line, f'expected "{usage}"')
        return words

    def _do_pack(self, line, words):
        self.pack, = self._arity(line, words, 1, 'pack NAME')

    def _do_registry(self, line, words):
        file, apis = self._arity(line, words, 2, 'registry FILE APIS')
        self.registries.append((file, apis.split(',')))

    def _do_header(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "header PATTERN HEADER..."')
        self.headers.append((line, words[0], words[1:]))

    def _do_needs(self, line, words):
        if not words:
            self._fail(line, 'expected "needs PACKAGE..."')
        self.needs += words

    def _do_define(self, line, words):
        self.defines += self._arity(line, words, 1, 'define NAME[=VALUE]')

    def _do_incdir(self, line, words):
        self.incdirs += self._arity(line, words, 1, 'incdir FOLDER')

    def _do_typedef(self, line, words):
        name, ctype = self._arity(line, words, 2, 'typedef NAME TYPE')
        self.typedefs.append((name, ctype))

    def _do_trace(self, line, words):
        ctype, letter = self._arity(line, words, 2, 'trace TYPE LETTER')
        if letter not in TRACE_LETTERS:
            self._fail(line, f'unknown trace letter "{letter}"; there are '
                             f'{", ".join(TRACE_LETTERS)}')
        self.letters[normalize(ctype)] = letter

    def _do_enums(self, line, words):
        file, = self._arity(line, words, 1, 'enums FILE')
        if file not in [name for name, _ in self.registries]:
            self._fail(line, f'no "registry {file}" line above')
        self.enums.append(file)

    def _do_string(self, line, words):
        name, param = self._arity(line, words, 2, 'string FUNCTION PARAM')
        self.strings.append((name, param))

    def _do_declare(self, line, words):
        self.declared += self._arity(line, words, 1, 'declare "PROTOTYPE"')

    def _do_like(self, line, words):
        new, old = self._arity(line, words, 2, 'like NEW OLD')
        self.likes.append((new, old))

    def _do_skip(self, line, words):
        name, reason = self._arity(line, words, 2, 'skip NAME "REASON"')
        self.skips[name] = reason

    def _do_include(self, line, words):
        self.includes += self._arity(line, words, 1, 'include HEADER')

    def _do_convert(self, line, words):
        ctype, function = self._arity(line, words, 2,
                                      'convert TYPE C_FUNCTION')
        self.converts[normalize(ctype)] = function

    def _do_before(self, line, words):
        ctype, function, other = self._arity(line, words, 3,
                                             'before TYPE C_FUNCTION WITH')
        self.befores.append(Rule(normalize(ctype), function,
                                 normalize(other)))

    def _do_after(self, line, words):
        ctype, function = self._arity(line, words, 2, 'after TYPE C_FUNCTION')
        self.afters.append(Rule(normalize(ctype), function))

    def _do_shadow(self, line, words):
        ctype, function, storage = self._arity(
            line, words, 3, 'shadow TYPE C_FUNCTION STORAGE')
        self.shadows[normalize(ctype)] = (function, storage)

    def _do_dispatch(self, line, words):
        self.dispatch, = self._arity(line, words, 1, 'dispatch C_FUNCTION')

    def _do_conceal(self, line, words):
        name, why = self._arity(line, words, 2, 'conceal EXTENSION "WHY"')
        self.concealed[name] = why

    def _do_closure(self, line, words):
        ctype, life = self._arity(line, words, 2,
                                  'closure TYPE call|kept|kept-local')
        if life not in ('call', 'kept', 'kept-local'):
            self._fail(line, f'expected call, kept or kept-local, not '
                             f'"{life}"')
        self.closures[normalize(ctype)] = life

    def _do_implement(self, line, words):
        self.implemented += self._arity(line, words, 1, 'implement PATTERN')

    def _do_callback(self, line, words):
        name, = self._arity(line, words, 1, 'callback TYPE')
        if '.' in name:
            self.members.append(tuple(name.split('.')))
        self.callbacks.append(name.replace('.', '_'))

    def _do_hostfn(self, line, words):
        ctype, count = self._arity(line, words, 2, 'hostfn TYPE COUNT')
        if not count.isdecimal() or not 0 < int(count) < 100:
            self._fail(line, f'expected 1 to 99, not "{count}"')
        self.hostfns[ctype] = int(count)

    def _do_take(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "take PATTERN NAME..."')
        self.takes.append((line, words[0], words[1:]))

    def _do_apart(self, line, words):
        self._arity(line, words, 0, 'apart')
        self.apart = True

    def _do_onethread(self, line, words):
        self._arity(line, words, 0, 'onethread')
        self.onethread = True

    def _do_guestheap(self, line, words):
        self._arity(line, words, 0, 'guestheap')
        self.guestheap = True

    def _check_flag(self, line, flag):
        if flag not in FLAGS:
            self._fail(line, f'unknown flag "{flag}"; there are '
                             f'{", ".join(FLAGS)}')

    def _do_fn(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "fn PATTERN FLAG..."')
        pattern, flags, condition = words[0], words[1:], None
        if 'if' in flags:
            condition = self._condition(line, flags)
            flags = ['blocks']
        for flag in flags:
            self._check_flag(line, flag.removeprefix('-'))
        self.entries.append((line, pattern, flags, condition))

    def _condition(self, line, words):
        """blocks if NAME > N, as (name, number)."""
        if len(words) != 5 or words[:2] != ['blocks', 'if'] or \
                words[3] != '>' or not words[4].isdecimal():
            self._fail(line, 'expected "fn PATTERN blocks if NAME > N"')
        return words[2], int(words[4])

    def _do_extension(self, line, words):
        name, = self._arity(line, words, 1, 'extension NAME')
        if name in self.extensions:
            self._fail(line, f'{name} stands here twice')
        self.extensions.append(name)

    def _do_library(self, line, words):
        soname, tags = self._arity(line, words, 2, 'library SONAME TAGS')
        self.libraries[soname] = Library(
            soname, frozenset(t.strip() for t in tags.split(',')))

    def _library(self, line, soname):
        if soname not in self.libraries:
            self._fail(line, f'no "library {soname}" line above')
        return self.libraries[soname]

    def _do_export(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "export SONAME +NAME|-NAME..."')
        library = self._library(line, words[0])
        for word in words[1:]:
            if word[0] not in '+-':
                self._fail(line, f'"{word}" needs a + or a -')
            where = library.added if word[0] == '+' else library.removed
            where.add(word[1:])

    def _do_unexported(self, line, words):
        soname, name, reason = self._arity(
            line, words, 3, 'unexported SONAME NAME "WHY"')
        self._library(line, soname).unexported[name] = reason

    def _do_only(self, line, words):
        if len(words) < 3:
            self._fail(line, 'expected "only ISA SONAME PATTERN..."')
        if words[0] not in ISAS:
            self._fail(line, f'unknown ISA "{words[0]}"; there are '
                             f'{", ".join(ISAS)}')
        self._library(line, words[1]).only += [(words[0], pattern)
                                               for pattern in words[2:]]

    def _do_host(self, line, words):
        if len(words) not in (2, 3):
            self._fail(line, 'expected "host SONAME PACKAGE [FILE]"')
        soname, package, *file = words
        self._library(line, soname).host = (package, *(file or [soname]))

    def _do_opens(self, line, words):
        self.opens, = self._arity(line, words, 1, 'opens "WHY"')

    def _do_byhand(self, line, words):
        soname, name, reason = self._arity(
            line, words, 3, 'byhand SONAME NAME "WHY"')
        self._library(line, soname).byhand[name] = reason

    def _do_data(self, line, words):
        soname, name, ctype, init = self._arity(
            line, words, 4, 'data SONAME NAME TYPE INIT')
        self._library(line, soname).data[name] = (ctype, init)

    def _do_inside(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "inside SONAME PATTERN..."')
        self._library(line, words[0]).inside += words[1:]

    def _do_source(self, line, words):
        soname, file = self._arity(line, words, 2, 'source SONAME FILE')
        self._library(line, soname).sources.append(file)

    def _do_version(self, line, words):
        if len(words) < 2:
            self._fail(line, 'expected "version SONAME NODE NAME..."')
        versions = self._library(line, words[0]).versions
        versions.setdefault(words[1], []).extend(words[2:])

    def check_libraries(self):
        """For whoever generates something: there must be libraries."""
        if not self.libraries:
            raise ThunkgenError(f'{self.path}: no "library SONAME TAGS" line: '
                                f'no program could load the pack')
        if self.guestheap and not self.generated_open():
            raise ThunkgenError(f'{self.path}: "guestheap" without "host" '
                                f'lines: the runtime opens no library')
        hosts = [bool(library.host) for library in self.libraries.values()]
        if any(hosts) and not all(hosts):
            raise ThunkgenError(
                f'{self.path}: "host" lines for some libraries only; there is '
                f'none for ' + ', '.join(s for s, library in
                                         self.libraries.items()
                                         if not library.host))

    def generated_open(self):
        """Does the runtime open the host's libraries by itself?"""
        return not self.opens and any(library.host for library in
                                      self.libraries.values())

    def apply(self, functions):
        """Sets the functions' flags."""
        for line, pattern, flags, condition in self.entries:
            matches = [f for f in functions
                       if fnmatch.fnmatchcase(f.name, pattern)]
            if not matches:
                self._fail(line, f'"{pattern}" matches no function')
            for flag in flags:
                self._apply_flag(line, pattern, matches, flag)
            self._apply_condition(line, matches, flags, condition)
        for line, pattern, names in self.takes:
            for name in names:
                self._take(line, pattern, name, functions)
        for function in functions:
            _check_flags(self.path, function, self.closures)

    def _take(self, line, pattern, name, functions):
        """Notes on functions what they hand over."""
        found = False
        for function in functions:
            has = [p.type for index, p in enumerate(function.params)
                   if name in (p.name, f'@{index}')]
            if name == 'ret':
                has = [function.result]
            if fnmatch.fnmatchcase(function.name, pattern) and \
                    has and has[0].kind.name == 'ptr':
                if name in function.taken:
                    self._fail(line, f'{function.name} has {name} taken '
                                     f'already')
                function.taken = [*function.taken, name]
                found = True
        if not found:
            self._fail(line, f'no function "{pattern}" has a pointer "{name}"')

    def _apply_flag(self, line, pattern, functions, flag):
        changed = False
        for function in functions:
            if flag[0] == '-':
                changed |= function.flags.pop(flag[1:], False)
            else:
                changed |= not function.flags.get(flag) or \
                    (flag == 'blocks' and bool(function.blocks_if))
                function.flags[flag] = True
        if not changed:
            self._fail(line, f'{flag} changes nothing for "{pattern}"')


    def _apply_condition(self, line, functions, flags, condition):
        """What blocks by now does so always, or where the condition holds."""
        for function in functions if 'blocks' in flags else ():
            names = [p.name for p in function.params]
            function.blocks_if = ()
            if not condition:
                continue
            if condition[0] not in names:
                self._fail(line, f'{function.name} has no parameter '
                                 f'"{condition[0]}"')
            index = names.index(condition[0])
            if function.params[index].type.kind.name[0] not in 'iu':
                self._fail(line, f'{function.name}: "{condition[0]}" is no '
                                 f'number')
            function.blocks_if = (index, condition[1])


def _check_flags(path, function, closures):
    """Function pointers must not cross unseen, and flags must make sense."""
    flags = function.flags
    if len({'adjust', 'custom', 'withheld'} & flags.keys()) > 1:
        raise ThunkgenError(f'{path}: {function.name}: adjust, custom and '
                            f'withheld exclude each other')
    if 'custom' in flags or 'withheld' in flags:
        return
    types = [p.type for p in function.params] + [function.result]
    pointers = [t.spelling for t in types
                if t.callback and t.callback not in closures]
    if pointers:
        raise ThunkgenError(
            f'{path}: {function.name} passes a function pointer '
            f'({pointers[0]}): mark it custom or withheld, or say what the '
            f'host gets for it (closure)')
