// needs: root
// The init of a pid namespace takes everybody along, whatever signal they would have sent, and is reaped after them.
#include "guest.h"
#include <sched.h>

static pid_t spawn(unsigned long flags)
{
    return syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
}

int main(void)
{
    int flags[] = { SIGCHLD, SIGUSR1, 0, 200 }, status;
    int ends[2];
    TRY(pipe(ends));
    pid_t pid = spawn(CLONE_NEWPID | SIGCHLD);
    if (pid < 0)
        not_possible_here("no pid namespaces");
    if (pid == 0) {
        for (int i = 0; i < 4; i++) {
            if (spawn(flags[i]) != 0)
                continue;
            if (spawn(flags[3 - i]) == 0)
                pause();
            pause();
        }
        _exit(getpid());
    }
    close(ends[1]);
    TRUTH(waitpid(pid, &status, 0) == pid);
    show_status("init", status);
    char c;
    TRUTH(read(ends[0], &c, 1) == 0); // everybody is gone
    CALL(waitpid(-1, &status, __WALL));
    return 0;
}
