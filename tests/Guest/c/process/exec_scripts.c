// #! lines: argument passing, one optional argument, blanks, nesting to its limit, long lines.
#include "guest.h"

static void put(const char *name, const char *text)
{
    int fd = TRY(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755));
    TRY(write(fd, text, strlen(text)));
    close(fd);
}

static void run(const char *name)
{
    SAY("-- %s", name);
    reap(name, CHILD(CALL(execl(name, "own-zero", "one", "two words", NULL))));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strncmp(argv[1], "show", 4) == 0) {
        for (int i = 1; i < argc; i++)
            SAY("  [%s]", argv[i]);
        return 0;
    }
    scratch();
    char line[600], self[PATH_MAX] = "";
    TRY(readlink("/proc/self/exe", self, sizeof self - 1));
    TRY(symlink(self, "me"));

    put("plain", "#!./me show\n");
    run("./plain");
    put("blanks", "#!  \t ./me \t show with  several   words \t \nrest\n");
    run("./blanks");
    put("no-newline", "#!./me show");
    run("./no-newline");
    put("carriage", "#!./me show\r\n");
    run("./carriage");

    // An interpreter may be a script itself, up to five levels.
    put("level1", "#!./plain level1\n");
    for (int i = 2; i <= 7; i++) {
        char name[16];
        sprintf(line, "#!./level%d arg%d\n", i - 1, i);
        sprintf(name, "level%d", i);
        put(name, line);
    }
    run("./level1");
    run("./level3");
    run("./level4");
    run("./level5");
    run("./level7");

    // The line is cut at 256 bytes; what is cut from the path of the interpreter makes it fail.
    memset(line, 0, sizeof line);
    strcpy(line, "#!./me show ");
    memset(line + strlen(line), 'l', 400);
    strcat(line, "\n");
    put("long-argument", line);
    run("./long-argument");
    strcpy(line, "#!/tmp/");
    memset(line + 7, 'p', 300);
    strcpy(line + 307, " show\n");
    put("long-path", line);
    run("./long-path");

    // A shell takes a text file without #! as a script, execve does not, execvp does.
    put("text", "echo run by a shell: $1\n");
    run("./text");
    reap("execvp", CHILD(execlp("./text", "text", "arg", NULL)));
    return 0;
}
