// Close-on-exec on every way to make a descriptor; the new program lists what came through.
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        for (int fd = 3; fd < 64; fd++)
            if (fcntl(fd, F_GETFD) != -1)
                SAY("descriptor %d is open, flags %d", fd, fcntl(fd, F_GETFD));
        return 0;
    }
    scratch();
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    int pair[2];
    int plain = TRY(open("a", O_RDWR | O_CREAT, 0644));                 // 3, stays
    TRY(open("a", O_RDWR | O_CLOEXEC));                                 // 4, goes
    TRY(dup(4));                                                        // 5, stays: dup clears the flag
    TRY(fcntl(plain, F_DUPFD_CLOEXEC, 20));                             // 20, goes
    TRY(fcntl(plain, F_DUPFD, 30));                                     // 30, stays
    TRY(dup3(plain, 40, O_CLOEXEC));                                    // 40, goes
    TRY(dup2(40, 41));                                                  // 41, stays
    TRY(pipe2(pair, O_CLOEXEC));                                        // 6, 7, go
    TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));      // 8, 9, go
    TRY(eventfd(0, EFD_CLOEXEC));                                       // 10, goes
    TRY(eventfd(0, 0));                                                 // 11, stays
    TRY(epoll_create1(EPOLL_CLOEXEC));                                  // 12, goes
    TRY(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));                  // 13, goes
    TRY(fcntl(41, F_SETFD, FD_CLOEXEC));
    TRY(fcntl(41, F_SETFD, 0));
    TRY(syscall(SYS_close_range, 30, 30, 4));                           // 30 is marked to go
    for (int fd = 3; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            SAY("%d: %d", fd, fcntl(fd, F_GETFD));
    char self[PATH_MAX] = "";
    TRY(readlink("/proc/self/exe", self, sizeof self - 1));
    reap("child", CHILD(execl(self, "x", "list", NULL)));
    CALL(dup3(3, 3, 0));
    CALL(dup3(3, 44, 0x1234));
    CALL(syscall(SYS_close_range, 9, 5, 0));
    CALL(syscall(SYS_close_range, 5, 1000, 0));
    CALL(fcntl(5, F_GETFD));
    CALL(fcntl(4, F_GETFD));
    return 0;
}
