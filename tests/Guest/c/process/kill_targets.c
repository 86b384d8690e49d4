// kill's targets: one, a whole group, own group, everybody is left alone; signal 0; errors; permission.
#include "guest.h"

static volatile int hits;
static void on_usr1(int sig) { hits++; }

int main(void)
{
    reap("scene", CHILD({
        setpgid(0, 0);
        signal(SIGUSR1, on_usr1);
        gate ready = new_gate(), over = new_gate();
        pid_t group = 0, members[3];
        for (int i = 0; i < 3; i++) {
            members[i] = CHILD({
                tell(ready);
                for (;;)
                    pause();
            });
            if (i == 0)
                group = members[0];
            setpgid(members[i], group);
        }
        for (int i = 0; i < 3; i++)
            wait_told(ready);
        CALL(kill(-group, 0));
        CALL(kill(-group, SIGTERM));
        for (int i = 0; i < 3; i++)
            reap("member", members[i]);
        TRUTH(kill(-group, 0) == -1 && errno == ESRCH);

        // kill(0) reaches the whole own group, the sender as well, before it returns.
        pid_t other = CHILD({
            int before = hits;
            tell(ready);
            wait_told(over);
            _exit(hits - before);
        });
        wait_told(ready);
        CALL(kill(0, SIGUSR1));
        SHOW(hits);
        tell(over);
        reap("other", other);

        CALL(kill(getpid(), 65));
        CALL(kill(getpid(), -1));
        CALL(kill(1 << 22, SIGTERM));
        CALL(kill(INT_MIN, SIGTERM));
        CALL(kill(getpid(), 0));
        CALL(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
        CALL(syscall(SYS_tgkill, getpid(), -1, SIGUSR1));
        CALL(syscall(SYS_tkill, 0, SIGUSR1));
        CALL(syscall(SYS_tkill, getpid(), SIGUSR1));
        SHOW(hits);

        // A zombie can still be signalled.
        pid_t z = CHILD(_exit(3));
        siginfo_t info;
        TRY(waitid(P_PID, z, &info, WEXITED | WNOWAIT));
        TRUTH(kill(z, SIGKILL) == 0);
        reap("zombie", z);
        TRUTH(kill(z, 0) == -1 && errno == ESRCH);
    }));
    return 0;
}
