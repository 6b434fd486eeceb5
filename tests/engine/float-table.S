/* SPDX-License-Identifier: MIT */
/*
 * The instructions that float-ops tries, each as two loops over operands: one
 * that only executes it, and one that loads MXCSR before and stores it after
 * each time.  An entry's name is its text.
 *
 *     loop(const struct operands *in, struct answer *out, size_t count,
 *          const uint32_t *mxcsr)
 *
 * ymm0, ymm1 and ymm2 hold the operands a, b and c (c also is the one in
 * memory), rax holds g, mm0 and mm1 hold m.  ymm0 is the answer, and
 * what `io` names:
 *     v  nothing else      g  rax      f  the flags      m  mm0
 *     s  ymm0 is stored to the answer first, the text then stores there
 */

/* Kinds of operands, see float-ops.c. */
    .set K_1ss, 0
    .set K_1ps, 0
    .set K_1sd, 1
    .set K_1pd, 1
    .set K_2ss, 2
    .set K_2ps, 2
    .set K_2sd, 3
    .set K_2pd, 3
    .set K_3ss, 4
    .set K_3ps, 4
    .set K_3sd, 5
    .set K_3pd, 5
    .set K_int, 6
    .set K_half, 7
    .set K_lanes, 8

    .macro load io
    vmovdqu (%rdi), %ymm0
    vmovdqu 32(%rdi), %ymm1
    vmovdqu 64(%rdi), %ymm2
    .ifc \io, g
    mov 96(%rdi), %rax
    .endif
    .ifc \io, f
    /* Carry stays; overflow, sign and adjust are set. */
    mov $0x7fffffff, %r8d
    add $1, %r8d
    mov $0, %eax
    .endif
    .ifc \io, m
    movq 104(%rdi), %mm0
    movq 104(%rdi), %mm1
    .endif
    .ifc \io, s
    vmovdqu %ymm0, (%rsi)
    .endif
    .endm

    .macro store io
    .ifc \io, g
    mov %rax, 32(%rsi)
    .endif
    .ifc \io, f
    lahf
    seto %al
    mov %rax, 32(%rsi)
    .endif
    .ifc \io, m
    movq %mm0, 32(%rsi)
    .endif
    .ifnc \io, s
    vmovdqu %ymm0, (%rsi)
    .endif
    sub $-128, %rdi
    add $64, %rsi
    dec %rdx
    .endm

    .macro leave_loop io
    .ifc \io, m
    emms
    .endif
    vzeroupper
    ret
    .endm

    /* io, kind of operands, the instruction */
    .macro op io, kind, text:req
    .pushsection .rodata.names, "a"
.Lname\@:
    .asciz "\text"
    .popsection
    .pushsection .data.rel.ro.ops, "aw"
    .quad .Lname\@, .Lplain\@, .Lflags\@, K_\kind
    .popsection
    .balign 16
.Lplain\@:
771:
    load \io
    \text
    store \io
    jnz 771b
    leave_loop \io
