// SA_RESTART: which calls go on after a handler and which answer EINTR.
#include "guest.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <semaphore.h>

static volatile int hits;
static int release_fd = -1;

// The second tick releases what the call waits for, so a call that restarts ends normally.
static void on_alarm(int sig)
{
    if (++hits == 3 && release_fd >= 0) {
        ssize_t n = write(release_fd, "x", 1);
        (void)n;
    }
}

static void begin(int flags, int release)
{
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
    hits = 0;
    release_fd = release;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 20000 }, { 0, 20000 } }, NULL);
}

static void end(void) { setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL); }

#define BOTH(what, expr) do { \
    for (int f_ = 0; f_ < 2; f_++) { \
        begin(f_ ? SA_RESTART : 0, p[1]); \
        errno = 0; \
        long r_ = (expr); \
        int e_ = errno; \
        end(); \
        SAY("%-20s %-10s -> %ld %s%s", what, f_ ? "SA_RESTART" : "plain", r_, r_ == -1 ? strerrorname_np(e_) : "", \
            hits >= 3 ? " after restarts" : ""); \
        char drain_[8]; \
        while (read(drain, drain_, 8) > 0) continue; \
    } } while (0)

int main(void)
{
    int p[2], sockets[2], drain;
    char byte;
    scratch();
    TRY(pipe(p));
    // A second, non-blocking description of the pipe to empty it between the tries.
    char path[64];
    sprintf(path, "/proc/self/fd/%d", p[0]);
    drain = TRY(open(path, O_RDONLY | O_NONBLOCK));
    TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
    struct pollfd pfd = { p[0], POLLIN, 0 };
    fd_set fds;
    int ep = TRY(epoll_create1(0));
    struct epoll_event event = { .events = EPOLLIN };
    TRY(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event));

    BOTH("read pipe", read(p[0], &byte, 1));
    BOTH("poll", poll(&pfd, 1, -1));
    BOTH("select", ({ FD_ZERO(&fds); FD_SET(p[0], &fds); select(p[0] + 1, &fds, NULL, NULL, NULL); }));
    BOTH("epoll_wait", epoll_wait(ep, &event, 1, -1));
    BOTH("nanosleep", nanosleep(&(struct timespec){ 0, 200 * 1000 * 1000 }, NULL));
    BOTH("pause", pause());

    // A child that ends after three ticks' worth of time.
    for (int f = 0; f < 2; f++) {
        gate g = new_gate();
        pid_t pid = CHILD({ wait_told(g); });
        begin(f ? SA_RESTART : 0, g.fd[1]);
        int status;
        errno = 0;
        pid_t got = waitpid(pid, &status, 0);
        int e = errno;
        end();
        SAY("%-20s %-10s -> %s %s", "waitpid", f ? "SA_RESTART" : "plain", got == pid ? "child" : "-1", got == -1 ? strerrorname_np(e) : "");
        if (got == -1) {
            tell(g);
            waitpid(pid, &status, 0);
        }
    }
    // A receive with a time-out set never restarts.
    struct timeval patience = { 5, 0 };
    TRY(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
    begin(SA_RESTART, -1);
    CALL(recv(sockets[0], &byte, 1, 0));
    end();
    // flock and fcntl locks
    int fd = TRY(open("lock", O_RDWR | O_CREAT, 0600));
    gate held = new_gate(), done = new_gate();
    pid_t pid = CHILD({
        int mine = TRY(open("lock", O_RDWR));
        TRY(flock(mine, LOCK_EX));
        tell(held);
        wait_told(done);
    });
    wait_told(held);
    begin(0, -1);
    CALL(flock(fd, LOCK_EX));
    end();
    begin(SA_RESTART, done.fd[1]);
    CALL(flock(fd, LOCK_EX));
    end();
    reap("holder", pid);
    return 0;
}
