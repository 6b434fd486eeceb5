# SPDX-License-Identifier: MIT
"""thunkgen stops on what it does not know, and says where.

Would catch: a guess at a type's width, a policy entry that no longer matches
anything, a function pointer that crosses raw.
"""

import unittest

from support import Case, command
from thunkgen.load import find_registry
from thunkgen.policy import Policy

F = command('void', 'glF', 'GLint i')


class UnknownInput(Case):
    def test_unknown_type(self):
        self.stops(r'glF, parameter x: unknown type "GLmystery"', self.mini,
                   command('void', 'glF', 'GLmystery x'))

    def test_unknown_result(self):
        self.stops('glF, result: unknown type', self.mini,
                   command('struct s', 'glF'))

    def test_plain_char_by_value(self):
        self.stops('unknown type "GLchar"', self.mini,
                   command('void', 'glF', 'GLchar c'))

    def test_typedef_that_turns_in_a_circle(self):
        self.stops('unknown type "A"', self.mini,
                   command('void', 'glF', 'A x'),
                   policy='typedef A B\ntypedef B A\n')

    def test_unknown_api(self):
        self.registry(F, core=['glF'])
        self.stops('mini.xml: no such API: gl9', self.load,
                   'pack mini\nregistry mini.xml gl9\n')

    def test_missing_registry_names_folder_and_package(self):
        self.stops('nowhere.xml is in none of', self.load,
                   'pack mini\nregistry nowhere.xml gl\n')
        self.stops('glx.xml is in none of .*apt-get install khronos-api',
                   find_registry, 'glx.xml', [self.dir])

    def test_broken_registry(self):
        self.write('mini.xml', '<registry>')
        self.stops('mini.xml: no element found', self.load,
                   'pack mini\nregistry mini.xml gl\n')

    def test_commands_of_other_apis_stay_out(self):
        self.registry(F, command('void', 'wglG'), core=['glF'],
                      other=['wglG'])
        pack = self.load('pack mini\nregistry mini.xml gl\n').pack
        self.assertEqual([f.name for f in pack.functions], ['glF'])


