// The alternate stack: overflow handled on it, nesting, SS_ONSTACK, SS_AUTODISARM, errors.
#include "guest.h"
#include <setjmp.h>

static char area[64 * 1024], area2[64 * 1024];
static sigjmp_buf back;

static int on(char *where, void *here) { return (char *)here >= where && (char *)here < where + sizeof area; }

static void overflow(int sig, siginfo_t *info, void *context)
{
    int local;
    stack_t now;
    sigaltstack(NULL, &now);
    SAY("%s on the alternate stack: %d, SS_ONSTACK: %d", signame(sig), on(area, &local), now.ss_flags & SS_ONSTACK);
    CALL(sigaltstack(&(stack_t){ .ss_sp = area2, .ss_size = sizeof area2 }, NULL));
    siglongjmp(back, 1);
}

static int __attribute__((noinline)) deep(volatile char *p, int n)
{
    volatile char buffer[1024];
    buffer[0] = n;
    return deep(buffer, n + 1) + buffer[0] + p[0];
}

static void plain(int sig) { int local; SAY("%s: alternate %d", signame(sig), on(area, &local)); }
static void nests(int sig)
{
    int local;
    SAY("outer: alternate %d", on(area, &local));
    raise(SIGUSR1);
}
static void disarmed(int sig)
{
    stack_t now;
    int local;
    sigaltstack(NULL, &now);
    SAY("autodisarm: alternate %d, disabled while in it %d", on(area, &local), now.ss_flags & SS_DISABLE);
}

int main(void)
{
    stack_t s = { .ss_sp = area, .ss_size = sizeof area }, old;
    CALL(sigaltstack(&s, &old));
    SHOW(old.ss_flags);
    setrlimit(RLIMIT_STACK, &(struct rlimit){ 256 * 1024, RLIM_INFINITY });
    struct sigaction a = { .sa_sigaction = overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaction(SIGSEGV, &a, NULL);
    for (int i = 0; i < 2; i++)
        if (sigsetjmp(back, 1) == 0)
            deep((char[]){ 1 }, 0);
    signal(SIGUSR1, plain);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = plain, .sa_flags = SA_ONSTACK }, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR2, &(struct sigaction){ .sa_handler = nests, .sa_flags = SA_ONSTACK }, NULL);
    raise(SIGUSR2);
    CALL(sigaltstack(&(stack_t){ .ss_sp = area, .ss_size = 100 }, NULL));
    CALL(sigaltstack(&(stack_t){ .ss_sp = area, .ss_size = sizeof area, .ss_flags = 0x77 }, NULL));
    s.ss_flags = 1u << 31;
    CALL(sigaltstack(&s, NULL));
    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = disarmed, .sa_flags = SA_ONSTACK }, NULL);
    raise(SIGUSR1);
    sigaltstack(NULL, &old);
    TRUTH(old.ss_sp == area);
    CALL(sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL));
    sigaltstack(NULL, &old);
    SHOW(old.ss_flags);
    return 0;
}
