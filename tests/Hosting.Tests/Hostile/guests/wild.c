// Reads lines "number a0 .. a5" (hex) and makes each call in a child of its own; prints what it gave.
#include "children.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static void *at(uintptr_t address, size_t size, int protection, int flags) {
    return mmap((void *)address, size, protection, flags | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
}

int main(void) {
    static char line[256];
    volatile long *result = at(0x40000000, 4096, PROT_READ | PROT_WRITE, MAP_SHARED);
    at(0x10000000, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    at(0x20000000, 4096, PROT_READ, MAP_PRIVATE);
    at(0x30000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    int pair[2], pipes[2];
    char name[] = "/tmp/wild.XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    if (write(file, line, 200) != 200 || lseek(file, 0, SEEK_SET) != 0 || dup2(file, 20) < 0) return 2;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || dup2(pair[0], 21) < 0) return 2;
    if (pipe(pipes) != 0 || dup2(pipes[0], 22) < 0) return 2;
    if (write(pair[1], line, 100) != 100 || write(pipes[1], line, 100) != 100) return 2;
    if (dup2(epoll_create1(0), 23) < 0 || dup2(open("/tmp", O_RDONLY | O_DIRECTORY), 24) < 0) return 2;
    prepare();
    while (fgets(line, sizeof line, stdin)) {
        unsigned long n, a[6];
        if (sscanf(line, "%lx %lx %lx %lx %lx %lx %lx", &n, a, a + 1, a + 2, a + 3, a + 4, a + 5) != 7) return 2;
        *result = -1000;
        pid_t pid = child();
        if (pid < 0) { printf("fork %d\n", errno); continue; }
        if (pid == 0) {
            close(0);
            close(1);
            close(2);
            long r = syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
            *result = r < 0 && r >= -1 ? -errno : r < 0 ? 0 : r > 0 ? 1 : 0;
            _exit(0);
        }
        int status = finish(pid);
        if (status == -1) puts("slept");
        else if (status >= 0 && WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
        else printf("%ld\n", *result);
    }
    puts("end");
    return 0;
}