class StrictPolicy(Case):
    def check(self, policy, what, *commands):
        self.stops(what, self.mini, *(commands or (F,)), policy=policy)

    def test_unknown_statement(self):
        self.check('function glF blocks\n', r'mini.policy:3: unknown statement '
                   '"function"; there are .*fn')

    def test_unknown_flag(self):
        self.check('fn glF block\n', 'unknown flag "block"; there are blocks')

    def test_condition_for_blocks(self):
        for line in ('blocks if i', 'custom if i > 3', 'blocks if i < 3',
                     'blocks frame if i > 3', 'blocks if i > many'):
            self.check(f'fn glF {line}\n', 'expected "fn PATTERN blocks if '
                       'NAME > N"')
        self.check('fn glF blocks if n > 3\n', 'glF has no parameter "n"')
        self.check('fn glF blocks if p > 3\n', 'glF: "p" is no number',
                   command('void', 'glF', 'const void * p'))

    def test_host_of_some_libraries_only(self):
        loader = self.mini(F, policy='''
            library liba.so.1 mini.xml
            library libb.so.1 mini.xml
            host liba.so.1 liba1
            ''')
        self.stops('"host" lines for some libraries only; there is none for '
                   'libb.so.1', loader.policy.check_libraries)

    def test_the_guests_heap_for_no_library(self):
        loader = self.mini(F, policy='library liba.so.1 mini.xml\n'
                           'guestheap\n')
        self.stops('"guestheap" without "host" lines',
                   loader.policy.check_libraries)

    def test_only_on_an_unknown_isa(self):
        self.check('library liba.so.1 mini.xml\nonly mips liba.so.1 glF\n',
                   'unknown ISA "mips"; there are x86_64')

    def test_folder_of_headers(self):
        self.check('incdir /one /two\n', 'expected "incdir FOLDER"')

    def test_pattern_without_match(self):
        self.check('fn glG* blocks\n', '"glG\\*" matches no function')

    def test_flag_that_says_nothing_new(self):
        self.check('fn gl* blocks\nfn glF blocks\n', 'blocks changes nothing')

    def test_removal_of_what_is_not_there(self):
        self.check('fn glF -blocks\n', '-blocks changes nothing')

    def test_lines_add_up_in_order(self):
        pack = self.mini(F, command('void', 'glG'), policy='''
            fn gl* blocks
            fn glG -blocks frame
            ''').pack
        self.assertEqual([f.flags for f in pack.functions],
                         [{'blocks': True}, {'frame': True}])

    def test_function_pointer_must_be_decided(self):
        callback = command('void', 'glF', 'GLPROC p')
        self.check('', r'glF passes a function pointer \(GLPROC\)', callback)
        pack = self.mini(callback, policy='fn glF custom\n').pack
        self.assertEqual([c.name for c in pack.callbacks], ['GLPROC'])

    def test_closure_is_a_decision(self):
        callback = command('void', 'glF', 'GLPROC p')
        pack = self.mini(callback, policy='closure GLPROC kept\n').pack
        self.assertEqual([c.name for c in pack.callbacks], ['GLPROC'])
        self.check('closure GLPROC often\n', 'expected call, kept or kept-local', callback)
        self.check('closure GLPROC call\n', 'GLPROC: no parameter has it')
        self.check('closure GLPROC call\nfn glF custom\n',
                   'GLPROC: no parameter has it', callback)

    def test_callback_that_no_function_shows(self):
        pack = self.mini(F, policy='callback GLPROC\n').pack
        self.assertEqual([c.name for c in pack.callbacks], ['GLPROC'])
        self.check('callback GLNONE\n', 'no such function-pointer type')
        self.check('callback GLPROC\nclosure GLPROC call\n',
                   'a function has it anyway',
                   command('void', 'glF', 'GLPROC p'))

    def test_symbol_versions_of_what_is_exported(self):
        library = 'library libm.so.1 mini.xml\n'
        self.check(library + 'version libm.so.1 M_1 glG\n',
                   'version M_1 has unknown functions: glG')
        self.check(library + 'byhand libm.so.1 glF "why"\n',
                   'by hand what is generated: glF')

    def test_exclusive_flags(self):
        self.check('fn glF custom withheld\n', 'glF: .* exclude each other')

    def test_skip_of_nothing(self):
        self.check('skip glG "why"\n', 'skip: no such function: glG')

    def test_skip_without_reason(self):
        self.check('skip glF\n', 'expected "skip NAME')

    def test_like_of_nothing(self):
        self.check('like glG glH\n', 'no function glH')

    def test_string_of_nothing(self):
        self.check('string glF name\n', 'string glF name: no such parameter')

    def test_trace_of_a_type_nobody_uses(self):
        self.check('trace GLenum E\n', 'no function uses the type')

    def test_trace_letter_of_another_width(self):
        self.check('trace GLint T\n', 'trace GLint T: the type is i32')

    def test_rule_for_a_type_nobody_uses(self):
        self.check('convert "Display *" f\n', 'no parameter has it')

    def test_rule_that_lacks_its_companion(self):
        self.check('before GLint f "void *"\n', 'glF has no "void \\*"')

    def test_export_exceptions_must_be_exceptions(self):
        self.check('library libm.so.1 gl.xml\n', 'no function has one of its')
        for line, what in (('-glG', 'does not export anyway: glG'),
                           ('+glF', 'exports anyway: glF'),
                           ('+glG', 'exports unknown functions: glG')):
            self.check('library libm.so.1 mini.xml\n'
                       f'export libm.so.1 {line}\n', what)

    def test_export_of_an_unknown_library(self):
        self.check('export libm.so.1 +glF\n', 'no "library libm.so.1" line')

    def test_extension_that_is_known_already(self):
        self.check('extension GL_EXT_more\n', 'a registry has it already')

    def test_no_pack_line(self):
        self.stops('no "pack NAME" line', self.load, '# empty\n')

    def test_unbalanced_quote(self):
        self.check('skip glF "why\n', 'No closing quotation')

    def test_missing_policy(self):
        self.stops('No such file', Policy, self.dir + '/none.policy')


