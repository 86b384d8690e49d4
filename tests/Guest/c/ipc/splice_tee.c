// splice, tee and vmsplice between pipes and files.
#include "guest.h"
#include <sys/uio.h>

int main(void)
{
    scratch();
    int p[2], q[2];
    char b[64] = "";
    TRY(pipe(p));
    TRY(pipe(q));
    int fd = TRY(open("f", O_RDWR | O_CREAT, 0600));
    TRY(write(fd, "0123456789", 10));
    off_t at = 3;
    CALL(splice(fd, &at, p[1], NULL, 4, 0));
    SHOW(at);
    CALL(tee(p[0], q[1], 100, 0));
    CALL(read(p[0], b, sizeof b));
    SAY("%.4s", b);
    CALL(splice(q[0], NULL, fd, NULL, 100, 0));
    CALL(pread(fd, b, sizeof b, 0));
    SAY("%.14s", b);
    struct iovec v = { "vmspliced", 9 };
    CALL(vmsplice(p[1], &v, 1, 0));
    CALL(read(p[0], b, sizeof b));
    SAY("%.9s", b);
    CALL(splice(p[0], NULL, q[1], NULL, 10, SPLICE_F_NONBLOCK));
    CALL(splice(fd, NULL, fd, NULL, 10, 0));
    CALL(splice(p[0], &at, q[1], NULL, 10, 0));
    CALL(tee(fd, q[1], 10, 0));
    return 0;
}
