// CLONE_PARENT makes a sibling, not a child: the caller's parent waits for it.
#include "guest.h"
#include <sched.h>

int main(void)
{
    gate g = new_gate();
    pid_t top = getpid();
    pid_t middle = CHILD({
        long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0);
        if (pid == 0) {
            TRUTH(getppid() == top);
            tell(g);
            _exit(21);
        }
        wait_told(g);
        CALL(wait(NULL));
        _exit(20);
    });
    int status, codes = 0, count = 0;
    TRY(waitpid(middle, &status, 0));
    show_status("middle", status);
    while (wait(&status) > 0) {
        codes += WEXITSTATUS(status);
        count++;
    }
    SAY("others %d, codes %d", count, codes);
    return 0;
}
