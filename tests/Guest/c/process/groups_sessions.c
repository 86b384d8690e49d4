// setpgid, getpgid, setsid, getsid: who may move whom, and every refusal.
#include "guest.h"

int main(void)
{
    reap("leader", CHILD({
        pid_t self = getpid();
        CALL(setpgid(0, 0));
        TRUTH(getpgrp() == self);
        CALL(setsid());
        CALL(setpgid(0, 0));
        CALL(setpgid(0, -1));
        CALL(setpgid(1 << 22, 0));
        CALL(getpgid(1 << 22));
        CALL(getsid(1 << 22));

        gate g = new_gate();
        pid_t a = CHILD(wait_told(g));
        pid_t b = CHILD(wait_told(g));
        TRUTH(getpgid(a) == self);
        CALL(setpgid(a, a));
        TRUTH(getpgid(a) == a);
        CALL(setpgid(b, a));
        TRUTH(getpgid(b) == a);
        CALL(setpgid(b, 1 << 22));
        CALL(setpgid(b, self));
        tell(g);
        tell(g);
        reap("a", a);
        reap("b", b);

        // A session leader may neither start another session nor leave its group, nor may others touch it.
        gate in_session = new_gate(), done = new_gate();
        pid_t c = CHILD({
            pid_t me = getpid();
            TRUTH(setsid() == me);
            TRUTH(getsid(0) == me && getpgrp() == me);
            CALL(setsid());
            CALL(setpgid(0, 0));
            CALL(setpgid(0, self));
            tell(in_session);
            wait_told(done);
        });
        wait_told(in_session);
        TRUTH(getsid(c) == c);
        CALL(setpgid(c, c));
        CALL(setpgid(c, self));
        tell(done);
        reap("c", c);

        // After its exec a child may no longer be moved by its parent.
        int fds[2];
        TRY(pipe(fds));
        pid_t d = CHILD({ dup2(fds[0], 0); close(fds[1]); execl("/bin/cat", "cat", NULL); });
        close(fds[0]);
        char path[64], comm[32] = "";
        sprintf(path, "/proc/%d/comm", d);
        while (strcmp(comm, "cat\n") != 0) {
            int fd = open(path, O_RDONLY);
            ssize_t n = read(fd, comm, sizeof comm - 1);
            comm[n > 0 ? n : 0] = 0;
            close(fd);
        }
        CALL(setpgid(d, d));
        close(fds[1]);
        reap("d", d);
    }));
    return 0;
}
