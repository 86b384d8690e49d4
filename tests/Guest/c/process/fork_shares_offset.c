// Descriptors are copied, the open file description behind them is shared: offset and status flags move together.
#include "guest.h"

int main(void)
{
    scratch();
    int fd = TRY(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));
    TRY(write(fd, "0123456789", 10));
    TRY(lseek(fd, 2, SEEK_SET));
    char buffer[4] = "";
    reap("child", CHILD({
        TRY(read(fd, buffer, 3));
        SAY("child read %s", buffer);
        TRY(fcntl(fd, F_SETFL, O_APPEND));
        TRY(fcntl(fd, F_SETFD, FD_CLOEXEC));
        TRY(close(fd));
    }));
    CALL(lseek(fd, 0, SEEK_CUR));
    TRUTH(fcntl(fd, F_GETFL) & O_APPEND);
    CALL(fcntl(fd, F_GETFD));
    CALL(write(fd, "x", 1));
    CALL(lseek(fd, 0, SEEK_CUR));
    return 0;
}
