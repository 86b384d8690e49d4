// CLONE_PARENT_SETTID, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID, and the futex wake at the end of the child.
#include "guest.h"
#include <linux/futex.h>
#include <sched.h>

static int parent_tid, child_tid = -1;
static char stack[64 * 1024] __attribute__((aligned(16)));

static int body(void *arg)
{
    TRUTH(child_tid == syscall(SYS_gettid));
    TRUTH(parent_tid == child_tid);
    return 0;
}

int main(void)
{
    pid_t pid = clone(body, stack + sizeof stack,
        CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
        NULL, &parent_tid, NULL, &child_tid);
    int seen;
    while ((seen = __atomic_load_n(&child_tid, __ATOMIC_SEQ_CST)) != 0)
        syscall(SYS_futex, &child_tid, FUTEX_WAIT, seen, NULL, NULL, 0);
    SHOW(child_tid);
    TRUTH(parent_tid == pid);
    reap("child", pid);

    // Without CLONE_VM the child's word is its own; the parent's stays as it was.
    child_tid = 77;
    parent_tid = 0;
    pid = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &parent_tid, &child_tid, 0);
    if (pid == 0)
        _exit(child_tid == getpid() && parent_tid == getpid() ? 0 : 1);
    SHOW(child_tid);
    TRUTH(parent_tid == pid);
    reap("copy", pid);
    return 0;
}
