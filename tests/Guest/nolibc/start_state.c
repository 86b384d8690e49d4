// What a program finds at its entry: registers, flags, floating-point control, the stack with argc, argv, environment and auxv.
// args: alpha beta
#define OWN_START
#include "nolibc.h"

u64 saved[16];
__asm__(".globl _start\n_start:\n"
    " mov %rax, saved(%rip)\n mov %rbx, saved+8(%rip)\n mov %rcx, saved+16(%rip)\n mov %rdx, saved+24(%rip)\n"
    " mov %rsi, saved+32(%rip)\n mov %rdi, saved+40(%rip)\n mov %rbp, saved+48(%rip)\n mov %rsp, saved+56(%rip)\n"
    " mov %r8, saved+64(%rip)\n mov %r12, saved+72(%rip)\n mov %r15, saved+80(%rip)\n"
    " pushf\n pop saved+88(%rip)\n stmxcsr saved+96(%rip)\n fnstcw saved+104(%rip)\n fnstsw saved+112(%rip)\n movq %xmm0, saved+120(%rip)\n"
    " mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt");

static int same(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a == *b; }

__attribute__((used)) static void start(long *stack)
{
    u64 all = 0;
    for (int i = 0; i < 11; i++)
        if (i != 7)
            all |= saved[i];
    number("general registers together", all);
    number("stack pointer mod 16", saved[7] & 15);
    number("carry, zero, direction", saved[11] & 0x441);
    number("interrupt flag", saved[11] >> 9 & 1);
    number("mxcsr", (u32)saved[12]);
    number("x87 control", saved[13] & 0xffff);
    number("x87 status", saved[14] & 0xffff);
    number("xmm0", saved[15]);
    long argc = *stack;
    char **argv = (char **)(stack + 1), **env = argv + argc + 1;
    number("argc", argc);
    number("argv ends with null", argv[argc] == 0);
    text(argv[1]);
    text(" ");
    text(argv[2]);
    text("\n");
    int lang = 0;
    char **e = env;
    for (; *e; e++)
        lang |= same(*e, "LANG=C");
    number("LANG", lang);
    long *aux = (long *)(e + 1);
    u64 seen = 0;
    long pagesz = 0, execfn = 0, random = 0, base = -1, phent = 0, secure = -1, clock = 0, platform = 0;
    for (; aux[0]; aux += 2) {
        if (aux[0] < 64)
            seen |= 1ul << aux[0];
        switch (aux[0]) {
        case 6: pagesz = aux[1]; break;
        case 31: execfn = aux[1]; break;
        case 25: random = aux[1]; break;
        case 7: base = aux[1]; break;
        case 4: phent = aux[1]; break;
        case 23: secure = aux[1]; break;
        case 17: clock = aux[1]; break;
        case 15: platform = aux[1]; break;
        }
    }
    number("page size", pagesz);
    number("execfn is argv[0]", same((char *)execfn, argv[0]));
    number("random bytes", random != 0);
    number("interpreter base", base);
    number("program header size", phent);
    number("secure", secure);
    number("clock ticks", clock);
    text((char *)platform);
    text("\n");
    static const int must[] = { 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 23, 25, 31 };
    for (unsigned i = 0; i < sizeof must / sizeof *must; i++)
        if (!(seen >> must[i] & 1))
            number("missing auxiliary entry", must[i]);
    finish(0);
}
