// chdir, fchdir, getcwd, chroot: what a process sees from inside, and that dots do not lead out.
// needs: root
#include "guest.h"

int main(void)
{
    scratch();
    char b[PATH_MAX];
    TRY(mkdir("jail", 0755));
    TRY(mkdir("jail/in", 0755));
    TRY(symlink("/in", "jail/absolute"));
    TRY(symlink("../../../../../in", "jail/in/up"));
    close(TRY(open("jail/file", O_CREAT | O_WRONLY, 0644)));
    CALL(chdir("jail/file"));
    CALL(chdir("none"));
    CALL(fchdir(99));
    CALL(fchdir(TRY(open("jail/file", O_RDONLY))));
    int outside = TRY(open(".", O_RDONLY | O_DIRECTORY));
    TRUTH(getcwd(b, 3) == NULL && errno == ERANGE);
    SHOW(syscall(SYS_getcwd, b, sizeof b) == (long)strlen(b) + 1);
    reap("jailed", CHILD({
        CALL(chroot("jail/file"));
        CALL(chroot("none"));
        CALL(chroot("jail"));
        // The cwd is still outside; an absolute path is inside.
        memset(b, 0, sizeof b);
        TRY(syscall(SYS_getcwd, b, sizeof b));
        TRUTH(strncmp(b, "(unreachable)", 13) == 0);
        CALL(access("/file", F_OK));
        CALL(access("jail", F_OK));
        CALL(chdir("/in"));
        SAY("%s", getcwd(b, sizeof b));
        CALL(chdir("/../../.."));
        SAY("%s", getcwd(b, sizeof b));
        CALL(access("/absolute/up/up", F_OK));
        CALL(chdir("/in/up"));
        SAY("%s", getcwd(b, sizeof b));
        CALL(access("/usr", F_OK));
        CALL(fchdir(outside));
        CALL(access("jail/file", F_OK));
        CALL(execl("/bin/true", "true", NULL));
    }));
    CALL(access("/usr", F_OK));
    return 0;
}
