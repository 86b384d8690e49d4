// Every flag of open, alone and together, on files, directories and links.
// Not on write-through mounts: O_TMPFILE answers EOPNOTSUPP there.
#include "guest.h"

static void show(const char *path)
{
    char b[64] = "";
    int fd = TRY(open(path, O_RDONLY));
    ssize_t n = TRY(read(fd, b, sizeof b - 1));
    SAY("  %s: %zd [%s]", path, n, b);
    close(fd);
}

int main(void)
{
    scratch();
    char b[8];
    CALL(open("none", O_RDONLY));
    int fd = OK(open("f", O_WRONLY | O_CREAT | O_EXCL, 0666));
    CALL(read(fd, b, 1));
    CALL(write(fd, "hello world", 11));
    close(fd);
    CALL(open("f", O_WRONLY | O_CREAT | O_EXCL, 0666));
    fd = OK(open("f", O_WRONLY | O_CREAT, 0600));
    struct stat st;
    fstat(fd, &st);
    SAY("mode %o", st.st_mode);
    CALL(write(fd, "J", 1));
    show("f");
    close(fd);
    fd = OK(open("f", O_RDONLY | O_TRUNC));
    fstat(fd, &st);
    SHOW(st.st_size);
    close(fd);
    int a = TRY(open("f", O_WRONLY | O_APPEND)), c = TRY(open("f", O_WRONLY | O_APPEND));
    TRY(write(a, "one ", 4));
    TRY(write(c, "two ", 4));
    TRY(lseek(a, 0, SEEK_SET));
    TRY(write(a, "three ", 6));
    TRY(pwrite(c, "four", 4, 0));
    show("f");
    SHOW(fcntl(a, F_GETFL) & (O_ACCMODE | O_APPEND));
    close(a);
    close(c);

    CALL(mkdir("d", 0755));
    CALL(open("d", O_WRONLY));
    CALL(open("d", O_RDWR));
    CALL(open("d", O_RDONLY | O_CREAT, 0600));
    fd = OK(open("d", O_RDONLY | O_DIRECTORY));
    CALL(read(fd, b, 1));
    CALL(open("f", O_RDONLY | O_DIRECTORY));
    CALL(open("f/", O_RDONLY));
    CALL(open("new/", O_RDONLY | O_CREAT, 0600));
    CALL(open("d/", O_RDONLY | O_CREAT, 0600));

    TRY(symlink("f", "link"));
    TRY(symlink("nowhere", "dangling"));
    CALL(open("link", O_RDONLY | O_NOFOLLOW));
    OK(open("link", O_RDONLY));
    CALL(open("dangling", O_RDONLY));
    CALL(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0600));
    OK(open("dangling", O_WRONLY | O_CREAT, 0600));
    CALL(access("nowhere", F_OK));

    int path = OK(open("f", O_PATH));
    CALL(read(path, b, 1));
    CALL(fchmod(path, 0600));
    CALL(fstat(path, &st));
    CALL(fcntl(path, F_GETFL) == O_PATH);
    OK(openat(TRY(open("d", O_PATH)), "../f", O_RDONLY));
    int link = OK(open("link", O_PATH | O_NOFOLLOW));
    TRY(fstat(link, &st));
    TRUTH(S_ISLNK(st.st_mode));
    CALL(readlinkat(link, "", b, sizeof b));
    CALL(openat(path, "x", O_RDONLY));
    CALL(openat(99, "f", O_RDONLY));
    OK(openat(99, "/dev/null", O_RDONLY));

    int t = OK(open(".", O_TMPFILE | O_RDWR, 0640));
    CALL(write(t, "unnamed", 7));
    fstat(t, &st);
    SAY("links %ld size %ld mode %o", (long)st.st_nlink, (long)st.st_size, st.st_mode);
    char proc[64];
    sprintf(proc, "/proc/self/fd/%d", t);
    CALL(linkat(AT_FDCWD, proc, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    show("named");
    CALL(open(".", O_TMPFILE | O_RDONLY, 0600));
    CALL(open("f", O_TMPFILE | O_RDWR, 0600));
    CALL(open("", O_RDONLY));
    CALL(open((char *)8, O_RDONLY));
    CALL(open("/dev/null/x", O_RDONLY));
    // Truncation and modes through umask.
    umask(077);
    close(TRY(open("masked", O_CREAT | O_WRONLY, 0777)));
    stat("masked", &st);
    SAY("mode %o", st.st_mode);
    close(TRY(creat("created", 06755)));
    stat("created", &st);
    SAY("mode %o", st.st_mode);
    return 0;
}
