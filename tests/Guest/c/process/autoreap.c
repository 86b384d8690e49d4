// SIGCHLD ignored or SA_NOCLDWAIT: children vanish at once, wait sleeps until the last is gone and says ECHILD.
#include "guest.h"

static volatile int count;
static void on_child(int sig) { count++; }

int main(void)
{
    int status = 1234;
    signal(SIGCHLD, SIG_IGN);
    gate g = new_gate();
    for (int i = 0; i < 3; i++)
        CHILD({ wait_told(g); _exit(i); });
    CALL(waitpid(-1, &status, WNOHANG));
    for (int i = 0; i < 3; i++)
        tell(g);
    CALL(wait(&status));
    SHOW(status);

    struct sigaction action = { .sa_handler = on_child, .sa_flags = SA_NOCLDWAIT | SA_RESTART };
    sigaction(SIGCHLD, &action, NULL);
    CHILD(_exit(1));
    CALL(wait(&status));
    SHOW(count);

    // SA_NOCLDSTOP: no SIGCHLD for a stop, still one for the end.
    action = (struct sigaction){ .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP | SA_RESTART };
    sigaction(SIGCHLD, &action, NULL);
    count = 0;
    pid_t pid = CHILD(for (;;) pause());
    kill(pid, SIGSTOP);
    TRY(waitpid(pid, &status, WUNTRACED));
    SHOW(count);
    kill(pid, SIGCONT);
    TRY(waitpid(pid, &status, WCONTINUED));
    SHOW(count);
    kill(pid, SIGKILL);
    TRY(waitpid(pid, &status, 0));
    SHOW(count);

    // A zombie made while SIGCHLD had its default stays a zombie.
    signal(SIGCHLD, SIG_DFL);
    pid = CHILD(_exit(9));
    siginfo_t info;
    TRY(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    signal(SIGCHLD, SIG_IGN);
    TRUTH(waitpid(pid, &status, 0) == pid);
    show_status("old zombie", status);
    return 0;
}
