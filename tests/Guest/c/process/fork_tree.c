// A tree of processes four deep and two wide, every node counted through the exit codes of its children.
#include "guest.h"

static int grow(int depth)
{
    int total = 1;
    if (depth == 0)
        return total;
    for (int i = 0; i < 2; i++) {
        if (fork() == 0)
            _exit(grow(depth - 1));
    }
    int status, children = 0;
    while (wait(&status) > 0) {
        total += WEXITSTATUS(status);
        children++;
    }
    return children == 2 ? total : 200;
}

int main(void)
{
    for (int depth = 0; depth <= 5; depth++)
        SAY("depth %d: %d processes", depth, grow(depth));
    CALL(wait(NULL));
    return 0;
}
