// Stop and continue from outside and inside: handler for SIGCONT, SIGKILL of a stopped process, signals held while stopped.
#include "guest.h"

static gate events;
static void say_byte(char c) { ssize_t n = write(events.fd[1], &c, 1); (void)n; }
static void on_cont(int sig) { say_byte('C'); }
static void on_usr1(int sig) { say_byte('U'); }

static char event(void)
{
    char c = '?';
    TRY(read(events.fd[0], &c, 1));
    return c;
}

int main(void)
{
    int status;
    events = new_gate();
    pid_t pid = CHILD({
        signal(SIGCONT, on_cont);
        signal(SIGUSR1, on_usr1);
        say_byte('R');
        for (;;)
            pause();
    });
    SAY("event %c", event());
    TRY(kill(pid, SIGSTOP));
    TRY(waitpid(pid, &status, WUNTRACED));
    show_status("child", status);
    SAY("state %c", state_of(pid));
    // A signal sent while it is stopped is handled after it goes on; SIGCONT's handler runs then, too.
    TRY(kill(pid, SIGUSR1));
    SAY("state %c", state_of(pid));
    TRY(kill(pid, SIGCONT));
    char a = event(), b = event();
    SAY("events %c%c", a < b ? a : b, a < b ? b : a);
    TRY(waitpid(pid, &status, WCONTINUED));
    show_status("child", status);
    TRY(kill(pid, SIGSTOP));
    TRY(waitpid(pid, &status, WUNTRACED));
    TRY(kill(pid, SIGKILL));
    reap("child", pid);

    // SIGTERM does not end a stopped process until it is continued.
    pid = CHILD(for (;;) pause());
    TRY(kill(pid, SIGSTOP));
    TRY(waitpid(pid, &status, WUNTRACED));
    TRY(kill(pid, SIGTERM));
    CALL(waitpid(pid, &status, WNOHANG));
    SAY("state %c", state_of(pid));
    TRY(kill(pid, SIGCONT));
    reap("child", pid);

    // A process may stop itself, and a handler may catch SIGTSTP.
    pid = CHILD({ raise(SIGSTOP); _exit(11); });
    TRY(waitpid(pid, &status, WUNTRACED));
    show_status("self", status);
    TRY(kill(pid, SIGCONT));
    reap("self", pid);
    pid = CHILD({ signal(SIGTSTP, on_usr1); raise(SIGTSTP); _exit(12); });
    SAY("event %c", event());
    reap("caught", pid);
    return 0;
}
