// Two processes that answer each other's signals: two thousand exchanges with values, none lost, none doubled.
#include "guest.h"

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid();
    pid_t pid = CHILD({
        siginfo_t info;
        for (int i = 0; i < 1000; i++) {
            TRY(sigwaitinfo(&set, &info));
            if (info.si_signo != SIGRTMIN || info.si_value.sival_int != i || info.si_pid != parent)
                _exit(1);
            TRY(sigqueue(parent, SIGRTMIN + 1, (union sigval){ .sival_int = i * 3 }));
        }
    });
    // The end of the child may come together with its last answer, and the lower number would be taken first.
    sigset_t answers;
    sigemptyset(&answers);
    sigaddset(&answers, SIGRTMIN + 1);
    siginfo_t info;
    long sum = 0, odd = 0;
    for (int i = 0; i < 1000; i++) {
        TRY(sigqueue(pid, SIGRTMIN, (union sigval){ .sival_int = i }));
        TRY(sigwaitinfo(&answers, &info));
        odd += info.si_signo != SIGRTMIN + 1 || info.si_pid != pid;
        sum += info.si_value.sival_int;
    }
    SAY("sum %ld odd %ld", sum, odd);
    TRUTH(sigwaitinfo(&set, &info) == SIGCHLD);
    reap("child", pid);
    // A burst: queued ones all arrive, in order.
    pid = CHILD({
        for (int i = 0; i < 500; i++)
            TRY(sigqueue(parent, SIGRTMIN, (union sigval){ .sival_int = i }));
    });
    int in_order = 1;
    for (int i = 0; i < 500; i++) {
        sigdelset(&set, SIGCHLD);
        TRY(sigwaitinfo(&set, &info));
        in_order &= info.si_value.sival_int == i;
    }
    SHOW(in_order);
    reap("burst", pid);
    return 0;
}
