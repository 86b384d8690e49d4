// Writing where nobody reads: SIGPIPE by default, EPIPE when ignored, MSG_NOSIGNAL.
#include "guest.h"
#include <sys/socket.h>

static void handler(int sig) { SAY("caught %s", signame(sig)); }

int main(void)
{
    int p[2], s[2];
    TRY(pipe(p));
    close(p[0]);
    reap("default", CHILD({ TRY(write(p[1], "x", 1)); }));
    reap("ignored", CHILD({ signal(SIGPIPE, SIG_IGN); CALL(write(p[1], "x", 1)); }));
    reap("caught", CHILD({ signal(SIGPIPE, handler); CALL(write(p[1], "x", 1)); }));
    reap("blocked", CHILD({
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        sigprocmask(SIG_BLOCK, &set, NULL);
        CALL(write(p[1], "x", 1));
        sigpending(&set);
        SHOW(sigismember(&set, SIGPIPE));
    }));
    reap("empty write", CHILD(CALL(write(p[1], "", 0))));
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    close(s[0]);
    reap("socket", CHILD({ TRY(write(s[1], "x", 1)); }));
    reap("MSG_NOSIGNAL", CHILD(CALL(send(s[1], "x", 1, MSG_NOSIGNAL))));
    // The reader goes away while the writer sleeps on a full pipe.
    TRY(pipe(p));
    gate started = new_gate();
    pid_t writer = CHILD({
        signal(SIGPIPE, SIG_IGN);
        close(p[0]);
        static char block[100000];
        tell(started);
        ssize_t n = write(p[1], block, sizeof block);
        SAY("wrote %zd", n);
        CALL(write(p[1], block, 1));
    });
    close(p[1]);
    wait_told(started);
    static char half[4096];
    TRY(read(p[0], half, sizeof half));
    until_state(writer, 'S');
    close(p[0]);
    reap("writer", writer);
    return 0;
}
