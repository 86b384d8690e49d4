// Orphans go to the nearest subreaper among their ancestors, and that one can wait for them.
#include "guest.h"
#include <sys/prctl.h>

int main(void)
{
    int flag = -1;
    CALL(prctl(PR_GET_CHILD_SUBREAPER, &flag));
    SHOW(flag);
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
    CALL(prctl(PR_GET_CHILD_SUBREAPER, &flag));
    SHOW(flag);

    pid_t top = getpid();
    gate born = new_gate(), orphaned = new_gate(), checked = new_gate();
    pid_t middle = CHILD({
        pid_t self = getpid();
        int inherited = -1;
        prctl(PR_GET_CHILD_SUBREAPER, &inherited);
        SHOW(inherited);
        CHILD({
            TRUTH(getppid() == self);
            tell(born);
            wait_told(orphaned);
            TRUTH(getppid() == top);
            tell(checked);
            _exit(33);
        });
        wait_told(born);
        _exit(1);
    });
    reap("middle", middle);
    tell(orphaned);
    wait_told(checked);
    int status;
    TRUTH(wait(&status) > 0);
    show_status("orphan", status);
    CALL(wait(&status));

    // A zombie whose parent dies is handed on as well.
    middle = CHILD({
        pid_t z = CHILD(_exit(44));
        siginfo_t info;
        TRY(waitid(P_PID, z, &info, WEXITED | WNOWAIT));
        _exit(2);
    });
    reap("middle", middle);
    TRUTH(wait(&status) > 0);
    show_status("zombie", status);
    CALL(wait(&status));
    return 0;
}
