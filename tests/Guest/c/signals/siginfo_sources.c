// SA_SIGINFO: si_code, si_pid, si_uid for kill, raise, sigqueue, alarm, POSIX timers and children.
#include "guest.h"
#include <sys/epoll.h>

static volatile int got;
static void handler(int sig, siginfo_t *info, void *context)
{
    const char *code = "?";
    if (info->si_code == SI_USER) code = "SI_USER";
    else if (info->si_code == SI_TKILL) code = "SI_TKILL";
    else if (info->si_code == SI_QUEUE) code = "SI_QUEUE";
    else if (info->si_code == SI_TIMER) code = "SI_TIMER";
    else if (info->si_code == SI_KERNEL) code = "SI_KERNEL";
    else if (sig == SIGCHLD && info->si_code == CLD_EXITED) code = "CLD_EXITED";
    printf("%s: signo %s code %s errno %d", signame(sig), signame(info->si_signo), code, info->si_errno);
    if (info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE)
        printf(" pid %s uid %s", info->si_pid == getpid() ? "own" : info->si_pid == getppid() ? "parent" : "other",
            info->si_uid == getuid() ? "own" : "other");
    if (info->si_code == SI_QUEUE || info->si_code == SI_TIMER)
        printf(" value %d", info->si_value.sival_int);
    if (info->si_code == SI_TIMER)
        printf(" overrun %d", info->si_overrun);
    printf("\n");
    got++;
}

int main(void)
{
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    int sigs[] = { SIGUSR1, SIGALRM, SIGRTMIN, SIGCHLD, SIGPIPE, SIGVTALRM };
    for (int i = 0; i < 6; i++)
        sigaction(sigs[i], &a, NULL);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 55 });
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 1000 } }, NULL);
    while (got < 4)
        pause();
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 66 };
    TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
    TRY(timer_settime(timer, 0, &(struct itimerspec){ { 0, 0 }, { 0, 1000000 } }, NULL));
    while (got < 5)
        pause();
    // Both are pending when the mask falls, so the order is by number: the higher one's handler runs first.
    sigset_t set, old;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    pid_t pid = CHILD(kill(getppid(), SIGUSR1));
    TRY(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    sigprocmask(SIG_SETMASK, &old, NULL);
    reap("child", pid);
    int p[2];
    TRY(pipe(p));
    close(p[0]);
    CALL(write(p[1], "x", 1));
    return 0;
}
