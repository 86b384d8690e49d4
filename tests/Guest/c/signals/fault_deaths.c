// Faults without a handler kill; a fault while its signal is blocked or ignored kills as well.
#include "guest.h"

static void fault(void) { *(volatile int *)16 = 1; }
static void again(int sig) { fault(); }

int main(void)
{
    TRY(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }));
    volatile int zero = 0;
    reap("segv", CHILD(fault()));
    reap("fpe", CHILD(_exit(7 / zero)));
    reap("ill", CHILD(__builtin_trap()));
    reap("trap", CHILD(__asm__ volatile("int3")));
    reap("abort", CHILD(abort()));
    reap("abort while blocked", CHILD({
        sigset_t s;
        sigfillset(&s);
        sigprocmask(SIG_BLOCK, &s, NULL);
        abort();
    }));
    reap("segv ignored", CHILD({ signal(SIGSEGV, SIG_IGN); fault(); }));
    reap("segv blocked", CHILD({
        sigset_t s;
        sigemptyset(&s);
        sigaddset(&s, SIGSEGV);
        sigprocmask(SIG_BLOCK, &s, NULL);
        fault();
    }));
    reap("segv in its own handler", CHILD({ signal(SIGSEGV, again); fault(); }));
    reap("sent segv, ignored", CHILD({ signal(SIGSEGV, SIG_IGN); raise(SIGSEGV); _exit(3); }));
    reap("stack pointer lost", CHILD({
        signal(SIGSEGV, again);
        __asm__ volatile("xor %rsp, %rsp; push %rax");
    }));
    reap("stack overflow", CHILD({
        setrlimit(RLIMIT_STACK, &(struct rlimit){ 256 * 1024, 256 * 1024 });
        char *volatile p = __builtin_frame_address(0);
        for (int i = 0; ; i += 512)
            p[-i] = 1;
    }));
    return 0;
}
