// Blocking, pending sets, delivery on unblocking, and which signals cannot be blocked or caught.
#include "guest.h"

static int order[64], count;
static void note(int sig) { order[count++] = sig; }

int main(void)
{
    sigset_t set, old, all;
    sigfillset(&all);
    CALL(sigprocmask(SIG_SETMASK, &all, NULL));
    sigprocmask(SIG_SETMASK, NULL, &set);
    SAY("KILL blocked %d STOP blocked %d TERM blocked %d", sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP),
        sigismember(&set, SIGTERM));

    int sigs[] = { SIGTERM, SIGUSR2, SIGHUP, SIGUSR1, SIGINT };
    for (int i = 0; i < 5; i++) {
        signal(sigs[i], note);
        TRY(raise(sigs[i]));
        TRY(raise(sigs[i]));
    }
    sigpending(&set);
    for (int s = 1; s < 32; s++)
        if (sigismember(&set, s))
            SAY("pending %s", signame(s));
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, &old);
    SAY("delivered %d", count);
    // Handlers are stacked lowest number first, so the highest runs first; each ran once.
    for (int i = 0; i < count; i++)
        SAY("  %s", signame(order[i]));

    CALL(sigprocmask(99, &set, NULL));
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4));
    CALL(sigaction(SIGKILL, &(struct sigaction){ .sa_handler = note }, NULL));
    CALL(sigaction(SIGSTOP, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
    CALL(sigaction(0, NULL, NULL));
    CALL(sigaction(65, NULL, NULL));
    struct sigaction action;
    CALL(sigaction(SIGKILL, NULL, &action));

    // A blocked signal whose action is to ignore: thrown away when sent to a process that does not block it,
    // kept while it is blocked, dropped when its action becomes ignore.
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    sigpending(&set);
    SHOW(sigismember(&set, SIGUSR1));
    raise(SIGUSR1);
    sigpending(&set);
    SHOW(sigismember(&set, SIGUSR1));
    // SIGCONT removes pending stops, stops remove a pending SIGCONT.
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGCONT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTSTP);
    sigpending(&set);
    SAY("TSTP %d CONT %d", sigismember(&set, SIGTSTP), sigismember(&set, SIGCONT));
    raise(SIGCONT);
    sigpending(&set);
    SAY("TSTP %d CONT %d", sigismember(&set, SIGTSTP), sigismember(&set, SIGCONT));
    raise(SIGTSTP);
    sigpending(&set);
    SAY("TSTP %d CONT %d", sigismember(&set, SIGTSTP), sigismember(&set, SIGCONT));
    return 0;
}
