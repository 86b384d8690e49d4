// /proc/self/{cmdline,environ,exe,cwd,root,fd,fdinfo,maps,task,auxv,mounts}: what a program can check of itself.
// args: first second
#include "guest.h"
#include <dirent.h>
#include <elf.h>
#include <sys/auxv.h>

static ssize_t slurp(const char *path, char *text, size_t size)
{
    int fd = TRY(open(path, O_RDONLY));
    ssize_t n, total = 0;
    while ((n = read(fd, text + total, size - 1 - total)) > 0)
        total += n;
    text[total] = 0;
    close(fd);
    return total;
}
static void link_of(const char *path)
{
    char target[PATH_MAX] = "";
    ssize_t n = readlink(path, target, sizeof target - 1);
    SAY("%s -> %s", path, n == -1 ? strerrorname_np(errno) : target);
}

static int data = 5;
static char text[1 << 20];

int main(int argc, char **argv)
{
    close_range(3, ~0u, 0);
    scratch();
    ssize_t n = slurp("/proc/self/cmdline", text, sizeof text);
    int zeros = 0;
    for (ssize_t i = 0; i < n; i++)
        zeros += text[i] == 0;
    TRUTH(zeros == argc && strcmp(text, argv[0]) == 0 && strcmp(text + strlen(text) + 1, "first") == 0);
    n = slurp("/proc/self/environ", text, sizeof text);
    int has_tz = 0;
    for (char *p = text; p < text + n; p += strlen(p) + 1)
        has_tz |= strcmp(p, "TZ=UTC") == 0;
    TRUTH(has_tz);
    char target[PATH_MAX] = "";
    TRY(readlink("/proc/self/exe", target, sizeof target - 1));
    TRUTH(strcmp(target, argv[0]) == 0);
    TRY(chdir("/usr/lib"));
    link_of("/proc/self/cwd");
    link_of("/proc/self/root");
    sprintf(target, "/proc/%d/cwd", getpid());
    char linked[PATH_MAX] = "";
    TRY(readlink(target, linked, sizeof linked - 1));
    SAY("%s", linked);
    TRY(readlink("/proc/self", linked, sizeof linked - 1));
    TRUTH(atoi(linked) == getpid());

    int p[2];
    TRY(open("/etc/passwd", O_RDONLY));
    TRY(pipe(p));
    TRY(open("/dev/null", O_WRONLY | O_CLOEXEC | O_APPEND));
    link_of("/proc/self/fd/3");
    link_of("/proc/self/fd/6");
    link_of("/proc/self/fd/77");
    TRY(readlink("/proc/self/fd/4", target, sizeof target - 1));
    TRUTH(strncmp(target, "pipe:[", 6) == 0);
    DIR *d = opendir("/proc/self/fd");
    int fds = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(d))
            fds |= 1 << atoi(e->d_name);
    closedir(d);
    SAY("descriptors %#x", fds);
    slurp("/proc/self/fdinfo/6", text, sizeof text);
    char *flags = strstr(text, "flags:");
    SAY("%s", strtok(flags, "\n"));
    lseek(3, 10, SEEK_SET);
    slurp("/proc/self/fdinfo/3", text, sizeof text);
    SAY("%s", strtok(text, "\n"));

    slurp("/proc/self/maps", text, sizeof text);
    int text_ok = 0, data_ok = 0, heap_ok = 0, stack_ok = 0, ordered = 1, libc = 0, vdso = 0;
    unsigned long last = 0;
    void *heap = malloc(100);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long from, to, offset, inode;
        char perms[5], name[PATH_MAX] = "";
        unsigned major, minor;
        int fields = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %4095[^\n]", &from, &to, perms, &offset, &major, &minor, &inode, name);
        if (fields < 7)
            SAY("odd line %s", line);
        char *file = name + strspn(name, " ");
        ordered &= from >= last && to > from;
        last = to;
        text_ok |= (unsigned long)main >= from && (unsigned long)main < to && strcmp(perms, "r-xp") == 0 && strcmp(file, argv[0]) == 0;
        data_ok |= (unsigned long)&data >= from && (unsigned long)&data < to && strcmp(perms, "rw-p") == 0 && strcmp(file, argv[0]) == 0;
        heap_ok |= (unsigned long)heap >= from && (unsigned long)heap < to && strcmp(file, "[heap]") == 0;
        stack_ok |= (unsigned long)&argc >= from && (unsigned long)&argc < to && strcmp(file, "[stack]") == 0 && strcmp(perms, "rw-p") == 0;
        libc |= strstr(file, "/libc.so.6") != NULL;
        vdso |= strcmp(file, "[vdso]") == 0;
    }
    SAY("text %d data %d heap %d stack %d ordered %d libc %d", text_ok, data_ok, heap_ok, stack_ok, ordered, libc);
    Elf64_auxv_t aux[64];
    n = slurp("/proc/self/auxv", (char *)aux, sizeof aux);
    int page = 0, end = 0;
    for (int i = 0; i < n / (int)sizeof aux[0]; i++) {
        page |= aux[i].a_type == AT_PAGESZ && aux[i].a_un.a_val == 4096;
        end |= aux[i].a_type == AT_NULL;
    }
    TRUTH(page && end);
    TRUTH(getauxval(AT_SECURE) == 0 && getauxval(AT_UID) == getuid() && getauxval(AT_CLKTCK) == 100);
    TRUTH(strcmp((char *)getauxval(AT_EXECFN), argv[0]) == 0 && strcmp((char *)getauxval(AT_PLATFORM), "x86_64") == 0);
    slurp("/proc/self/mounts", text, sizeof text);
    TRUTH(strstr(text, " / ") && strstr(text, " /proc proc "));
    // Another process's files, and their end with it.
    gate g = new_gate();
    pid_t pid = CHILD({ wait_told(g); });
    sprintf(target, "/proc/%d/stat", pid);
    int fd = TRY(open(target, O_RDONLY));
    CALL(read(fd, text, 1));
    tell(g);
    siginfo_t info;
    TRY(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    SAY("zombie %c", state_of(pid));
    sprintf(target, "/proc/%d/cmdline", pid);
    SHOW(slurp(target, text, sizeof text));
    sprintf(target, "/proc/%d/exe", pid);
    TRUTH(readlink(target, text, 100) == -1 && errno == ENOENT);
    reap("child", pid);
    lseek(fd, 0, SEEK_SET);
    CALL(read(fd, text, 1));
    TRUTH(open(target, O_RDONLY) == -1 && errno == ENOENT);
    CALL(open("/proc/self/nothing", O_RDONLY));
    CALL(open("/proc/4194304", O_RDONLY));
    CALL(mkdir("/proc/x", 0755) == -1 ? 1 : 0);
    return 0;
}
