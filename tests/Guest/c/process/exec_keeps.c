// What execve keeps and what it resets: handlers fall to default, ignored stays ignored, mask, pending, umask, cwd, timers.
// args: parent
#include "guest.h"
#include <sys/prctl.h>

static void handler(int sig) { }

static const char *disposition(int sig)
{
    struct sigaction action;
    sigaction(sig, NULL, &action);
    return action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handler";
}

static void show(void)
{
    char cwd[PATH_MAX], comm[16];
    sigset_t set;
    struct itimerval timer;
    stack_t stack;
    mode_t mask = umask(0);
    umask(mask);
    SAY("HUP %s, USR1 %s, CHLD %s", disposition(SIGHUP), disposition(SIGUSR1), disposition(SIGCHLD));
    sigprocmask(SIG_SETMASK, NULL, &set);
    SAY("USR2 blocked %d", sigismember(&set, SIGUSR2));
    sigpending(&set);
    SAY("USR2 pending %d", sigismember(&set, SIGUSR2));
    getitimer(ITIMER_REAL, &timer);
    SAY("timer running %d", timer.it_value.tv_sec > 0);
    sigaltstack(NULL, &stack);
    SAY("alternate stack %s", stack.ss_flags & SS_DISABLE ? "off" : "on");
    SAY("umask %03o, cwd %s", mask, getcwd(cwd, sizeof cwd));
    prctl(PR_GET_NAME, comm);
    SAY("comm %s", comm);
    int death = -1;
    prctl(PR_GET_PDEATHSIG, &death);
    SHOW(death);
    SHOW(prctl(PR_GET_KEEPCAPS));
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    SHOW(getpriority(0, 0));
}

int main(int argc, char **argv)
{
    if (strcmp(argv[1], "child") == 0) {
        TRUTH(atoi(argv[2]) == getpid());
        TRUTH(atoi(argv[3]) == getppid());
        show();
        return 0;
    }
    sigset_t set;
    signal(SIGHUP, SIG_IGN);
    signal(SIGUSR1, handler);
    signal(SIGCHLD, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 500, 0 } }, NULL);
    sigaltstack(&(stack_t){ .ss_sp = malloc(65536), .ss_size = 65536 }, NULL);
    umask(035);
    TRY(chdir("/usr/bin"));
    prctl(PR_SET_NAME, "before");
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    TRY(nice(2));
    show();
    char self[PATH_MAX] = "", pid[16], parent[16];
    TRY(readlink("/proc/self/exe", self, sizeof self - 1));
    sprintf(pid, "%d", getpid());
    sprintf(parent, "%d", getppid());
    SAY("-- exec");
    execl(self, "renamed", "child", pid, parent, NULL);
    return 1;
}
