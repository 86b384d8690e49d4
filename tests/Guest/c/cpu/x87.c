// The x87 instructions themselves: stack, status word, rounding and precision control, exact ones and constants, environment.
#include "guest.h"

static void show(const char *what, long double v)
{
    unsigned char b[16] = { 0 };
    memcpy(b, &v, 10);
    printf("%-16s ", what);
    for (int i = 9; i >= 0; i--)
        printf("%02x", b[i]);
    printf("\n");
}
#define CONST(op) do { long double v; __asm__ volatile(op : "=t"(v)); show(op, v); } while (0)
#define ONE(op, x) do { long double v = x; unsigned short sw; __asm__ volatile(op "\n fnstsw %1" : "+t"(v), "=a"(sw)); show(op " " #x, v); printf("   sw %04x\n", sw & 0x477f); __asm__ volatile("fnclex"); } while (0)
#define VALUE(op, x) do { long double v = x; __asm__ volatile(op "\n fnclex" : "+t"(v)); show(op " " #x, v); } while (0)
#define TWO(op, x, y) do { long double v = x; __asm__ volatile(op : "+t"(v) : "u"((long double)(y))); show(op " " #x " " #y, v); __asm__ volatile("fnclex"); } while (0)

int main(void)
{
    CONST("fldpi"); CONST("fldl2e"); CONST("fldl2t"); CONST("fldlg2"); CONST("fldln2"); CONST("fld1"); CONST("fldz");
    ONE("fsqrt", 2.0L); ONE("fabs", -3.5L); ONE("fchs", 0.0L); ONE("frndint", 2.5L); ONE("frndint", -3.5L); ONE("frndint", 1e18L);
    VALUE("f2xm1", 0.5L); VALUE("f2xm1", -1.0L); VALUE("fsin", 0.0L); VALUE("fcos", 0.0L);
    ONE("fxam", 1.0L); ONE("fxam", 0.0L); ONE("fxam", -0.0L); ONE("fxam", 1e-4940L); ONE("fxam", (__builtin_infl())); ONE("ftst", -1.0L); ONE("ftst", 1.0L);
    TWO("fscale", 1.5L, 10); TWO("fscale", 1.5L, -16400); TWO("fprem", 1e15L, 7); TWO("fprem1", 10.0L, 3.2L); TWO("fprem", -17.0L, 5);
    long double a, b;
    __asm__ volatile("fxtract" : "=t"(a), "=u"(b) : "0"(1000.0L));
    show("significand", a);
    show("exponent", b);
    __asm__ volatile("fyl2x" : "=t"(a) : "0"(8.0L), "u"(3.0L) : "st(1)");
    show("fyl2x", a);
    __asm__ volatile("fpatan" : "=t"(a) : "0"(1.0L), "u"(1.0L) : "st(1)");
    show("fpatan", a);

    // Rounding and precision control.
    unsigned short old, cw;
    __asm__ volatile("fnstcw %0" : "=m"(old));
    SAY("control %04x", old);
    for (int pc = 0; pc < 4; pc++)
        for (int rc = 0; rc < 4; rc++) {
            if (pc == 1)
                continue;
            cw = (old & ~0xf00) | pc << 8 | rc << 10;
            __asm__ volatile("fldcw %0" :: "m"(cw));
            volatile long double one = 1, three = 3;
            long double third = one / three;
            char name[32];
            sprintf(name, "1/3 pc%d rc%d", pc, rc);
            show(name, third);
            int i;
            short s;
            long l;
            a = -2.5L;
            __asm__ volatile("fld %%st(0)\n fistpl %0" : "=m"(i) : "t"(a));
            __asm__ volatile("fld %%st(0)\n fistps %0" : "=m"(s) : "t"(a));
            __asm__ volatile("fld %%st(0)\n fistpll %0" : "=m"(l) : "t"(a));
            SAY("   %d %d %ld", i, s, l);
        }
    __asm__ volatile("fldcw %0" :: "m"(old));
    // Integers out of range give the indefinite.
    int i;
    a = 1e10L;
    __asm__ volatile("fld %%st(0)\n fistpl %0" : "=m"(i) : "t"(a));
    SHOW(i);
    unsigned char bcd[10];
    a = -123456789012345678.0L;
    __asm__ volatile("fld %%st(0)\n fbstp %0" : "=m"(bcd) : "t"(a));
    for (int k = 9; k >= 0; k--)
        printf("%02x", bcd[k]);
    printf("\n");
    __asm__ volatile("fbld %1" : "=t"(a) : "m"(bcd));
    SAY("%.0Lf", a);
    // Comparisons set C0, C2, C3 or the integer flags.
    long double values[] = { 1, 2, __builtin_nanl(""), -0.0L, 0.0L };
    for (int x = 0; x < 5; x++)
        for (int y = 0; y < 5; y++) {
            unsigned short sw;
            unsigned long flags;
            __asm__ volatile("fucom %2\n fnstsw %0" : "=a"(sw) : "t"(values[x]), "u"(values[y]));
            __asm__ volatile("fucomi %2, %1\n pushfq\n popq %0" : "=r"(flags) : "t"(values[x]), "u"(values[y]) : "cc");
            printf("%x/%lx ", sw & 0x4500, flags & 0x45);
        }
    printf("\n");
    // Stack overflow and underflow make the indefinite and set the flags.
    unsigned short sw;
    __asm__ volatile("fninit\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fnstsw %0\n fninit" : "=a"(sw));
    SAY("overflow %04x", sw);
    __asm__ volatile("fninit\n fadd %%st(1), %%st\n fnstsw %0\n fninit" : "=a"(sw));
    SAY("underflow %04x", sw);
    struct { unsigned cw, sw, tag, ip, cs, op, dp, ds; } env;
    __asm__ volatile("fninit\n fld1\n fldpi\n fldz\n fnstenv %0" : "=m"(env));
    SAY("tags %04x top %x", env.tag & 0xffff, env.sw >> 11 & 7);
    __asm__ volatile("fninit\n fld1\n ffree %%st(0)\n fincstp\n fnstenv %0\n fninit" : "=m"(env));
    SAY("tags %04x top %x", env.tag & 0xffff, env.sw >> 11 & 7);
    // FXSAVE and FXRSTOR keep everything.
    static unsigned char area[512] __attribute__((aligned(16)));
    unsigned mxcsr = 0x7fa0;
    __asm__ volatile("fninit\n fldpi\n fld1\n ldmxcsr %1\n fxsave %0\n fninit" : "+m"(area) : "m"(mxcsr));
    SAY("fxsave cw %04x tag %02x mxcsr %04x", *(unsigned short *)area, area[4], *(unsigned *)(area + 24));
    __asm__ volatile("fxrstor %1\n fstp %%st(0)\n fstpt %0" : "=m"(a) : "m"(area));
    show("restored", a);
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    SAY("mxcsr %04x", mxcsr);
    mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0\n fninit" :: "m"(mxcsr));
    long double r[4] = { 3, 5, 7, 11 };
    __asm__ volatile("fldt 48(%1)\n fldt 32(%1)\n fldt 16(%1)\n fldt (%1)\n fxch %%st(2)\n faddp %%st, %%st(1)\n fsubrp %%st, %%st(1)\n fmulp %%st, %%st(1)\n fstpt %0"
        : "=m"(a) : "r"(r));
    show("stack", a);
    return 0;
}
