// Hard links, link counts, unlink of open files, rmdir, removal of what is in use.
// also: write-through
#include "guest.h"

static long links(const char *name)
{
    struct stat st;
    return lstat(name, &st) == 0 ? (long)st.st_nlink : -1;
}

int main(void)
{
    scratch();
    int fd = TRY(open("a", O_RDWR | O_CREAT, 0644));
    TRY(write(fd, "data", 4));
    CALL(link("a", "b"));
    CALL(link("a", "b"));
    CALL(link("none", "c"));
    TRY(mkdir("d", 0755));
    CALL(link("d", "dd"));
    CALL(link("a", "d/c"));
    SHOW(links("a"));
    struct stat x, y;
    stat("a", &x);
    stat("d/c", &y);
    TRUTH(x.st_ino == y.st_ino && x.st_dev == y.st_dev);
    TRY(symlink("a", "s"));
    CALL(link("s", "s2"));
    lstat("s2", &x);
    TRUTH(S_ISLNK(x.st_mode));
    CALL(linkat(AT_FDCWD, "s", AT_FDCWD, "s3", AT_SYMLINK_FOLLOW));
    lstat("s3", &x);
    TRUTH(S_ISREG(x.st_mode));
    CALL(unlink("a"));
    CALL(unlink("b"));
    CALL(unlink("s3"));
    CALL(unlink("d/c"));
    fstat(fd, &x);
    SHOW(x.st_nlink);
    char b[8] = "";
    CALL(pread(fd, b, 4, 0));
    SAY("%s", b);
    CALL(write(fd, "more", 4));
    char path[64], target[PATH_MAX] = "";
    sprintf(path, "/proc/self/fd/%d", fd);
    TRY(readlink(path, target, sizeof target - 1));
    TRUTH(strstr(target, " (deleted)") != NULL);
    CALL(unlink("a"));
    CALL(unlink("d"));
    CALL(rmdir("d/."));
    CALL(rmdir("d/.."));
    TRY(close(TRY(open("d/x", O_CREAT | O_WRONLY, 0644))));
    CALL(rmdir("d"));
    CALL(rmdir("d/x"));
    CALL(unlink("d/x"));
    CALL(rmdir("d"));
    CALL(rmdir("d"));
    CALL(unlinkat(AT_FDCWD, "s", AT_REMOVEDIR));
    CALL(unlinkat(AT_FDCWD, "s", 0x4));
    CALL(unlinkat(AT_FDCWD, "s", 0));
    CALL(rmdir("/"));
    CALL(mkdir("/", 0755));
    CALL(mkdir(".", 0755));
    CALL(mkdir("x/y", 0755));
    CALL(mkdir("m", 01777));
    stat("m", &x);
    SAY("mode %o", x.st_mode);
    SHOW(links("m"));
    TRY(mkdir("m/1", 0700));
    TRY(mkdir("m/2", 0700));
    TRUTH(links("m") == 4 || links("m") == 1);
    return 0;
}
