// clones SEED CHILDREN: clone and clone3 with random flags and wild pointers, a few in each child. Only for the sandbox.
// Prints how many children ended, and how many clones there were.
#include "children.h"
#include <linux/sched.h>

enum { clones_each = 12, usual_sets = 8 };

static char memory[1 << 16] __attribute__((aligned(4096)));
static const char constant[8192] __attribute__((aligned(4096))) = {1};
static long *made;

static const uint64_t usual[usual_sets] = {
    SIGCHLD,
    CLONE_VM | CLONE_VFORK | SIGCHLD,
    CLONE_VM | SIGCHLD,
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
    CLONE_VM | CLONE_FILES | CLONE_SIGHAND,
    CLONE_PARENT,
    CLONE_NEWPID | SIGCHLD,
    CLONE_NEWNS | CLONE_NEWUTS | SIGCHLD,
};

static const uint64_t extra[] = {CLONE_SETTLS, CLONE_PARENT_SETTID, CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID, CLONE_PIDFD, CLONE_VFORK, CLONE_PARENT,
    CLONE_UNTRACED, CLONE_PTRACE, CLONE_IO, CLONE_CLEAR_SIGHAND, CLONE_FS, CLONE_FILES};

static uint64_t flags(void) {
    uint64_t set = next() % 8 ? usual[next() % usual_sets] : next() & next();
    for (unsigned i = 0; i < sizeof extra / sizeof *extra; i++) if (next() % 4 == 0) set |= extra[i];
    return next() % 8 ? set : set ^ 1UL << next() % 34;
}

static uint64_t pointer(void) {
    switch (next() % 8) {
    case 0: return 0;
    case 1: return next();
    case 2: return (uint64_t)constant + next() % 4096;
    case 3: return 1UL << next() % 64;
    case 4: return -(next() % 64);
    default: return (uint64_t)memory + next() % sizeof memory;
    }
}

static void play(void) {
    for (int i = 0; i < clones_each; i++) {
        long r;
        if (next() % 2) {
            uint64_t set = flags(), stack = pointer(), parent = pointer(), child = pointer(), tls = pointer();
            r = raw(SYS_clone, set, next() % 2 ? 0 : stack, parent, child, tls, 0);
        } else {
            struct clone_args a = {flags(), pointer(), pointer(), pointer(), next() % 4 ? 0 : SIGCHLD, 0, 0, pointer(), 0, 0, 0};
            if (next() % 2) a.stack = pointer(), a.stack_size = next() % 8 ? next() % sizeof memory : next();
            if (next() % 8 == 0) a.set_tid = pointer(), a.set_tid_size = next() % 40;
            r = raw(SYS_clone3, next() % 16 ? (uint64_t)&a : pointer(), next() % 8 ? sizeof a : next() % 200, 0, 0, 0, 0);
        }
        if (r > 0) __atomic_add_fetch(made, 1, __ATOMIC_RELAXED);
        if (r == 0 && next() % 2) raw(next() % 2 ? SYS_exit : SYS_exit_group, next() % 256, 0, 0, 0, 0, 0);
        if (next() % 8 == 0) raw(SYS_execve, (long)"/guest/code", 0, 0, 0, 0, 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    uint64_t seed = strtoull(argv[1], 0, 10) << 32;
    int children = atoi(argv[2]), ended = 0;
    made = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare();
    for (int n = 0; n < children; n++) {
        pid_t pid = child();
        if (pid < 0) continue;
        if (pid == 0) {
            start(seed + n);
            close(0);
            close(1);
            close(2);
            play();
            _exit(0);
        }
        if (finish(pid) != -2) ended++;
        finish_all();
    }
    printf("%d %ld\n", ended, *made);
    return 0;
}
