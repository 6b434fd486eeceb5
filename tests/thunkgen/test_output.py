# SPDX-License-Identifier: MIT
"""What the back ends write: compiled, run end to end, and the same each time.

Would catch: an argument that arrives in the wrong place or width, a layout
that the C compiler does not share, output that depends on hash order.
"""

import os
import subprocess
import sys
import unittest

from support import BEGIN, ROOT, Case, command
from thunkgen import __main__ as cli

FAR_H = '''
#include <stdint.h>
typedef int64_t (*far_cb)(uint8_t a, double b, const char *c);
double far_mixed(uint8_t a, int64_t b, float c, int16_t d, double e,
                 const char *f, unsigned g, int8_t h, unsigned long i,
                 float j, uint16_t k, void *l, int64_t m, double n,
                 float o, double p, float q, double r, int s);
void far_nothing(void);
uint8_t far_byte(int x);
int far_kept(int x);
void far_each(far_cb cb);
void *far_pass(void *handle);
int far_withheld(int x);
'''

FAR_POLICY = '''
pack far
header far_* far.h
include far-hand.h
convert "void *" far_convert
after "void *" far_after
fn far_kept custom blocks
fn far_each custom
fn far_byte adjust
fn far_withheld withheld
library libfar.so.1 far.h
'''

FAR_HAND_H = '''
void *far_convert(void *value);
void far_after(void *value);
'''

# Guest stubs, host thunks and the far end in one program: the crossing is a
# function call, all else is what the generator wrote.
FAR_C = '''
#include "far-gtl-0.c"
#include "far-gtl-1.c"
#include "far-gtl-2.c"
#include "far-gtl-3.c"
#include "far-gtl-tables.c"
#include "far-htl.c"
#include <stdio.h>
#include <string.h>

const char gw_soname[] = "libfar.so.1";
static int order, after_at, blocked;

static void run(struct gw_call *call)
{
    gw_far_pack.functions[call->id].thunk(call);
    call->status = GW_DONE;
}
void gw_cross_ring(struct gw_call *call) { run(call); }
bool gw_rings_may_block;
void gw_cross_block(struct gw_call *call) { blocked++; run(call); }
void gw_pack_open(struct gw_pack *p, struct gw_open *o) { (void)p; (void)o; }
void gw_call_invoke(struct gw_callee *p, struct gw_call *c)
{ (void)p; (void)c; }
void gw_call_ring(struct gw_callee *p, struct gw_call *c, const void *w)
{ (void)p; (void)c; (void)w; }
void *gw_far_resolve(const char *name) { (void)name; return NULL; }
bool gw_far_open(void) { return true; }
void *far_convert(void *v) { order++; return (char *)v + 1; }
void far_after(void *v) { (void)v; after_at = ++order; }

static double real_mixed(uint8_t a, int64_t b, float c, int16_t d, double e,
                         const char *f, unsigned g, int8_t h, unsigned long i,
                         float j, uint16_t k, void *l, int64_t m, double n,
                         float o, double p, float q, double r, int s)
{
    printf("%u %ld %g %d %g %s %u %d %lu %g %u %d %ld %g %g %g %g %g %d\\\\n",
           a, b, c, d, e, f, g, h, i, j, k, (int)(intptr_t)l, m, n, o, p, q, r,
           s);
    return 0.5;
}
static void real_nothing(void) { puts("nothing"); }
static uint8_t real_byte(int x) { return (uint8_t)x; }
static void *real_pass(void *v) { order++; return v; }
void gw_custom_far_kept(struct gw_args_far_kept *a) { a->ret = a->x + 1; }
void gw_custom_far_each(struct gw_args_far_each *a)
{
    struct gw_cb_far_cb b = { .cb.target = a->cb_, .a = 200, .b = 2.5,
                              .c_ = "text" };
    gw_find_unpackers();
    gw_gtl.unpackers[gw_far_sig_far_cb](&b.cb);
    printf("callback %ld\\\\n", b.ret);
}
void gw_adjust_far_byte(struct gw_args_far_byte *a) { a->ret += 1; }

static int64_t guest(uint8_t a, double b, const char *c)
{
    printf("%u %g %s\\\\n", a, b, c);
    return -5000000000;
}

int main(void)
{
    char cell[2];

    gw_far_real[gw_far_id_far_mixed] = real_mixed;
    gw_far_real[gw_far_id_far_nothing] = real_nothing;
    gw_far_real[gw_far_id_far_byte] = real_byte;
    gw_far_real[gw_far_id_far_pass] = real_pass;
    printf("%g\\\\n", far_mixed(250, -5000000000, 1.5f, -7, 2.25, "s",
                              4000000000u, -3, 1ul << 63, 3.5f, 65000,
                              (void *)41, -1, 4.5, 5.5f, 6.5, 7.5f, 8.5, -9));
    far_nothing();
    printf("%u\\\\n", far_byte(0x1ff - 1));
    printf("%d\\\\n", far_kept(6));
    printf("%d\\\\n", blocked);
    far_each((void *)guest);
    printf("%d\\\\n", far_pass(cell) == cell + 1);
    printf("%d %d\\\\n", order, after_at);
    printf("%d\\\\n",
           gw_far_pack.functions[gw_far_id_far_withheld].thunk == NULL);
    for (unsigned i = 0; i < gw_far_pack.callee.count; i++) {
        const struct gw_function *f = &gw_far_pack.functions[i];
        printf("%s '%s' %u %u %u\\\\n", f->name, f->format, f->ret_offset,
               f->ret_size, f->flags);
    }
    return (char *)&gw_gtl.stubs[gw_far_id_far_kept] +
           gw_gtl.stubs[gw_far_id_far_kept] != (char *)gw_stub_far_kept;
}
'''.replace('\\\\', '\\')

