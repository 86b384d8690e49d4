// Resource limits: reading, lowering, raising, and what each one does when it is reached.
// needs: root
#include "guest.h"

static void on_xfsz(int sig) { SAY("caught %s", signame(sig)); }

static void limit(int which, rlim_t soft, rlim_t hard) { TRY(setrlimit(which, &(struct rlimit){ soft, hard })); }

int main(void)
{
    scratch();
    struct rlimit l, old;
    TRY(chmod(".", 0777));
    CALL(getrlimit(99, &l));
    CALL(setrlimit(RLIMIT_CPU, &(struct rlimit){ 10, 5 }));
    reap("unprivileged", CHILD({
        limit(RLIMIT_NOFILE, 50, 60);
        TRY(setgid(1000));
        TRY(setuid(1000));
        CALL(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 60, 60 }));
        CALL(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 60, 70 }));
        CALL(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 10, 20 }));
        CALL(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 10, 21 }));
        CALL(prlimit(0, RLIMIT_NOFILE, NULL, &old));
        SAY("%ld %ld", (long)old.rlim_cur, (long)old.rlim_max);
        CALL(prlimit(getppid(), RLIMIT_NOFILE, NULL, &old));
        // The number of processes of this user: only this one and one child fit.
        limit(RLIMIT_NPROC, 2, 2);
        gate g = new_gate();
        pid_t a = fork();
        if (a == 0) {
            wait_told(g);
            _exit(0);
        }
        TRUTH(a > 0);
        CALL(fork());
        tell(g);
        waitpid(a, NULL, 0);
        a = fork();
        if (a == 0)
            _exit(0);
        TRUTH(a > 0);
        waitpid(a, NULL, 0);
    }));
    pid_t other = CHILD(pause());
    struct rlimit set = { 33, 44 };
    TRUTH(prlimit(other, RLIMIT_NOFILE, &set, NULL) == 0);
    TRUTH(prlimit(other, RLIMIT_NOFILE, NULL, &old) == 0);
    SAY("%ld %ld", (long)old.rlim_cur, (long)old.rlim_max);
    kill(other, SIGKILL);
    reap("other", other);

    reap("file size", CHILD({
        limit(RLIMIT_FSIZE, 1000, 1000);
        int fd = TRY(open("f", O_RDWR | O_CREAT, 0600));
        static char block[900];
        CALL(write(fd, block, 900));
        CALL(write(fd, block, 900));
        signal(SIGXFSZ, on_xfsz);
        CALL(write(fd, block, 1));
        CALL(ftruncate(fd, 2000));
        signal(SIGXFSZ, SIG_DFL);
        TRY(write(fd, block, 1));
    }));
    reap("address space", CHILD({
        limit(RLIMIT_AS, 64 << 20, 64 << 20);
        TRUTH(mmap(NULL, 100 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
        TRUTH(malloc(1 << 20) != NULL);
        int blocks = 0;
        while (blocks < 1000 && malloc(1 << 20))
            blocks++;
        TRUTH(blocks < 64);
    }));
    reap("data", CHILD({
        limit(RLIMIT_DATA, 8 << 20, 8 << 20);
        TRUTH(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
        TRUTH(mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    }));
    reap("CPU, soft", CHILD({
        limit(RLIMIT_CPU, 1, 10);
        for (volatile long i = 0;; i++)
            continue;
    }));
    reap("inherited over fork and exec", CHILD({
        limit(RLIMIT_NOFILE, 77, 78);
        execl("/bin/sh", "sh", "-c", "ulimit -n; ulimit -Hn", NULL);
    }));
    reap("locked memory", CHILD({
        limit(RLIMIT_MEMLOCK, 8192, 8192);
        TRY(setuid(1000));
        char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CALL(mlock(p, 4096));
        CALL(mlock(p, 65536));
        CALL(munlockall());
    }));
    CALL(getrlimit(RLIMIT_STACK, (void *)8));
    return 0;
}
