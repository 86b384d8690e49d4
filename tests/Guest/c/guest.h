// What every C guest needs: calls reported by name, value and errno; children reported by how they ended.
// A guest prints only what Linux determines: no pids, addresses, times or anything that another run would change.
#ifndef GUEST_H
#define GUEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Prints the expression with its value, or with -1 and the name of errno.
#define CALL(e) ({ errno = 0; long r_ = (long)(e); guest_report(#e, r_, 1); r_; })
// The same, without the value: for descriptors, pids and addresses.
#define OK(e) ({ errno = 0; long r_ = (long)(e); guest_report(#e, r_, 0); r_; })
// For calls that answer an error number, as the pthread family does.
#define RC(e) ({ int r_ = (e); printf("%s: %s\n", #e, r_ ? strerrorname_np(r_) : "ok"); r_; })
// For preparation that has to succeed: prints nothing, ends the guest on failure.
#define TRY(e) ({ errno = 0; long r_ = (long)(e); if (r_ == -1) guest_die(#e, __LINE__); r_; })
#define SHOW(e) printf("%s = %lld\n", #e, (long long)(e))
#define TRUTH(e) printf("%s: %s\n", #e, (e) ? "yes" : "no")
#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

__attribute__((unused)) static void guest_report(const char *what, long result, int with_value)
{
    if (result == -1 && errno)
        printf("%s = -1 %s\n", what, strerrorname_np(errno));
    else if (with_value)
        printf("%s = %ld\n", what, result);
    else
        printf("%s: ok\n", what);
}

__attribute__((unused, noreturn)) static void guest_die(const char *what, int line)
{
    fprintf(stderr, "line %d: %s: %s\n", line, what, strerrorname_np(errno));
    _exit(99);
}

// For what the host's own kernel or container does not let us ask: the test is skipped, not failed.
__attribute__((unused, noreturn)) static void not_possible_here(const char *why)
{
    fprintf(stderr, "%s\n", why);
    _exit(77);
}

__attribute__((unused)) static const char *signame(int sig)
{
    static char text[16];
    const char *name = sigabbrev_np(sig);
    if (name)
        return name;
    snprintf(text, sizeof text, sig >= SIGRTMIN ? "RT+%d" : "%d", sig >= SIGRTMIN ? sig - SIGRTMIN : sig);
    return text;
}

// One line on a wait status; the core flag is left out, because it depends on the host's core_pattern.
__attribute__((unused)) static void show_status(const char *who, int status)
{
    if (WIFEXITED(status))
        printf("%s: exited %d\n", who, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", who, signame(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        printf("%s: stopped by %s\n", who, signame(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        printf("%s: continued\n", who);
    else
        printf("%s: status %#x\n", who, status);
}

// Waits for this child and reports it.
__attribute__((unused)) static void reap(const char *who, pid_t pid)
{
    int status = 0;
    TRY(waitpid(pid, &status, 0));
    show_status(who, status);
}

// Runs the body in a child; the child ends with status 0 unless the body exits itself.
#define CHILD(...) ({ pid_t p_ = fork(); if (p_ == -1) guest_die("fork", __LINE__); \
    if (p_ == 0) { __VA_ARGS__; fflush(stdout); _exit(0); } p_; })

// Moves into a fresh directory beneath TMPDIR, which is removed again at exit by the process that made it.
static char guest_directory[PATH_MAX];
static pid_t guest_owner;

__attribute__((unused)) static int guest_remove(const char *path, const struct stat *st, int type, struct FTW *at) { return remove(path); }

__attribute__((unused)) static void guest_cleanup(void)
{
    if (getpid() == guest_owner && chdir("/") == 0 && nftw(guest_directory, guest_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror("cleanup");
}

__attribute__((unused)) static void scratch(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(guest_directory, sizeof guest_directory, "%s/guest.XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(guest_directory) || chdir(guest_directory) != 0)
        guest_die("scratch", __LINE__);
    guest_owner = getpid();
    atexit(guest_cleanup);
    umask(022);
}

// A tiny rendezvous between relatives: each side gets a pipe; tell() releases one wait_told().
typedef struct { int fd[2]; } gate;
__attribute__((unused)) static gate new_gate(void) { gate g; TRY(pipe(g.fd)); return g; }
__attribute__((unused)) static void tell(gate g) { TRY(write(g.fd[1], "x", 1)); }
__attribute__((unused)) static void wait_told(gate g)
{
    char c;
    while (read(g.fd[0], &c, 1) == -1 && errno == EINTR)
        continue;
}

// The state letter of a process, and waiting until it has a given one: how a guest knows that a relative sleeps.
__attribute__((unused)) static char state_of(pid_t pid)
{
    char path[64], text[512];
    sprintf(path, "/proc/%d/stat", pid);
    int fd = TRY(open(path, O_RDONLY));
    text[TRY(read(fd, text, sizeof text - 1))] = 0;
    close(fd);
    return strrchr(text, ')')[2];
}
__attribute__((unused)) static void until_state(pid_t pid, char state)
{
    while (state_of(pid) != state)
        usleep(500);
}

// Lines leave at once, so that a fork never copies half a line and relatives' lines keep their order.
__attribute__((constructor, unused)) static void guest_start(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
#endif
