// random SEED CHILDREN UID: random system calls, 64 in each child. Only for the sandbox: it may do anything.
// Prints the children that ended, and the calls made; then each result that no call may give.
#include "children.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>

enum { calls_each = 64, favourites = 6, kept_results = 8, descriptors = 26, greatest_errno = 133, words = 16, most_odd = 16 };

static char buffer[1 << 16] __attribute__((aligned(4096)));
static struct record { long calls, odd, number[most_odd], result[most_odd]; } *record;

static const char *const names[words] = {".", "/", "a", "b", "/proc/self/fd/0", "/tmp/a", "../..", "/dev/null", "/guest/code",
    "user.x", "/proc/self/mem", "/dev/shm/x", "d/a", "/tmp/s", "/proc/self/maps", "/dev/ptmx"};

static long results[kept_results];

static unsigned long argument(void) {
    switch (next() % 18) {
    case 0: return 0;
    case 1: return next() % 8;
    case 2: return next() % 4096;
    case 3: return ~0UL - next() % 4;
    case 4: return next();
    case 5: return 1UL << next() % 64;
    case 6: return 1UL << next() % 32 | 1UL << next() % 32;
    case 7: return (unsigned long)buffer + next() % sizeof buffer;
    case 8: return (unsigned long)buffer + (next() % 16 << 12);
    case 9:
    case 10:
    case 11: return next() % descriptors;
    case 12:
    case 13: return results[next() % kept_results] + (next() % 4 ? 0 : next() % 3 << 12);
    default: return (unsigned long)buffer + next() % 64 * 64;
    }
}

static void fill(void) {
    for (int i = 0; i < 64; i++) {
        char *at = buffer + i * 64;
        if (next() % 2) strcpy(at, names[next() % words]);
        else for (int k = 0; k < 8; k++) ((uint64_t *)at)[k] = next() % 2 ? argument() : next() % 16;
    }
}

// Root sees /tmp only, where what it makes is found and removed; the rest of the tree must stay as it is.
static int make_jail(void) {
    const char *directories[] = {"/tmp/dev", "/tmp/dev/shm", "/tmp/guest", "/tmp/tmp", "/tmp/bin"};
    for (unsigned i = 0; i < sizeof directories / sizeof *directories; i++) mkdir(directories[i], 0777);
    mknod("/tmp/dev/null", S_IFCHR | 0666, makedev(1, 3));
    mknod("/tmp/dev/zero", S_IFCHR | 0666, makedev(1, 5));
    int from = open("/guest/code", O_RDONLY), to = open("/tmp/guest/code", O_WRONLY | O_CREAT, 0755);
    return sendfile(to, from, 0, 1 << 24) > 0 ? 0 : -1;
}

static void open_all(int uid) {
    close(0);
    close(1);
    close(2);
    open("/tmp/f", O_RDWR | O_CREAT, 0666);
    open("/dev/zero", O_RDWR);
    open("/tmp", O_RDONLY | O_DIRECTORY);
    int fd, pair[2];
    if (pipe(pair) == 0 && write(pair[1], buffer, 5000) < 0) _exit(1);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (write(pair[0], buffer, 500) < 0) _exit(1);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    struct sockaddr_un name = {AF_UNIX, "/tmp/s"};
    unlink(name.sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(fd, (void *)&name, sizeof name);
    listen(fd, 5);
    connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name);
    fd = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {0}};
    epoll_ctl(fd, EPOLL_CTL_ADD, pair[0], &event);
    eventfd(1, 0);
    timerfd_create(CLOCK_MONOTONIC, 0);
    sigset_t all;
    sigfillset(&all);
    signalfd(-1, &all, 0);
    fd = memfd_create("m", MFD_ALLOW_SEALING);
    if (ftruncate(fd, 9000) != 0) _exit(1);
    open("/proc/self/mem", O_RDWR);
    if (uid != 0) open("/proc/self", O_RDONLY | O_DIRECTORY);
    open("/dev/ptmx", O_RDWR);
    mkfifo("/tmp/p", 0666);
    open("/tmp/p", O_RDWR);
    mq_open("/a", O_RDWR | O_CREAT | O_NONBLOCK, 0666, 0);
    syscall(SYS_pidfd_open, getpid(), 0);
    open("/guest/code", O_RDONLY);
}

// EPERM .. EHWPOISON, or a result; lseek may give the bottom of /proc/self/mem's top half; after rt_sigreturn nothing is known.
static void check(long number, long result) {
    __atomic_add_fetch(&record->calls, 1, __ATOMIC_RELAXED);
    if (result >= -greatest_errno || number == SYS_rt_sigreturn) return;
    if (number == SYS_lseek && result < -4095) return;
    long n = __atomic_fetch_add(&record->odd, 1, __ATOMIC_RELAXED);
    if (n >= most_odd) return;
    record->number[n] = number;
    record->result[n] = result;
}

// What would hit the parent, too.
static int hurts(long number, int target, pid_t parent) {
    switch (number) {
    case SYS_kill:
        if (target == -1) return 1;
    case SYS_tkill:
    case SYS_tgkill:
    case SYS_rt_sigqueueinfo:
    case SYS_rt_tgsigqueueinfo:
    case SYS_process_vm_writev:
    case SYS_prlimit64: return target == parent || target == -parent;
    default: return number == SYS_exit || number == SYS_exit_group;
    }
}

// Some calls come again and again, with what others gave them: so they meet in odd states.
static void play(pid_t parent) {
    long favourite[favourites];
    for (int i = 0; i < favourites; i++) favourite[i] = next() % 470;
    for (int i = 0; i < calls_each; i++) {
        long number = next() % 2 ? favourite[next() % favourites] : next() % 50 ? next() % 470 : argument();
        long a = argument(), b = argument(), c = argument(), d = argument(), e = argument(), f = argument();
        if (hurts(number, a, parent)) continue;
        long result = raw(number, a, b, c, d, e, f);
        check(number, result);
        if (result > 2) results[next() % kept_results] = result;
    }
}

static void clean(void) {
    struct shmid_ds segment;
    struct msqid_ds queue;
    struct semid_ds semaphores;
    for (int i = 0; i < 64; i++) {
        shmctl(shmctl(i, SHM_STAT, &segment), IPC_RMID, 0);
        msgctl(msgctl(i, MSG_STAT, &queue), IPC_RMID, 0);
        semctl(semctl(i, 0, SEM_STAT, &semaphores), 0, IPC_RMID);
    }
    for (int i = 0; i < words; i++) syscall(SYS_mq_unlink, names[i]);
    mq_unlink("/a");
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    uint64_t seed = strtoull(argv[1], 0, 10) << 32;
    int children = atoi(argv[2]), uid = atoi(argv[3]), ended = 0;
    record = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare();
    if (uid == 0 ? make_jail() != 0 : setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) return 3;
    for (int n = 0; n < children; n++) {
        pid_t parent = getpid(), pid = child();
        if (pid < 0) continue;
        if (pid == 0) {
            open_all(uid);
            if (uid == 0 && (chroot("/tmp") != 0 || chdir("/tmp") != 0)) abort();
            start(seed + n);
            fill();
            play(parent);
            _exit(0);
        }
        if (finish(pid) != -2) ended++;
        finish_all();
        clean();
    }
    printf("%d %ld\n", ended, record->calls);
    for (int i = 0; i < record->odd && i < most_odd; i++) printf("%ld = %ld\n", record->number[i], record->result[i]);
    return 0;
}
