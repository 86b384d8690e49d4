// Reaping in a SIGCHLD handler with WNOHANG: fifty children, none left, none counted twice.
#include "guest.h"

static volatile int reaped, sum;
static void on_child(int sig)
{
    int status, saved = errno;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        reaped++;
        sum += WEXITSTATUS(status);
    }
    errno = saved;
}

int main(void)
{
    sigset_t set, old;
    signal(SIGCHLD, on_child);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < 50; i++)
        CHILD(_exit(i));
    sigprocmask(SIG_BLOCK, &set, &old);
    while (reaped < 50)
        sigsuspend(&old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    SHOW(reaped);
    SHOW(sum);
    CALL(wait(NULL));
    return 0;
}
