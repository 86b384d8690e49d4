// memfd_create: a file without a name; seals refuse what they name.
#include "guest.h"

int main(void)
{
    char link[64], target[128] = "";
    int fd = TRY(memfd_create("kennel", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    sprintf(link, "/proc/self/fd/%d", fd);
    TRY(readlink(link, target, sizeof target - 1));
    SAY("%s", target);
    CALL(write(fd, "content", 7));
    CALL(fcntl(fd, F_GET_SEALS));
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memcpy(map, "CON", 3);
    char b[8] = "";
    CALL(pread(fd, b, 7, 0));
    SAY("%s", b);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(map, 4096);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    CALL(ftruncate(fd, 3));
    CALL(ftruncate(fd, 30));
    CALL(pwrite(fd, "x", 1, 0));
    CALL(pwrite(fd, "x", 1, 100));
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
    CALL(pwrite(fd, "x", 1, 0));
    TRUTH(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
    TRUTH(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    CALL(fcntl(fd, F_GET_SEALS));
    int plain = TRY(memfd_create("", 0));
    CALL(fcntl(plain, F_GET_SEALS));
    CALL(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
    // A program can run from it.
    int program = TRY(memfd_create("program", 0)), in = TRY(open("/bin/true", O_RDONLY));
    char block[65536];
    ssize_t n;
    while ((n = read(in, block, sizeof block)) > 0)
        TRY(write(program, block, n));
    reap("fexecve", CHILD(fexecve(program, (char *[]){ "true", NULL }, (char *[]){ NULL })));
    return 0;
}
