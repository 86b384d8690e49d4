// The exec family: arguments, environment, PATH search, empty argument lists, long arguments.
#include "guest.h"

extern char **environ;

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "show") == 0) {
        for (int i = 0; i < argc; i++)
            SAY("argv[%d] = %s", i, argv[i]);
        for (char **e = environ; *e; e++)
            SAY("env %s", *e);
        return argc;
    }
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n] = 0;
    char *few[] = { "A=1", "B=two words", NULL };
    char *list[] = { "name", "show", "", "x y", NULL };

    reap("execve", CHILD(execve(self, list, few)));
    reap("execle", CHILD(execle(self, "zero", "show", NULL, few)));
    reap("execve, no environment", CHILD(execve(self, list, NULL)));
    setenv("PATH", "/nowhere:/bin:/usr/bin", 1);
    reap("execlp", CHILD(execlp("echo", "echo", "found by PATH", NULL)));
    reap("execvpe", CHILD(execvpe("env", (char *[]){ "env", NULL }, few)));
    reap("execlp missing", CHILD({ execlp("no-such-thing", "x", NULL); SAY("%s", strerrorname_np(errno)); }));
    setenv("PATH", "", 1);
    reap("empty PATH", CHILD({ execlp("true", "x", NULL); SAY("%s", strerrorname_np(errno)); }));

    // An empty argv becomes one empty string (since Linux 5.18).
    reap("no argv", CHILD({ char *nothing[] = { NULL }; execve("/bin/true", nothing, few); }));

    size_t length = 100000;
    char *large = malloc(length + 1);
    memset(large, 'x', length);
    large[length] = 0;
    int fds[2];
    TRY(pipe(fds));
    pid_t pid = CHILD({ dup2(fds[1], 1); close(fds[0]); close(fds[1]); execl("/bin/echo", "echo", large, NULL); });
    close(fds[1]);
    size_t total = 0;
    for (ssize_t got; (got = read(fds[0], large, length)) > 0;)
        total += got;
    SHOW(total);
    reap("large", pid);

    char *huge = malloc(200 * 1024);
    memset(huge, 'y', 200 * 1024 - 1);
    huge[200 * 1024 - 1] = 0;
    reap("too large", CHILD(CALL(execl("/bin/echo", "echo", huge, NULL))));
    return 0;
}
