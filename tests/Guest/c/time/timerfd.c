// timerfd: expirations counted, poll readiness, non-blocking reads, absolute times, re-arming.
#include "guest.h"
#include <poll.h>
#include <sys/timerfd.h>

int main(void)
{
    uint64_t count = 0;
    struct itimerspec spec;
    int fd = TRY(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    CALL(read(fd, &count, 8));
    CALL(read(fd, &count, 4));
    TRY(timerfd_settime(fd, 0, &(struct itimerspec){ { 0, 0 }, { 0, 5000000 } }, NULL));
    struct pollfd p = { fd, POLLIN, 0 };
    CALL(poll(&p, 1, 10000));
    CALL(read(fd, &count, 8));
    SHOW(count);
    CALL(read(fd, &count, 8));
    TRY(timerfd_gettime(fd, &spec));
    SAY("one shot is over: %ld %ld", spec.it_value.tv_sec, spec.it_value.tv_nsec);
    TRY(timerfd_settime(fd, 0, &(struct itimerspec){ { 0, 1000000 }, { 0, 1000000 } }, NULL));
    nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
    CALL(read(fd, &count, 8));
    TRUTH(count >= 15);
    fcntl(fd, F_SETFL, 0);
    CALL(read(fd, &count, 8));
    TRUTH(count >= 1);
    // Setting it again forgets what has expired.
    nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    TRY(timerfd_settime(fd, 0, &(struct itimerspec){ { 0, 0 }, { 1000, 0 } }, &spec));
    SHOW(spec.it_interval.tv_nsec);
    CALL(poll(&p, 1, 0));
    TRY(timerfd_settime(fd, TFD_TIMER_ABSTIME, &(struct itimerspec){ { 0, 0 }, { 0, 1 } }, NULL));
    CALL(poll(&p, 1, -1));
    CALL(read(fd, &count, 8));
    SHOW(count);
    CALL(write(fd, &count, 8));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(timerfd_create(77, 0));
    CALL(timerfd_create(CLOCK_REALTIME, 0x1000000));
    CALL(timerfd_settime(0, 0, &spec, NULL));
    CALL(timerfd_settime(fd, 0, &(struct itimerspec){ { 0, 0 }, { 0, -1 } }, NULL));
    // Shared with a child through fork.
    TRY(timerfd_settime(fd, 0, &(struct itimerspec){ { 0, 0 }, { 0, 1000000 } }, NULL));
    reap("child", CHILD({ CALL(read(fd, &count, 8)); SHOW(count); }));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CALL(read(fd, &count, 8));
    return 0;
}
