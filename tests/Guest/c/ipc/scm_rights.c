// Descriptors and credentials sent over Unix sockets: shared offsets, several at once, truncation, lost messages.
#include "guest.h"
#include <sys/socket.h>

static ssize_t send_fds(int s, const int *fds, int n)
{
    char control[CMSG_SPACE(sizeof(int) * 16)] = { 0 };
    struct iovec iov = { "m", 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
    return sendmsg(s, &m, 0);
}

static int receive_fds(int s, int *fds, int room, int flags, int *out_flags)
{
    char control[CMSG_SPACE(sizeof(int) * 16)], data[16];
    struct iovec iov = { data, sizeof data };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * room) };
    if (recvmsg(s, &m, flags) <= 0)
        return -1;
    *out_flags = m.msg_flags & ~MSG_CMSG_CLOEXEC;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_type != SCM_RIGHTS)
        return 0;
    int n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(c), n * sizeof(int));
    return n;
}

int main(void)
{
    scratch();
    int s[2], flags, got[16], p[2];
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    pid_t pid = CHILD({
        close(s[0]);
        int fd = TRY(open("shared", O_RDWR | O_CREAT, 0600));
        TRY(write(fd, "0123456789", 10));
        TRY(lseek(fd, 4, SEEK_SET));
        TRY(send_fds(s[1], &fd, 1));
        wait_told((gate){ { s[1], s[1] } });
        SAY("offset in the sender %ld", (long)lseek(fd, 0, SEEK_CUR));
    });
    SHOW(receive_fds(s[0], got, 4, MSG_CMSG_CLOEXEC, &flags));
    SHOW(fcntl(got[0], F_GETFD));
    char c[4] = "";
    CALL(read(got[0], c, 3));
    SAY("read %s", c);
    TRY(write(s[0], "x", 1));
    reap("sender", pid);
    close(got[0]);

    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    TRY(pipe(p));
    CALL(send_fds(s[0], (int[]){ p[0], p[1], 0 }, 3));
    close(p[0]);
    close(p[1]);
    SHOW(receive_fds(s[1], got, 8, 0, &flags));
    SHOW(flags);
    CALL(write(got[1], "through", 7));
    char text[16] = "";
    CALL(read(got[0], text, 16));
    SAY("%s", text);
    // Too little room: the rest is closed and MSG_CTRUNC says so.
    CALL(send_fds(s[0], (int[]){ got[0], got[1], 0, 0 }, 4));
    int n = receive_fds(s[1], got + 4, 2, 0, &flags);
    TRUTH(n >= 2 && n <= 3);
    TRUTH(flags & MSG_CTRUNC);
    int bad = 99;
    CALL(send_fds(s[0], &bad, 1));
    // A descriptor in flight keeps its file alive; an unread message that dies closes it.
    TRY(pipe(p));
    CALL(send_fds(s[0], &p[1], 1));
    close(p[1]);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    CALL(read(p[0], text, 1));
    close(s[0]);
    close(s[1]);
    CALL(read(p[0], text, 1));

    TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    int one = 1;
    TRY(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
    pid = CHILD(TRY(send(s[0], "who", 3, 0)));
    char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec iov = { text, sizeof text };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    CALL(recvmsg(s[1], &m, 0));
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    struct ucred *u = (struct ucred *)CMSG_DATA(h);
    TRUTH(h->cmsg_type == SCM_CREDENTIALS && u->pid == pid && u->uid == getuid());
    reap("who", pid);
    return 0;
}
