// execveat and fexecve: by directory, by descriptor, scripts by descriptor, flags.
#include "guest.h"

extern char **environ;

int main(void)
{
    scratch();
    int usr = TRY(open("/usr", O_PATH | O_DIRECTORY));
    char *argv[] = { "echo", "hello", NULL };
    reap("by directory", CHILD(CALL(syscall(SYS_execveat, usr, "bin/echo", argv, environ, 0))));
    int echo = TRY(open("/bin/echo", O_PATH | O_CLOEXEC));
    reap("by descriptor", CHILD(CALL(syscall(SYS_execveat, echo, "", argv, environ, AT_EMPTY_PATH))));
    reap("fexecve", CHILD(CALL(fexecve(TRY(open("/bin/echo", O_RDONLY | O_CLOEXEC)), argv, environ))));
    CALL(syscall(SYS_execveat, echo, "", argv, environ, 0));
    CALL(syscall(SYS_execveat, 999, "bin/echo", argv, environ, 0));
    CALL(syscall(SYS_execveat, usr, "bin/echo", argv, environ, 0x8000000));
    CALL(syscall(SYS_execveat, echo, "x", argv, environ, 0));
    TRY(symlink("/bin/echo", "link"));
    reap("through a link", CHILD(CALL(syscall(SYS_execveat, AT_FDCWD, "link", argv, environ, 0))));
    CALL(syscall(SYS_execveat, AT_FDCWD, "link", argv, environ, AT_SYMLINK_NOFOLLOW));

    int script = TRY(open("script", O_RDWR | O_CREAT, 0755));
    TRY(write(script, "#!/bin/sh\necho script with $1\n", 30));
    close(script);
    script = TRY(open("script", O_RDONLY));
    reap("script", CHILD(CALL(syscall(SYS_execveat, script, "", argv, environ, AT_EMPTY_PATH))));
    fcntl(script, F_SETFD, FD_CLOEXEC);
    reap("script, close-on-exec", CHILD(CALL(syscall(SYS_execveat, script, "", argv, environ, AT_EMPTY_PATH))));
    return 0;
}
