// The exit signal is the low byte of clone's flags: SIGCHLD, another one, or none; __WCLONE and __WALL choose by it.
#include "guest.h"
#include <sched.h>

static volatile int got_usr1, got_chld;
static void on_usr1(int sig) { got_usr1++; }
static void on_chld(int sig) { got_chld++; }

static pid_t spawn(int flags)
{
    pid_t pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
    if (pid == 0)
        _exit(9);
    return pid;
}

int main(void)
{
    int status;
    signal(SIGUSR1, on_usr1);
    signal(SIGCHLD, on_chld);

    pid_t pid = spawn(SIGUSR1);
    CALL(waitpid(-1, &status, 0));
    TRUTH(waitpid(pid, &status, __WCLONE) == pid);
    show_status("SIGUSR1 child", status);
    SAY("usr1 %d chld %d", got_usr1, got_chld);

    pid = spawn(0);
    TRUTH(waitpid(pid, &status, __WALL) == pid);
    show_status("silent child", status);
    SAY("usr1 %d chld %d", got_usr1, got_chld);

    pid = spawn(SIGCHLD);
    CALL(waitpid(pid, &status, __WCLONE));
    TRUTH(waitpid(pid, &status, 0) == pid);
    SAY("usr1 %d chld %d", got_usr1, got_chld);

    pid = spawn(200); // no signal at all
    TRUTH(waitpid(pid, &status, __WCLONE) == pid);
    show_status("child of no signal", status);
    SAY("usr1 %d chld %d", got_usr1, got_chld);
    CALL(waitpid(-1, &status, __WALL));
    return 0;
}
