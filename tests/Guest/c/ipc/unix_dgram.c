// Unix datagram and sequenced-packet sockets, abstract names, autobind, truncation, message boundaries.
#include "guest.h"
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t abstract(struct sockaddr_un *a, const char *text)
{
    *a = (struct sockaddr_un){ .sun_family = AF_UNIX };
    int n = snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "%s-%d", text, getpid());
    return offsetof(struct sockaddr_un, sun_path) + 1 + n;
}

int main(void)
{
    scratch();
    struct sockaddr_un a, b, from;
    socklen_t la = abstract(&a, "guest-a"), lb = abstract(&b, "guest-b"), lf;
    char buffer[64] = "";
    int x = TRY(socket(AF_UNIX, SOCK_DGRAM, 0)), y = TRY(socket(AF_UNIX, SOCK_DGRAM, 0));
    CALL(bind(x, (void *)&a, la));
    CALL(bind(y, (void *)&a, la));
    CALL(bind(y, (void *)&b, lb));
    CALL(sendto(y, "one", 3, 0, (void *)&a, la));
    CALL(sendto(y, "second", 6, 0, (void *)&a, la));
    CALL(sendto(y, "", 0, 0, (void *)&a, la));
    lf = sizeof from;
    CALL(recvfrom(x, buffer, sizeof buffer, 0, (void *)&from, &lf));
    TRUTH(lf == lb && memcmp(&from, &b, lb) == 0);
    CALL(recv(x, buffer, 3, MSG_PEEK));
    CALL(recv(x, buffer, 3, MSG_TRUNC));
    CALL(recv(x, buffer, sizeof buffer, 0));
    CALL(recv(x, buffer, sizeof buffer, MSG_DONTWAIT));
    CALL(connect(x, (void *)&b, lb));
    CALL(send(x, "to b", 4, 0));
    CALL(recv(y, buffer, sizeof buffer, 0));
    // A connected socket takes messages from its peer only.
    int z = TRY(socket(AF_UNIX, SOCK_DGRAM, 0));
    CALL(sendto(z, "z", 1, 0, (void *)&a, la));
    CALL(send(z, "z", 1, 0));
    close(y);
    CALL(send(x, "gone", 4, 0));
    CALL(sendto(x, "gone", 4, 0, (void *)&b, lb));

    // Autobind picks an abstract name of five hexadecimal digits.
    sa_family_t family = AF_UNIX;
    CALL(bind(z, (void *)&family, sizeof family));
    lf = sizeof from;
    getsockname(z, (void *)&from, &lf);
    SAY("autobind length %d, first byte %d", lf, from.sun_path[0]);

    int pair[2];
    TRY(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    CALL(send(pair[0], "alpha", 5, 0));
    CALL(send(pair[0], "be", 2, 0));
    struct iovec iov = { buffer, 3 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    CALL(recvmsg(pair[1], &m, 0));
    TRUTH(m.msg_flags & MSG_TRUNC);
    CALL(recv(pair[1], buffer, sizeof buffer, 0));
    close(pair[0]);
    CALL(recv(pair[1], buffer, sizeof buffer, 0));
    signal(SIGPIPE, SIG_IGN);
    CALL(send(pair[1], "x", 1, 0));
    TRY(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair));
    int sent = 0;
    while (send(pair[0], buffer, 10, 0) == 10)
        sent++;
    SAY("queue full: %s", strerrorname_np(errno));
    TRUTH(sent > 0);
    CALL(socketpair(AF_UNIX, SOCK_RAW, 0, pair));
    return 0;
}