EXPECTED = '''\
250 -5000000000 1.5 -7 2.25 s 4000000000 -3 9223372036854775808 3.5 65000 42 \
-1 4.5 5.5 6.5 7.5 8.5 -9
0.5
nothing
255
7
1
200 2.5 text
callback -5000000000
1
5 5
1
far_byte 'B x:i' 20 1 0
far_each 'v cb_:p' 0 0 4
far_kept 'i x:i' 20 4 6
far_mixed 'd a:B b:l c_:f d:h e:d f:s g:u h:b i:L j:f k:H l:p m:l n:d o:f \
p:d q:f r:d s:i' 144 8 0
far_nothing 'v' 0 0 0
far_pass 'p handle:p' 24 8 0
far_withheld 'i x:i' 20 4 0
'''


class EndToEnd(Case):
    def test_calls_arrive_as_they_were_made(self):
        self.write('far.h', FAR_H)
        self.write('far-hand.h', FAR_HAND_H)
        self.write('far.c', FAR_C)
        self.generate(self.load(FAR_POLICY))
        status, messages = self.compile('-O2', '-fPIC', '-Wno-unused-function',
                                        '-o', 'far', 'far.c')
        self.assertEqual(status, 0, messages)
        run = subprocess.run([os.path.join(self.dir, 'far')], text=True,
                             capture_output=True, check=True)
        self.assertEqual(run.stdout.splitlines(), EXPECTED.splitlines())

    def test_a_wrong_layout_does_not_compile(self):
        self.generate(self.mini(command('GLint64', 'glF', 'GLboolean a',
                                        'GLint64 b')))
        self.write('check.c', '#include "mini-layout.h"\n')
        self.assertEqual(self.compile('-c', 'check.c')[0], 0)
        path = os.path.join(self.dir, 'mini-layout.h')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        self.write('mini-layout.h', text.replace('b) == 24', 'b) == 17'))
        self.assertRegex(self.compile('-c', 'check.c')[1],
                         'static assertion failed.*gw_args_glF')

    def test_a_missing_custom_function_does_not_link(self):
        self.write('far.h', FAR_H)
        self.write('far-hand.h', FAR_HAND_H)
        self.write('far.c', FAR_C.replace('gw_custom_far_kept(', 'other('))
        self.generate(self.load(FAR_POLICY))
        self.assertIn('gw_custom_far_kept', self.compile(
            '-O2', '-fPIC', '-Wno-unused-function', 'far.c')[1])


