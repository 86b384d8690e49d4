// Children that may do anything: they are given a second, then killed.
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

static inline uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void prepare(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
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
    struct timespec second = {1, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (;;) {
        pid_t r = waitpid(pid, &status, timed_out ? 0 : WNOHANG);
        if (r == pid) return timed_out ? -1 : status;
        if (r < 0 && errno != EINTR) return -2;
        if (sigtimedwait(&set, 0, &second) < 0 && errno == EAGAIN) {
            kill(pid, SIGKILL);
            timed_out = 1;
        }
    }
}
