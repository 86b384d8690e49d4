// Stream socket pairs: both directions, MSG_PEEK, MSG_DONTWAIT, readv and writev, buffer limits, peers that vanish.
#include "guest.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

int main(void)
{
    int s[2];
    char b[64] = "";
    CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
    CALL(read(s[0], b, 1));
    CALL(write(s[0], "abcdef", 6));
    CALL(write(s[1], "UVW", 3));
    CALL(recv(s[1], b, 4, MSG_PEEK));
    CALL(recv(s[1], b, 4, 0));
    SAY("%.4s", b);
    int n;
    CALL(ioctl(s[1], FIONREAD, &n));
    SHOW(n);
    struct iovec w[3] = { { "one", 3 }, { "", 0 }, { "three", 5 } }, r[2] = { { b, 5 }, { b + 32, 20 } };
    CALL(writev(s[0], w, 3));
    CALL(readv(s[1], r, 2));
    SAY("%.5s|%.5s", b, b + 32);
    CALL(send(s[0], "x", 1, MSG_OOB) == -1 || 1);
    CALL(recv(s[0], b, sizeof b, 0));
    struct pollfd p = { s[0], POLLIN | POLLOUT | POLLRDHUP, 0 };
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);
    shutdown(s[1], SHUT_WR);
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);
    CALL(recv(s[0], b, 1, 0));
    close(s[1]);
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    // Unread data when the peer closes gives ECONNRESET once.
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    TRY(write(s[0], "unread", 6));
    close(s[1]);
    CALL(read(s[0], b, 1));
    CALL(read(s[0], b, 1));
    // Blocking transfer of a megabyte in both directions at once.
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    pid_t pid = CHILD({
        close(s[0]);
        char block[8192];
        ssize_t got;
        while ((got = read(s[1], block, sizeof block)) > 0)
            for (ssize_t at = 0; at < got;)
                at += TRY(write(s[1], block + at, got - at));
    });
    close(s[1]);
    long sent = 0, back = 0;
    static char out[65536], in[65536];
    for (int i = 0; i < 65536; i++)
        out[i] = i * 5;
    int wrong = 0;
    while (back < 1 << 20) {
        struct pollfd q = { s[0], POLLIN | (sent < 1 << 20 ? POLLOUT : 0), 0 };
        TRY(poll(&q, 1, -1));
        if (q.revents & POLLOUT) {
            ssize_t k = send(s[0], out + sent % 65536, 65536 - sent % 65536, MSG_DONTWAIT);
            sent += k > 0 ? k : 0;
        }
        if (q.revents & POLLIN) {
            ssize_t k = recv(s[0], in, sizeof in, MSG_DONTWAIT);
            for (ssize_t i = 0; i < k; i++)
                wrong += in[i] != (char)((back + i) % 65536 * 5);
            back += k > 0 ? k : 0;
        }
    }
    SAY("sent %ld back %ld wrong %d", sent, back, wrong);
    close(s[0]);
    reap("echo", pid);
    return 0;
}