class Text(Case):
    def test_stub(self):
        files = cli.outputs(self.mini(BEGIN))
        self.assertIn('''\
GW_STUB(void, glBegin, (uint32_t mode))
{
    struct gw_args_glBegin c;
    c.call.id = 0;
    c.mode = mode;
    GW_RING(c);
}
GW_STUB_EXPORT(glBegin)
''', files['mini-gtl-0.c'])

    def test_stub_that_blocks(self):
        files = cli.outputs(self.mini(BEGIN, policy='fn glBegin blocks\n'))
        self.assertIn('GW_BLOCK(c);', files['mini-gtl-0.c'])
        self.assertNotIn('GW_RING', files['mini-gtl-0.c'])

    def test_stub_that_blocks_above_a_length(self):
        commands = (command('void', 'glA', 'GLint near', 'GLint n'),
                    command('void', 'glB', 'GLenum n'))
        text = cli.outputs(self.mini(
            *commands, policy='fn gl* blocks if n > 4096\n'))
        for limit in '4096', '4096u':
            self.assertIn(f'''\
    if (n > {limit}) {{
        GW_BLOCK(c);
    }} else {{
        GW_RING(c);
    }}
''', text['mini-gtl-0.c'] + text['mini-gtl-1.c'])
        # A later line without a condition means always.
        text = cli.outputs(self.mini(*commands, policy='''
            fn gl* blocks if n > 4096
            fn glA blocks
            fn glB -blocks
            '''))
        self.assertNotIn('if (n', text['mini-gtl-0.c'] + text['mini-gtl-1.c'])

    def test_blocks_if_is_decided_by_the_argument(self):
        """Compiled, with the crossings counted."""
        self.write('far.h', 'void far_hash(const void *p, unsigned long near);')
        self.generate(self.load('''
            pack far
            header far_* far.h
            fn far_hash blocks if near > 9
            library libfar.so.1 far.h
            '''))
        self.write('main.c', '''
            #include "far-gtl-0.c"
            static int rung, blocked;
            bool gw_rings_may_block;
            void gw_cross_ring(struct gw_call *c)
            { rung++; c->status = GW_DONE; }
            void gw_cross_block(struct gw_call *c)
            { blocked++; c->status = GW_DONE; }
            int main(void)
            {
                far_hash("", 0);
                far_hash("", 9);
                far_hash("", 10);
                return rung != 2 || blocked != 1;
            }
            ''')
        self.assertEqual(self.compile('main.c', '-o', 'main'), (0, ''))
        self.assertEqual(subprocess.run([self.dir + '/main'],
                                        check=False).returncode, 0)

    def test_host_libraries(self):
        policy = '''
            library liba.so.1 mini.xml
            library libb.so.2 mini.xml
            host liba.so.1 liba1
            host libb.so.2 libc6 -
            '''
        files = cli.outputs(self.mini(BEGIN, policy=policy))
        self.assertIn('''\
static struct gw_host_library libraries[] = {
    {"liba.so.1", "liba.so.1", "liba1", NULL, NULL},
    {"libb.so.2", "-", "libc6", NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
''', files['mini-htl.c'])
        self.assertIn('.libraries = libraries,', files['mini-htl.c'])
        self.assertNotIn('gw_mini_open', ''.join(files.values()))
        self.assertIn('.guest_heap = false,', files['mini-htl.c'])
        heap = cli.outputs(self.mini(BEGIN, policy=policy + 'guestheap\n'))
        self.assertIn('.guest_heap = true,', heap['mini-htl.c'])
        files = cli.outputs(self.mini(BEGIN, policy=policy + 'opens "why"\n'))
        self.assertIn('.open = gw_mini_open,', files['mini-htl.c'])
        self.assertIn('bool gw_mini_open(void);', files['mini-htl.h'])

    def test_version_script(self):
        files = cli.outputs(self.mini(
            BEGIN, command('void', 'glHidden'), policy='''
            library libm.so.1 mini.xml
            export libm.so.1 -glHidden
            '''))
        self.assertEqual(files['libm.so.1.map'], '''\
/* Generated by thunkgen; do not edit. */
{
global:
    glBegin;
local:
    *;
};
''')

    def test_version_script_with_versions(self):
        files = cli.outputs(self.mini(
            BEGIN, command('void', 'glNew'), command('void', 'glHidden'),
            policy='''
            library libm.so.1 mini.xml
            export libm.so.1 -glHidden
            byhand libm.so.1 glPrint "variable arguments"
            version libm.so.1 M_1.1 glNew
            version libm.so.1 M_1.2 glPrint
            version libm.so.1 M_1.3
            '''))
        self.assertEqual(files['libm.so.1.map'], '''\
/* Generated by thunkgen; do not edit. */
M_1.1 {
global:
    glNew;
local:
    glHidden;
    __start_gw_doorbells;
    __stop_gw_doorbells;
};
M_1.2 {
global:
    glPrint;
} M_1.1;
M_1.3 {
} M_1.2;
''')

    def header(self, text, policy):
        self.write('far.h', text)
        return cli.outputs(self.load(
            f'pack far\nheader far* far.h\nlibrary libfar.so.1 far.h\n{policy}'))

    def test_struct_by_value_has_its_size_and_alignment(self):
        files = self.header('struct s { void *p; int n; };\n'
                            'struct s far_s(char letter, struct s s);', '')
        self.assertIn('struct gw_s16a8 {\n    uint64_t v[2];\n};',
                      files['far-args.h'])
        self.assertIn('offsetof(struct gw_args_far_s, s) == 24',
                      files['far-layout.h'])
        self.assertIn('"S16.8 letter:c s:S16.8"', files['far-htl.c'])

    def test_wchar_is_no_integer_of_one_sign(self):
        files = self.header('#include <wchar.h>\n'
                            'typedef const wchar_t letter;\n'
                            'wint_t far_w(letter w, wchar_t *s);', '')
        self.assertIn('    wchar_t w;\n', files['far-args.h'])
        self.assertIn('"u w:i s:p"', files['far-htl.c'])

    def test_what_the_guest_will_free(self):
        text = self.header('void *far_f(int n, char **out);',
                           'take far_f ret @1\n')['far-htl.c']
        before, after = text.split('a->ret = ((', 1)
        self.assertIn('void *o_out = a->out ? *(void **)a->out : NULL;',
                      before)
        self.assertIn('a->ret = gw_guest_take(a->ret);', after)
        self.assertIn('gw_guest_take_new(a->out, o_out);', after)

    def test_host_functions_have_stubs(self):
        files = self.header('typedef int (*far_t)(int);\n'
                            'far_t far_set(far_t f);',
                            'closure far_t kept-local\nhostfn far_t 2\n')
        self.assertIn('gw_closure_keep_local(', files['far-htl.c'])
        self.assertIn('{{"far_t", "i p0:i"}, 1, 2},', files['far-htl.c'])
        for number in ('00', '01'):
            self.assertIn(f'"gw_host_far_t_{number}"', files['far-htl.c'])

    def test_apart_a_library_has_its_own_stubs_only(self):
        self.write('a.h', 'void far_a(void);')
        self.write('b.h', 'void far_b(void);')
        files = cli.outputs(self.load(
            'pack far\napart\nheader far* a.h\nheader far* b.h\n'
            'declare "void gw_x(void)"\nfn gw_x custom\n'
            'library liba.so.1 a.h\nlibrary libb.so.1 b.h\n'
            'inside libb.so.1 gw_x\n'
            'data liba.so.1 far_v int 7\n'))
        a, b = files['liba.so.1.c'], files['libb.so.1.c']
        self.assertIn('GW_STUB(void, far_a, ', a)
        self.assertNotIn('gw_stub_far_b', a)
        self.assertIn('int far_v = 7;', a)
        self.assertIn('    far_v;', files['liba.so.1.map'])
        self.assertIn('GW_STUB(void, gw_x, ', b)
        self.assertNotIn('gw_x', files['libb.so.1.map'])
        self.assertNotIn('GW_STUB(', files['far-gtl-0.c'])
        self.assertIn('"libb.so.1"}', files['far-htl.c'])

    def closures(self, life):
        """The thunk of a function that takes a callback and returns one."""
        text = cli.outputs(self.mini(
            command('GLPROC', 'glSet', 'GLPROC p'),
            policy=f'closure GLPROC {life}\n'))['mini-htl.c']
        return text[text.index('static void t_glSet'):].split('\n}\n')[0]

    def test_closure_for_a_call(self):
        thunk = self.closures('call')
        self.assertRegex(thunk, r'c_p = gw_closure_get_local\(&gw_mini_pack,'
                         r'\s+gw_mini_sig_GLPROC, a->p\);')
        self.assertIn('(c_p);', thunk)
        self.assertIn('gw_closure_put(c_p);', thunk)
        self.assertRegex(thunk, r'gw_pack_guest_function\(&gw_mini_pack,'
                         r'\s+gw_mini_sig_GLPROC, a->ret\)')

    def test_closure_that_is_kept(self):
        thunk = self.closures('kept')
        self.assertIn('gw_closure_keep(&gw_mini_pack', thunk)
        self.assertNotIn('gw_closure_put', thunk)

    def test_errno(self):
        text = cli.outputs(self.mini(BEGIN, policy='fn glBegin errno\n'))[
            'mini-htl.c']
        self.assertRegex(text, r'errno = 0;\n.*\(a->mode\);\n'
                         r'    gw_guest_errno\(errno\);')
        self.assertNotIn('errno', cli.outputs(self.mini(BEGIN))['mini-htl.c'])

    def test_extension_table(self):
        self.registry(BEGIN, core=['glBegin'])
        files = cli.outputs(self.load(
            'pack mini\nregistry mini.xml gl\nextension GL_ARB_late\n'))
        self.assertIn('{\n    "GL_ARB_late",\n    "GL_EXT_more",\n    NULL,\n',
                      files['mini-htl.c'])


