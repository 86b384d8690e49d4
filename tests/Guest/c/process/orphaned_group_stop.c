// A stopped group that becomes orphaned gets SIGHUP and SIGCONT; in an orphaned group the tty stop signals do nothing.
#include "guest.h"
#include <sys/prctl.h>

static volatile sig_atomic_t hup, cont;
static void on_hup(int sig) { hup = 1; }
static void on_cont(int sig) { cont = 1; }

int main(void)
{
    TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
    int status;
    gate ready = new_gate(), reaped = new_gate();
    pid_t leader = CHILD({
        setsid();
        pid_t stopped = CHILD({
            setpgid(0, 0);
            signal(SIGHUP, on_hup);
            signal(SIGCONT, on_cont);
            raise(SIGSTOP);
            wait_told(reaped);
            SAY("hup %d cont %d", hup, cont);
            raise(SIGTSTP);
            SAY("SIGTSTP in an orphaned group: ignored");
            tell(ready);
            _exit(7);
        });
        TRY(waitpid(stopped, &status, WUNTRACED));
        show_status("child", status);
        _exit(1);
    });
    reap("leader", leader);
    tell(reaped);
    wait_told(ready);
    TRY(wait(&status));
    show_status("orphan", status);
    return 0;
}
