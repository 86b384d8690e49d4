// A daemon the classical way: double fork, setsid, chdir, descriptors to /dev/null; it reports through a FIFO.
#include "guest.h"
#include <sys/prctl.h>

int main(void)
{
    scratch();
    TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
    TRY(mkfifo("report", 0600));
    pid_t first = CHILD({
        setsid();
        CHILD({
            int out = TRY(open("report", O_WRONLY));
            TRY(chdir("/"));
            umask(0);
            int null = TRY(open("/dev/null", O_RDWR));
            for (int fd = 0; fd < 3; fd++)
                dup2(null, fd);
            dprintf(out, "session leader: %s\n", getsid(0) == getpid() ? "yes" : "no");
            dprintf(out, "own group: %s\n", getpgrp() == getpid() ? "yes" : "no");
            dprintf(out, "controlling terminal: %s\n", open("/dev/tty", O_RDWR) == -1 ? strerrorname_np(errno) : "yes");
            char cwd[16];
            dprintf(out, "cwd: %s\n", getcwd(cwd, sizeof cwd));
            _exit(12);
        });
        _exit(0);
    });
    reap("first", first);
    FILE *in = fopen("report", "r");
    char line[128];
    while (fgets(line, sizeof line, in))
        fputs(line, stdout);
    int status;
    TRY(wait(&status));
    show_status("daemon", status);
    return 0;
}
