// PR_SET_PDEATHSIG: the signal comes when the parent ends; it is cleared by fork.
#include "guest.h"
#include <sys/prctl.h>

int main(void)
{
    TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
    gate ready = new_gate();
    pid_t middle = CHILD({
        CHILD({
            int sig = -1;
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
            prctl(PR_GET_PDEATHSIG, &sig);
            SAY("set to %s", signame(sig));
            reap("inherited by", CHILD({ prctl(PR_GET_PDEATHSIG, &sig); SHOW(sig); }));
            tell(ready);
            for (;;)
                pause();
        });
        wait_told(ready);
        _exit(0);
    });
    reap("parent", middle);
    int status;
    TRUTH(wait(&status) > 0);
    show_status("child", status);
    CALL(prctl(PR_SET_PDEATHSIG, 100));
    return 0;
}
