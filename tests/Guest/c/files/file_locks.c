// flock, POSIX record locks and open-file-description locks: who conflicts with whom, splitting, release at close and exit.
#include "guest.h"
#include <sys/file.h>

static int fd;
static struct flock range(int type, long start, long length)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
}
static int set(int how, int type, long start, long length)
{
    struct flock l = range(type, start, length);
    return fcntl(fd, how, &l);
}
static void query(int type, long start, long length)
{
    struct flock l = range(type, start, length);
    TRY(fcntl(fd, F_GETLK, &l));
    if (l.l_type == F_UNLCK)
        SAY("  %ld+%ld: free", start, length);
    else
        SAY("  %ld+%ld: %s %ld+%ld by %s", start, length, l.l_type == F_RDLCK ? "read" : "write", (long)l.l_start, (long)l.l_len,
            l.l_pid == getppid() ? "parent" : l.l_pid == -1 ? "description" : "other");
}

int main(void)
{
    scratch();
    fd = TRY(open("f", O_CREAT | O_RDWR, 0644));
    CALL(set(F_SETLK, F_WRLCK, 0, 100));
    CALL(set(F_SETLK, F_UNLCK, 40, 20));
    CALL(set(F_SETLK, F_RDLCK, 80, 0));
    reap("other process", CHILD({
        fd = TRY(open("f", O_RDWR));
        query(F_WRLCK, 0, 10);
        query(F_WRLCK, 40, 20);
        query(F_WRLCK, 30, 20);
        query(F_WRLCK, 70, 1000);
        query(F_RDLCK, 90, 5);
        CALL(set(F_SETLK, F_WRLCK, 0, 1));
        CALL(set(F_SETLK, F_RDLCK, 90, 1));
        CALL(set(F_SETLK, F_WRLCK, 45, 1));
        query(F_WRLCK, 45, 1);
    }));
    // Closing any descriptor of the file drops the process's record locks.
    close(TRY(open("f", O_RDONLY)));
    reap("after close", CHILD(query(F_WRLCK, 0, 0)));

    CALL(set(F_SETLK, F_WRLCK, 0, 10));
    gate g = new_gate();
    pid_t waiter = CHILD({
        tell(g);
        TRY(set(F_SETLKW, F_WRLCK, 5, 1));
    });
    wait_told(g);
    until_state(waiter, 'S');
    CALL(waitpid(waiter, NULL, WNOHANG));
    CALL(set(F_SETLK, F_UNLCK, 0, 0));
    reap("waiter", waiter);
    // Two processes that wait for each other: the second one gets EDEADLK.
    gate ready = new_gate();
    CALL(set(F_SETLK, F_WRLCK, 0, 1));
    pid_t rival = CHILD({
        TRY(set(F_SETLK, F_WRLCK, 1, 1));
        tell(ready);
        TRY(set(F_SETLKW, F_WRLCK, 0, 1));
    });
    wait_told(ready);
    until_state(rival, 'S');
    CALL(set(F_SETLKW, F_WRLCK, 1, 1));
    TRY(set(F_SETLK, F_UNLCK, 0, 0));
    reap("rival", rival);

    CALL(set(F_OFD_SETLK, F_WRLCK, 0, 10));
    int own = fd;
    fd = TRY(open("f", O_RDWR));
    CALL(set(F_OFD_SETLK, F_WRLCK, 5, 1));
    query(F_WRLCK, 5, 1);
    reap("inherited description", CHILD({
        fd = own;
        CALL(set(F_OFD_SETLK, F_WRLCK, 5, 1));
    }));
    close(own);
    CALL(set(F_OFD_SETLK, F_WRLCK, 5, 1));
    CALL(set(F_OFD_SETLK, F_UNLCK, 0, 0));
    CALL(set(F_SETLK, 77, 0, 0));
    CALL(set(F_SETLK, F_WRLCK, -1, 1));
    int readonly = TRY(open("f", O_RDONLY));
    struct flock l = range(F_WRLCK, 0, 1);
    CALL(fcntl(readonly, F_SETLK, &l));

    int a = TRY(open("f", O_RDWR)), b = TRY(open("f", O_RDWR));
    CALL(flock(a, LOCK_SH));
    CALL(flock(b, LOCK_SH | LOCK_NB));
    CALL(flock(b, LOCK_EX | LOCK_NB));
    CALL(flock(a, LOCK_UN));
    CALL(flock(b, LOCK_EX | LOCK_NB));
    int dup_b = TRY(dup(b));
    close(b);
    CALL(flock(a, LOCK_SH | LOCK_NB));
    close(dup_b);
    CALL(flock(a, LOCK_SH | LOCK_NB));
    CALL(flock(a, 0x77));
    CALL(flock(99, LOCK_SH));
    CALL(lockf(a, F_TLOCK, 10));
    CALL(lockf(a, F_TEST, 10));
    reap("lockf elsewhere", CHILD({ int c = TRY(open("f", O_RDWR)); CALL(lockf(c, F_TEST, 10)); CALL(lockf(c, F_TLOCK, 10)); }));
    return 0;
}
