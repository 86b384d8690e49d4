// The frame a handler gets: registers can be read and changed; the handler's return puts everything back.
#include "guest.h"
#include <ucontext.h>

static void skip(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    u->uc_mcontext.gregs[REG_RIP] += 2;    // over ud2
    u->uc_mcontext.gregs[REG_RBX] = 0x1234;
}

static void set_flag(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    TRUTH(u->uc_mcontext.gregs[REG_R12] == 0x1212121212121212);
    TRUTH(u->uc_mcontext.gregs[REG_R15] == 0x1515151515151515);
    TRUTH(u->uc_mcontext.fpregs != NULL);
    TRUTH(sigismember(&u->uc_sigmask, SIGUSR2) == 1);
    sigaddset(&u->uc_sigmask, SIGHUP);
    // Disturb everything that the return has to restore.
    __asm__ volatile("pxor %%xmm7, %%xmm7\n fninit\n fld1\n cld\n xor %%r12, %%r12\n" ::: "xmm7", "r12");
}

int main(void)
{
    struct sigaction a = { .sa_sigaction = skip, .sa_flags = SA_SIGINFO };
    sigaction(SIGILL, &a, NULL);
    long rbx;
    __asm__ volatile("mov $1, %%rbx\n ud2\n mov %%rbx, %0" : "=r"(rbx) :: "rbx");
    SAY("rbx %#lx", rbx);

    a.sa_sigaction = set_flag;
    sigaction(SIGUSR1, &a, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    long pid = getpid(), r12, r15, flags, xmm[2];
    double x87;
    __asm__ volatile(
        "mov $0x1212121212121212, %%r12\n mov $0x1515151515151515, %%r15\n"
        "movq %%r12, %%xmm7\n punpcklqdq %%xmm7, %%xmm7\n"
        "fldpi\n"
        "mov %5, %%rdi\n mov $10, %%rsi\n mov $62, %%eax\n"
        "stc\n std\n syscall\n"
        "pushf\n pop %2\n cld\n"
        "mov %%r12, %0\n mov %%r15, %1\n movdqu %%xmm7, %3\n fstpl %4\n"
        : "=r"(r12), "=r"(r15), "=r"(flags), "=m"(xmm), "=m"(x87)
        : "r"(pid) : "r12", "r15", "rdi", "rsi", "rax", "rcx", "r11", "xmm7", "memory", "cc");
    SAY("r12 %#lx r15 %#lx", r12, r15);
    SAY("carry %d direction %d", (int)(flags & 1), (int)(flags >> 10 & 1));
    SAY("xmm7 %#lx %#lx", xmm[0], xmm[1]);
    SAY("st0 %.15f", x87);
    sigprocmask(SIG_SETMASK, NULL, &set);
    SAY("HUP blocked %d USR2 blocked %d", sigismember(&set, SIGHUP), sigismember(&set, SIGUSR2));
    return 0;
}
