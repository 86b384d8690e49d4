// endless getrandom|mincore|move_pages: a child makes a call of enormous size; it can be killed while it is in there.
#include "children.h"
#include <sys/random.h>

static char *reserve(size_t size) {
    return mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    pid_t pid = fork();
    if (pid == 0) {
        char *from = reserve(1UL << 44), *to = reserve(1UL << 34);
        if (strcmp(argv[1], "getrandom") == 0) getrandom(to, 1UL << 31, 0);
        else if (strcmp(argv[1], "mincore") == 0) mincore(from, 1UL << 44, (void *)to);
        else syscall(SYS_move_pages, 0, 1UL << 31, from, 0, to, 0);
        _exit(0);
    }
    struct timespec moment = {0, 20000000};
    nanosleep(&moment, 0);
    kill(pid, SIGKILL);
    int status;
    waitpid(pid, &status, 0);
    printf("%s\n", WIFSIGNALED(status) ? "killed" : "ended");
    return 0;
}
