// The default action of every signal, sent by kill: terminate, ignore, stop or continue.
#include "guest.h"

int main(void)
{
    for (int sig = 1; sig <= 64; sig++) {
        if (sig == 32 || sig == 33)
            continue;
        gate ready = new_gate();
        pid_t pid = CHILD({
            setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
            setsid();
            setpgid(0, 0);
            tell(ready);
            for (;;)
                pause();
        });
        wait_told(ready);
        TRY(kill(pid, sig));
        // SIGKILL follows at once: what the first signal did not end, this ends; order is kept, stops are seen first.
        int status;
        siginfo_t info;
        if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
            // The child leads a session of its own, so its group is orphaned: only SIGSTOP stops it.
            if (sig == SIGSTOP) {
                TRY(waitid(P_PID, pid, &info, WSTOPPED));
                SAY("%s: stops", signame(sig));
            } else {
                TRY(kill(pid, SIGUSR1));
                TRY(waitpid(pid, &status, 0));
                SAY("%s: no stop in an orphaned group, then %s", signame(sig), signame(WTERMSIG(status)));
                pid = 0;
            }
        } else if (sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH) {
            TRY(kill(pid, SIGUSR1));
            TRY(waitpid(pid, &status, 0));
            SAY("%s: ignored, then %s", signame(sig), signame(WTERMSIG(status)));
            pid = 0;
        } else {
            TRY(waitpid(pid, &status, 0));
            SAY("%s: terminates, reported as %s", signame(sig), signame(WTERMSIG(status)));
            pid = 0;
        }
        if (pid) {
            kill(pid, SIGKILL);
            reap("stopped one", pid);
        }
        close(ready.fd[0]);
        close(ready.fd[1]);
    }
    return 0;
}
