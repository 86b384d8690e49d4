// code SEED CHILDREN: jumps into random bytes, and into bytes that begin with plausible prefixes; from each fault it goes on
// elsewhere, 64 times. Only for the sandbox. Prints how many children ended.
#include "children.h"
#include <ucontext.h>

enum { size = 65536, faults = 64 };

static const unsigned char heads[] = {0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x48, 0x4f, 0x0f, 0xc4, 0xc5, 0x62, 0xd8, 0xdf, 0xcd, 0xcf, 0xf4};
static unsigned char *code;
static char alternate[65536];
static int left = faults;

static unsigned char *pick(void) {
    if (next() % 16 == 0) return code + size - 1 - next() % 14;
    unsigned char *at = code + next() % 60000;
    if (next() % 2) *at = heads[next() % sizeof heads];
    return at;
}

// Registers point into the code, so that most memory operands are good.
static void go_on(int signal, siginfo_t *info, void *context) {
    if (left-- == 0) _exit(0);
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    for (int i = 0; i <= REG_RSP; i++) r[i] = next() % 8 ? (greg_t)(code + next() % size) : (greg_t)next();
    r[REG_EFL] = next() & 0xcd5;
    r[REG_RIP] = (greg_t)pick();
}

static void play(void) {
    stack_t stack = {alternate, 0, sizeof alternate};
    struct sigaction action = {.sa_sigaction = go_on, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    sigaltstack(&stack, 0);
    for (int i = 0; i < 6; i++) sigaction(signals[i], &action, 0);
    for (int i = 0; i < size; i += 8) {
        uint64_t x = next();
        memcpy(code + i, &x, 8);
    }
    raise(SIGTRAP);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    uint64_t seed = strtoull(argv[1], 0, 10) << 32;
    int children = atoi(argv[2]), ended = 0;
    code = mmap(0, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    patience = 1000000;
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
    printf("%d\n", ended);
    return 0;
}
