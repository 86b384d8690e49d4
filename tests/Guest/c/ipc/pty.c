// A pseudo terminal pair: line discipline, echo, signals by control characters, window size, hang-up.
#include "guest.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static void show(const char *what, int fd)
{
    char b[256];
    ssize_t n = read(fd, b, sizeof b);
    printf("%s (%zd):", what, n);
    for (ssize_t i = 0; i < n; i++)
        printf(b[i] >= ' ' && b[i] < 127 ? " %c" : " \\%03o", (unsigned char)b[i]);
    printf("%s\n", n == -1 ? strerrorname_np(errno) : "");
}

static void handler(int sig) { ssize_t n = write(1, "caught ", 7); n = write(1, signame(sig), strlen(signame(sig))); n = write(1, "\n", 1); (void)n; }

int main(void)
{
    master = TRY(posix_openpt(O_RDWR | O_NOCTTY));
    CALL(grantpt(master));
    CALL(unlockpt(master));
    TRUTH(strncmp(ptsname(master), "/dev/pts/", 9) == 0);
    int slave = TRY(open(ptsname(master), O_RDWR | O_NOCTTY));
    TRUTH(isatty(slave) && isatty(master));
    struct termios t;
    TRY(tcgetattr(slave, &t));
    SAY("iflag %o oflag %o cflag %o lflag %o", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
    SAY("intr %d quit %d erase %d kill %d eof %d susp %d min %d", t.c_cc[VINTR], t.c_cc[VQUIT], t.c_cc[VERASE], t.c_cc[VKILL],
        t.c_cc[VEOF], t.c_cc[VSUSP], t.c_cc[VMIN]);

    TRY(write(master, "ab\177c\r", 5));
    show("slave reads the edited line", slave);
    show("master reads the echo", master);
    TRY(write(slave, "out\n", 4));
    show("newline becomes CR NL", master);
    TRY(write(master, "x\025yz\n", 5));
    show("line killed", slave);
    TRY(write(master, "part\004", 5));
    show("end of file key flushes", slave);
    TRY(write(master, "\004", 1));
    show("end of file", slave);
    fcntl(master, F_SETFL, O_NONBLOCK);
    char drain[256];
    while (read(master, drain, sizeof drain) > 0)
        continue;
    fcntl(master, F_SETFL, 0);

    struct winsize w = { 24, 80, 0, 0 };
    CALL(ioctl(master, TIOCSWINSZ, &w));
    w.ws_row = 0;
    CALL(ioctl(slave, TIOCGWINSZ, &w));
    SAY("%d x %d", w.ws_row, w.ws_col);

    cfmakeraw(&t);
    TRY(tcsetattr(slave, TCSANOW, &t));
    TRY(write(master, "a\rb\003", 4));
    show("raw", slave);
    TRY(write(slave, "o\n", 2));
    show("raw out", master);
    TRY(tcgetattr(slave, &t));
    t.c_lflag = ISIG | ICANON;
    t.c_iflag = ICRNL;
    TRY(tcsetattr(slave, TCSAFLUSH, &t));

    gate ready = new_gate(), hit = new_gate();
    pid_t pid = CHILD({
        CALL(open("/dev/tty", O_RDWR));
        setsid();
        CALL(ioctl(slave, TIOCSCTTY, 0));
        OK(open("/dev/tty", O_RDWR));
        TRUTH(tcgetpgrp(slave) == getpid());
        TRUTH(tcgetsid(slave) == getpid());
        signal(SIGINT, handler);
        signal(SIGQUIT, handler);
        signal(SIGWINCH, handler);
        signal(SIGHUP, handler);
        for (int i = 0; i < 4; i++) {
            sigset_t none;
            sigset_t all;
            sigemptyset(&none);
            sigfillset(&all);
            if (i == 0) {
                sigprocmask(SIG_SETMASK, &all, NULL);
                close(master);
            }
            tell(ready);
            sigsuspend(&none);
            tell(hit);
        }
        // Background reads stop, background writes do so with TOSTOP only.
        show("after hang-up", slave);
        CALL(write(slave, "x", 1));
        _exit(5);
    });
    wait_told(ready);
    TRY(write(master, "\003", 1));
    wait_told(hit);
    wait_told(ready);
    TRY(write(master, "\034", 1));
    wait_told(hit);
    wait_told(ready);
    w.ws_row = 30;
    TRY(ioctl(master, TIOCSWINSZ, &w));
    wait_told(hit);
    wait_told(ready);
    close(slave);
    close(master);
    wait_told(hit);
    reap("session", pid);
    return 0;
}
