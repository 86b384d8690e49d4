// fork answers twice; pids, parents and exit codes agree on both sides.
#include "guest.h"

int main(void)
{
    pid_t parent = getpid();
    int shared = 1;
    pid_t child = CHILD({
        shared = 2;
        TRUTH(getppid() == parent);
        TRUTH(getpid() != parent);
        SHOW(shared);
        exit(7);
    });
    reap("child", child);
    TRUTH(child > 0);
    SHOW(shared);
    CALL(waitpid(child, NULL, 0));
    CALL(wait(NULL));
    return 0;
}