class EnumNames(Case):
    ENUMS = '''<enums>
        <enum value="4" name="GL_TRIANGLES" group="Prim,Other"/>
        <enum value="4" name="GL_FOUR_EXT" group="Prim"/>
        <enum value="4" name="GL_MAP_BIT" group="Mask"/>
        <enum value="0x1701" name="GL_PROJECTION"/>
        <enum value="0xFFFFFFFFFFFFFFFF" name="GL_FOREVER" group="Prim"/>
        </enums>'''

    def test_names_by_group(self):
        xml = BEGIN.replace('<param>', '<param group="Prim">').replace(
            'glBegin', 'glA')
        self.registry(xml, BEGIN, core=['glA', 'glBegin'], types='')
        path = self.dir + '/mini.xml'
        with open(path, encoding='utf-8') as file:
            text = file.read()
        self.write('mini.xml', text.replace(
            '<commands>', self.ENUMS + '<commands>'))
        text = cli.outputs(self.load(
            'pack mini\nregistry mini.xml gl\nenums mini.xml\n'
            'trace GLenum E\n'))['mini-htl.c']
        self.assertIn('"v mode:E1"', text)
        self.assertIn('"v mode:E"', text)
        self.assertRegex(text, r'\{0, 0x1701, \d+\}, /\* GL_PROJECTION \*/\n'
                               r' +\{1, 0x4, \d+\}, /\* GL_FOUR_EXT \*/\n'
                               r' +\{0, 0, 0\},')
        self.assertNotIn('GL_FOREVER', text)

    def test_enums_need_their_registry(self):
        self.stops('no "registry other.xml" line above', self.mini, BEGIN,
                   policy='enums other.xml\n')


