// Extended attributes in the user namespace: set, get, list, remove, flags, sizes.
#include "guest.h"
#include <sys/xattr.h>

static void list(const char *name)
{
    char names[256], *sorted[16];
    ssize_t n = listxattr(name, names, sizeof names);
    if (n == -1) {
        SAY("listxattr: %s", strerrorname_np(errno));
        return;
    }
    int count = 0;
    for (char *p = names; p < names + n; p += strlen(p) + 1)
        if (strncmp(p, "user.", 5) == 0)
            sorted[count++] = p;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++)
            if (strcmp(sorted[i], sorted[j]) > 0) {
                char *t = sorted[i];
                sorted[i] = sorted[j];
                sorted[j] = t;
            }
    for (int i = 0; i < count; i++)
        SAY("  %s", sorted[i]);
}

int main(void)
{
    scratch();
    char v[64] = "";
    int fd = TRY(open("f", O_CREAT | O_RDWR, 0644));
    CALL(setxattr("f", "user.colour", "red", 3, 0));
    CALL(fsetxattr(fd, "user.size", "large\0!", 7, XATTR_CREATE));
    CALL(setxattr("f", "user.colour", "blue", 4, XATTR_CREATE));
    CALL(setxattr("f", "user.none", "x", 1, XATTR_REPLACE));
    CALL(setxattr("f", "user.colour", "blue", 4, XATTR_REPLACE));
    CALL(getxattr("f", "user.colour", v, sizeof v));
    SAY("%s", v);
    CALL(getxattr("f", "user.colour", NULL, 0));
    CALL(getxattr("f", "user.colour", v, 2));
    CALL(getxattr("f", "user.none", v, 2));
    CALL(fgetxattr(fd, "user.size", v, sizeof v));
    list("f");
    CALL(listxattr("f", v, 3));
    CALL(removexattr("f", "user.size"));
    CALL(removexattr("f", "user.size"));
    list("f");
    CALL(setxattr("f", "unknown.x", "1", 1, 0));
    CALL(setxattr("f", "user.", "1", 1, 0));
    CALL(setxattr("f", "user.empty", "", 0, 0));
    CALL(getxattr("f", "user.empty", v, 10));
    TRY(symlink("f", "s"));
    CALL(lsetxattr("s", "user.x", "1", 1, 0));
    CALL(setxattr("none", "user.x", "1", 1, 0));
    return 0;
}
