// The system's part of /proc: form of stat, meminfo, cpuinfo, uptime, loadavg, version, sys/kernel; sysinfo and uname agree.
#include "guest.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static char text[1 << 20];
static char *slurp(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd == -1) {
        SAY("%s: %s", path, strerrorname_np(errno));
        return strcpy(text, "");
    }
    ssize_t n, total = 0;
    while ((n = read(fd, text + total, sizeof text - 1 - total)) > 0)
        total += n;
    text[total] = 0;
    close(fd);
    return text;
}

int main(void)
{
    struct utsname u;
    CALL(uname(&u));
    SAY("%s %s", u.sysname, u.machine);
    int major, minor;
    TRUTH(sscanf(u.release, "%d.%d", &major, &minor) == 2 && major >= 4);
    TRUTH(u.version[0] == '#');
    char *s = slurp("/proc/version");
    TRUTH(strncmp(s, "Linux version ", 14) == 0 && strstr(s, u.release));
    slurp("/proc/sys/kernel/ostype");
    printf("%s", text);
    slurp("/proc/sys/kernel/osrelease");
    TRUTH(strncmp(text, u.release, strlen(u.release)) == 0);
    slurp("/proc/sys/kernel/hostname");
    TRUTH(strncmp(text, u.nodename, strlen(u.nodename)) == 0);
    TRUTH(atol(slurp("/proc/sys/kernel/pid_max")) >= 32768);
    TRUTH(atol(slurp("/proc/sys/fs/pipe-max-size")) == 1048576);
    TRUTH(strlen(slurp("/proc/sys/kernel/random/uuid")) == 37);
    struct sysinfo info;
    CALL(sysinfo(&info));
    long total = 0, available = 0;
    s = slurp("/proc/meminfo");
    TRUTH(sscanf(s, "MemTotal: %ld kB", &total) == 1);
    char *a = strstr(s, "MemAvailable:");
    TRUTH(a && sscanf(a, "MemAvailable: %ld kB", &available) == 1 && available <= total);
    TRUTH(total / 1024 == (long)(info.totalram * info.mem_unit / 1024 / 1024));
    TRUTH(info.procs > 0 && info.uptime > 0);
    double up, idle;
    TRUTH(sscanf(slurp("/proc/uptime"), "%lf %lf", &up, &idle) == 2 && up > 0);
    TRUTH(up - info.uptime < 5 && up - info.uptime > -5);
    double l1, l2, l3;
    int running, all, last;
    TRUTH(sscanf(slurp("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &l1, &l2, &l3, &running, &all, &last) == 6 && running >= 1);
    s = slurp("/proc/stat");
    TRUTH(strncmp(s, "cpu ", 4) == 0 && strstr(s, "\nbtime ") && strstr(s, "\nprocesses ") && strstr(s, "\nctxt "));
    long btime = atol(strstr(s, "\nbtime ") + 7);
    TRUTH(labs(time(NULL) - (long)up - btime) < 5);
    int cpus = 0;
    for (char *p = slurp("/proc/cpuinfo"); (p = strstr(p, "processor\t: ")); p++)
        cpus++;
    TRUTH(cpus >= 1 && cpus == sysconf(_SC_NPROCESSORS_ONLN));
    TRUTH(strstr(text, " sse2 ") && strstr(text, " fpu "));
    TRUTH(strstr(slurp("/proc/filesystems"), "nodev\tproc"));
    TRUTH(strstr(slurp("/proc/mounts"), " /proc proc "));
    TRUTH(sysconf(_SC_PAGESIZE) == 4096 && sysconf(_SC_PHYS_PAGES) > 0);
    return 0;
}