class CommandLine(Case):
    def run_cli(self, *args, seed='0'):
        return subprocess.run(
            [sys.executable, '-m', 'thunkgen', *args], text=True,
            capture_output=True, check=False,
            env={**os.environ, 'PYTHONPATH': ROOT, 'PYTHONHASHSEED': seed,
                 'PYTHONDONTWRITEBYTECODE': '1'})

    def test_gl_pack_is_the_same_each_time(self):
        for seed in ('1', '2'):
            run = self.run_cli('--pack', 'gl', '--out',
                               os.path.join(self.dir, seed), seed=seed)
            self.assertEqual((run.returncode, run.stderr), (0, ''))
        run = subprocess.run(['diff', '-r', '1', '2'], cwd=self.dir,
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stdout, '')

    def test_help(self):
        run = self.run_cli('--help')
        self.assertEqual(run.returncode, 0)
        self.assertIn('docs/adding-a-library.md', run.stdout)

    def test_list(self):
        run = self.run_cli('--pack', 'gl', '--list')
        self.assertRegex(run.stdout, r'\d+ blocks,frame +void glXSwapBuffers\('
                                     r'Display \* dpy, GLXDrawable drawable\)')

    def test_a_table_without_library_is_refused(self):
        path = self.write('far.policy', 'pack far\nheader far_* far.h\n')
        for what in ['--sonames'], ['--out', self.dir], ['--exports', 'x']:
            run = self.run_cli('--policy', path, *what)
            self.assertEqual(run.returncode, 1)
            self.assertIn('far.policy: no "library SONAME TAGS" line',
                          run.stderr)

    def test_list_shows_when_a_function_blocks(self):
        self.write('far.h', 'void far_hash(const void *p, unsigned long n);')
        path = self.write('far.policy', 'pack far\nheader far_* far.h\n'
                          'fn far_hash blocks if n > 9\n')
        run = self.run_cli('--policy', path, '--include-dir', self.dir,
                           '--list')
        self.assertIn('blocks if n > 9', run.stdout)

    def test_errors_are_one_sentence(self):
        run = self.run_cli('--pack', 'nosuch', '--list')
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r'^thunkgen: .*nosuch.policy.*\n$')
        run = self.run_cli('--pack', 'gl', '--exports', 'libz.so.1')
        self.assertRegex(run.stderr, 'no library libz.so.1; there are libGL')


if __name__ == '__main__':
    unittest.main()
