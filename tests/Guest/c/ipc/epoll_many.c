// Three hundred descriptors under one epoll: readiness in any order, events in portions, epoll_pwait's mask, wake by a thread.
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>

enum { N = 300 };
static int p[N][2];
static volatile int hits;
static void handler(int sig) { hits++; }
static void *later(void *arg) { usleep(5000); TRY(write(p[7][1], "x", 1)); return NULL; }

int main(void)
{
    TRY(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 1000, 1000 }));
    int ep = TRY(epoll_create1(0));
    for (int i = 0; i < N; i++) {
        TRY(pipe(p[i]));
        struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };
        TRY(epoll_ctl(ep, EPOLL_CTL_ADD, p[i][0], &e));
    }
    struct epoll_event events[N];
    CALL(epoll_wait(ep, events, N, 0));
    int expected = 0, sum = 0, total = 0, calls = 0;
    for (int i = 0; i < N; i += 3) {
        TRY(write(p[i][1], "abc", 3));
        expected += i;
    }
    CALL(epoll_wait(ep, events, N, 0));
    // In portions of 16, each one drained, until nothing is ready.
    for (int n; (n = epoll_wait(ep, events, 16, 0)) > 0; calls++)
        for (int i = 0; i < n; i++) {
            char b[8];
            total += read(p[events[i].data.u32][0], b, sizeof b);
            sum += events[i].data.u32;
        }
    SAY("sum %d expected %d bytes %d calls %d", sum, expected, total, calls);
    for (int i = 0; i < N; i += 2)
        close(p[i][1]);
    int hangups = 0, n = epoll_wait(ep, events, N, 0);
    for (int i = 0; i < n; i++)
        hangups += events[i].events == EPOLLHUP && events[i].data.u32 % 2 == 0;
    SHOW(hangups);
    for (int i = 0; i < N; i += 2)
        close(p[i][0]);
    CALL(epoll_wait(ep, events, N, 0));
    pthread_t t;
    pthread_create(&t, NULL, later, NULL);
    CALL(epoll_wait(ep, events, N, 20000));
    SHOW(events[0].data.u32);
    pthread_join(t, NULL);
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    signal(SIGUSR1, handler);
    char c;
    TRY(read(p[7][0], &c, 1));
    raise(SIGUSR1);
    CALL(epoll_pwait(ep, events, N, 0, NULL));
    SHOW(hits);
    CALL(epoll_pwait(ep, events, N, 20000, &none));
    SHOW(hits);
    return 0;
}
