// The C library's streams over the kernel: modes, seeking, ungetc, buffering, popen, tmpfile, getline, scanf.
#include "guest.h"

int main(void)
{
    scratch();
    FILE *f = fopen("f", "w+");
    for (int i = 0; i < 1000; i++)
        fprintf(f, "line %d %.3f %x\n", i, i / 7.0, i * i);
    SAY("length %ld", ftell(f));
    rewind(f);
    char *line = NULL;
    size_t room = 0;
    int count = 0;
    long sum = 0;
    while (getline(&line, &room, f) > 0) {
        int n;
        double d;
        unsigned x;
        count += sscanf(line, "line %d %lf %x", &n, &d, &x);
        sum += n + x;
    }
    SAY("fields %d sum %ld", count, sum);
    fseek(f, -10, SEEK_END);
    int c = getc(f);
    ungetc('Z', f);
    SAY("%c %c", c, getc(f));
    fseek(f, 5, SEEK_SET);
    fputs("OVER", f);
    fseek(f, 0, SEEK_SET);
    SAY("%s", fgets(line, 20, f));
    fclose(f);
    f = fopen("f", "a+");
    fputs("appended\n", f);
    fseek(f, 0, SEEK_SET);
    fputs("again\n", f);
    fflush(f);
    long size = ftell(f);
    SHOW(size);
    fclose(f);
    TRUTH(fopen("none", "r") == NULL && errno == ENOENT);
    TRUTH(fopen("f", "wx") == NULL && errno == EEXIST);
    f = tmpfile();
    fputs("temporary", f);
    rewind(f);
    SAY("%s", fgets(line, 20, f));
    fclose(f);
    f = popen("tr a-z A-Z", "w");
    fputs("to a command\n", f);
    SHOW(pclose(f));
    f = popen("echo from; exit 3", "r");
    printf("%s", fgets(line, 20, f));
    SHOW(WEXITSTATUS(pclose(f)));
    SHOW(WEXITSTATUS(system("exit 9")));
    SHOW(system(NULL) != 0);
    f = fopen("/dev/full", "w");
    fputs("x", f);
    TRUTH(fclose(f) == EOF && errno == ENOSPC);
    char *memory;
    f = open_memstream(&memory, &room);
    fprintf(f, "%s %d", "stream", 5);
    fclose(f);
    SAY("%s", memory);
    f = fmemopen(memory, room, "r");
    char word[16];
    int n;
    SHOW(fscanf(f, "%15s %d", word, &n));
    return 0;
}
