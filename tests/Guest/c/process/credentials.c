// Real, effective and saved ids through every setter, and what dropping them takes away.
// needs: root
#include "guest.h"
#include <grp.h>
#include <sys/fsuid.h>

static void ids(const char *when)
{
    uid_t r, e, s;
    gid_t gr, ge, gs;
    getresuid(&r, &e, &s);
    getresgid(&gr, &ge, &gs);
    SAY("%s: uid %d %d %d gid %d %d %d", when, r, e, s, gr, ge, gs);
}

int main(void)
{
    scratch();
    TRY(chmod(".", 0755));
    int fd = TRY(open("secret", O_CREAT | O_WRONLY, 0600));
    close(fd);
    ids("start");
    reap("setresuid", CHILD({
        CALL(setgroups(2, (gid_t[]){ 100, 200 }));
        gid_t list[8];
        CALL(getgroups(8, list));
        SAY("%d %d", list[0], list[1]);
        CALL(setresgid(10, 20, 30));
        CALL(setresuid(1000, 1001, 1002));
        ids("set");
        CALL(setresuid(1002, -1, -1));
        ids("swap");
        CALL(setresuid(5, -1, -1));
        CALL(seteuid(1002));
        ids("seteuid");
        CALL(setgid(20));
        CALL(setgid(99));
        ids("setgid");
        CALL(setgroups(1, (gid_t[]){ 1 }));
    }));
    reap("setuid", CHILD({
        CALL(setgid(65534));
        CALL(setuid(65534));
        ids("nobody");
        CALL(setuid(0));
        CALL(open("secret", O_RDONLY));
        CALL(open("new", O_CREAT | O_WRONLY, 0600));
        CALL(unlink("secret"));
        CALL(chmod("secret", 0777));
        CALL(chown("secret", 65534, -1));
        CALL(kill(getppid(), 0));
        CALL(setpriority(0, 0, -5));
        CALL(chroot("."));
        CALL(sethostname("x", 1));
        CALL(mknod("device", S_IFCHR | 0600, 0x103));
    }));
    reap("setreuid", CHILD({
        CALL(setreuid(1000, -1));
        ids("real only");
        CALL(setreuid(-1, 1000));
        ids("effective");
        CALL(setreuid(0, -1));
        CALL(seteuid(0));
        ids("back by saved");
    }));
    reap("setfsuid", CHILD({
        SHOW(setfsuid(1000));
        SHOW(setfsuid(-1));
        CALL(open("secret", O_RDONLY));
        SHOW(setfsgid(1000));
        SHOW(setfsgid(-1));
    }));
    reap("seteuid and files", CHILD({
        CALL(chmod(".", 0777));
        CALL(setegid(77));
        CALL(seteuid(1234));
        OK(open("mine", O_CREAT | O_WRONLY, 0644));
        struct stat st;
        stat("mine", &st);
        SAY("owner %d:%d", st.st_uid, st.st_gid);
        CALL(access("secret", R_OK));
        CALL(faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS));
    }));
    reap("setuid program", CHILD({
        TRY(system("cp /usr/bin/id ./id && chmod 4755 ./id") == 0 ? 0 : -1);
        TRY(setgid(1000));
        TRY(setgroups(0, NULL));
        TRY(setuid(1000));
        execl("./id", "id", "-u", NULL);
    }));
    return 0;
}
