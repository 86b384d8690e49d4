// Who may signal whom: by real and saved user ids, SIGCONT within a session, groups that are reached in part.
// needs: root
#include "guest.h"

static pid_t sleeper(uid_t uid)
{
    gate ready = new_gate();
    pid_t pid = CHILD({
        TRY(setresuid(uid, uid, uid));
        tell(ready);
        for (;;)
            pause();
    });
    wait_told(ready);
    close(ready.fd[0]);
    close(ready.fd[1]);
    return pid;
}

int main(void)
{
    pid_t root = sleeper(0), same = sleeper(1000), other = sleeper(2000);
    reap("user 1000", CHILD({
        TRY(setresuid(1000, 1000, 1000));
        TRUTH(kill(same, 0) == 0);
        TRUTH(kill(root, 0) == -1 && errno == EPERM);
        TRUTH(kill(other, SIGTERM) == -1 && errno == EPERM);
        TRUTH(kill(other, SIGCONT) == 0);
        TRUTH(kill(same, SIGSTOP) == 0);
        TRUTH(kill(1 << 22, 0) == -1 && errno == ESRCH);
    }));
    int status;
    TRY(waitpid(same, &status, WUNTRACED));
    show_status("same", status);
    reap("real or saved id is enough", CHILD({
        TRY(setresuid(3000, 1000, 4000));
        TRUTH(kill(same, 0) == 0);
        TRUTH(kill(other, 0) == -1 && errno == EPERM);
        TRY(setresuid(-1, 4000, -1));
        TRUTH(kill(same, 0) == -1 && errno == EPERM);
    }));
    reap("another session", CHILD({
        setsid();
        TRY(setresuid(1000, 1000, 1000));
        TRUTH(kill(other, SIGCONT) == -1 && errno == EPERM);
    }));
    pid_t scene = CHILD({
        setpgid(0, 0);
        pid_t mine = sleeper(1000);
        pid_t foreign = sleeper(2000);
        TRY(setresuid(1000, 1000, 1000));
        signal(SIGTERM, SIG_IGN);
        TRUTH(kill(0, SIGTERM) == 0);
        reap("mine", mine);
        TRUTH(waitpid(foreign, &status, WNOHANG) == 0);
        // Nobody left but the foreign one and the sender, who counts.
        TRUTH(kill(-getpgrp(), 0) == 0);
    });
    reap("a group of mixed owners", scene);
    TRY(kill(-scene, SIGKILL));
    kill(root, SIGKILL);
    kill(same, SIGKILL);
    kill(other, SIGKILL);
    reap("root", root);
    reap("same", same);
    reap("other", other);
    return 0;
}
