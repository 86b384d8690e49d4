// The end of a session on a pty hangs nothing up: the slave's other descriptors go on, the master notices the last close;
// vhangup by the master's end cuts the slave off.
#include "guest.h"
#include <poll.h>
#include <pty.h>
#include <utmp.h>

static void ready(const char *who, int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
    int n = poll(&p, 1, 0);
    SAY("%s: %d%s%s%s%s", who, n, p.revents & POLLIN ? " in" : "", p.revents & POLLOUT ? " out" : "", p.revents & POLLHUP ? " hup" : "",
        p.revents & POLLERR ? " err" : "");
}

int main(void)
{
    int master, slave;
    char b[100];
    TRY(openpty(&master, &slave, NULL, NULL, NULL));
    ready("master", master);
    ready("slave", slave);
    reap("session", CHILD({
        login_tty(slave);
        TRY(write(1, "from the session\n", 17));
    }));
    ready("master with data", master);
    CALL(read(master, b, sizeof b));
    ready("master read", master);
    ready("slave after the session", slave);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    CALL(read(slave, b, 1));
    CALL(write(slave, "x", 1));
    CALL(tcgetsid(slave));
    struct termios t;
    CALL(tcgetattr(slave, &t));
    // Opened anew it works again.
    int again = TRY(open(ptsname(master), O_RDWR | O_NOCTTY));
    ready("slave opened again", again);
    CALL(write(again, "y", 1));
    // What was written arrives when a worker of the host's kernel comes to it: one byte at a time, then.
    CALL(read(master, b, 1));
    CALL(read(master, b, 1));
    close(again);
    ready("master, first slave still open", master);
    close(slave);
    ready("master, all closed", master);
    CALL(read(master, b, 1));
    again = TRY(open(ptsname(master), O_RDWR | O_NOCTTY));
    ready("master, opened once more", master);
    close(again);
    TRY(openpty(&master, &slave, NULL, NULL, NULL));
    close(master);
    ready("slave without a master", slave);
    CALL(read(slave, b, 1));
    CALL(write(slave, "x", 1));
    CALL(open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0);
    return 0;
}
