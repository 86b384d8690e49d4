// epoll: level and edge triggering, one shot, modification, removal, nesting, closing, errors.
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep;
static void show(const char *when)
{
    struct epoll_event events[8];
    int n = epoll_wait(ep, events, 8, 0);
    printf("%s: %d", when, n);
    for (int bit = 0; bit < 64; bit++)
        for (int i = 0; i < n; i++)
            if (events[i].data.u64 == bit)
                printf(" (%d: %#x)", bit, events[i].events);
    printf("\n");
}

static int ctl(int op, int fd, uint32_t events, int data)
{
    struct epoll_event e = { .events = events, .data.u64 = data };
    return epoll_ctl(ep, op, fd, &e);
}

int main(void)
{
    scratch();
    int p[2], q[2];
    char c;
    TRY(pipe(p));
    TRY(pipe(q));
    ep = TRY(epoll_create1(EPOLL_CLOEXEC));
    CALL(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    CALL(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    CALL(ctl(EPOLL_CTL_ADD, q[0], EPOLLIN | EPOLLET, 2));
    CALL(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLONESHOT, 3));
    show("nothing written");
    show("one shot is used up");
    CALL(ctl(EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLONESHOT, 4));
    show("armed again");
    TRY(write(p[1], "ab", 2));
    TRY(write(q[1], "ab", 2));
    show("both written");
    show("level stays, edge is gone");
    TRY(read(q[0], &c, 1));
    show("edge: rest unread");
    TRY(write(q[1], "c", 1));
    show("edge: new data");
    TRY(read(p[0], &c, 1));
    show("level: rest unread");
    TRY(read(p[0], &c, 1));
    show("level: empty");
    CALL(ctl(EPOLL_CTL_MOD, q[0], EPOLLIN | EPOLLET, 5));
    show("MOD re-arms the edge");
    close(q[1]);
    show("writer closed");
    CALL(ctl(EPOLL_CTL_DEL, q[0], 0, 0));
    CALL(ctl(EPOLL_CTL_DEL, q[0], 0, 0));
    CALL(ctl(EPOLL_CTL_MOD, q[0], EPOLLIN, 0));
    show("removed");

    // A duplicate keeps the registration alive after close.
    int d = TRY(dup(p[0]));
    TRY(write(p[1], "z", 1));
    close(p[0]);
    show("closed, duplicate open");
    close(d);
    show("closed for good");

    int outer = TRY(epoll_create(5)), e = TRY(eventfd(0, 0)), inner = ep;
    CALL(ctl(EPOLL_CTL_ADD, e, EPOLLIN, 7));
    ep = outer;
    CALL(ctl(EPOLL_CTL_ADD, inner, EPOLLIN, 8));
    show("outer: nothing");
    eventfd_write(e, 1);
    show("outer: inner is ready");
    CALL(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 9));
    ep = inner;
    CALL(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 9));
    int file = TRY(open("f", O_RDWR | O_CREAT, 0600));
    CALL(ctl(EPOLL_CTL_ADD, file, EPOLLIN, 1));
    CALL(ctl(EPOLL_CTL_ADD, 99, EPOLLIN, 1));
    CALL(ctl(77, e, EPOLLIN, 1));
    struct epoll_event events[2];
    CALL(epoll_wait(ep, events, 0, 0));
    CALL(epoll_wait(e, events, 2, 0));
    CALL(epoll_create(0));
    CALL(epoll_create1(0x7777));
    uint64_t v;
    TRY(read(e, &v, 8));
    CALL(epoll_wait(ep, events, 2, 10));
    pid_t pid = CHILD({ usleep(5000); eventfd_write(e, 5); });
    CALL(epoll_wait(ep, events, 2, -1));
    reap("child", pid);
    return 0;
}