.Lflags\@:
771:
    load \io
    ldmxcsr (%rcx)
    \text
    stmxcsr 40(%rsi)
    store \io
    jnz 771b
    leave_loop \io
    .endm

    /* Two operands, SSE: the destination is the first one. */
    .macro sse2op io, kind, insn:req
    op \io, \kind, "\insn %xmm1, %xmm0"
    op \io, \kind, "\insn 64(%rdi), %xmm0"
    op \io, \kind, "\insn %xmm0, %xmm0"
    .endm

    /* Two operands, VEX. */
    .macro vex2op io, kind, insn, reg:req
    op \io, \kind, "\insn %\reg\()2, %\reg\()1, %\reg\()0"
    op \io, \kind, "\insn 64(%rdi), %\reg\()1, %\reg\()0"
    op \io, \kind, "\insn %\reg\()2, %\reg\()0, %\reg\()0"
    op \io, \kind, "\insn %\reg\()0, %\reg\()1, %\reg\()0"
    op \io, \kind, "\insn %\reg\()1, %\reg\()1, %\reg\()0"
    .endm

    /* One operand, packed or to another kind of register, any encoding. */
    .macro one io, kind, insn, from, to:req
    op \io, \kind, "\insn %\from\()1, %\to\()0"
    op \io, \kind, "\insn 64(%rdi), %\to\()0"
    op \io, \kind, "\insn %\from\()0, %\to\()0"
    .endm

    /* Where two of .irp's names meet, a macro is needed. */
    .macro to_integer insn, type:req
    .irp r, eax, rax
    op g, 1\type, "\insn\type\()2si %xmm1, %\r"
    op g, 1\type, "\insn\type\()2si 64(%rdi), %\r"
    .endr
    .endm

    .macro to_mmx insn, type:req
    op m, 1\type, "\insn\type\()2pi %xmm1, %mm0"
    op m, 1\type, "\insn\type\()2pi 64(%rdi), %mm0"
    .endm

    .section .data.rel.ro.ops, "aw"
    .balign 8
    .globl float_ops
    .hidden float_ops
float_ops:
    .text

/* Arithmetic. */
    .irp i, add, sub, mul, div, min, max
    .irp t, ss, sd, ps, pd
    sse2op v, 2\t, "\i\t"
    vex2op v, 2\t, "v\i\t", xmm
    .endr
    .irp t, ps, pd
    vex2op v, 2\t, "v\i\t", ymm
    .endr
    .endr
    .irp t, ss, sd
    sse2op v, 1\t, "sqrt\t"
    vex2op v, 1\t, "vsqrt\t", xmm
    .endr
    .irp t, ps, pd
    one v, 1\t, "sqrt\t", xmm, xmm
    one v, 1\t, "vsqrt\t", xmm, xmm
    one v, 1\t, "vsqrt\t", ymm, ymm
    .endr
    .irp i, addsub, hadd, hsub
    .irp t, ps, pd
    sse2op v, 2\t, "\i\t"
    vex2op v, 2\t, "v\i\t", xmm
    vex2op v, 2\t, "v\i\t", ymm
    .endr
    .endr
    .irp n, 0xff, 0xf1, 0x71, 0x3f, 0x00, 0xa5, 0x5a, 0x8f, 0x1e, 0xe8
    sse2op v, 2ps, "dpps $\n,"
    vex2op v, 2ps, "vdpps $\n,", xmm
    vex2op v, 2ps, "vdpps $\n,", ymm
    .endr
    .irp n, 0x33, 0x31, 0x12, 0x23, 0x10, 0x03, 0x20
    sse2op v, 2pd, "dppd $\n,"
    vex2op v, 2pd, "vdppd $\n,", xmm
    .endr

/* Comparisons. */
    .irp t, ss, sd, ps, pd
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    sse2op v, 2\t, "cmp\t $\n,"
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    op v, 2\t, "vcmp\t $\n, %xmm2, %xmm1, %xmm0"
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    op v, 2\t, "vcmp\t $\n, %xmm2, %xmm1, %xmm0"
    .endr
    .irp n, 1, 14, 29
    op v, 2\t, "vcmp\t $\n, 64(%rdi), %xmm1, %xmm0"
    op v, 2\t, "vcmp\t $\n, %xmm2, %xmm0, %xmm0"
    op v, 2\t, "vcmp\t $\n, %xmm0, %xmm1, %xmm0"
    op v, 2\t, "vcmp\t $\n, %xmm1, %xmm1, %xmm0"
    .endr
    .endr
    .irp t, ps, pd
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    op v, 2\t, "vcmp\t $\n, %ymm2, %ymm1, %ymm0"
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    op v, 2\t, "vcmp\t $\n, %ymm2, %ymm1, %ymm0"
    .endr
    .irp n, 1, 14, 29
    op v, 2\t, "vcmp\t $\n, 64(%rdi), %ymm1, %ymm0"
    op v, 2\t, "vcmp\t $\n, %ymm2, %ymm0, %ymm0"
    op v, 2\t, "vcmp\t $\n, %ymm0, %ymm1, %ymm0"
    op v, 2\t, "vcmp\t $\n, %ymm1, %ymm1, %ymm0"
    .endr
    .endr
    .irp i, comi, ucomi, vcomi, vucomi
    .irp t, ss, sd
    sse2op f, 2\t, "\i\t"
    .irp c, a, ae, b, be, e, ne, p, np, g, ge, l, le, o, s
    op g, 2\t, "\i\t %xmm1, %xmm0; set\c %al"
    op g, 2\t, "\i\t %xmm1, %xmm0; j\c 772f; not %rax; 772:"
    .endr
    .irp c, a, b, e, p
    op g, 2\t, "\i\t 64(%rdi), %xmm0; cmov\c %rdx, %rax"
    .endr
    op g, 2\t, "\i\t %xmm1, %xmm0; adc $7, %rax"
    op g, 2\t, "\i\t %xmm1, %xmm0; setp %al; jne 772f; not %rax; 772:"
    op g, 2\t, "\i\t %xmm1, %xmm0; jp 772f; setae %al; 772:"
    .endr
    .endr

