// What a system call leaves alone and what it changes: all registers but rax, rcx and r11; flags come back.
#include "nolibc.h"

u64 before[16], after[16], xmm[4];

static void start(long *stack)
{
    for (int i = 0; i < 16; i++)
        before[i] = 0x1111111111111111ul * i + 5;
    __asm__ volatile(
        "lea before(%%rip), %%rax\n"
        "movq 8(%%rax), %%rbx\n movq 24(%%rax), %%rdx\n movq 32(%%rax), %%rsi\n movq 40(%%rax), %%rdi\n"
        "movq 64(%%rax), %%r8\n movq 72(%%rax), %%r9\n movq 80(%%rax), %%r10\n movq 96(%%rax), %%r12\n movq 104(%%rax), %%r13\n"
        "movq 112(%%rax), %%r14\n movq 120(%%rax), %%r15\n movdqu 16(%%rax), %%xmm3\n movdqu 48(%%rax), %%xmm15\n"
        "mov $39, %%eax\n stc\n syscall\n"
        "1: movq %%rcx, after+16(%%rip)\n movq %%r11, after+88(%%rip)\n"
        "movq %%rbx, after+8(%%rip)\n movq %%rdx, after+24(%%rip)\n movq %%rsi, after+32(%%rip)\n movq %%rdi, after+40(%%rip)\n"
        "movq %%r8, after+64(%%rip)\n movq %%r9, after+72(%%rip)\n movq %%r10, after+80(%%rip)\n movq %%r12, after+96(%%rip)\n"
        "movq %%r13, after+104(%%rip)\n movq %%r14, after+112(%%rip)\n movq %%r15, after+120(%%rip)\n"
        "movdqu %%xmm3, xmm(%%rip)\n movdqu %%xmm15, xmm+16(%%rip)\n"
        "setc after+48(%%rip)\n lea 1b(%%rip), %%rax\n movq %%rax, after+56(%%rip)\n"
        ::: "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm3", "xmm15", "memory", "cc");
    static const int kept[] = { 1, 3, 4, 5, 8, 9, 10, 12, 13, 14, 15 };
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (before[kept[i]] != after[kept[i]])
            number("changed register", kept[i]);
    number("rcx is the return address", after[2] == after[7]);
    number("r11 has the flags, carry set", after[11] & 1);
    number("carry still set", after[6] & 1);
    number("xmm kept", xmm[0] == before[2] && xmm[1] == before[3] && xmm[2] == before[6] && xmm[3] == before[7]);
    // The upper half of the number does not count on x86-64, nor do upper halves of int arguments.
    number("write with a dirty descriptor", SYS3(nr_write, 0x100000001, "ok\n", 3));
    number("brk grows", SYS1(nr_brk, SYS1(nr_brk, 0) + 8192) - SYS1(nr_brk, 0));
    finish(0);
}
