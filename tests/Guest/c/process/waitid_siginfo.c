// waitid: siginfo for exited, killed, dumped, stopped and continued children; WNOWAIT leaves the zombie; errors.
#include "guest.h"

static const char *code_name(int code)
{
    switch (code) {
    case CLD_EXITED: return "CLD_EXITED";
    case CLD_KILLED: return "CLD_KILLED";
    case CLD_DUMPED: return "CLD_DUMPED";
    case CLD_STOPPED: return "CLD_STOPPED";
    case CLD_CONTINUED: return "CLD_CONTINUED";
    default: return "?";
    }
}

static void show(const char *what, pid_t pid, int options)
{
    siginfo_t info;
    memset(&info, 0xee, sizeof info);
    errno = 0;
    int r = waitid(P_PID, pid, &info, options);
    if (r == -1)
        SAY("%s: %s", what, strerrorname_np(errno));
    else if (info.si_pid == 0)
        SAY("%s: nothing, signo %d", what, info.si_signo);
    else
        SAY("%s: %s status %d signo %s errno %d pid %s uid %s", what, code_name(info.si_code), info.si_status,
            signame(info.si_signo), info.si_errno, info.si_pid == pid ? "right" : "wrong",
            info.si_uid == getuid() ? "right" : "wrong");
}

int main(void)
{
    pid_t pid = CHILD(_exit(77));
    show("peek", pid, WEXITED | WNOWAIT);
    show("peek again", pid, WEXITED | WNOWAIT);
    show("only stops", pid, WSTOPPED | WNOHANG);
    show("reap", pid, WEXITED);
    show("gone", pid, WEXITED);

    pid = CHILD(for (;;) pause());
    show("running", pid, WEXITED | WNOHANG);
    kill(pid, SIGSTOP);
    show("stopped, kept", pid, WSTOPPED | WNOWAIT);
    show("stopped", pid, WSTOPPED);
    show("stopped twice", pid, WSTOPPED | WNOHANG);
    kill(pid, SIGCONT);
    show("continued, kept", pid, WCONTINUED | WNOWAIT);
    show("continued", pid, WCONTINUED);
    kill(pid, SIGTERM);
    show("killed", pid, WEXITED);

    pid = CHILD({ setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }); raise(SIGRTMIN + 3); });
    show("real-time", pid, WEXITED);

    siginfo_t info;
    CALL(waitid(P_PID, 1 << 22, &info, WEXITED));
    CALL(waitid(P_ALL, 0, &info, WEXITED));
    CALL(waitid(P_ALL, 0, &info, 0));
    CALL(waitid(P_ALL, 0, &info, WNOHANG));
    CALL(waitid(9, 0, &info, WEXITED));
    CALL(waitid(P_PID, -1, &info, WEXITED));
    CALL(waitid(P_PGID, -1, &info, WEXITED));
    CALL(waitid(P_PIDFD, 0, &info, WEXITED));
    CALL(waitid(P_PIDFD, 99, &info, WEXITED));
    pid = CHILD(_exit(1));
    CALL(waitid(P_PGID, 0, NULL, WEXITED));
    return 0;
}
