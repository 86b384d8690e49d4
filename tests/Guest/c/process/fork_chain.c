// 300 children one after another, then 200 alive at once: each is waited for by pid, none is lost.
#include "guest.h"

int main(void)
{
    int sum = 0, status;
    for (int i = 0; i < 300; i++) {
        pid_t pid = CHILD(_exit(i & 127));
        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
            SAY("child %d lost", i);
        sum += WEXITSTATUS(status);
    }
    SHOW(sum);

    pid_t alive[200];
    gate g = new_gate();
    for (int i = 0; i < 200; i++)
        alive[i] = CHILD({ wait_told(g); _exit(i % 50); });
    int distinct = 1;
    for (int i = 1; i < 200; i++)
        for (int j = 0; j < i; j++)
            distinct &= alive[i] != alive[j];
    SHOW(distinct);
    CALL(waitpid(-1, &status, WNOHANG));
    for (int i = 0; i < 200; i++)
        tell(g);
    sum = 0;
    for (int i = 199; i >= 0; i--) {
        TRY(waitpid(alive[i], &status, 0));
        sum += WEXITSTATUS(status);
    }
    SHOW(sum);
    CALL(wait(NULL));
    return 0;
}
