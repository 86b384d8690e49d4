// utimensat, futimens, which calls move atime, mtime and ctime, statx, fstatat flags.
#include "guest.h"
#include <sys/statfs.h>
#include <utime.h>

static struct stat before;
static void changes(const char *what)
{
    struct stat now;
    TRY(stat("f", &now));
    SAY("%s: mtime %s ctime %s", what,
        now.st_mtim.tv_sec != before.st_mtim.tv_sec || now.st_mtim.tv_nsec != before.st_mtim.tv_nsec ? "moves" : "stays",
        now.st_ctim.tv_sec != before.st_ctim.tv_sec || now.st_ctim.tv_nsec != before.st_ctim.tv_nsec ? "moves" : "stays");
    nanosleep(&(struct timespec){ 0, 12000000 }, NULL);
    TRY(stat("f", &before));
}

int main(void)
{
    scratch();
    struct stat st;
    int fd = TRY(open("f", O_CREAT | O_RDWR, 0644));
    TRY(write(fd, "hello", 5));
    struct timespec t[2] = { { 1000000, 123456789 }, { 2000000, 987654321 } };
    CALL(utimensat(AT_FDCWD, "f", t, 0));
    TRY(stat("f", &st));
    SAY("atime %ld.%09ld mtime %ld.%09ld", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    t[0].tv_nsec = UTIME_OMIT;
    t[1] = (struct timespec){ -5, 0 };
    CALL(futimens(fd, t));
    TRY(stat("f", &st));
    SAY("atime %ld.%09ld mtime %ld", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec);
    t[0].tv_nsec = UTIME_NOW;
    t[1].tv_nsec = UTIME_OMIT;
    CALL(utimensat(AT_FDCWD, "f", t, 0));
    TRY(stat("f", &st));
    TRUTH(st.st_atim.tv_sec > 1700000000 && st.st_mtim.tv_sec == -5);
    t[0].tv_nsec = 1000000000;
    CALL(utimensat(AT_FDCWD, "f", t, 0));
    CALL(utimensat(AT_FDCWD, "none", NULL, 0));
    CALL(utime("f", &(struct utimbuf){ 10, 20 }));
    CALL(utimes("f", (struct timeval[]){ { 1, 2 }, { 3, 4 } }));
    TRY(symlink("f", "s"));
    t[0] = t[1] = (struct timespec){ 42, 0 };
    CALL(utimensat(AT_FDCWD, "s", t, AT_SYMLINK_NOFOLLOW));
    TRY(lstat("s", &st));
    SAY("link %ld", st.st_mtim.tv_sec);
    TRY(stat("f", &before));
    SAY("file %ld.%09ld", before.st_mtim.tv_sec, before.st_mtim.tv_nsec);

    nanosleep(&(struct timespec){ 0, 12000000 }, NULL);
    changes("nothing");
    TRY(pwrite(fd, "x", 1, 0));
    changes("write");
    TRY(chmod("f", 0600));
    changes("chmod");
    TRY(chown("f", -1, -1));
    TRY(link("f", "g"));
    changes("link");
    TRY(ftruncate(fd, 2));
    changes("truncate");
    TRY(rename("g", "h"));
    TRY(close(open("f", O_RDONLY)));
    char c;
    TRY(pread(fd, &c, 1, 0));
    TRY(stat("f", &before));
    changes("read");

    struct statx sx;
    CALL(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
    SAY("statx mode %o size %lld links %d", sx.stx_mode, (long long)sx.stx_size, sx.stx_nlink);
    TRUTH((sx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    TRUTH(sx.stx_ino == before.st_ino);
    CALL(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx));
    CALL(statx(fd, "", 0, STATX_SIZE, &sx));
    CALL(statx(AT_FDCWD, "s", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &sx));
    TRUTH(S_ISLNK(sx.stx_mode));
    CALL(statx(AT_FDCWD, "f", 0x77777777, 0, &sx));
    CALL(fstatat(fd, "", &st, AT_EMPTY_PATH));
    CALL(fstatat(AT_FDCWD, "s", &st, AT_SYMLINK_NOFOLLOW));
    SHOW(st.st_size);
    CALL(fstatat(fd, "x", &st, 0));
    CALL(fstat(99, &st));
    CALL(stat("/dev/null", &st));
    SAY("device %x mode %o", (int)st.st_rdev, st.st_mode & ~07777);
    struct statfs fs;
    CALL(statfs(".", &fs));
    TRUTH(fs.f_namelen == 255 && fs.f_blocks > 0);
    CALL(fstatfs(fd, &fs));
    CALL(statfs("none", &fs));
    CALL(statfs("/proc", &fs));
    SAY("proc %lx", (long)fs.f_type);
    return 0;
}
