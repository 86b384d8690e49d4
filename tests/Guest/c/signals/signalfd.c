// signalfd: reading queued signals, EAGAIN, poll, changing the mask, what it leaves pending.
#include "guest.h"
#include <poll.h>
#include <sys/signalfd.h>

int main(void)
{
    sigset_t set;
    struct signalfd_siginfo info[4];
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = TRY(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    CALL(read(fd, info, sizeof info));
    CALL(read(fd, info, 10));
    struct pollfd p = { fd, POLLIN, 0 };
    CALL(poll(&p, 1, 0));
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 123 });
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 124 });
    CALL(poll(&p, 1, 0));
    ssize_t n = CALL(read(fd, info, sizeof info));
    for (int i = 0; i < n / (int)sizeof info[0]; i++)
        SAY("%s code %d value %d pid %s", signame(info[i].ssi_signo), info[i].ssi_code, info[i].ssi_int,
            info[i].ssi_pid == getpid() ? "own" : "other");
    pid_t pid = CHILD(_exit(6));
    CALL(poll(&p, 1, -1));
    CALL(read(fd, info, sizeof info) / sizeof info[0]);
    SAY("%s code %d status %d pid %s", signame(info[0].ssi_signo), info[0].ssi_code, info[0].ssi_status,
        info[0].ssi_pid == pid ? "right" : "wrong");
    reap("child", pid);
    sigdelset(&set, SIGUSR1);
    TRUTH(signalfd(fd, &set, 0) == fd);
    kill(getpid(), SIGUSR1);
    CALL(read(fd, info, sizeof info));
    CALL(signalfd(0, &set, 0));
    CALL(signalfd(-1, &set, 0x111));
    return 0;
}
