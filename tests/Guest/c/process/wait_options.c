// waitpid's choices: any, by pid, by group; WNOHANG, WUNTRACED, WCONTINUED, and each errno.
#include "guest.h"

int main(void)
{
    int status = 0x7777;
    CALL(waitpid(-1, &status, 0));
    CALL(waitpid(-1, &status, 0x40));
    CALL(waitpid(INT_MIN, &status, 0));
    CALL(waitpid(getpid(), &status, 0));
    SHOW(status);

    gate g = new_gate();
    pid_t a = CHILD({ wait_told(g); _exit(1); });
    CALL(waitpid(a, &status, WNOHANG));
    tell(g);
    TRUTH(waitpid(a, &status, 0) == a);
    show_status("a", status);
    CALL(waitpid(a, &status, 0));

    // By process group.
    pid_t b = CHILD({ setpgid(0, 0); _exit(2); });
    pid_t c = CHILD({ _exit(3); });
    setpgid(b, b);
    TRUTH(waitpid(0, &status, 0) == c);
    show_status("own group", status);
    TRUTH(waitpid(-b, &status, 0) == b);
    show_status("its group", status);
    CALL(waitpid(-b, &status, 0));

    // Stops and continues are reported once each, and only when asked for. In a group of its own it is no orphan,
    // because its parent is in the same session: SIGTSTP stops it.
    pid_t s = CHILD({ for (;;) pause(); });
    setpgid(s, s);
    TRY(kill(s, SIGSTOP));
    TRUTH(waitpid(s, &status, WUNTRACED) == s);
    show_status("s", status);
    CALL(waitpid(s, &status, WUNTRACED | WNOHANG));
    TRY(kill(s, SIGCONT));
    TRUTH(waitpid(s, &status, WCONTINUED) == s);
    show_status("s", status);
    CALL(waitpid(s, &status, WCONTINUED | WUNTRACED | WNOHANG));
    TRY(kill(s, SIGTSTP));
    TRUTH(waitpid(s, &status, WUNTRACED) == s);
    show_status("s", status);
    TRY(kill(s, SIGKILL));
    TRUTH(waitpid(s, &status, WUNTRACED) == s);
    show_status("s", status);
    return 0;
}
