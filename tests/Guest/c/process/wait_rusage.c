// wait4's rusage is the child's own; RUSAGE_CHILDREN grows only when a child is reaped.
#include "guest.h"

static volatile unsigned sink;
static void burn(void)
{
    struct timespec t;
    do {
        for (unsigned i = 0; i < 20000; i++)
            sink += i * i;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    } while (t.tv_sec == 0 && t.tv_nsec < 60 * 1000 * 1000);
}

static long micros(struct timeval t) { return t.tv_sec * 1000000 + t.tv_usec; }

int main(void)
{
    struct rusage child, before, after;
    int status;
    getrusage(RUSAGE_CHILDREN, &before);
    SHOW(micros(before.ru_utime) + micros(before.ru_stime));

    pid_t pid = CHILD(burn());
    siginfo_t info;
    TRY(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    getrusage(RUSAGE_CHILDREN, &after);
    SHOW(micros(after.ru_utime) + micros(after.ru_stime));
    TRUTH(wait4(pid, &status, 0, &child) == pid);
    TRUTH(micros(child.ru_utime) + micros(child.ru_stime) >= 50000);
    TRUTH(child.ru_maxrss > 0);
    TRUTH(child.ru_minflt > 0);
    getrusage(RUSAGE_CHILDREN, &after);
    TRUTH(micros(after.ru_utime) == micros(child.ru_utime));
    TRUTH(micros(after.ru_stime) == micros(child.ru_stime));

    // A grandchild counts once its own parent has reaped it and was reaped in turn.
    pid = CHILD({ waitpid(CHILD(burn()), NULL, 0); });
    TRY(wait4(pid, &status, 0, &child));
    TRUTH(micros(child.ru_utime) + micros(child.ru_stime) >= 50000);

    // With SIGCHLD ignored a child's times are lost.
    signal(SIGCHLD, SIG_IGN);
    getrusage(RUSAGE_CHILDREN, &before);
    pid = CHILD(burn());
    CALL(waitpid(pid, &status, 0));
    getrusage(RUSAGE_CHILDREN, &after);
    TRUTH(micros(after.ru_utime) == micros(before.ru_utime));
    CALL(getrusage(7, &after));
    CALL(getrusage(RUSAGE_SELF, (void *)8));
    return 0;
}
