// Several processes on the same files: appended lines stay whole, O_EXCL has one winner, renames are never half done.
#include "guest.h"

int main(void)
{
    scratch();
    pid_t pid[4];
    for (int w = 0; w < 4; w++)
        pid[w] = CHILD({
            int fd = TRY(open("log", O_WRONLY | O_CREAT | O_APPEND, 0644));
            char line[64];
            for (int i = 0; i < 250; i++) {
                int n = sprintf(line, "writer %d line %03d %.*s\n", w, i, i % 20, "--------------------");
                TRY(write(fd, line, n));
            }
        });
    for (int w = 0; w < 4; w++)
        reap("appender", pid[w]);
    FILE *f = fopen("log", "r");
    char line[128];
    int lines = 0, whole = 0, next[4] = { 0 }, ordered = 1, w, i;
    while (fgets(line, sizeof line, f)) {
        lines++;
        if (sscanf(line, "writer %d line %d", &w, &i) == 2 && w < 4) {
            whole++;
            ordered &= next[w]++ == i;
        }
    }
    fclose(f);
    SAY("lines %d whole %d ordered %d", lines, whole, ordered);

    for (w = 0; w < 4; w++)
        pid[w] = CHILD({
            int won = 0;
            for (int k = 0; k < 100; k++) {
                char name[32];
                sprintf(name, "lock%d", k);
                int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
                won += fd >= 0;
                close(fd);
            }
            _exit(won);
        });
    int total = 0, status;
    for (w = 0; w < 4; w++) {
        TRY(waitpid(pid[w], &status, 0));
        total += WEXITSTATUS(status);
    }
    SAY("created %d", total);

    // A reader sees the old file or the new one, never none and never a part.
    int fd = TRY(open("current", O_WRONLY | O_CREAT, 0644));
    TRY(write(fd, "00000000", 8));
    close(fd);
    gate stop = new_gate();
    fcntl(stop.fd[0], F_SETFL, O_NONBLOCK);
    pid_t writer = CHILD({
        char c;
        for (int k = 1; read(stop.fd[0], &c, 1) != 1; k++) {
            char text[16];
            sprintf(text, "%08d", k % 100000000);
            int n = TRY(open("next", O_WRONLY | O_CREAT | O_TRUNC, 0644));
            TRY(write(n, text, 8));
            close(n);
            TRY(rename("next", "current"));
        }
    });
    int bad = 0;
    for (int k = 0; k < 500; k++) {
        char text[16] = "";
        fd = open("current", O_RDONLY);
        bad += fd < 0 || read(fd, text, 16) != 8 || strspn(text, "0123456789") != 8;
        close(fd);
    }
    tell(stop);
    reap("writer", writer);
    SHOW(bad);
    // Directories made and removed by many.
    for (w = 0; w < 4; w++)
        pid[w] = CHILD({
            for (int k = 0; k < 100; k++) {
                char name[32];
                sprintf(name, "dir%d", k % 7);
                mkdir(name, 0755);
                rmdir(name);
            }
        });
    for (w = 0; w < 4; w++)
        reap("maker", pid[w]);
    for (int k = 0; k < 7; k++) {
        sprintf(line, "dir%d", k);
        rmdir(line);
    }
    SHOW(access("dir0", F_OK));
    return 0;
}
