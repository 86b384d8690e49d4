// readdir, seekdir, rewinddir, getdents64: every name once, types, growth while reading, a large directory.
// also: write-through
#include "guest.h"
#include <dirent.h>

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static const char *type(int t)
{
    return t == DT_REG ? "file" : t == DT_DIR ? "dir" : t == DT_LNK ? "link" : t == DT_FIFO ? "fifo" : t == DT_SOCK ? "sock" : "?";
}

int main(void)
{
    scratch();
    TRY(mkdir("d", 0755));
    close(TRY(open("file", O_CREAT | O_WRONLY, 0644)));
    TRY(symlink("file", "link"));
    TRY(mkfifo("fifo", 0600));
    close(TRY(open(".hidden", O_CREAT | O_WRONLY, 0644)));
    struct dirent **list;
    int n = scandir(".", &list, NULL, by_name);
    for (int i = 0; i < n; i++)
        SAY("%s %s", list[i]->d_name, type(list[i]->d_type));
    struct stat st;
    int same = 1;
    for (int i = 0; i < n; i++) {
        lstat(list[i]->d_name, &st);
        same &= strcmp(list[i]->d_name, "..") == 0 || st.st_ino == list[i]->d_ino;
    }
    SHOW(same);

    for (int i = 0; i < 1000; i++) {
        char name[64];
        sprintf(name, "d/entry-with-a-longer-name-%04d", i);
        close(TRY(open(name, O_CREAT | O_WRONLY, 0644)));
    }
    DIR *dir = opendir("d");
    struct dirent *e;
    int count = 0, sum = 0;
    long middle = 0;
    char after[256] = "";
    while ((e = readdir(dir))) {
        if (e->d_name[0] == 'e')
            sum += atoi(strrchr(e->d_name, '-') + 1);
        if (++count == 500) {
            middle = telldir(dir);
            strcpy(after, (e = readdir(dir))->d_name);
            sum += atoi(strrchr(after, '-') ? strrchr(after, '-') + 1 : "0");
            count++;
        }
    }
    SAY("count %d sum %d", count, sum);
    seekdir(dir, middle);
    TRUTH(strcmp(readdir(dir)->d_name, after) == 0);
    rewinddir(dir);
    for (count = 0; readdir(dir); count++)
        continue;
    SHOW(count);
    // Removing everything while reading leaves nothing behind.
    rewinddir(dir);
    int removed = 0;
    while ((e = readdir(dir)))
        if (e->d_name[0] == 'e')
            removed += unlinkat(dirfd(dir), e->d_name, 0) == 0;
    SHOW(removed);
    closedir(dir);
    CALL(rmdir("d"));

    char small[20];
    int fd = TRY(open(".", O_RDONLY | O_DIRECTORY));
    CALL(syscall(SYS_getdents64, fd, small, 10));
    CALL(syscall(SYS_getdents64, 99, small, 20));
    CALL(syscall(SYS_getdents64, TRY(open("file", O_RDONLY)), small, 20));
    TRY(mkdir("gone", 0755));
    fd = TRY(open("gone", O_RDONLY | O_DIRECTORY));
    TRY(rmdir("gone"));
    char large[1024];
    CALL(syscall(SYS_getdents64, fd, large, 1024));
    TRUTH(opendir("file") == NULL && errno == ENOTDIR);
    return 0;
}
