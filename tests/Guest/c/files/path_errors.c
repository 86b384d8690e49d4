// Path resolution and its errors: dots, slashes, loops, lengths, components that are no directories.
// also: write-through
#include "guest.h"

int main(void)
{
    scratch();
    struct stat st;
    char name[4200], *p;
    TRY(mkdir("d", 0755));
    TRY(mkdir("d/e", 0755));
    close(TRY(open("d/f", O_CREAT | O_WRONLY, 0644)));
    CALL(stat("d/./e/../f", &st));
    CALL(stat("d//e///..//f", &st));
    CALL(stat("d/f/", &st));
    CALL(stat("d/f/.", &st));
    CALL(stat("d/f/..", &st));
    CALL(stat("d/e/", &st));
    CALL(stat("d/none/..", &st));
    CALL(stat("", &st));
    CALL(stat("/..", &st));
    CALL(stat("/../../usr/../usr/bin", &st));
    memset(name, 'a', 255);
    name[255] = 0;
    CALL(mkdir(name, 0755));
    name[255] = 'a';
    name[256] = 0;
    CALL(stat(name, &st));
    CALL(mkdir(name, 0755));
    for (p = name; p < name + 4094; p += 2)
        strcpy(p, "./");
    strcpy(p, "d");
    SAY("length %zu", strlen(name));
    CALL(stat(name, &st));
    strcpy(p, "/d");
    CALL(stat(name, &st));

    TRY(symlink("b", "a"));
    TRY(symlink("a", "b"));
    CALL(stat("a", &st));
    CALL(lstat("a", &st));
    CALL(open("a", O_RDONLY));
    TRY(symlink("self/x", "self"));
    CALL(stat("self", &st));
    // Forty links in a row are followed, forty-one are not.
    close(TRY(open("l0", O_CREAT | O_WRONLY, 0644)));
    for (int i = 1; i <= 41; i++) {
        char from[16], to[16];
        sprintf(to, "l%d", i - 1);
        sprintf(from, "l%d", i);
        TRY(symlink(to, from));
    }
    CALL(stat("l40", &st));
    CALL(stat("l41", &st));

    TRY(symlink("d/e", "to-e"));
    CALL(stat("to-e/../f", &st));
    CALL(lstat("to-e/", &st));
    TRUTH(S_ISDIR(st.st_mode));
    CALL(unlink("to-e/"));
    CALL(rmdir("to-e"));
    CALL(mkdir("to-e", 0755));
    CALL(symlink("", "empty"));
    CALL(symlink("x", "d/e/."));
    CALL(symlink("x", "d"));
    memset(name, 'b', 4200);
    name[4095] = 0;
    CALL(symlink(name, "long"));
    name[4095] = 'b';
    name[4096] = 0;
    CALL(symlink(name, "longer"));
    char b[8];
    CALL(readlink("to-e", b, 2));
    CALL(readlink("to-e", b, 8));
    CALL(readlink("d", b, 8));
    CALL(readlink("to-e", b, 0));
    CALL(readlink("none", b, 8));
    TRY(chdir("d/e"));
    CALL(rmdir("../e"));
    CALL(stat(".", &st));
    CALL(stat("..", &st));
    CALL(open("new", O_CREAT | O_WRONLY, 0644));
    char cwd[64];
    TRUTH(getcwd(cwd, sizeof cwd) == NULL && errno == ENOENT);
    TRY(chdir("/"));
    return 0;
}
