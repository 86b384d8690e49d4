// Process operations, measured from inside: each prints "name nanoseconds", the median over batches.
//     operations NAME MILLISECONDS [BATCHES]
// MILLISECONDS is the time to spend; more batches make the median calmer. With BATCHES just so many are run, whatever time they take.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}
static void check(long result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}
static void reap(pid_t pid)
{
    int status;
    check(waitpid(pid, &status, 0), "waitpid");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "a child ended with status %#x\n", status);
        exit(1);
    }
}
static char *const true_arguments[] = { "true", NULL };
static char *const shell_arguments[] = { "sh", "-c", "true", NULL };

static void getppid_(int n) { while (n--) syscall(SYS_getppid); }
static void sched_yield_(int n) { while (n--) sched_yield(); }
static int zero_fd = -1;
static void read_zero(int n)
{
    char c;
    if (zero_fd < 0)
        check(zero_fd = open("/dev/zero", O_RDONLY), "/dev/zero");
    while (n--)
        if (read(zero_fd, &c, 1) != 1)
            exit(1);
}
static void fork_exit_wait(int n)
{
    while (n--) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        check(pid, "fork");
        reap(pid);
    }
}
static void vfork_exec_wait(int n)
{
    while (n--) {
        pid_t pid = vfork();
        if (pid == 0) {
            execve("/bin/true", true_arguments, environ);
            _exit(1);
        }
        check(pid, "vfork");
        reap(pid);
    }
}
static void spawn_wait(int n)
{
    while (n--) {
        pid_t pid;
        if (posix_spawn(&pid, "/bin/true", NULL, NULL, true_arguments, environ) != 0)
            exit(1);
        reap(pid);
    }
}
static void shell_true(int n)
{
    while (n--) {
        pid_t pid = fork();
        if (pid == 0) {
            execve("/bin/sh", shell_arguments, environ);
            _exit(1);
        }
        check(pid, "fork");
        reap(pid);
    }
}
static void *thread_body(void *arg) { return arg; }
static void thread_create_join(int n)
{
    while (n--) {
        pthread_t t;
        if (pthread_create(&t, NULL, thread_body, NULL) != 0)
            exit(1);
        pthread_join(t, NULL);
    }
}
static void pipe_ping_pong(int n)
{
    static int there[2], back[2];
    static pid_t echo;
    char c = 'x';
    if (echo == 0) {
        check(pipe2(there, O_CLOEXEC), "pipe");
        check(pipe2(back, O_CLOEXEC), "pipe");
        echo = fork();
        if (echo == 0) {
            close(there[1]);
            close(back[0]);
            while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
                continue;
            _exit(0);
        }
        close(there[0]);
        close(back[1]);
    }
    while (n--)
        if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
            exit(1);
}
static int turn;
static void futex_turn(int mine, int next)
{
    int seen;
    while ((seen = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) != mine)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    __atomic_store_n(&turn, next, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
static void *futex_partner(void *arg)
{
    for (;;)
        futex_turn(1, 0);
    return arg;
}
static void futex_ping_pong(int n)
{
    static pthread_t partner;
    if (!partner && pthread_create(&partner, NULL, futex_partner, NULL) != 0)
        exit(1);
    while (n--)
        futex_turn(0, 1);
}
static volatile int signals;
static void handler(int sig) { signals++; }
static void signal_self(int n)
{
    pid_t pid = getpid();
    signal(SIGUSR1, handler);
    while (n--)
        kill(pid, SIGUSR1);
}
static void mmap_touch_munmap(int n)
{
    while (n--) {
        char *p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            exit(1);
        for (int i = 0; i < 64; i++)
            p[i * 4096] = 1;
        munmap(p, 64 * 4096);
    }
}
static char *resident(size_t size)
{
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        exit(1);
    madvise(p, size, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < size; i += 4096)
        p[i] = 1;
    return p;
}
// One operation is one page written in a child while the parent has it, too; the child times itself.
static int64_t cow_fault(int n)
{
    static char *memory;
    static int64_t *spent;
    if (!memory) {
        memory = resident(1024 * 4096);
        spent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    }
    pid_t pid = fork();
    if (pid == 0) {
        int64_t start = now();
        for (int i = 0; i < n; i++)
            memory[i * 4096] = 2;
        *spent = now() - start;
        _exit(0);
    }
    check(pid, "fork");
    reap(pid);
    return *spent;
}
// The memory stays from one batch to the next: a process measures one size only.
static void fork_with(size_t mebibytes, int n)
{
    static char *memory;
    if (!memory)
        memory = resident(mebibytes << 20);
    fork_exit_wait(n);
}
static void fork_1(int n) { fork_with(1, n); }
static void fork_256(int n) { fork_with(256, n); }
static void fork_1024(int n) { fork_with(1024, n); }
// One operation is one page that a parent writes while a child has it, too.
static int64_t parent_cow_fault(int n)
{
    static char *memory;
    if (!memory)
        memory = resident(1024 * 4096);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    check(pid, "fork");
    int64_t start = now();
    for (int i = 0; i < n; i++)
        memory[i * 4096] = 2;
    int64_t spent = now() - start;
    check(kill(pid, SIGKILL), "kill");
    check(waitpid(pid, NULL, 0), "waitpid");
    return spent;
}
// A thousand children that sleep, all alive at once, then killed and reaped: one operation is one child.
static void sleeping_children(int n)
{
    pid_t *pids = malloc(n * sizeof *pids);
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            for (;;)
                pause();
        check(pids[i], "fork");
    }
    for (int i = 0; i < n; i++)
        check(kill(pids[i], SIGKILL), "kill");
    for (int i = 0; i < n; i++)
        check(waitpid(pids[i], NULL, 0), "waitpid");
    free(pids);
}

static const struct operation { const char *name; void (*run)(int); int64_t (*timed)(int); int batch; } operations[] = {
    { "getppid", getppid_, NULL, 1000 },
    { "read-zero", read_zero, NULL, 1000 },
    { "sched-yield", sched_yield_, NULL, 1000 },
    { "signal-self", signal_self, NULL, 200 },
    { "pipe-ping-pong", pipe_ping_pong, NULL, 100 },
    { "futex-ping-pong", futex_ping_pong, NULL, 100 },
    { "thread-create-join", thread_create_join, NULL, 10 },
    { "fork-exit-wait", fork_exit_wait, NULL, 5 },
    { "fork-1MiB", fork_1, NULL, 5 },
    { "fork-256MiB", fork_256, NULL, 5 },
    { "fork-1GiB", fork_1024, NULL, 5 },
    { "vfork-exec-wait", vfork_exec_wait, NULL, 2 },
    { "posix-spawn", spawn_wait, NULL, 2 },
    { "sh-c-true", shell_true, NULL, 1 },
    { "mmap-touch-munmap", mmap_touch_munmap, NULL, 10 },
    { "cow-fault", NULL, cow_fault, 1024 },
    { "cow-fault-parent", NULL, parent_cow_fault, 1024 },
    { "1000-children", sleeping_children, NULL, 1000 },
};

static int compare(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

static void measure(const struct operation *o, int64_t budget, int batches)
{
    enum { MOST = 40000, LEAST = 3 };
    static double sample[MOST];
    int count = 0;
    int64_t begin = now();
    // The first batch warms caches up and is not counted.
    for (int i = -1; i < MOST && (batches ? i < batches : i < LEAST || now() - begin < budget); i++) {
        int64_t start = now();
        int64_t spent = 0;
        if (i <= 0)
            begin = start;
        if (o->timed)
            spent = o->timed(o->batch);
        else
            o->run(o->batch);
        int64_t total = o->timed ? spent : now() - start;
        if (i >= 0)
            sample[count++] = (double)total / o->batch;
    }
    qsort(sample, count, sizeof *sample, compare);
    printf("%s %.1f\n", o->name, sample[count / 2]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int64_t budget = (argc > 2 ? atoi(argv[2]) : 300) * 1000000ll;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (argc < 2 || strcmp(argv[1], operations[i].name) == 0 || strcmp(argv[1], "all") == 0)
            measure(&operations[i], budget, argc > 3 ? atoi(argv[3]) : 0);
    // The partners of the ping-pongs end with us.
    _exit(0);
}
