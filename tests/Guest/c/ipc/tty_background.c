// Foreground and background groups of a terminal: SIGTTIN, SIGTTOU, tcsetpgrp, Ctrl-Z, as a job shell uses them.
#include "guest.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    int master = TRY(posix_openpt(O_RDWR | O_NOCTTY)), status;
    TRY(grantpt(master));
    TRY(unlockpt(master));
    gate fg = new_gate();
    pid_t shell = CHILD({
        setsid();
        int tty = TRY(open(ptsname(master), O_RDWR));
        TRUTH(tcgetpgrp(tty) == getpid());
        signal(SIGTTOU, SIG_IGN);
        // A background job that reads is stopped by SIGTTIN.
        pid_t job = CHILD({
            setpgid(0, 0);
            char line[64];
            ssize_t n = read(tty, line, sizeof line);
            SAY("job read %zd", n);
            signal(SIGTTOU, SIG_DFL);
            raise(SIGSTOP);
            SAY("in the background again");
            struct termios t;
            tcgetattr(tty, &t);
            tcsetattr(tty, TCSANOW, &t);
            SAY("attributes set in the foreground");
            _exit(8);
        });
        setpgid(job, job);
        TRY(waitpid(job, &status, WUNTRACED));
        show_status("job", status);
        CALL(tcsetpgrp(tty, job));
        TRUTH(tcgetpgrp(tty) == job);
        kill(-job, SIGCONT);
        tell(fg);
        TRY(waitpid(job, &status, WUNTRACED));
        show_status("job", status);
        CALL(tcsetpgrp(tty, getpgrp()));
        kill(-job, SIGCONT);
        TRY(waitpid(job, &status, WUNTRACED));
        show_status("job", status);
        TRY(tcsetpgrp(tty, job));
        kill(-job, SIGCONT);
        reap("job", job);
        TRY(tcsetpgrp(tty, getpgrp()));

        // Ctrl-Z reaches the whole foreground group.
        gate up = new_gate();
        job = CHILD({
            setpgid(0, 0);
            signal(SIGTTOU, SIG_IGN);
            tcsetpgrp(tty, getpid());
            signal(SIGTTOU, SIG_DFL);
            tell(up);
            for (;;)
                pause();
        });
        wait_told(up);
        tell(fg);
        TRY(waitpid(job, &status, WUNTRACED));
        show_status("job", status);
        kill(-job, SIGCONT);
        tell(fg);
        reap("job", job);
        TRY(tcsetpgrp(tty, getpgrp()));
        CALL(tcsetpgrp(tty, 1 << 22));
        // Ignoring SIGTTIN turns a background read into EIO.
        job = CHILD({ setpgid(0, 0); signal(SIGTTIN, SIG_IGN); char c; CALL(read(tty, &c, 1)); });
        reap("job", job);
    });
    wait_told(fg);
    TRY(write(master, "line\n", 5));
    wait_told(fg);
    TRY(write(master, "\032", 1));
    wait_told(fg);
    TRY(write(master, "\003", 1));
    reap("shell", shell);
    return 0;
}
