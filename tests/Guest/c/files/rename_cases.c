// rename and renameat2 over files, directories, links, open files; RENAME_NOREPLACE and RENAME_EXCHANGE.
// also: write-through
#include "guest.h"

static void file(const char *name, const char *text)
{
    int fd = TRY(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644));
    TRY(write(fd, text, strlen(text)));
    close(fd);
}

static const char *content(const char *name)
{
    static char b[64];
    int fd = open(name, O_RDONLY);
    if (fd == -1)
        return strerrorname_np(errno);
    ssize_t n = read(fd, b, sizeof b - 1);
    b[n < 0 ? 0 : n] = 0;
    close(fd);
    return n < 0 ? strerrorname_np(errno) : b;
}

int main(void)
{
    scratch();
    file("a", "A");
    file("b", "B");
    TRY(mkdir("d", 0755));
    TRY(mkdir("e", 0755));
    TRY(mkdir("full", 0755));
    file("full/x", "X");
    int open_b = TRY(open("b", O_RDONLY));
    CALL(rename("a", "b"));
    SAY("a %s", content("a"));
    SAY("b %s", content("b"));
    char c = 0;
    TRY(read(open_b, &c, 1));
    SAY("still open: %c", c);
    struct stat st;
    fstat(open_b, &st);
    SHOW(st.st_nlink);
    CALL(rename("b", "b"));
    CALL(rename("none", "b"));
    CALL(rename("b", "d"));
    CALL(rename("d", "b"));
    CALL(rename("d", "e"));
    CALL(rename("e", "full"));
    CALL(rename("full", "e"));
    SAY("e/x %s", content("e/x"));
    CALL(rename("e", "e/inside"));
    CALL(rename("e", "none/x"));
    CALL(rename("b", "e/"));
    CALL(rename("b", "new/"));
    CALL(rename("e/", "d2/"));
    CALL(rename("d2", "e"));
    CALL(rename(".", "x"));
    CALL(rename("e/..", "x"));
    CALL(rename("b", ".."));
    TRY(link("b", "b2"));
    CALL(rename("b", "b2"));
    SAY("both stay: %s %s", content("b"), content("b2"));
    TRY(symlink("b", "s"));
    CALL(rename("s", "t"));
    CALL(lstat("t", &st));
    TRUTH(S_ISLNK(st.st_mode));
    CALL(rename("b2", "t"));
    CALL(lstat("t", &st));
    TRUTH(S_ISREG(st.st_mode));
    file("n1", "1");
    file("n2", "2");
    CALL(renameat2(AT_FDCWD, "n1", AT_FDCWD, "n2", RENAME_NOREPLACE));
    CALL(renameat2(AT_FDCWD, "n1", AT_FDCWD, "n3", RENAME_NOREPLACE));
    CALL(renameat2(AT_FDCWD, "n2", AT_FDCWD, "n3", RENAME_EXCHANGE));
    SAY("n2 %s", content("n2"));
    SAY("n3 %s", content("n3"));
    CALL(renameat2(AT_FDCWD, "n2", AT_FDCWD, "e", RENAME_EXCHANGE));
    SAY("e %s", content("e"));
    SAY("n2/x %s", content("n2/x"));
    CALL(renameat2(AT_FDCWD, "n2", AT_FDCWD, "gone", RENAME_EXCHANGE));
    CALL(renameat2(AT_FDCWD, "n2", AT_FDCWD, "n3", RENAME_EXCHANGE | RENAME_NOREPLACE));
    CALL(renameat2(AT_FDCWD, "n2", AT_FDCWD, "n3", 0x80));
    // A directory moved keeps being the cwd of whoever is inside, and ".." follows.
    TRY(mkdir("top", 0755));
    TRY(mkdir("top/mid", 0755));
    TRY(chdir("n2"));
    CALL(rename("../n2", "../top/mid/n2"));
    char cwd[PATH_MAX], *tail = getcwd(cwd, sizeof cwd);
    SAY("%s", strstr(tail, "/top"));
    CALL(stat("../../mid", &st));
    return 0;
}
