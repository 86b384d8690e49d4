// random SEED CALLS: random system calls, made by children of 64 calls each. Only for the sandbox: it may do anything.
#include "children.h"

static char buffer[1 << 16];

static unsigned long argument(void) {
    switch (next() % 10) {
    case 0: return 0;
    case 1: return next() % 8;
    case 2: return next() % 4096;
    case 3: return ~0UL - next() % 4;
    case 4: return next();
    case 5: return 1UL << next() % 64;
    case 6: return (unsigned long)buffer + next() % sizeof buffer;
    default: return (unsigned long)buffer + next() % 64 * 64;
    }
}

static void fill(void) {
    static const char *const words[] = {".", "/", "a", "b", "/proc/self/fd/0", "/tmp/a", "../..", "/dev/null", "/bin/true", "user.x", "/proc/self/mem", "/dev/shm/x"};
    for (int i = 0; i < 64; i++) {
        char *at = buffer + i * 64;
        if (next() % 2) strcpy(at, words[next() % 12]);
        else for (int k = 0; k < 8; k++) ((uint64_t *)at)[k] = next() % 2 ? argument() : next() % 16;
    }
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    uint64_t seed = strtoull(argv[1], 0, 10) * 0x9e3779b97f4a7c15;
    int calls = atoi(argv[2]), ended = 0;
    prepare();
    for (int n = 0; n < calls; n += 64) {
        pid_t pid = child();
        if (pid < 0) continue;
        if (pid == 0) {
            state = seed + n + 1;
            close(0);
            close(1);
            close(2);
            fill();
            for (int i = 0; i < 64; i++) {
                unsigned long number = next() % 50 == 0 ? argument() : next() % 470;
                unsigned long a = argument(), b = argument(), c = argument(), d = argument(), e = argument(), f = argument();
                if (number == SYS_exit || number == SYS_exit_group) continue;
                syscall(number, a, b, c, d, e, f);
            }
            _exit(0);
        }
        if (finish(pid) != -2) ended++;
    }
    printf("%d\n", ended);
    return 0;
}
