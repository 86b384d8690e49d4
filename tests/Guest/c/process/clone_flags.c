// Each sharing flag of clone on its own: what the child changes is seen by the parent exactly when the flag says so.
#include "guest.h"
#include <sched.h>

static int memory_cell;
static int signal_seen;
static void first(int sig) { signal_seen = 1; }
static void second(int sig) { signal_seen = 2; }
static char stack[64 * 1024] __attribute__((aligned(16)));
static int fd_to_close;

static int child(void *arg)
{
    memory_cell = 42;
    if (chdir("/usr") != 0)
        return 1;
    umask(077);
    close(fd_to_close);
    signal(SIGUSR1, second);
    return 3;
}

static void try_flags(const char *name, int flags)
{
    int status;
    char cwd[64];
    memory_cell = 0;
    TRY(chdir("/"));
    umask(022);
    fd_to_close = TRY(open("/dev/null", O_RDONLY));
    signal(SIGUSR1, first);
    pid_t pid = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
    if (pid == -1) {
        SAY("%s: %s", name, strerrorname_np(errno));
        return;
    }
    TRY(waitpid(pid, &status, 0));
    raise(SIGUSR1);
    mode_t mask = umask(022);
    SAY("%-40s memory %d cwd %s umask %03o file %s handler %d exit %d", name, memory_cell, getcwd(cwd, sizeof cwd),
        mask, fcntl(fd_to_close, F_GETFD) == -1 ? "closed" : "open", signal_seen, WEXITSTATUS(status));
    close(fd_to_close);
}

#define TRYF(flags) try_flags(#flags, flags)

int main(void)
{
    TRYF(0);
    TRYF(CLONE_VM);
    TRYF(CLONE_FS);
    TRYF(CLONE_FILES);
    TRYF(CLONE_VM | CLONE_SIGHAND);
    TRYF(CLONE_VM | CLONE_VFORK);
    TRYF(CLONE_FS | CLONE_FILES);
    TRYF(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND);
    TRYF(CLONE_IO | CLONE_SYSVSEM);
    // Combinations that the kernel refuses.
    TRYF(CLONE_SIGHAND);
    TRYF(CLONE_THREAD);
    TRYF(CLONE_THREAD | CLONE_SIGHAND);
    return 0;
}
