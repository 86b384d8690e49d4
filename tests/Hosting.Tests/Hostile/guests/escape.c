// escape CANARY: tries to read and write a file that is outside of the view, in every way it knows. Prints what it read.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *canary;

static void look(int at, const char *path) {
    char text[256];
    int fd = openat(at, path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n > 0) printf("read %s: %.*s\n", path, (int)n, text);
    close(fd);
    fd = openat(at, path, O_WRONLY | O_TRUNC);
    if (fd >= 0 && write(fd, "overwritten", 11) == 11) printf("wrote %s\n", path);
    close(fd);
    if (unlinkat(at, path, 0) == 0) printf("removed %s\n", path);
}

static void below(int at, const char *prefix) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", prefix, canary);
    look(at, path);
}

int main(int argc, char **argv) {
    static const char *const prefixes[] = {
        "", "/proc/1/root", "/proc/self/root", "/proc/2/root", "/proc/1/cwd/../../../..", "/proc/self/cwd/../../../../../../..", "/proc/thread-self/root",
        "/usr/../../../../..", "/home/../..", "/data/../../../../..", "/dev/shm/../../../..", "/dev/fd/../../../..", "/proc/self/fd/0/../../..",
    };
    char link[64], chain[600] = "", path[PATH_MAX];
    if (argc != 2) return 2;
    canary = argv[1];
    for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; i++) below(AT_FDCWD, prefixes[i]);
    for (int i = 0; i < 150; i++) strcat(chain, "../");
    static const char *const starts[] = {"/", "/usr", "/usr/bin", "/proc/self", "/proc/self/fd", "/dev", "/tmp", "/data"};
    for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++) {
        int dir = open(starts[i], O_PATH | O_DIRECTORY);
        below(dir, chain);
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir, chain);
        below(AT_FDCWD, path);
        snprintf(link, sizeof link, "%s/hostile-link", starts[i]);
        if (symlink(canary, link) == 0) look(AT_FDCWD, link);
        unlink(link);
        snprintf(path, sizeof path, "%s%s", chain, canary + 1);
        if (symlink(path, link) == 0) look(AT_FDCWD, link);
        unlink(link);
        if (symlink("/", link) == 0) { snprintf(path, sizeof path, "%s%s", link, canary); look(AT_FDCWD, path); }
        unlink(link);
        if (chdir(starts[i]) == 0) below(AT_FDCWD, chain);
        if (linkat(AT_FDCWD, canary, AT_FDCWD, link, AT_SYMLINK_FOLLOW) == 0) look(AT_FDCWD, link);
        if (rename(canary, link) == 0) look(AT_FDCWD, link);
        unlink(link);
    }
    // What the host side put there.
    look(AT_FDCWD, "/data/absolute");
    look(AT_FDCWD, "/data/relative");
    look(AT_FDCWD, "/data/directory/canary");
    look(AT_FDCWD, "/data/directory/../canary");
    // Mounts of what is outside.
    mkdir("/tmp/m", 0755);
    char parent[PATH_MAX];
    strcpy(parent, canary);
    *strrchr(parent, '/') = 0;
    if (mount(parent, "/tmp/m", 0, MS_BIND | MS_REC, 0) == 0) look(AT_FDCWD, "/tmp/m/canary");
    if (mount("/", "/tmp/m", 0, MS_BIND | MS_REC, 0) == 0) below(AT_FDCWD, "/tmp/m");
    if (umount2("/data", MNT_DETACH) == 0) below(AT_FDCWD, "/data/../..");
    // The classic way out of a chroot.
    int out = open(".", O_RDONLY | O_DIRECTORY);
    mkdir("/tmp/jail", 0755);
    mkdir("/tmp/jail/inner", 0755);
    if (chdir("/tmp/jail/inner") == 0 && chroot("/tmp/jail") == 0) {
        below(AT_FDCWD, chain);
        if (chroot("/inner") == 0) below(AT_FDCWD, chain);
        if (fchdir(out) == 0) below(AT_FDCWD, chain);
        if (chroot(".") == 0) below(AT_FDCWD, chain);
    }
    puts("end");
    return 0;
}
