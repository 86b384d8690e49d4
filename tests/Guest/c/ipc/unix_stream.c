// Unix stream sockets: bind, listen, connect, accept, names, SO_PEERCRED, shutdown, half close, errors.
// also: write-through
#include "guest.h"
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un name(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    strcpy(a.sun_path, path);
    return a;
}
#define ADDR(a) (struct sockaddr *)&(a), sizeof(a)

int main(void)
{
    scratch();
    struct sockaddr_un at = name("sock"), none = name("nothing"), peer;
    int s = TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CALL(connect(s, ADDR(at)));
    CALL(bind(s, ADDR(at)));
    CALL(bind(s, ADDR(none)));
    int t = TRY(socket(AF_UNIX, SOCK_STREAM, 0));
    CALL(bind(t, ADDR(at)));
    CALL(connect(t, ADDR(at)));
    CALL(connect(t, ADDR(none)));
    CALL(listen(s, 2));
    struct stat st;
    stat("sock", &st);
    SAY("socket %d mode %o", S_ISSOCK(st.st_mode), st.st_mode & 0777);
    CALL(open("sock", O_RDWR));

    gate report = new_gate();
    pid_t server = CHILD({
        close(t);
        socklen_t size = sizeof peer;
        int c = TRY(accept(s, (struct sockaddr *)&peer, &size));
        struct ucred cred;
        socklen_t cred_size = sizeof cred;
        TRY(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cred, &cred_size));
        char line[64];
        ssize_t n;
        while ((n = read(c, line, sizeof line)) > 0) {
            for (int i = 0; i < n; i++)
                if (line[i] >= 'a' && line[i] <= 'z')
                    line[i] -= 32;
            TRY(write(c, line, n));
        }
        TRY(write(c, "bye", 3));
        close(c);
        // Its report comes when it is asked for, so that the lines of the two do not mix.
        wait_told(report);
        SAY("accepted, family %d length %d", peer.sun_family, size);
        SAY("peer %s uid %s", cred.pid == getppid() ? "is the parent" : "?", cred.uid == getuid() ? "ok" : "?");
    });
    CALL(connect(t, ADDR(at)));
    CALL(connect(t, ADDR(at)));
    socklen_t size = sizeof peer;
    CALL(getpeername(t, (struct sockaddr *)&peer, &size));
    SAY("peer name %s length %d", peer.sun_path, size);
    size = sizeof peer;
    CALL(getsockname(t, (struct sockaddr *)&peer, &size));
    SHOW(size);
    char line[64] = "";
    CALL(write(t, "hello", 5));
    CALL(recv(t, line, 5, MSG_WAITALL));
    SAY("%s", line);
    CALL(shutdown(t, SHUT_WR));
    signal(SIGPIPE, SIG_IGN);
    CALL(write(t, "x", 1));
    memset(line, 0, sizeof line);
    CALL(recv(t, line, sizeof line, MSG_WAITALL));
    SAY("%s", line);
    CALL(read(t, line, 1));
    tell(report);
    reap("server", server);
    CALL(shutdown(t, 9));
    CALL(unlink("sock"));
    int fresh = TRY(socket(AF_UNIX, SOCK_STREAM, 0));
    CALL(connect(fresh, ADDR(at)));
    CALL(accept(fresh, NULL, NULL));
    CALL(getpeername(fresh, (struct sockaddr *)&peer, &size));
    CALL(listen(0, 1) == -1 ? errno == ENOTSOCK : 0);
    CALL(socket(AF_UNIX, 77, 0));
    CALL(socket(AF_UNIX, SOCK_STREAM, 9));
    CALL(bind(fresh, (struct sockaddr *)&at, 1));
    // Non-blocking accept with nobody there.
    struct sockaddr_un second = name("second");
    TRY(bind(fresh, ADDR(second)));
    TRY(listen(fresh, 1));
    fcntl(fresh, F_SETFL, O_NONBLOCK);
    CALL(accept(fresh, NULL, NULL));
    int value;
    size = sizeof value;
    getsockopt(fresh, SOL_SOCKET, SO_TYPE, &value, &size);
    SHOW(value);
    getsockopt(fresh, SOL_SOCKET, SO_ACCEPTCONN, &value, &size);
    SHOW(value);
    getsockopt(fresh, SOL_SOCKET, SO_DOMAIN, &value, &size);
    SHOW(value);
    return 0;
}
