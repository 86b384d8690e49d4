// Pipes: capacity, partial writes, end of file, O_NONBLOCK, sizes, seeking refused.
#include "guest.h"
#include <sys/ioctl.h>

static char block[300000];

int main(void)
{
    int p[2];
    CALL(pipe(p));
    SHOW(fcntl(p[0], F_GETFL));
    SHOW(fcntl(p[1], F_GETFL));
    CALL(fcntl(p[0], F_GETPIPE_SZ));
    CALL(lseek(p[0], 0, SEEK_SET));
    CALL(read(p[1], block, 1));
    CALL(write(p[0], block, 1));
    CALL(pread(p[0], block, 1, 0));
    TRY(fcntl(p[1], F_SETFL, O_NONBLOCK));
    TRY(fcntl(p[0], F_SETFL, O_NONBLOCK));
    CALL(read(p[0], block, 1));
    CALL(write(p[1], block, sizeof block));
    CALL(write(p[1], block, 1));
    int available = 0;
    CALL(ioctl(p[0], FIONREAD, &available));
    SHOW(available);
    CALL(read(p[0], block, 100));
    // Less than PIPE_BUF is all or nothing; a page must be free.
    CALL(write(p[1], block, 4096));
    CALL(read(p[0], block, 4000));
    CALL(write(p[1], block, 4096));
    CALL(write(p[1], block, 4096));
    CALL(write(p[1], block, 0));
    CALL(read(p[0], block, 0));
    close(p[1]);
    long total = 0, n;
    while ((n = read(p[0], block, 70000)) > 0)
        total += n;
    SHOW(total);
    CALL(read(p[0], block, 1));

    CALL(pipe2(p, O_NONBLOCK | O_CLOEXEC));
    CALL(fcntl(p[0], F_SETPIPE_SZ, 5000));
    CALL(write(p[1], block, sizeof block));
    CALL(fcntl(p[0], F_SETPIPE_SZ, 4096));
    CALL(fcntl(p[0], F_SETPIPE_SZ, 1 << 20));
    CALL(write(p[1], block, sizeof block));
    CALL(fcntl(p[0], F_GETPIPE_SZ));
    CALL(pipe2(p, 0x1234567));
    CALL(pipe((int *)8));
    CALL(fcntl(0, F_GETPIPE_SZ) == -1 ? errno == EBADF : 1);
    struct stat st;
    fstat(p[0], &st);
    SAY("%s size %ld", S_ISFIFO(st.st_mode) ? "fifo" : "?", st.st_size);
    return 0;
}
