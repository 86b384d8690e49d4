// Everything that execve refuses, with its error: man 2 execve, ERRORS.
#include "guest.h"

static void put(const char *name, const void *data, size_t size, mode_t mode)
{
    int fd = TRY(open(name, O_WRONLY | O_CREAT | O_TRUNC, mode));
    TRY(write(fd, data, size));
    TRY(fchmod(fd, mode));
    close(fd);
}

static char *const args[] = { "x", NULL };
static char *const env[] = { NULL };
#define EXEC(path) CALL(execve(path, args, env))

int main(void)
{
    scratch();
    EXEC("missing");
    EXEC("");
    EXEC(".");
    EXEC("/etc/passwd/x");
    put("plain", "#!/bin/sh\n", 10, 0644);
    EXEC("plain");
    put("empty", "", 0, 0755);
    EXEC("empty");
    put("text", "echo hello\n", 11, 0755);
    EXEC("text");
    put("short-elf", "\177ELF", 4, 0755);
    EXEC("short-elf");
    put("no-interpreter", "#!\n", 3, 0755);
    EXEC("no-interpreter");
    put("blank-interpreter", "#!   \n", 6, 0755);
    EXEC("blank-interpreter");
    put("lost-interpreter", "#!/no/such/interpreter\n", 23, 0755);
    EXEC("lost-interpreter");
    put("directory-interpreter", "#!/usr\n", 7, 0755);
    EXEC("directory-interpreter");
    TRY(symlink("loop2", "loop1"));
    TRY(symlink("loop1", "loop2"));
    EXEC("loop1");
    char longname[300];
    memset(longname, 'n', 299);
    longname[299] = 0;
    EXEC(longname);
    CALL(execve((char *)1, args, env));
    CALL(execve("/bin/true", (char **)1, env));
    CALL(execve("/bin/true", (char *[]){ (char *)1, NULL }, env));
    unsigned char elf[64] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    elf[16] = 2;
    elf[18] = 183;
    put("other-machine", elf, sizeof elf, 0755);
    EXEC("other-machine");
    elf[18] = 62;
    elf[52] = 64;
    elf[54] = 56;
    put("no-headers", elf, sizeof elf, 0755);
    EXEC("no-headers");
    // A file that is open for writing is busy.
    put("busy", "#!/bin/sh\nexit 3\n", 17, 0755);
    int fd = TRY(open("busy", O_WRONLY));
    EXEC("busy");
    close(fd);
    reap("busy no more", CHILD(EXEC("busy")));
    TRY(mkfifo("fifo", 0755));
    EXEC("fifo");
    EXEC("/dev/null");
    return 0;
}