/* Rounding to integral values. */
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .irp t, ss, sd
    op v, 1\t, "round\t $\n, %xmm1, %xmm0"
    op v, 1\t, "vround\t $\n, %xmm2, %xmm1, %xmm0"
    .endr
    .irp t, ps, pd
    op v, 1\t, "round\t $\n, %xmm1, %xmm0"
    op v, 1\t, "vround\t $\n, %xmm1, %xmm0"
    op v, 1\t, "vround\t $\n, %ymm1, %ymm0"
    .endr
    .endr
    .irp n, 4, 9
    .irp t, ss, sd
    sse2op v, 1\t, "round\t $\n,"
    vex2op v, 1\t, "vround\t $\n,", xmm
    .endr
    .irp t, ps, pd
    one v, 1\t, "round\t $\n,", xmm, xmm
    one v, 1\t, "vround\t $\n,", xmm, xmm
    one v, 1\t, "vround\t $\n,", ymm, ymm
    .endr
    .endr

/* Conversions: scalar integers. */
    .irp t, ss, sd
    op g, int, "cvtsi2\t %eax, %xmm0"
    op g, int, "cvtsi2\t %rax, %xmm0"
    op g, int, "cvtsi2\t\()l 96(%rdi), %xmm0"
    op g, int, "cvtsi2\t\()q 96(%rdi), %xmm0"
    op g, int, "vcvtsi2\t %eax, %xmm1, %xmm0"
    op g, int, "vcvtsi2\t %rax, %xmm1, %xmm0"
    op g, int, "vcvtsi2\t %rax, %xmm0, %xmm0"
    op g, int, "vcvtsi2\t\()l 96(%rdi), %xmm1, %xmm0"
    op g, int, "vcvtsi2\t\()q 96(%rdi), %xmm1, %xmm0"
    .irp i, cvt, cvtt, vcvt, vcvtt
    to_integer \i, \t
    .endr
    .endr
/* Between single and double. */
    sse2op v, 1ss, "cvtss2sd"
    vex2op v, 1ss, "vcvtss2sd", xmm
    sse2op v, 1sd, "cvtsd2ss"
    vex2op v, 1sd, "vcvtsd2ss", xmm
    one v, 1ps, "cvtps2pd", xmm, xmm
    one v, 1ps, "vcvtps2pd", xmm, xmm
    one v, 1ps, "vcvtps2pd", xmm, ymm
    one v, 1pd, "cvtpd2ps", xmm, xmm
    one v, 1pd, "vcvtpd2psx", xmm, xmm
    one v, 1pd, "vcvtpd2psy", ymm, xmm
