// fork, vfork, wait4, pipes and exec by bare system calls.
// status: 33
#include "nolibc.h"

static void start(long *stack)
{
    int p[2];
    int status = 0;
    number("pipe", SYS1(nr_pipe, p));
    for (int i = 0; i < 3; i++) {
        long pid = SYS1(nr_fork, 0);
        if (pid == 0) {
            char c = 'a' + i;
            SYS3(nr_write, p[1], &c, 1);
            SYS1(nr_exit, 10 + i);
        }
        number("reaped the right one", SYS4(nr_wait4, pid, &status, 0, 0) == pid);
        number("status", status);
    }
    char got[4];
    number("read", SYS3(nr_read, p[0], got, 4));
    got[3] = '\n';
    SYS3(nr_write, 1, got, 4);
    long pid = SYS1(nr_vfork, 0);
    if (pid == 0) {
        char *argv[] = { "echo", "from exec", 0 };
        SYS3(nr_execve, "/bin/echo", argv, 0);
        SYS1(nr_exit, 1);
    }
    SYS4(nr_wait4, pid, &status, 0, 0);
    number("status", status);
    number("no more children", SYS4(nr_wait4, -1, &status, 0, 0));
    number("bad pointer", SYS3(nr_write, 1, 16, 5));
    number("bad descriptor", SYS3(nr_write, 77, got, 1));
    number("no such call", SYS1(4000, 0));
    finish(33);
}
