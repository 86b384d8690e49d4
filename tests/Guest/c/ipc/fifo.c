// Named pipes: opens wait for the other side, O_NONBLOCK's rules, O_RDWR, several writers.
// also: write-through
#include "guest.h"
#include <poll.h>

static void nothing(int sig) { }

int main(void)
{
    scratch();
    char buffer[64] = "";
    CALL(mkfifo("f", 0640));
    CALL(mkfifo("f", 0640));
    struct stat st;
    stat("f", &st);
    SAY("mode %o", st.st_mode);
    CALL(open("f", O_WRONLY | O_NONBLOCK));
    int r = OK(open("f", O_RDONLY | O_NONBLOCK));
    r = TRY(open("f", O_RDONLY | O_NONBLOCK));
    CALL(read(r, buffer, 1));
    int w = TRY(open("f", O_WRONLY | O_NONBLOCK));
    CALL(read(r, buffer, 1));
    CALL(write(w, "abc", 3));
    CALL(read(r, buffer, sizeof buffer));
    struct pollfd p = { r, POLLIN, 0 };
    CALL(poll(&p, 1, 0));
    close(w);
    CALL(poll(&p, 1, 0));
    SHOW(p.revents == POLLHUP);
    CALL(read(r, buffer, 1));
    for (int fd = 3; fd < 10; fd++)
        close(fd);

    // Blocking opens meet.
    pid_t pid = CHILD({
        int fd = TRY(open("f", O_WRONLY));
        dprintf(fd, "from child\n");
    });
    r = TRY(open("f", O_RDONLY));
    ssize_t n = 0, got;
    while ((got = read(r, buffer + n, sizeof buffer - n)) > 0)
        n += got;
    SAY("%.*s", (int)n - 1, buffer);
    reap("child", pid);
    close(r);

    int both = TRY(open("f", O_RDWR));
    CALL(write(both, "self", 4));
    CALL(read(both, buffer, 10));
    close(both);

    // An open that waits is interrupted by a signal.
    sigaction(SIGALRM, &(struct sigaction){ .sa_handler = nothing }, NULL);
    ualarm(20000, 0);
    CALL(open("f", O_RDONLY));
    CALL(unlink("f"));
    CALL(open("f", O_RDONLY));
    CALL(mkfifo("no/f", 0600));
    return 0;
}
