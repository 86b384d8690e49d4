// A thread by clone with everything shared, joined by its cleared tid, with its own fs base.
#include "nolibc.h"

static int tid_word = 1, shared, result;
static u64 tls[2] = { 0, 4711 };
static char stack[16384] __attribute__((aligned(16)));

static void body(void)
{
    long own;
    __asm__ volatile("mov %%fs:8, %0" : "=r"(own));
    result = own;
    for (int i = 0; i < 1000; i++)
        __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
}

static void start(long *stack)
{
    long main_tid = SYS1(nr_gettid, 0);
    long flags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x80000 | 0x200000 | 0x1000000;
    long child;
    register long r10 __asm__("r10") = (long)&tid_word;
    register long r8 __asm__("r8") = (long)tls;
    register void (*r12)(void) __asm__("r12") = body;
    __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n call *%%r12\n mov $60, %%eax\n xor %%edi, %%edi\n syscall\n 1:"
        : "=a"(child) : "0"(nr_clone), "D"(flags), "S"(stack + sizeof stack), "d"(0), "r"(r10), "r"(r8), "b"(0), "r"(r12)
        : "rcx", "r11", "memory");
    number("created", child > 0 && child != main_tid);
    int seen;
    while ((seen = __atomic_load_n(&tid_word, __ATOMIC_SEQ_CST)) != 0)
        SYS6(nr_futex, &tid_word, 0, seen, 0, 0, 0);
    number("shared", shared);
    number("its fs", result);
    number("pid equals main tid", SYS1(nr_getpid, 0) == main_tid);
    finish(0);
}
