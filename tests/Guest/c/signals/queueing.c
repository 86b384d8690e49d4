// Real-time signals queue with their values, lowest number first; standard ones collapse; the queue has a limit.
#include "guest.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    SAY("%s code %s value %d", signame(sig), info->si_code == SI_QUEUE ? "SI_QUEUE" : info->si_code == SI_USER ? "SI_USER"
        : info->si_code == SI_TKILL ? "SI_TKILL" : "?", info->si_code == SI_QUEUE ? info->si_value.sival_int : -1);
}

int main(void)
{
    sigset_t set, none;
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigfillset(&action.sa_mask);
    sigemptyset(&none);
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    int sigs[] = { SIGRTMIN, SIGRTMIN + 1, SIGRTMAX, SIGUSR1 };
    for (int i = 0; i < 4; i++)
        sigaction(sigs[i], &action, NULL);
    for (int i = 0; i < 3; i++)
        for (int j = 3; j >= 0; j--)
            TRY(sigqueue(getpid(), sigs[j], (union sigval){ .sival_int = i * 10 + j }));
    kill(getpid(), SIGRTMIN);
    raise(SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &none, NULL);

    // RLIMIT_SIGPENDING: sigqueue fails with EAGAIN, kill of a standard signal still gets through.
    SAY("-- limit");
    sigprocmask(SIG_SETMASK, &set, NULL);
    reap("limited", CHILD({
        TRY(setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){ 0, 0 }));
        CALL(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 1 }));
        CALL(kill(getpid(), SIGUSR1));
        sigset_t now;
        sigpending(&now);
        SHOW(sigismember(&now, SIGUSR1));
        SHOW(sigismember(&now, SIGRTMIN));
    }));
    CALL(sigqueue(getpid(), 65, (union sigval){ 0 }));
    CALL(sigqueue(1 << 22, SIGUSR1, (union sigval){ 0 }));
    // A process may not claim to be the kernel when it signals somebody else.
    siginfo_t forged = { .si_code = SI_KERNEL };
    pid_t pid = CHILD(pause());
    TRUTH(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &forged) == -1 && errno == EPERM);
    kill(pid, SIGKILL);
    reap("child", pid);
    return 0;
}
