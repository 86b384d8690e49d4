// greed fork: forks without end in every process until 300 forks failed. greed memory: touches memory until there is none.
#include "children.h"

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    if (strcmp(argv[1], "memory") == 0) {
        for (;;) {
            char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED) return errno;
            memset(p, 1, 1 << 20);
        }
    }
    volatile int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t first = getpid();
    signal(SIGCHLD, SIG_IGN);
    while (shared[0] < 300) {
        if (fork() >= 0) continue;
        shared[0]++;
        shared[1] = errno;
    }
    if (getpid() != first) _exit(0);
    while (wait(0) >= 0 || errno == EINTR) ;
    printf("%s\n", strerrorname_np(shared[1]));
    return 0;
}
