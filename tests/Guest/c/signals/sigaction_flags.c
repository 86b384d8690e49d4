// SA_RESETHAND, SA_NODEFER, sa_mask, and what the mask is inside handlers.
#include "guest.h"

static volatile int depth, deepest, calls;

static const char *how(int sig)
{
    struct sigaction a;
    sigaction(sig, NULL, &a);
    return a.sa_handler == SIG_DFL ? "default" : a.sa_handler == SIG_IGN ? "ignored" : "handler";
}

static void show_mask(const char *when)
{
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf("%s:", when);
    for (int s = 1; s < 65; s++)
        if (sigismember(&set, s) > 0)
            printf(" %s", signame(s));
    printf("\n");
}

static void once(int sig)
{
    SAY("once: now %s", how(sig));
    show_mask("  mask");
}

static void nested(int sig)
{
    if (++depth > deepest)
        deepest = depth;
    if (++calls < 4)
        raise(sig);
    depth--;
}

static void masked(int sig)
{
    show_mask("in handler");
    raise(SIGUSR2);
    raise(SIGHUP);
    SAY("leaving %s", signame(sig));
}
static void other(int sig) { SAY("other %s", signame(sig)); }

int main(void)
{
    struct sigaction a = { .sa_handler = once, .sa_flags = SA_RESETHAND };
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    SAY("after: %s", how(SIGUSR1));
    sigaction(SIGUSR1, NULL, &a);
    SAY("flags %#x", a.sa_flags & ~0x04000000);

    a = (struct sigaction){ .sa_handler = nested, .sa_flags = SA_NODEFER };
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    SAY("SA_NODEFER: calls %d deepest %d", calls, deepest);
    calls = deepest = 0;
    a.sa_flags = 0;
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    SAY("deferred: calls %d deepest %d", calls, deepest);

    a = (struct sigaction){ .sa_handler = masked };
    sigaddset(&a.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &a, NULL);
    signal(SIGUSR2, other);
    signal(SIGHUP, other);
    raise(SIGUSR1);
    show_mask("outside");

    a = (struct sigaction){ .sa_handler = once, .sa_flags = SA_RESETHAND | SA_NODEFER };
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    reap("second time", CHILD(raise(SIGUSR1)));
    // SA_RESETHAND takes effect for synchronous faults, too.
    SAY("signal() gives %s", signal(SIGHUP, SIG_DFL) == other ? "the old handler" : "?");
    return 0;
}
