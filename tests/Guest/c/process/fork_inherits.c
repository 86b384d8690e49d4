// What a child gets from fork and what it does not: man 2 fork, point by point.
#include "guest.h"
#include <sys/times.h>

static void on_signal(int sig) { }

static int pending(int sig)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, sig);
}

static int masked(int sig)
{
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    return sigismember(&set, sig);
}

static void report(const char *who)
{
    char cwd[PATH_MAX];
    struct itimerval timer;
    struct sigaction action;
    struct rlimit limit;
    struct rusage used;
    struct tms times_now;
    mode_t mask = umask(0);
    umask(mask);
    SAY("-- %s", who);
    SHOW(mask);
    SAY("cwd %s", getcwd(cwd, sizeof cwd));
    TRUTH(masked(SIGUSR1));
    TRUTH(pending(SIGUSR1));
    sigaction(SIGUSR2, NULL, &action);
    TRUTH(action.sa_handler == on_signal);
    sigaction(SIGHUP, NULL, &action);
    TRUTH(action.sa_handler == SIG_IGN);
    getitimer(ITIMER_REAL, &timer);
    TRUTH(timer.it_value.tv_sec > 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    SAY("nofile %lld", (long long)limit.rlim_cur);
    getrusage(RUSAGE_CHILDREN, &used);
    TRUTH(used.ru_maxrss != 0);
    times(&times_now);
    TRUTH(times_now.tms_cutime == 0);
    SAY("env %s", getenv("COLOUR"));
    SAY("nice %d", getpriority(PRIO_PROCESS, 0));
    char c = 0;
    TRUTH(read(50, &c, 1) == 1);
    SAY("byte %c", c);
}

int main(void)
{
    sigset_t set;
    int fds[2];
    struct rlimit limit = { 123, 200 };
    umask(027);
    TRY(chdir("/usr"));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    signal(SIGUSR2, on_signal);
    signal(SIGHUP, SIG_IGN);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 1000, 0 } }, NULL);
    TRY(setrlimit(RLIMIT_NOFILE, &limit));
    setenv("COLOUR", "red", 1);
    TRY(nice(3));
    TRY(pipe(fds));
    TRY(dup2(fds[0], 50));
    TRY(write(fds[1], "ab", 2));
    waitpid(CHILD(_exit(0)), NULL, 0);

    report("parent");
    reap("child", CHILD(report("child")));
    return 0;
}
