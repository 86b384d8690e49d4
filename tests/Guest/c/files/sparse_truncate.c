// truncate, sparse files, SEEK_DATA and SEEK_HOLE at the ends, fallocate modes, large offsets.
#include "guest.h"

static long size(int fd) { struct stat st; TRY(fstat(fd, &st)); return st.st_size; }

int main(void)
{
    scratch();
    char b[16];
    int fd = TRY(open("f", O_RDWR | O_CREAT, 0644));
    CALL(ftruncate(fd, 10));
    CALL(read(fd, b, 16));
    TRUTH(memcmp(b, "\0\0\0\0\0\0\0\0\0\0", 10) == 0);
    CALL(pwrite(fd, "end", 3, 5000000000));
    SHOW(size(fd));
    CALL(pread(fd, b, 3, 4999999999));
    struct stat st;
    fstat(fd, &st);
    TRUTH(st.st_blocks < 1000);
    CALL(truncate("f", 3));
    SHOW(size(fd));
    CALL(truncate("f", -1));
    CALL(truncate("none", 1));
    CALL(truncate(".", 1));
    CALL(ftruncate(TRY(open("f", O_RDONLY)), 1));
    // What is cut away comes back as zeros.
    TRY(pwrite(fd, "abcdefgh", 8, 0));
    TRY(ftruncate(fd, 4));
    TRY(ftruncate(fd, 8));
    TRY(pread(fd, b, 8, 0));
    SAY("%.4s %d%d%d%d", b, b[4], b[5], b[6], b[7]);
    CALL(fallocate(fd, 0, 0, 8192));
    SHOW(size(fd));
    CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 65536));
    SHOW(size(fd));
    TRY(pwrite(fd, "tail", 4, 5000));
    CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
    TRY(pread(fd, b, 4, 0));
    SAY("%d%d%d%d", b[0], b[1], b[2], b[3]);
    TRY(pread(fd, b, 4, 5000));
    SAY("%.4s", b);
    CALL(fallocate(fd, 0, -1, 10));
    CALL(fallocate(fd, 0, 0, 0));
    CALL(fallocate(TRY(open("f", O_RDONLY)), 0, 0, 10));
    RC(posix_fallocate(fd, 0, 20000));
    SHOW(size(fd));
    // SEEK_HOLE at the end of file exists everywhere, SEEK_DATA past it does not.
    int plain = TRY(open("plain", O_RDWR | O_CREAT, 0644));
    TRY(write(plain, "data", 4));
    CALL(lseek(plain, 0, SEEK_DATA));
    CALL(lseek(plain, 0, SEEK_HOLE));
    CALL(lseek(plain, 4, SEEK_DATA));
    CALL(lseek(plain, 100, SEEK_HOLE));
    return 0;
}
