// eventfd: counting, semaphore mode, overflow, blocking between processes.
#include "guest.h"
#include <poll.h>
#include <sys/eventfd.h>

int main(void)
{
    uint64_t v;
    int fd = TRY(eventfd(3, EFD_NONBLOCK));
    CALL(read(fd, &v, 8));
    SHOW(v);
    CALL(read(fd, &v, 8));
    v = 5;
    CALL(write(fd, &v, 8));
    CALL(write(fd, &v, 8));
    CALL(read(fd, &v, 16));
    SHOW(v);
    CALL(read(fd, &v, 7));
    v = UINT64_MAX;
    CALL(write(fd, &v, 8));
    v = UINT64_MAX - 1;
    CALL(write(fd, &v, 8));
    v = 1;
    CALL(write(fd, &v, 8));
    struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);
    CALL(read(fd, &v, 8));
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);

    int sem = TRY(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
    CALL(read(sem, &v, 8));
    SHOW(v);
    CALL(read(sem, &v, 8));
    CALL(read(sem, &v, 8));

    int a = TRY(eventfd(0, 0)), b = TRY(eventfd(0, 0));
    pid_t pid = CHILD({
        for (int i = 0; i < 200; i++) {
            eventfd_read(a, &v);
            eventfd_write(b, v * 2);
        }
    });
    uint64_t sum = 0;
    for (int i = 1; i <= 200; i++) {
        eventfd_write(a, i);
        eventfd_read(b, &v);
        sum += v;
    }
    SHOW(sum);
    reap("child", pid);
    CALL(eventfd(0, 0x1234));
    return 0;
}
