// SIGCHLD's siginfo for each way a child changes state, read with sigwaitinfo.
#include "guest.h"

static void next(pid_t pid)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    TRY(sigwaitinfo(&set, &info));
    SAY("%s code %d status %d pid %s uid %s", signame(info.si_signo), info.si_code, info.si_status,
        info.si_pid == pid ? "right" : "wrong", info.si_uid == getuid() ? "right" : "wrong");
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);

    pid_t pid = CHILD(_exit(5));
    next(pid);
    reap("exited", pid);
    pid = CHILD(for (;;) pause());
    setpgid(pid, pid);    // not an orphaned group: SIGTTIN stops it
    kill(pid, SIGSTOP);
    next(pid);
    kill(pid, SIGCONT);
    next(pid);
    kill(pid, SIGTTIN);
    next(pid);
    kill(pid, SIGCONT);
    next(pid);
    kill(pid, SIGUSR1);
    next(pid);
    reap("killed", pid);

    // Standard signals do not queue: three exits may leave one SIGCHLD, wait finds all three.
    gate g = new_gate();
    pid_t three[3];
    for (int i = 0; i < 3; i++)
        three[i] = CHILD({ close(g.fd[1]); wait_told(g); });
    close(g.fd[1]);
    siginfo_t info;
    for (int i = 0; i < 3; i++)
        TRY(waitid(P_PID, three[i], &info, WEXITED | WNOWAIT));
    struct timespec zero = { 0, 0 };
    TRUTH(sigtimedwait(&set, &info, &zero) == SIGCHLD);
    CALL(sigtimedwait(&set, &info, &zero));
    int found = 0;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        found++;
    SHOW(found);
    return 0;
}
