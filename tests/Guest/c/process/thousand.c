// A thousand children at once: all asleep, all signalled as a group, all reaped, every pid another one.
// timeout: 120
#include "guest.h"

enum { N = 1000 };
static int compare(const void *a, const void *b) { return *(pid_t *)a - *(pid_t *)b; }

int main(void)
{
    static pid_t pid[N];
    gate ready = new_gate();
    pid_t group = 0;
    for (int i = 0; i < N; i++) {
        pid[i] = CHILD({
            setpgid(0, group);
            tell(ready);
            for (;;)
                pause();
        });
        setpgid(pid[i], group);
        if (i == 0)
            group = pid[0];
    }
    for (int i = 0; i < N; i++)
        wait_told(ready);
    qsort(pid, N, sizeof *pid, compare);
    int distinct = 1;
    for (int i = 1; i < N; i++)
        distinct &= pid[i] != pid[i - 1];
    SHOW(distinct);
    CALL(kill(-group, SIGSTOP));
    int status, stopped = 0, killed = 0;
    while (stopped < N && waitpid(-group, &status, WUNTRACED) > 0)
        stopped += WIFSTOPPED(status);
    SHOW(stopped);
    CALL(kill(-group, SIGTERM));
    CALL(waitpid(-group, &status, WNOHANG));
    CALL(kill(-group, SIGCONT));
    while (waitpid(-group, &status, 0) > 0)
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    SAY("killed %d then %s", killed, strerrorname_np(errno));
    TRUTH(kill(-group, 0) == -1 && errno == ESRCH);
    return 0;
}
