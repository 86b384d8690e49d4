// sigsuspend, sigwait, sigwaitinfo, sigtimedwait and pause.
#include "guest.h"

static volatile int hits;
static void handler(int sig) { hits++; SAY("handler %s", signame(sig)); }

int main(void)
{
    struct itimerval soon = { { 0, 0 }, { 0, 50000 } };
    sigset_t block, old, wait_set;
    siginfo_t info;
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigaddset(&block, SIGUSR2);
    sigaddset(&block, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &block, &old);

    raise(SIGUSR1);
    raise(SIGUSR2);
    wait_set = block;
    sigdelset(&wait_set, SIGUSR1);
    CALL(sigsuspend(&wait_set));
    SHOW(hits);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    SHOW(sigismember(&now, SIGUSR1));
    sigpending(&now);
    SAY("USR1 %d USR2 %d pending", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));

    int sig;
    sigemptyset(&wait_set);
    sigaddset(&wait_set, SIGUSR2);
    RC(sigwait(&wait_set, &sig));
    SAY("sigwait took %s, hits still %d", signame(sig), hits);
    CALL(sigtimedwait(&wait_set, &info, &(struct timespec){ 0, 5000000 }));
    CALL(sigtimedwait(&wait_set, &info, &(struct timespec){ 0, -1 }));
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 9 });
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 8 });
    sigaddset(&wait_set, SIGRTMIN);
    TRUTH(sigwaitinfo(&wait_set, &info) == SIGRTMIN);
    SHOW(info.si_value.sival_int);
    TRUTH(sigwaitinfo(&wait_set, &info) == SIGRTMIN);
    SHOW(info.si_value.sival_int);

    // Waiting in one process, sending from another.
    pid_t pid = CHILD(kill(getppid(), SIGUSR2));
    TRUTH(sigwaitinfo(&wait_set, &info) == SIGUSR2);
    TRUTH(info.si_pid == pid);
    reap("sender", pid);

    // Another handler interrupts the wait.
    pid = CHILD(kill(getppid(), SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &(sigset_t){ 0 }, NULL);
    sigset_t only = wait_set;
    sigdelset(&block, SIGUSR1);
    reap("sender", pid);
    sigprocmask(SIG_SETMASK, &block, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    signal(SIGALRM, handler);
    CALL(sigwaitinfo(&only, &info));
    setitimer(ITIMER_REAL, &soon, NULL);
    CALL(pause());
    return 0;
}
