// sendfile and copy_file_range: offsets given and not, pipes and files, ranges past the end.
#include "guest.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

int main(void)
{
    scratch();
    char b[64] = "";
    int in = TRY(open("in", O_RDWR | O_CREAT, 0644)), out = TRY(open("out", O_RDWR | O_CREAT, 0644)), p[2];
    TRY(write(in, "0123456789", 10));
    TRY(lseek(in, 2, SEEK_SET));
    CALL(sendfile(out, in, NULL, 3));
    CALL(lseek(in, 0, SEEK_CUR));
    off_t at = 6;
    CALL(sendfile(out, in, &at, 100));
    SHOW(at);
    CALL(lseek(in, 0, SEEK_CUR));
    CALL(sendfile(out, in, &at, 100));
    TRY(pread(out, b, 20, 0));
    SAY("%s", b);
    TRY(pipe(p));
    at = 0;
    CALL(sendfile(p[1], in, &at, 4));
    CALL(read(p[0], b, 64));
    CALL(sendfile(out, p[0], NULL, 1));
    int s[2];
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    at = 0;
    CALL(sendfile(s[0], in, &at, 10));
    CALL(recv(s[1], b, 64, 0));
    CALL(sendfile(in, 99, NULL, 1));
    CALL(sendfile(TRY(open("in", O_RDONLY)), in, NULL, 1));

    off_t from = 1, to = 20;
    CALL(copy_file_range(in, &from, out, &to, 5, 0));
    SAY("from %ld to %ld", from, to);
    TRY(lseek(in, 8, SEEK_SET));
    TRY(lseek(out, 0, SEEK_SET));
    CALL(copy_file_range(in, NULL, out, NULL, 100, 0));
    CALL(copy_file_range(in, NULL, out, NULL, 100, 0));
    memset(b, 0, sizeof b);
    SHOW(pread(out, b, 64, 0));
    for (int i = 0; i < 25; i++)
        putchar(b[i] ? b[i] : '.');
    putchar('\n');
    from = 0;
    to = 2;
    CALL(copy_file_range(in, &from, in, &to, 5, 0));
    CALL(copy_file_range(in, &from, out, &to, 5, 77));
    CALL(copy_file_range(p[0], NULL, out, NULL, 5, 0));
    return 0;
}
