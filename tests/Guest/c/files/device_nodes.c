// /dev/null, zero, full, random, urandom, tty, fd and stdin; their numbers and their odd corners.
#include "guest.h"
#include <sys/random.h>

int main(void)
{
    char b[64];
    struct stat st;
    const char *names[] = { "null", "zero", "full", "random", "urandom", "tty" };
    for (int i = 0; i < 6; i++) {
        char path[32];
        sprintf(path, "/dev/%s", names[i]);
        TRY(stat(path, &st));
        SAY("%s %o %lx", path, st.st_mode & ~07777, (long)st.st_rdev);
    }
    int null = TRY(open("/dev/null", O_RDWR)), zero = TRY(open("/dev/zero", O_RDWR)), full = TRY(open("/dev/full", O_RDWR));
    CALL(read(null, b, 10));
    CALL(write(null, b, 10));
    CALL(lseek(null, 100, SEEK_SET));
    CALL(ftruncate(null, 0));
    memset(b, 1, sizeof b);
    CALL(read(zero, b, 10));
    TRUTH(memcmp(b, "\0\0\0\0\0\0\0\0\0\0\1", 11) == 0);
    CALL(write(zero, b, 10));
    CALL(read(full, b, 10));
    CALL(write(full, b, 1));
    CALL(write(full, b, 0));
    unsigned char r[32], s[32];
    int random = TRY(open("/dev/urandom", O_RDWR));
    CALL(read(random, r, 32));
    CALL(read(random, s, 32));
    TRUTH(memcmp(r, s, 32) != 0);
    CALL(write(random, r, 32));
    CALL(getrandom(r, 32, 0));
    CALL(getrandom(r, 32, GRND_NONBLOCK | GRND_RANDOM));
    CALL(getrandom(r, 32, 0x80));
    CALL(getrandom((void *)8, 32, 0));
    TRUTH(memcmp(r, s, 32) != 0);
    CALL(getentropy(r, 257));
    char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    TRUTH(m != MAP_FAILED && m[5000] == 0);
    m[0] = 1;
    m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0);
    m[0] = 5;
    reap("child", CHILD({ SHOW(m[0]); m[0] = 6; }));
    SHOW(m[0]);
    int p[2];
    TRY(pipe(p));
    TRY(dup2(p[0], 0));
    TRY(write(p[1], "through stdin", 13));
    int in = TRY(open("/dev/stdin", O_RDONLY));
    CALL(read(in, b, 7));
    in = TRY(open("/dev/fd/0", O_RDONLY));
    CALL(read(in, b, 7));
    SAY("%.6s", b);
    setsid();
    reap("no terminal", CHILD({ setsid(); CALL(open("/dev/tty", O_RDWR)); }));
    CALL(open("/dev/null/", O_RDONLY));
    CALL(open("/dev/no-such-device", O_RDONLY));
    OK(open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600));
    return 0;
}