/* Packed integers. */
    .irp i, cvtdq2ps, cvtdq2pd
    one v, int, "\i", xmm, xmm
    one v, int, "v\i", xmm, xmm
    .endr
    one v, int, "vcvtdq2ps", ymm, ymm
    one v, int, "vcvtdq2pd", xmm, ymm
    .irp i, cvt, cvtt
    one v, 1ps, "\i\()ps2dq", xmm, xmm
    one v, 1ps, "v\i\()ps2dq", xmm, xmm
    one v, 1ps, "v\i\()ps2dq", ymm, ymm
    one v, 1pd, "\i\()pd2dq", xmm, xmm
    one v, 1pd, "v\i\()pd2dqx", xmm, xmm
    one v, 1pd, "v\i\()pd2dqy", ymm, xmm
    .endr
/* MMX. */
    .irp t, ps, pd
    op m, int, "cvtpi2\t %mm1, %xmm0"
    op v, int, "cvtpi2\t 104(%rdi), %xmm0"
    .irp i, cvt, cvtt
    to_mmx \i, \t
    .endr
    .endr
/* Half precision. */
    one v, half, "vcvtph2ps", xmm, xmm
    one v, half, "vcvtph2ps", xmm, ymm
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    op v, 1ps, "vcvtps2ph $\n, %xmm1, %xmm0"
    op v, 1ps, "vcvtps2ph $\n, %ymm1, %xmm0"
    op s, 1ps, "vcvtps2ph $\n, %xmm1, (%rsi)"
    op s, 1ps, "vcvtps2ph $\n, %ymm1, (%rsi)"
    .endr

/* Fused. */
    .irp i, vfmadd, vfmsub, vfnmadd, vfnmsub
    .irp o, 132, 213, 231
    .irp t, ss, sd, ps, pd
    vex2op v, 3\t, "\i\o\t", xmm
    .endr
    .irp t, ps, pd
    vex2op v, 3\t, "\i\o\t", ymm
    .endr
    .endr
    .endr
    .irp i, vfmaddsub, vfmsubadd
    .irp o, 132, 213, 231
    .irp t, ps, pd
    vex2op v, 3\t, "\i\o\t", xmm
    vex2op v, 3\t, "\i\o\t", ymm
    .endr
    .endr
    .endr

