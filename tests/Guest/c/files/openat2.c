// openat2: resolution that may not leave a directory, cross links or mounts; its checks of the structure; faccessat2.
#include "guest.h"
#include <linux/openat2.h>

static int dir;
static void try_open(const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags, .resolve = resolve };
    errno = 0;
    long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
    SAY("%-16s %#llx %#llx: %s", path, (long long)flags, (long long)resolve, fd >= 0 ? "ok" : strerrorname_np(errno));
    if (fd >= 0)
        close(fd);
}

int main(void)
{
    scratch();
    TRY(mkdir("in", 0755));
    TRY(mkdir("in/sub", 0755));
    close(TRY(open("out", O_CREAT | O_WRONLY, 0644)));
    close(TRY(open("in/f", O_CREAT | O_WRONLY, 0644)));
    TRY(symlink("f", "in/link"));
    TRY(symlink("../out", "in/up"));
    TRY(symlink("/etc/passwd", "in/absolute"));
    TRY(symlink("/f", "in/rooted"));
    dir = TRY(open("in", O_RDONLY | O_DIRECTORY));
    uint64_t resolve[] = { 0, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS };
    const char *paths[] = { "f", "sub/../f", "../out", "link", "up", "absolute", "rooted", "/f", "none" };
    for (int r = 0; r < 5; r++)
        for (int p = 0; p < 9; p++)
            try_open(paths[p], O_RDONLY, resolve[r]);
    try_open("/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS);
    try_open("/proc/self/exe", O_RDONLY, 0);
    try_open("/proc/self/fd/../..", O_RDONLY, RESOLVE_NO_XDEV);
    try_open("f", O_RDONLY, 0x1000);
    try_open("f", 1ull << 40, 0);
    struct open_how how = { .flags = O_RDONLY, .mode = 0600 };
    CALL(syscall(SYS_openat2, dir, "f", &how, sizeof how));
    how = (struct open_how){ .flags = O_RDONLY };
    CALL(syscall(SYS_openat2, dir, "f", &how, 8));
    CALL(syscall(SYS_openat2, dir, "f", NULL, sizeof how));
    struct { struct open_how how; long more; } larger = { how, 0 };
    OK(syscall(SYS_openat2, dir, "f", &larger, sizeof larger));
    larger.more = 1;
    CALL(syscall(SYS_openat2, dir, "f", &larger, sizeof larger));
    CALL(syscall(SYS_faccessat2, dir, "f", R_OK, 0));
    CALL(syscall(SYS_faccessat2, dir, "", F_OK, AT_EMPTY_PATH));
    CALL(syscall(SYS_faccessat2, dir, "up", F_OK, AT_SYMLINK_NOFOLLOW));
    CALL(syscall(SYS_faccessat2, dir, "f", R_OK, 0x9000));
    return 0;
}
