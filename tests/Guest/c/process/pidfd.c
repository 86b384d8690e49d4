// pidfd_open, pidfd_send_signal, readiness at exit, and what happens once the process is reaped.
#include "guest.h"
#include <poll.h>

int main(void)
{
    pid_t pid = CHILD(pause());
    int fd = syscall(SYS_pidfd_open, pid, 0);
    TRUTH(fd >= 0);
    CALL(fcntl(fd, F_GETFD));
    CALL(syscall(SYS_pidfd_open, pid, 0xff00));
    CALL(syscall(SYS_pidfd_open, 0, 0));
    CALL(syscall(SYS_pidfd_open, -5, 0));
    CALL(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    CALL(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    struct pollfd p = { fd, POLLIN, 0 };
    CALL(poll(&p, 1, -1));
    SHOW(p.revents & POLLIN);
    CALL(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    reap("child", pid);
    CALL(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    CALL(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0));
    return 0;
}