class Headers(Case):
    def header(self, text, policy=''):
        self.write('far.h', text)
        return self.load(f'pack far\nheader far* far.h\n{policy}')

    def test_functions_of_the_header_alone(self):
        self.write('other.h', 'int farther(void);')
        pack = self.header('#include "other.h"\n'
                           'unsigned long far_f(const char *s, short n);'
                           ).pack
        f, = pack.functions
        self.assertEqual(
            (f.name, f.result.kind.name, [p.type.kind.name for p in f.params],
             f.params[0].type.trace, f.tags),
            ('far_f', 'u64', ['ptr', 'i16'], 's', {'far.h'}))

    def test_callback_signature(self):
        pack = self.header(
            'typedef int (*far_cb)(const char *key, void *user);\n'
            'void far_each(far_cb cb, void *user);',
            policy='fn far_each custom\n').pack
        callback, = pack.callbacks
        self.assertEqual((callback.name, callback.result.kind.name,
                          [p.name for p in callback.params]),
                         ('far_cb', 'i32', ['key', 'user']))

    def test_callback_in_a_struct(self):
        text = ('typedef struct far_s { int a; struct { long (*get)(short); }'
                ' f; } far_t;\nvoid far_use(far_t *s);')
        pack = self.header(text, policy='callback far_t.get\n'
                                        'hostfn far_t_get 1\n').pack
        callback, = pack.callbacks
        self.assertEqual((callback.name, callback.result.kind.name),
                         ('far_t_get', 'i64'))
        self.assertEqual([f.name for f in pack.functions],
                         ['far_use', 'gw_host_far_t_get_00'])
        self.stops('callback far_t_put: no such function-pointer type',
                   self.header, text, policy='callback far_t.put\n')

    def test_callback_in_a_struct_without_typedef(self):
        callback, = self.header(
            'struct far_s;\nstruct far_s { int (*get)(struct far_s *); };\n'
            'void far_use(struct far_s *s);',
            policy='callback far_s.get\n').pack.callbacks
        self.assertEqual((callback.name, callback.result.kind.name),
                         ('far_s_get', 'i32'))

    def test_function_pointer_must_be_decided(self):
        self.stops('far_each passes a function pointer', self.header,
                   'typedef int (*far_cb)(void);\nvoid far_each(far_cb cb);')

    def test_variable_arguments(self):
        self.stops('far_log takes variable arguments', self.header,
                   'void far_log(const char *format, ...);')

    def test_list_of_variable_arguments(self):
        self.stops("far_vlog, parameter list: a va_list is each ISA's own",
                   self.header, '#include <stdarg.h>\n'
                   'void far_vlog(const char *format, va_list list);')

    def test_skipped_by_name(self):
        pack = self.header('void far_log(const char *f, ...); int far(void);',
                           policy='skip far_log "va_list has no block"\n').pack
        self.assertEqual([f.name for f in pack.functions], ['far'])

    def test_skip_of_nothing(self):
        self.stops('skip: no such function: far_g', self.header,
                   'void far_f(void);', policy='skip far_g "why"\n')

    def test_struct_with_a_float_by_value(self):
        self.stops('far_s, parameter s: struct "struct s" by value has a '
                   'member "a" that ISAs pass differently', self.header,
                   'struct s { int b; float a; }; void far_s(struct s s);')

    def test_struct_with_an_array_of_floats_by_value(self):
        self.stops('has a member "a" that ISAs pass differently', self.header,
                   'struct s { double a[2]; }; void far_s(struct s s);')

    def test_char_to_a_callback(self):
        self.stops('callback far_t passes "char" by value', self.header,
                   'typedef void (*far_t)(char c); void far_c(far_t t);',
                   'closure far_t call')

    def test_struct_to_a_callback(self):
        self.stops('callback far_t passes "struct s" by value', self.header,
                   'struct s { int a; }; typedef void (*far_t)(struct s s); '
                   'void far_c(far_t t);', 'closure far_t call')

    def test_long_double(self):
        self.stops('far_l, parameter x: unknown type "long double"',
                   self.header, 'void far_l(long double x);')
        self.stops('struct "struct s" by value has a member "a" that ISAs '
                   'pass differently', self.header,
                   'struct s { long double a; }; void far_s(struct s s);')

    def test_wide_character_is_one_kind_whatever_its_sign(self):
        for sign in ('signed', 'unsigned'):
            pack = self.header(f'typedef {sign} int wchar_t;\n'
                               'wchar_t far_w(const wchar_t c);').pack
            f, = pack.functions
            self.assertEqual([f.result.kind.name, f.params[0].type.kind.name],
                             ['wchar', 'wchar'])

    def test_data_symbol(self):
        self.stops('data symbols need a decision.*far_errno', self.header,
                   'extern int far_errno; void far_f(void);')

    def test_take_of_what_is_no_pointer(self):
        self.stops('no function "far_f" has a pointer "ret"', self.header,
                   'int far_f(void);', 'take far_f ret')

    def test_take_twice(self):
        self.stops('far_f has ret taken already', self.header,
                   'void *far_f(void);', 'take far_* ret\ntake far_f ret')

    def test_host_functions_of_an_unknown_type(self):
        self.stops('hostfn far_t: no such function-pointer type', self.header,
                   'int far_f(void);', 'hostfn far_t 3')

    def test_inside_what_is_no_function(self):
        self.stops('library libfar.so.1 has inside what is no function: g_',
                   self.header, 'int far_f(void);',
                   'apart\nlibrary libfar.so.1 far.h\n'
                   'inside libfar.so.1 g_*')

    def test_source_that_is_not_there(self):
        self.stops('source libfar.so.1 far/no.c: there is no ', self.header,
                   'int far_f(void);',
                   'library libfar.so.1 far.h\nsource libfar.so.1 far/no.c')

    def test_missing_header_names_the_line(self):
        self.write('far.h', 'void far_f(void);')
        self.stops(r"mini.policy:4: gone.h: .*'gone.h' file not found.*is the "
                   'package with the headers installed', self.load,
                   'pack far\nheader far* far.h\n\nheader x* gone.h\n')

    def test_header_that_does_not_compile(self):
        self.stops('far.h: .*is the package with the headers installed',
                   self.header, '#include <no/such/header.h>\n')

    def test_no_match(self):
        self.stops('no function matches "far\\*"', self.header,
                   'void near(void);')


if __name__ == '__main__':
    unittest.main()
