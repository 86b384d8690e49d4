/* Runs x87 instructions on the host's processor.
 * Input: 32-byte records (operation, control word, ST(0), ST(1), all zero to the end). Output: 48-byte records (status
 * word, tag byte, ST(0), ST(1), memory result). Nothing here traps: fxsave and fninit do not wait. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct request { uint16_t op, control; uint8_t a[10], b[10], unused[8]; };
struct reply { uint16_t status, tags; uint8_t st0[10], st1[10], memory[16], unused[8]; };

static struct { uint8_t bytes[512]; } __attribute__((aligned(16))) image;
static uint8_t mem[16], a[10], b[10];
static uint16_t control;

#define RUN(number, text) case number: \
    __asm__ volatile("fninit\n fldt %1\n fldt %0\n fldcw %2\n" text "\n fxsave64 %3\n fninit\n" \
        : : "m"(a), "m"(b), "m"(control), "m"(image), "m"(mem) : "memory"); break;
/* The operand is memory, and the stack is empty but for nothing. */
#define LOAD(number, text) case number: \
    __asm__ volatile("fninit\n fldcw %2\n" text "\n fxsave64 %3\n fninit\n" \
        : : "m"(a), "m"(b), "m"(control), "m"(image), "m"(mem) : "memory"); break;

static int run(int op)
{
    switch (op) {
    RUN(0, "fadd %%st(1), %%st")
    RUN(1, ".byte 0xd8, 0xe1")              /* fsub st, st(1) */
    RUN(2, "fmul %%st(1), %%st")
    RUN(3, ".byte 0xd8, 0xf1")              /* fdiv st, st(1) */
    RUN(4, "fsqrt")
    RUN(5, "fprem")
    RUN(6, "fprem1")
    RUN(7, "frndint")
    RUN(8, "fscale")
    RUN(9, "fxtract")
    RUN(10, "fcom %%st(1)")
    RUN(11, "fucom %%st(1)")
    RUN(12, "fxam")
    RUN(13, "fchs")
    RUN(14, "fabs")
    RUN(15, "ftst")
    RUN(20, "fsts %4")
    RUN(21, "fstl %4")
    RUN(22, "fists %4")                     /* 16 bits */
    RUN(23, "fistl %4")                     /* 32 bits */
    RUN(24, "fistpll %4")                   /* 64 bits */
    RUN(25, "fisttps %4")
    RUN(26, "fisttpl %4")
    RUN(27, "fisttpll %4")
    RUN(28, "fbstp %4")
    RUN(40, "f2xm1")
    RUN(41, "fyl2x")
    RUN(42, "fyl2xp1")
    RUN(43, "fptan")
    RUN(44, "fpatan")
    RUN(45, "fsin")
    RUN(46, "fcos")
    RUN(47, "fsincos")
    RUN(50, "fadds %1")                     /* the memory operand is b */
    RUN(51, "faddl %1")
    RUN(52, "fmuls %1")
    RUN(53, "fdivrl %1")
    RUN(54, "fcoms %1")
    LOAD(60, "flds %0")
    LOAD(61, "fldl %0")
    LOAD(62, "filds %0")                    /* 16 bits */
    LOAD(63, "fildl %0")                    /* 32 bits */
    LOAD(64, "fildll %0")                   /* 64 bits */
    LOAD(65, "fbld %0")
    LOAD(66, "fld1")
    LOAD(67, "fldl2t")
    LOAD(68, "fldl2e")
    LOAD(69, "fldpi")
    LOAD(70, "fldlg2")
    LOAD(71, "fldln2")
    LOAD(72, "fldz")
    default: return -1;
    }
    return 0;
}

int main(void)
{
    struct request in;
    struct reply out;
    while (fread(&in, sizeof in, 1, stdin) == 1) {
        memset(&out, 0, sizeof out);
        memset(mem, 0xcc, sizeof mem);
        memcpy(a, in.a, sizeof a);
        memcpy(b, in.b, sizeof b);
        control = in.control;
        if (run(in.op) != 0)
            return 1;
        memcpy(&out.status, image.bytes + 2, 2);
        out.tags = image.bytes[4];
        memcpy(out.st0, image.bytes + 32, 10);
        memcpy(out.st1, image.bytes + 48, 10);
        memcpy(out.memory, mem, sizeof mem);
        fwrite(&out, sizeof out, 1, stdout);
    }
    return 0;
}
