// /proc/self/status, stat, statm, comm: the fields that a program determines itself.
#include "guest.h"
#include <sys/prctl.h>

static char *read_file(const char *path)
{
    static char text[65536];
    int fd = TRY(open(path, O_RDONLY));
    ssize_t n = TRY(read(fd, text, sizeof text - 1));
    text[n] = 0;
    close(fd);
    return text;
}

static void field(const char *name)
{
    char *status = read_file("/proc/self/status"), *at;
    char key[32];
    sprintf(key, "\n%s:", name);
    at = strncmp(status, key + 1, strlen(key + 1)) == 0 ? status - 1 : strstr(status, key);
    if (!at) {
        SAY("%s: missing", name);
        return;
    }
    SAY("%.*s", (int)strcspn(at + 1, "\n"), at + 1);
}

static void handler(int sig) { }

int main(void)
{
    sigset_t set;
    prctl(PR_SET_NAME, "odd ) name\n");
    umask(027);
    signal(SIGUSR1, handler);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_SETMASK, &set, NULL);
    raise(SIGTERM);
    kill(getpid(), SIGUSR2);
    field("Name");
    field("Umask");
    field("State");
    field("TracerPid");
    field("Threads");
    field("SigPnd");
    field("ShdPnd");
    field("SigBlk");
    field("SigCgt");
    char *status = read_file("/proc/self/status");
    TRUTH(atoi(strstr(status, "\nPid:") + 5) == getpid());
    TRUTH(atoi(strstr(status, "\nTgid:") + 6) == getpid());
    TRUTH(atoi(strstr(status, "\nPPid:") + 6) == getppid());
    TRUTH(strstr(status, "\nUid:") != NULL);
    TRUTH(atol(strstr(status, "\nVmSize:") + 8) > atol(strstr(status, "\nVmRSS:") + 7));
    TRUTH(atol(strstr(status, "\nVmStk:") + 7) > 0);
    TRUTH(atol(strstr(status, "\nFDSize:") + 8) >= 4);
    TRUTH(strstr(status, "\nNoNewPrivs:\t0") != NULL);
    TRUTH(strstr(status, "\nvoluntary_ctxt_switches:") != NULL);

    char *stat = read_file("/proc/self/stat");
    TRUTH(atoi(stat) == getpid());
    char *close = strrchr(stat, ')');
    SAY("%.*s", (int)(close - strchr(stat, '(') + 1), strchr(stat, '('));
    char state;
    int ppid, pgrp, session, tty;
    long flags, value[40];
    TRUTH(sscanf(close + 2, "%c %d %d %d %d", &state, &ppid, &pgrp, &session, &tty) == 5);
    SAY("state %c", state);
    TRUTH(ppid == getppid() && pgrp == getpgrp() && session == getsid(0));
    int count = 2;
    for (char *p = close + 2; *p; p++)
        count += *p == ' ';
    SHOW(count + 1);
    (void)flags, (void)value;
    long pages[7];
    char *statm = read_file("/proc/self/statm");
    TRUTH(sscanf(statm, "%ld %ld %ld %ld %ld %ld %ld", pages, pages + 1, pages + 2, pages + 3, pages + 4, pages + 5, pages + 6) == 7);
    TRUTH(pages[0] >= pages[1] && pages[1] >= pages[2] && pages[4] == 0 && pages[6] == 0);
    printf("%s", read_file("/proc/self/comm"));
    int fd = TRY(open("/proc/self/comm", O_WRONLY));
    CALL(write(fd, "written-to-comm-is-cut", 22));
    printf("%s", read_file("/proc/self/comm"));
    char name[17] = "";
    prctl(PR_GET_NAME, name);
    SAY("%s", name);
    TRUTH(strcmp(read_file("/proc/self/wchan"), "0") == 0);
    TRUTH(strlen(read_file("/proc/self/limits")) > 500);
    return 0;
}