/*
 * Moves, logic and shuffles: they change no value, whatever MXCSR says, and
 * no lane but their own.
 */
    .irp t, ss, sd
    op v, lanes, "mov\t %xmm1, %xmm0"
    op v, lanes, "mov\t 64(%rdi), %xmm0"
    op s, lanes, "mov\t %xmm1, (%rsi)"
    op v, lanes, "vmov\t %xmm2, %xmm1, %xmm0"
    op v, lanes, "vmov\t %xmm0, %xmm1, %xmm0"
    op v, lanes, "vmov\t 64(%rdi), %xmm0"
    op s, lanes, "vmov\t %xmm1, (%rsi)"
    .endr
    .irp i, movaps, movapd, movups, movupd, movdqa, movdqu
    op v, lanes, "\i %xmm1, %xmm0"
    op v, lanes, "\i 64(%rdi), %xmm0"
    op s, lanes, "\i %xmm1, (%rsi)"
    op v, lanes, "v\i %xmm1, %xmm0"
    op v, lanes, "v\i 64(%rdi), %xmm0"
    op s, lanes, "v\i %xmm1, (%rsi)"
    op v, lanes, "v\i %ymm1, %ymm0"
    op v, lanes, "v\i 64(%rdi), %ymm0"
    op s, lanes, "v\i %ymm1, (%rsi)"
    .endr
    .irp i, movlps, movhps, movlpd, movhpd
    op v, lanes, "\i 64(%rdi), %xmm0"
    op s, lanes, "\i %xmm1, (%rsi)"
    op v, lanes, "v\i 64(%rdi), %xmm1, %xmm0"
    op v, lanes, "v\i 64(%rdi), %xmm0, %xmm0"
    op s, lanes, "v\i %xmm1, (%rsi)"
    .endr
    .irp i, movhlps, movlhps
    op v, lanes, "\i %xmm1, %xmm0"
    op v, lanes, "\i %xmm0, %xmm0"
    op v, lanes, "v\i %xmm2, %xmm1, %xmm0"
    op v, lanes, "v\i %xmm0, %xmm1, %xmm0"
    op v, lanes, "v\i %xmm1, %xmm0, %xmm0"
    .endr
    .irp i, movddup, movshdup, movsldup
    one v, lanes, "\i", xmm, xmm
    one v, lanes, "v\i", xmm, xmm
    one v, lanes, "v\i", ymm, ymm
    .endr
    .irp i, unpcklps, unpckhps, unpcklpd, unpckhpd, andps, andnps, orps, xorps
    sse2op v, lanes, "\i"
    vex2op v, lanes, "v\i", xmm
    vex2op v, lanes, "v\i", ymm
    .endr
    .irp i, andpd, andnpd, orpd, xorpd, pand, pandn, por, pxor, paddd, paddq
    sse2op v, lanes, "\i"
    vex2op v, lanes, "v\i", xmm
    vex2op v, lanes, "v\i", ymm
    .endr
    .irp i, punpcklbw, punpcklwd, punpckldq, punpcklqdq, punpckhbw
    sse2op v, lanes, "\i"
    vex2op v, lanes, "v\i", xmm
    vex2op v, lanes, "v\i", ymm
    .endr
    .irp i, punpckhwd, punpckhdq, punpckhqdq, pshufb, packssdw, packuswb
    sse2op v, lanes, "\i"
    vex2op v, lanes, "v\i", xmm
    vex2op v, lanes, "v\i", ymm
    .endr
    .irp n, 0x00, 0x1b, 0x44, 0x4e, 0x55, 0xaa, 0xb1, 0xd8, 0xe4, 0xee, 0xff, 0x93
    .irp i, shufps, shufpd, blendps, blendpd
    sse2op v, lanes, "\i $\n,"
    vex2op v, lanes, "v\i $\n,", xmm
    vex2op v, lanes, "v\i $\n,", ymm
    .endr
    sse2op v, lanes, "insertps $\n,"
    vex2op v, lanes, "vinsertps $\n,", xmm
    .irp i, pshufd, pshuflw, pshufhw
    one v, lanes, "\i $\n,", xmm, xmm
    one v, lanes, "v\i $\n,", xmm, xmm
    one v, lanes, "v\i $\n,", ymm, ymm
    .endr
    .irp i, vpermilps, vpermilpd
    one v, lanes, "\i $\n,", xmm, xmm
    one v, lanes, "\i $\n,", ymm, ymm
    .endr
    .irp i, vperm2f128, vperm2i128
    vex2op v, lanes, "\i $\n,", ymm
    .endr
    .irp i, vpermq, vpermpd
    one v, lanes, "\i $\n,", ymm, ymm
    .endr
    .irp i, palignr
    sse2op v, lanes, "\i $\n,"
    vex2op v, lanes, "v\i $\n,", xmm
    .endr
    .endr
    .irp n, 0, 1, 2, 3, 4, 7, 8, 12, 15
    .irp i, pslldq, psrldq, pslld, psrad, psrlq
    op v, lanes, "\i $\n, %xmm0"
    op v, lanes, "v\i $\n, %xmm1, %xmm0"
    op v, lanes, "v\i $\n, %ymm1, %ymm0"
    .endr
    .endr
    .irp i, blendvps, blendvpd, pblendvb
    op v, lanes, "\i %xmm0, %xmm1, %xmm2; movaps %xmm2, %xmm0"
    op v, lanes, "\i %xmm0, 64(%rdi), %xmm1; movaps %xmm1, %xmm0"
    op v, lanes, "v\i %xmm0, %xmm1, %xmm2, %xmm0"
    op v, lanes, "v\i %ymm0, %ymm1, %ymm2, %ymm0"
    op v, lanes, "v\i %ymm0, 64(%rdi), %ymm1, %ymm0"
    .endr
    .irp n, 0, 1
    op v, lanes, "vinsertf128 $\n, %xmm2, %ymm1, %ymm0"
    op v, lanes, "vinsertf128 $\n, 64(%rdi), %ymm1, %ymm0"
    op v, lanes, "vextractf128 $\n, %ymm1, %xmm0"
    op s, lanes, "vextractf128 $\n, %ymm1, (%rsi)"
    op v, lanes, "vinserti128 $\n, %xmm2, %ymm1, %ymm0"
    op v, lanes, "vextracti128 $\n, %ymm1, %xmm0"
    .endr
    .irp n, 0, 1, 2, 3
    op g, lanes, "extractps $\n, %xmm1, %eax"
    op s, lanes, "extractps $\n, %xmm1, (%rsi)"
    op g, lanes, "pextrd $\n, %xmm1, %eax"
    op g, lanes, "pinsrd $\n, %eax, %xmm0"
    op g, lanes, "pinsrw $\n, %eax, %xmm0"
    op g, lanes, "vpinsrd $\n, %eax, %xmm1, %xmm0"
    .endr
    .irp n, 0, 1
    op g, lanes, "pextrq $\n, %xmm1, %rax"
    op g, lanes, "pinsrq $\n, %rax, %xmm0"
    op g, lanes, "vpinsrq $\n, %rax, %xmm1, %xmm0"
    .endr
    op g, lanes, "movd %eax, %xmm0"
    op g, lanes, "movq %rax, %xmm0"
    op g, lanes, "vmovd %eax, %xmm0"
    op g, lanes, "vmovq %rax, %xmm0"
    op g, lanes, "movd %xmm1, %eax"
    op g, lanes, "movq %xmm1, %rax"
    op v, lanes, "movq %xmm1, %xmm0"
    op v, lanes, "vmovq %xmm1, %xmm0"
    op v, lanes, "movd 64(%rdi), %xmm0"
    op v, lanes, "movq 64(%rdi), %xmm0"
    op s, lanes, "movd %xmm1, (%rsi)"
    op s, lanes, "movq %xmm1, (%rsi)"
    op m, lanes, "movq2dq %mm1, %xmm0"
    op m, lanes, "movdq2q %xmm1, %mm0"
    op g, lanes, "movmskps %xmm1, %eax"
    op g, lanes, "movmskpd %xmm1, %eax"
    op g, lanes, "vmovmskps %ymm1, %eax"
    op g, lanes, "vmovmskpd %ymm1, %eax"
    op g, lanes, "pmovmskb %xmm1, %eax"
    op v, lanes, "vbroadcastss 64(%rdi), %xmm0"
    op v, lanes, "vbroadcastss 64(%rdi), %ymm0"
    op v, lanes, "vbroadcastss %xmm1, %xmm0"
    op v, lanes, "vbroadcastss %xmm1, %ymm0"
    op v, lanes, "vbroadcastsd 64(%rdi), %ymm0"
    op v, lanes, "vbroadcastsd %xmm1, %ymm0"
    op v, lanes, "vbroadcastf128 64(%rdi), %ymm0"
    op v, lanes, "vmaskmovps 64(%rdi), %ymm1, %ymm0"
    op v, lanes, "vmaskmovpd 64(%rdi), %xmm1, %xmm0"
    op s, lanes, "vmaskmovps %ymm1, %ymm2, (%rsi)"
    op s, lanes, "vmaskmovpd %xmm1, %xmm2, (%rsi)"
    op v, lanes, "vpermilps %xmm2, %xmm1, %xmm0"
    op v, lanes, "vpermilpd %ymm2, %ymm1, %ymm0"
    op v, lanes, "vpermps %ymm2, %ymm1, %ymm0"
    op v, lanes, "vpermd %ymm2, %ymm1, %ymm0"
    op v, lanes, "vzeroupper"
    op v, lanes, "vzeroall"

    .section .data.rel.ro.ops, "aw"
    .globl float_ops_end
    .hidden float_ops_end
float_ops_end:
    .section .note.GNU-stack, "", @progbits
