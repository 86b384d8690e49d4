// poll, ppoll, select, pselect: readiness of pipes, files and closed ends, time-outs, signal masks, bad descriptors.
#include "guest.h"
#include <poll.h>
#include <sys/select.h>

static volatile int hits;
static void handler(int sig) { hits++; }

static void show(struct pollfd *p, int n, int timeout)
{
    int r = poll(p, n, timeout);
    printf("poll = %d:", r);
    for (int i = 0; i < n; i++) {
        printf(" [");
        if (p[i].revents & POLLIN) printf(" IN");
        if (p[i].revents & POLLOUT) printf(" OUT");
        if (p[i].revents & POLLERR) printf(" ERR");
        if (p[i].revents & POLLHUP) printf(" HUP");
        if (p[i].revents & POLLNVAL) printf(" NVAL");
        if (p[i].revents & POLLRDHUP) printf(" RDHUP");
        printf(" ]");
    }
    printf("\n");
}

int main(void)
{
    scratch();
    int p[2], q[2];
    TRY(pipe(p));
    TRY(pipe(q));
    int file = TRY(open("f", O_RDWR | O_CREAT, 0600));
    struct pollfd set[6] = { { p[0], POLLIN }, { p[1], POLLOUT }, { file, POLLIN | POLLOUT }, { 99, POLLIN }, { -1, POLLIN },
        { q[0], POLLIN } };
    show(set, 6, 0);
    TRY(write(p[1], "x", 1));
    show(set, 6, 0);
    close(q[1]);
    show(set, 6, 0);
    close(p[0]);
    show(set + 1, 1, 0);
    CALL(poll(NULL, 0, 5));
    CALL(poll((void *)8, 1, 0));

    TRY(pipe(p));
    fd_set r, w;
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    struct timeval tv = { 0, 10000 };
    CALL(select(p[0] + 1, &r, NULL, NULL, &tv));
    SAY("left %ld.%06ld, set %d", tv.tv_sec, tv.tv_usec, FD_ISSET(p[0], &r));
    TRY(write(p[1], "x", 1));
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    tv = (struct timeval){ 10, 0 };
    CALL(select(p[1] + 1, &r, &w, NULL, &tv));
    TRUTH(tv.tv_sec == 9 || tv.tv_sec == 10);
    SAY("readable %d writable %d", FD_ISSET(p[0], &r), FD_ISSET(p[1], &w));
    FD_SET(99, &r);
    CALL(select(100, &r, NULL, NULL, &tv));
    CALL(select(-1, &r, NULL, NULL, &tv));
    tv.tv_usec = -1;
    CALL(select(0, NULL, NULL, NULL, &tv));

    // The mask of ppoll and pselect applies for the wait alone: a pending signal is delivered exactly then.
    sigset_t block, open_set;
    signal(SIGUSR1, handler);
    sigemptyset(&block);
    sigemptyset(&open_set);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    raise(SIGUSR1);
    SHOW(hits);
    CALL(ppoll(NULL, 0, &(struct timespec){ 5, 0 }, &open_set));
    SHOW(hits);
    raise(SIGUSR1);
    CALL(pselect(0, NULL, NULL, NULL, &(struct timespec){ 5, 0 }, &open_set));
    SHOW(hits);
    // With something ready there is no wait; the signal still waits behind the mask.
    raise(SIGUSR1);
    struct pollfd ready = { p[0], POLLIN, 0 };
    CALL(ppoll(&ready, 1, &(struct timespec){ 5, 0 }, &block));
    SHOW(hits);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    SHOW(sigismember(&now, SIGUSR1));
    // A wait that another process ends.
    close(p[1]);
    TRY(pipe(q));
    pid_t pid = CHILD({ usleep(10000); TRY(write(q[1], "y", 1)); });
    struct pollfd wait_for = { q[0], POLLIN, 0 };
    show(&wait_for, 1, -1);
    reap("child", pid);
    return 0;
}
