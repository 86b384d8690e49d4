// clone3: the structure's size is versioned, a pidfd comes back, impossible requests are refused.
#include "guest.h"
#include <linux/sched.h>
#include <poll.h>

static long clone3(struct clone_args *args, size_t size) { return syscall(SYS_clone3, args, size); }

int main(void)
{
    int pidfd = -1;
    struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
    gate g = new_gate();
    long pid = clone3(&args, sizeof args);
    if (pid == 0) {
        wait_told(g);
        _exit(4);
    }
    if (pid == -1 && errno == ENOSYS)
        not_possible_here("clone3 is not allowed here");
    TRUTH(pid > 0 && pidfd >= 0);
    CALL(fcntl(pidfd, F_GETFD));
    struct pollfd p = { pidfd, POLLIN, 0 };
    CALL(poll(&p, 1, 0));
    tell(g);
    CALL(poll(&p, 1, -1));
    SHOW(p.revents);
    siginfo_t info;
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED));
    TRUTH(info.si_pid == pid);
    SHOW(info.si_status);

    // CLONE_CLEAR_SIGHAND: handlers fall to default in the child, what is ignored stays ignored.
    signal(SIGUSR1, exit);
    signal(SIGUSR2, SIG_IGN);
    args = (struct clone_args){ .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
    pid = clone3(&args, sizeof args);
    if (pid == 0) {
        raise(SIGUSR2);
        raise(SIGUSR1);
        _exit(1);
    }
    reap("cleared", pid);

    struct clone_args bad = { .exit_signal = 200 };
    CALL(clone3(&bad, sizeof bad));
    CALL(clone3(&args, 8));
    bad = (struct clone_args){ .flags = CLONE_SIGHAND, .exit_signal = SIGCHLD };
    CALL(clone3(&bad, sizeof bad));
    bad = (struct clone_args){ .flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD };
    CALL(clone3(&bad, sizeof bad));
    bad = (struct clone_args){ .flags = 0x8000000000ull, .exit_signal = SIGCHLD };
    CALL(clone3(&bad, sizeof bad));
    bad = (struct clone_args){ .stack = 4096, .exit_signal = SIGCHLD };
    CALL(clone3(&bad, sizeof bad));
    return 0;
}
