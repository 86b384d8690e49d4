// Many live processes at once: forks COUNT children that sleep, tells how many, waits for a line, then kills and reaps them all.
//     million COUNT [libc]
// The children are made by the bare system call and touch nothing; with "libc", by the C library's fork, whose both sides write
// to a few pages of theirs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}
static inline __attribute__((always_inline)) long call(long number)
{
    long result = number;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
    return result;
}
static int make(int count)
{
    for (int i = 0; i < count; i++) {
        long pid = call(SYS_fork);
        if (pid == 0)
            for (;;)
                call(SYS_pause);
        if (pid < 0)
            return i;
    }
    return count;
}
static int make_with_libc(int count)
{
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid == 0)
            for (;;)
                pause();
        if (pid < 0)
            return i;
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = atoi(argv[1]), reaped = 0;
    int file = open("/proc/sys/kernel/pid_max", O_WRONLY);
    if (file < 0 || write(file, "4194304", 7) != 7)
        perror("pid_max");
    close(file);
    int64_t start = now();
    int made = argc > 2 && strcmp(argv[2], "libc") == 0 ? make_with_libc(count) : make(count);
    printf("made %d %lld\n", made, (long long)(now() - start));
    fflush(stdout);
    getchar();
    start = now();
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0)
        reaped++;
    printf("reaped %d %lld\n", reaped, (long long)(now() - start));
    return 0;
}
