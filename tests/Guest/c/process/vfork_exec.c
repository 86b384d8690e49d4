// vfork: the parent sleeps until the child execs or exits, and sees what the child wrote to their common memory.
#include "guest.h"

int main(void)
{
    volatile int seen = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        seen = 1;
        _exit(5);
    }
    SHOW(seen);
    reap("exited", pid);

    int fds[2];
    TRY(pipe2(fds, O_CLOEXEC));
    pid = vfork();
    if (pid == 0) {
        seen = 2;
        dup2(fds[1], 1);
        execl("/bin/echo", "echo", "from", "vfork", NULL);
        seen = 3;
        _exit(127);
    }
    SHOW(seen);
    close(fds[1]);
    char text[64] = "";
    CALL(read(fds[0], text, sizeof text - 1));
    SAY("%s", text);
    reap("echo", pid);

    pid = vfork();
    if (pid == 0) {
        execl("/no/such/program", "x", NULL);
        seen = errno;
        _exit(127);
    }
    SAY("exec failed with %s", strerrorname_np(seen));
    reap("failed", pid);
    return 0;
}
