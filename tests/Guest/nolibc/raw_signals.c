// Signals without a C library: own restorer, siginfo and context on the stack, nesting, a mask put back by sigreturn.
#include "nolibc.h"

struct action { void (*handler)(int, int *, u64 *); u64 flags; void (*restorer)(void); u64 mask; };
void restorer(void);
__asm__("restorer: mov $15, %eax\n syscall\n hlt");
static int depth, calls;
static u64 mask_inside;

static void handler(int sig, int *info, u64 *context)
{
    calls++;
    number("signal", sig);
    number("si_signo", info[0]);
    number("si_code", info[2]);
    if (sig == 11) {
        number("address", *(u64 *)(info + 4));
        context[5 + 16] += 7;    // rip, over the faulting instruction
        return;
    }
    SYS4(nr_rt_sigprocmask, 0, 0, &mask_inside, 8);
    number("mask inside", mask_inside);
    if (depth++ == 0)
        SYS2(nr_kill, SYS1(nr_getpid, 0), 12);
    number("leaving", sig);
}

static void start(long *stack)
{
    struct action a = { handler, 0x04000000 | 4, restorer, 0 };
    u64 mask;
    number("sigaction", SYS4(nr_rt_sigaction, 10, &a, 0, 8));
    a.mask = 1ul << 9 | 1ul << 14;
    number("sigaction", SYS4(nr_rt_sigaction, 12, &a, 0, 8));
    number("sigaction", SYS4(nr_rt_sigaction, 11, &a, 0, 8));
    number("wrong size", SYS4(nr_rt_sigaction, 12, &a, 0, 16));
    number("kill", SYS2(nr_kill, SYS1(nr_getpid, 0), 10));
    SYS4(nr_rt_sigprocmask, 0, 0, &mask, 8);
    number("mask after", mask);
    // movq $5, 24 : eight bytes would need a SIB byte; a register form of seven bytes is used instead.
    __asm__ volatile("xor %%ecx, %%ecx\n .byte 0x48, 0xc7, 0x01, 5, 0, 0, 0" ::: "rcx", "memory");
    number("calls", calls);
    struct action old;
    SYS4(nr_rt_sigaction, 10, 0, &old, 8);
    number("flags", old.flags);
    number("own handler", old.handler == handler);
    finish(0);
}
