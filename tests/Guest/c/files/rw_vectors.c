// read, write, pread, pwrite, readv, writev, preadv, pwritev, preadv2: offsets, short counts, errors.
// also: write-through
#include "guest.h"
#include <sys/uio.h>

int main(void)
{
    scratch();
    char b[64] = "", c[64] = "";
    int fd = TRY(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));
    CALL(write(fd, "0123456789abcdef", 16));
    CALL(read(fd, b, 4));
    CALL(pread(fd, b, 4, 10));
    SAY("%.4s", b);
    CALL(pread(fd, b, 10, 14));
    CALL(pread(fd, b, 10, 16));
    CALL(pread(fd, b, 10, 1000));
    CALL(pread(fd, b, 1, -1));
    CALL(pwrite(fd, "XY", 2, 20));
    CALL(lseek(fd, 0, SEEK_CUR));
    CALL(pread(fd, b, 6, 16));
    SAY("hole %d %d %d %d then %.2s", b[0], b[1], b[2], b[3], b + 4);

    struct iovec v[4] = { { b, 3 }, { c, 5 }, { NULL, 0 }, { c + 32, 30 } };
    CALL(lseek(fd, 2, SEEK_SET));
    CALL(readv(fd, v, 4));
    SAY("%.3s %.5s %.8s", b, c, c + 32);
    CALL(lseek(fd, 0, SEEK_CUR));
    struct iovec w[2] = { { "AA", 2 }, { "BBB", 3 } };
    CALL(pwritev(fd, w, 2, 1));
    CALL(preadv(fd, v, 2, 0));
    SAY("%.3s %.5s", b, c);
    CALL(preadv2(fd, v, 2, 4, 0));
    CALL(lseek(fd, 3, SEEK_SET));
    CALL(preadv2(fd, v, 1, -1, 0));
    CALL(lseek(fd, 0, SEEK_CUR));
    CALL(writev(fd, w, 2));
    CALL(writev(fd, w, 0));
    CALL(writev(fd, w, -1));
    CALL(writev(fd, w, 1025));
    w[1].iov_len = -1;
    CALL(writev(fd, w, 2));
    w[1] = (struct iovec){ (void *)8, 3 };
    CALL(lseek(fd, 0, SEEK_SET));
    TRUTH(writev(fd, w, 2) == 2 || errno == EFAULT);
    CALL(write(fd, (void *)8, 1));
    CALL(read(fd, (void *)8, 1));
    // Part of the buffer is readable: up to the border the write succeeds.
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    int p[2];
    TRY(pipe(p));
    CALL(read(99, b, 1));
    CALL(write(-1, b, 1));
    CALL(write(fd, NULL, 0));
    CALL(read(fd, NULL, 0));
    CALL(lseek(fd, -1, SEEK_SET));
    CALL(lseek(fd, 0, 9));
    CALL(lseek(fd, -3, SEEK_END));
    CALL(lseek(fd, 1l << 40, SEEK_SET));
    CALL(read(fd, b, 1));
    return 0;
}
