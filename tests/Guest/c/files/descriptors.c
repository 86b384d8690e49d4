// dup, dup2, dup3, F_DUPFD, lowest free number, limits, fcntl flags, closed standard descriptors.
#include "guest.h"
#include <sys/ioctl.h>

int main(void)
{
    for (int fd = 3; fd < 100; fd++)
        close(fd);
    scratch();
    SHOW(open("f", O_CREAT | O_RDWR, 0644));
    SHOW(open("f", O_RDONLY));
    SHOW(dup(3));
    CALL(close(4));
    SHOW(open("f", O_RDONLY));
    CALL(dup2(3, 3));
    CALL(dup2(3, 10));
    CALL(dup2(99, 10));
    CALL(dup2(99, 99));
    CALL(dup2(3, -1));
    CALL(fcntl(10, F_GETFD));
    CALL(fcntl(3, F_DUPFD, 10));
    CALL(fcntl(3, F_DUPFD, -1));
    CALL(fcntl(99, F_GETFD));
    CALL(fcntl(3, 9999));
    SHOW(fcntl(3, F_GETFL) & ~O_LARGEFILE);
    CALL(fcntl(3, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_CREAT));
    SHOW(fcntl(5, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT));
    SHOW(fcntl(4, F_GETFL) & (O_ACCMODE | O_APPEND));
    CALL(write(5, "abc", 3));
    CALL(lseek(3, 0, SEEK_CUR));
    TRY(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 12, 100 }));
    CALL(dup2(3, 12));
    CALL(fcntl(3, F_DUPFD, 12));
    int n = 0;
    while (open("f", O_RDONLY) >= 0)
        n++;
    SAY("then %s", strerrorname_np(errno));
    SHOW(n);
    CALL(dup(3));
    int p[2];
    CALL(pipe(p));
    CALL(fcntl(11, F_GETFD));
    CALL(close(11));
    CALL(close(11));
    CALL(close(-1));
    int on = 1;
    TRY(ioctl(3, FIOCLEX));
    CALL(fcntl(3, F_GETFD));
    TRY(ioctl(3, FIONCLEX));
    CALL(fcntl(3, F_GETFD));
    TRY(ioctl(3, FIONBIO, &on));
    TRUTH(fcntl(3, F_GETFL) & O_NONBLOCK);
    CALL(ioctl(3, 0x123456, &on));
    CALL(ioctl(99, FIONREAD, &on));
    reap("without standard descriptors", CHILD({
        close(0);
        SHOW(open("f", O_RDONLY));
    }));
    CALL(isatty(3));
    CALL(ttyname(3) == NULL ? errno : 0);
    CALL(fsync(3));
    CALL(fdatasync(99));
    CALL(syncfs(3));
    CALL(posix_fadvise(3, 0, 0, POSIX_FADV_DONTNEED));
    CALL(fcntl(3, F_GETOWN));
    CALL(memfd_create("m", 0x7777));
    return 0;
}
