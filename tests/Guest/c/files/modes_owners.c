// chmod, fchmod, fchmodat, umask, chown, set-user-id bits lost, sticky directories, access.
// needs: root
// also: write-through
#include "guest.h"

static void show(const char *name)
{
    struct stat st;
    TRY(lstat(name, &st));
    SAY("  %s %o %d:%d", name, st.st_mode, st.st_uid, st.st_gid);
}

int main(void)
{
    scratch();
    TRY(chmod(".", 0777));
    int fd = TRY(open("f", O_CREAT | O_RDWR, 0644));
    CALL(chmod("f", 04755));
    show("f");
    CALL(chown("f", 1000, 1001));
    show("f");
    CALL(fchmod(fd, 06711));
    CALL(fchown(fd, -1, 5));
    show("f");
    CALL(fchown(fd, -1, -1));
    CALL(chmod("none", 0));
    TRY(symlink("f", "s"));
    CALL(lchown("s", 7, 8));
    show("s");
    CALL(chown("s", 9, 9));
    show("f");
    show("s");
    CALL(fchmodat(AT_FDCWD, "s", 0600, AT_SYMLINK_NOFOLLOW));
    CALL(fchownat(fd, "", 11, 12, AT_EMPTY_PATH));
    show("f");
    SHOW(umask(0777));
    SHOW(umask(01777));
    SHOW(umask(022));
    TRY(mkdir("sticky", 01777));
    TRY(chmod("sticky", 01777));
    TRY(mkdir("setgid", 0755));
    TRY(chown("setgid", 0, 77));
    TRY(chmod("setgid", 02755));
    TRY(mkdir("setgid/sub", 0755));
    close(TRY(open("setgid/file", O_CREAT | O_WRONLY, 0644)));
    show("setgid/sub");
    show("setgid/file");
    close(TRY(open("sticky/owned", O_CREAT | O_WRONLY, 0666)));
    TRY(chmod("sticky/owned", 0666));
    TRY(fchown(fd, 1000, 1000));
    TRY(fchmod(fd, 0640));
    TRY(mkdir("closed", 0700));
    close(TRY(open("closed/x", O_CREAT | O_WRONLY, 0644)));
    TRY(chmod("f", 06750));
    reap("user 1000", CHILD({
        TRY(setgid(1000));
        TRY(setuid(1000));
        CALL(unlink("sticky/owned"));
        CALL(rename("sticky/owned", "sticky/other"));
        OK(open("sticky/owned", O_RDWR));
        CALL(chown("f", 0, -1));
        CALL(chown("f", -1, 1000));
        CALL(chown("f", -1, 77));
        CALL(chmod("f", 06777));
        show("f");
        int mine = TRY(open("f", O_WRONLY));
        TRY(write(mine, "x", 1));
        show("f");
        CALL(access("f", R_OK | W_OK | X_OK));
        CALL(access("closed", R_OK));
        CALL(access("closed/x", F_OK));
        CALL(open("closed/x", O_RDONLY));
        CALL(chdir("closed"));
        CALL(chmod("f", 0000));
        CALL(open("f", O_RDONLY));
        CALL(utimensat(AT_FDCWD, "sticky/owned", NULL, 0));
        struct timespec t[2];
        memset(t, 0, sizeof t);
        CALL(utimensat(AT_FDCWD, "sticky/owned", t, 0));
        CALL(mkdir("own", 0700));
        CALL(link("closed", "x"));
    }));
    show("own");
    CALL(access("f", R_OK | W_OK));
    CALL(access("f", X_OK));
    CALL(access("closed/x", 8));
    return 0;
}
