// Children that may do anything: they are given a moment, then killed.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;
static long patience = 20000000; // nanoseconds; a sandbox with a seed counts an instruction as one

static inline uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void start(uint64_t seed) {
    state = (seed + 1) * 0x9e3779b97f4a7c15;
    if (state == 0) state = 1;
    for (int i = 0; i < 8; i++) next();
}

static inline long raw(long n, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return r;
}

// Children send the parent all kinds of signals.
static void prepare(void) {
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, 0);
}

static pid_t child(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0) return pid;
    setsid();
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, 0);
    return 0;
}

// The child's status; -1 if it had to be killed.
static int finish(pid_t pid) {
    sigset_t set;
    int status, timed_out = 0;
    struct timespec moment = {0, patience};
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (;;) {
        pid_t r = waitpid(pid, &status, __WALL | (timed_out ? 0 : WNOHANG));
        if (r == pid) return timed_out ? -1 : status;
        if (r < 0 && errno != EINTR) return -2;
        if (!timed_out && sigtimedwait(&set, 0, &moment) < 0 && errno == EAGAIN) {
            kill(pid, SIGKILL);
            timed_out = 1;
        }
    }
}

// What the children left.
static void finish_all(void) {
    kill(-1, SIGKILL);
    while (waitpid(-1, 0, __WALL) > 0) ;
}
